/**
 * Does the demo come out the same way every time? Runs it `--runs` times and keeps each run's raw lines.
 *
 *   npx tsx bench/demo-runs.ts --runs 20                 as it is
 *   npx tsx bench/demo-runs.ts --runs 5 --hog            on one core, beside a program that never rests
 *   npx tsx bench/demo-runs.ts --runs 3 --prompts DIR --expect ROLLED_BACK,PROMOTED,REJECTED
 *
 * Keeps `bench/results/demo/<name>/<run>.jsonl` and one `summary.json`. Exit 0: every run as expected.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '20' }, hog: { type: 'boolean', default: false }, prompts: { type: 'string' }, expect: { type: 'string', default: 'PROMOTED,ROLLED_BACK,REJECTED' }, name: { type: 'string' } } });
const root = path.resolve(import.meta.dirname, '..');
const name = values.name ?? (values.hog ? 'one-core-beside-a-hog' : values.prompts === undefined ? 'as-it-is' : 'other-prompts');
const folder = path.join(root, 'bench', 'results', 'demo', name);
mkdirSync(folder, { recursive: true });

const hog = values.hog ? spawn('taskset', ['-c', '0', process.execPath, '-e', 'for (;;);'], { stdio: 'ignore' }) : null;
process.once('exit', () => hog?.kill('SIGKILL'));

interface Outcome { readonly run: number; readonly seconds: number; readonly outcomes: readonly string[]; readonly asExpected: boolean; readonly releases: unknown; readonly load: number }
const expected = values.expect.split(',');

function once(run: number): Promise<Outcome> {
  const started = performance.now();
  const words = ['--import', 'tsx', path.join(root, 'bin/slipway.ts'), 'demo', '--json', ...(values.prompts === undefined ? [] : ['--prompts', path.resolve(values.prompts)])];
  const child = values.hog ? spawn('taskset', ['-c', '0', process.execPath, ...words], { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] }) : spawn(process.execPath, words, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] });
  const out: Buffer[] = [];
  const err: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
  child.stderr.on('data', (chunk: Buffer) => err.push(chunk));
  return new Promise((resolve) => {
    child.once('exit', (code) => {
      const text = Buffer.concat(out).toString('utf8');
      writeFileSync(path.join(folder, `${String(run).padStart(2, '0')}.jsonl`), text);
      const last = text.trim().split('\n').at(-1) ?? '';
      let releases: readonly { outcome: string }[] = [];
      try { releases = (JSON.parse(last) as { releases?: readonly { outcome: string }[] }).releases ?? []; } catch { process.stderr.write(`run ${String(run)} ended ${String(code)} without a summary\n${Buffer.concat(err).toString('utf8').slice(-2000)}\n`); }
      const outcomes = releases.map((release) => release.outcome);
      resolve({ run, seconds: Math.round((performance.now() - started) / 100) / 10, outcomes, asExpected: JSON.stringify(outcomes.slice(-expected.length)) === JSON.stringify(expected), releases, load: os.loadavg()[0] ?? 0 });
    });
  });
}

const done: Outcome[] = [];
for (let run = 1; run <= Number(values.runs); run += 1) {
  const outcome = await once(run);
  done.push(outcome);
  process.stdout.write(`${JSON.stringify({ run, seconds: outcome.seconds, outcomes: outcome.outcomes, asExpected: outcome.asExpected })}\n`);
  writeFileSync(path.join(folder, 'summary.json'), `${JSON.stringify({ name, node: process.version, cores: os.cpus().length, runs: done.length, asExpected: done.filter((o) => o.asExpected).length, seconds: done.map((o) => o.seconds), all: done }, null, 1)}\n`);
}
hog?.kill('SIGKILL');   // it would keep this process alive
const good = done.filter((outcome) => outcome.asExpected).length;
process.stdout.write(`${String(good)} of ${String(done.length)} as expected\n`);
process.exitCode = good === done.length ? 0 : 1;
