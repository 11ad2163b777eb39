/**
 * The demo, several times: which outcomes, how many users saw the bad version, how far from the theoretical minimum, how long.
 *
 *     npx tsx bench/demo-runs.ts [runs] [--prompts DIR]
 *
 * A JSON line a run, then one with medians and ranges. A run that ends otherwise than with a summary is counted, never dropped.
 */
import { spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Summary } from '../cli/demo-summary.js';

const [count = '5', ...flags] = process.argv.slice(2);
const root = path.resolve(import.meta.dirname, '..');
const stop = new AbortController();
process.once('SIGINT', () => { stop.abort(); });

async function run(): Promise<Summary | undefined> {
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'bin', 'slipway.ts'), 'demo', '--json', ...flags], { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
  const pass = (): void => { child.kill('SIGTERM'); };
  stop.signal.addEventListener('abort', pass, { once: true });
  let summary: Summary | undefined;
  createInterface({ input: child.stdout }).on('line', (line) => {
    const said = JSON.parse(line) as { type: string };
    if (said.type === 'summary') summary = said as unknown as Summary;
  });
  await new Promise((resolve) => { child.once('close', resolve); });
  stop.signal.removeEventListener('abort', pass);
  return summary;
}

const say = (fields: Readonly<Record<string, unknown>>): void => { process.stdout.write(`${JSON.stringify(fields)}\n`); };
const spread = (values: readonly (number | null | undefined)[]): unknown => {
  const known = values.filter((value): value is number => typeof value === 'number').sort((a, b) => a - b);
  return known.length === 0 ? null : { n: known.length, median: known[Math.floor((known.length - 1) / 2)], min: known[0], max: known.at(-1) };
};

const summaries: Summary[] = [];
const tally: Record<string, number> = {};
for (let number = 1; number <= Number(count) && !stop.signal.aborted; number += 1) {
  const summary = await run();
  const outcomes = summary?.releases.map(({ candidate, outcome }) => `${candidate} ${outcome}`).join(', ') ?? 'no summary';
  tally[outcomes] = (tally[outcomes] ?? 0) + 1;
  if (summary !== undefined) summaries.push(summary);
  say({ type: 'run', number, outcomes, tookMs: summary?.tookMs ?? null, releases: summary?.releases ?? [] });
}
const back = summaries.flatMap(({ releases }) => releases.filter(({ outcome }) => outcome === 'ROLLED_BACK'));
say({
  type: 'runs', node: process.version, outcomes: tally, tookMs: spread(summaries.map(({ tookMs }) => tookMs)),
  rolledBack: { users: spread(back.map(({ users }) => users)), badResponses: spread(back.map(({ badResponses }) => badResponses)), ratioToBound: spread(back.map(({ ratioToBound }) => ratioToBound)), detectMs: spread(back.map(({ detectMs }) => detectMs)), convergeMs: spread(back.map(({ convergeMs }) => convergeMs)) },
});
