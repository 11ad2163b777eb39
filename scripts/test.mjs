// Runs all tests, or those that the arguments name, and ends with one line: `N passed, N failed`.
//   node scripts/test.mjs [vitest's arguments]
// The exit code is vitest's. Vitest runs under the guard: however this process ends, no test and no engine goes on.
// Most tests on engines wait more than they work, so all of them run in two lanes side by side, each with engines of its own.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
mkdirSync(path.join(root, '.slipway'), { recursive: true });

const LANES = [
  [['--project', 'unit', '--project', 'walls'], ['--project', 'faults']],
  [['--project', 'engines']],
];
const words = process.argv.slice(2);
const running = new Set();
let stopped = null;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { stopped ??= signal; for (const child of running) child.kill('SIGTERM'); });

const lanes = words.length > 0 ? [[words]] : LANES;
const ends = (await Promise.all(lanes.map(async (lane) => {
  const all = [];
  for (const [step, args] of lane.entries()) if (stopped === null) all.push(await run(args, `${process.pid}-${lanes.indexOf(lane)}-${step}`));
  return all;
}))).flat();
const sum = (field) => ends.reduce((total, one) => total + one[field], 0);
process.exitCode = ends.find(({ code }) => code !== 0)?.code ?? 0;
console.log(`${sum('passed')} passed, ${sum('failed')} failed`);

/** One run of vitest, under a guard of its own. Two write beside each other line by line, so neither may draw. */
function run(args, name) {
  const outcomeFile = path.join(root, '.slipway', `test-outcome-${name}.json`);
  const out = lanes.length > 1 ? 'pipe' : 'inherit';
  const child = spawn('/bin/sh', [
    path.join(root, 'runtime', 'engines', 'guard.sh'), process.execPath, path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run',
    '--reporter=default', '--reporter=json', `--outputFile.json=${outcomeFile}`, ...args,
  ], { cwd: root, stdio: ['pipe', out, out], detached: true });
  running.add(child);
  child.stdout?.pipe(process.stdout, { end: false });
  child.stderr?.pipe(process.stderr, { end: false });
  return new Promise((resolve) => {
    const end = (code) => {
      running.delete(child);
      try { process.kill(-child.pid, 'SIGKILL'); } catch { /* nobody is left */ }
      const { passed, failed } = countOf(outcomeFile);
      rmSync(outcomeFile, { force: true });
      // A failure that no test shows, such as an error outside of tests or a crash of vitest itself, is one failure.
      resolve({ code, passed, failed: code !== 0 && failed === 0 ? 1 : failed });
    };
    child.once('error', (error) => { console.error(error.message); end(1); });
    child.once('exit', (code, signal) => { end(code ?? 128 + (constants.signals[signal] ?? 0)); });
  });
}

/** A file that could not be loaded counts as one failure. */
function countOf(file) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed')).length;
    return { passed: numPassedTests, failed: numFailedTests + unloaded };
  } catch { return { passed: 0, failed: 0 }; }
}
