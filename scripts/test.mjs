// Runs all tests, or those that the arguments name, and ends with one line: `N passed, N failed`.
//   node scripts/test.mjs [vitest's arguments]
// The exit code is vitest's. Vitest runs under the guard: however this process ends, no test and no engine goes on.
import { spawn } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..');
const outcomeFile = path.join(root, '.slipway', `test-outcome-${process.pid}.json`);
mkdirSync(path.dirname(outcomeFile), { recursive: true });

const child = spawn('/bin/sh', [
  path.join(root, 'runtime', 'engines', 'guard.sh'), process.execPath, path.join(root, 'node_modules', 'vitest', 'vitest.mjs'), 'run',
  '--reporter=default', '--reporter=json', `--outputFile.json=${outcomeFile}`, ...process.argv.slice(2),
], { cwd: root, stdio: ['pipe', 'inherit', 'inherit'], detached: true });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => { child.kill('SIGTERM'); });

child.once('error', (error) => { console.error(error.message); end(1); });
child.once('exit', (code, signal) => { end(code ?? 128 + (constants.signals[signal] ?? 0)); });

function end(code) {
  try { process.kill(-child.pid, 'SIGKILL'); } catch { /* nobody is left */ }
  const { passed, failed } = countOf(outcomeFile);
  rmSync(outcomeFile, { force: true });
  // A failure that no test shows, such as an error outside of tests or a crash of vitest itself, is one failure.
  const shown = code !== 0 && failed === 0 ? 1 : failed;
  process.exitCode = code;
  console.log(`${passed} passed, ${shown} failed`);
}

/** A file that could not be loaded counts as one failure. */
function countOf(file) {
  try {
    const { numPassedTests, numFailedTests, testResults } = JSON.parse(readFileSync(file, 'utf8'));
    const unloaded = testResults.filter(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed')).length;
    return { passed: numPassedTests, failed: numFailedTests + unloaded };
  } catch { return { passed: 0, failed: 0 }; }
}
