// Is the suite to be trusted? Puts known bugs back, one after the other, into a copy of the tree, and expects the tests to turn red.
//   npm run test:saboteurs [-- i-05 i-08]
// A patch of test/saboteurs/ begins with its own words, before the diff:
//   I-05 drop the unique partial index
//   run: --project faults test/faults/f-45.test.ts        vitest's arguments
//   expect: I-05                                           stands in the name or the message of a test that fails
// Caught: a test failed, and it says what was expected. Everything else is not caught: green, no test, a file that does not load.
// Exit 0: all caught. 1: one survived. 3: the copy or a patch could not be made.
import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const LIMIT_MS = 600_000;
const root = path.resolve(import.meta.dirname, '..');
const folder = path.join(root, 'test', 'saboteurs');
const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const all = readdirSync(folder).filter((name) => name.endsWith('.patch')).sort();
const unknown = wanted.find((word) => !all.some((name) => name.startsWith(word)));
if (unknown !== undefined) { console.error(`There is no saboteur ${unknown}. One of: ${all.map((name) => name.replace('.patch', '')).join(', ')}.`); process.exit(3); }
const chosen = wanted.length === 0 ? all : all.filter((name) => wanted.some((word) => name.startsWith(word)));

const copy = mkdtempSync(path.join(tmpdir(), 'slipway-saboteurs-'));
process.once('exit', () => { rmSync(copy, { recursive: true, force: true }); });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(1));
for (const file of execFileSync('git', ['ls-files', '-co', '--exclude-standard'], { cwd: root, encoding: 'utf8' }).split('\n')) {
  if (file === '' || !existsSync(path.join(root, file))) continue;
  mkdirSync(path.dirname(path.join(copy, file)), { recursive: true });
  cpSync(path.join(root, file), path.join(copy, file));
}
symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
mkdirSync(path.join(copy, '.slipway'));
if (existsSync(path.join(root, '.slipway', 'engines'))) symlinkSync(path.join(root, '.slipway', 'engines'), path.join(copy, '.slipway', 'engines'));

/** @returns what the patch says of itself */
function headOf(file) {
  const lines = readFileSync(path.join(folder, file), 'utf8').split('\n');
  const field = (name) => lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2).trim();
  const [run, expected] = [field('run'), field('expect')];
  if (run === undefined || expected === undefined) throw new Error(`${file}: no "run:" or no "expect:" before the diff`);
  return { title: lines[0] ?? file, words: run.match(/"[^"]*"|\S+/g)?.map((word) => word.replaceAll('"', '')) ?? [], expected };
}

const apply = (file, ...words) => execFileSync('git', ['apply', '--whitespace=nowarn', ...words, path.join(folder, file)], { cwd: copy, stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(copy) } });

/** Vitest under the guard, in a process group of its own: however it ends, no test and no engine goes on. */
function run(words) {
  const child = spawn('/bin/sh', [path.join(copy, 'runtime', 'engines', 'guard.sh'), process.execPath, path.join(copy, 'node_modules', 'vitest', 'vitest.mjs'), 'run', ...words], { cwd: copy, stdio: ['pipe', 'ignore', 'pipe'], detached: true });
  let said = '';
  child.stderr.on('data', (text) => { said = `${said}${text}`.slice(-4_000); });
  const limit = setTimeout(() => { child.kill('SIGTERM'); }, LIMIT_MS);
  return new Promise((resolve) => {
    child.once('exit', () => {
      clearTimeout(limit);
      try { process.kill(-child.pid, 'SIGKILL'); } catch { /* nobody is left */ }
      resolve(said.trim().split('\n').at(-1) ?? '');
    });
  });
}

/** What became of one; `caught` or why not. */
async function outcomeOf({ words, expected }) {
  const report = path.join(copy, 'report.json');
  rmSync(report, { force: true });
  const said = await run(['--reporter=json', `--outputFile.json=${report}`, ...words]);
  if (!existsSync(report)) return `nothing ran: ${said}`;
  const { testResults } = JSON.parse(readFileSync(report, 'utf8'));
  const tests = testResults.flatMap(({ assertionResults }) => assertionResults);
  const failed = tests.filter(({ status }) => status === 'failed');
  if (failed.some(({ fullName, failureMessages }) => [fullName, ...failureMessages].join('\n').includes(expected))) return 'caught';
  if (failed.length > 0) return `red, but nobody says ${expected}: ${failed[0].fullName}`;
  const unloaded = testResults.find(({ status, assertionResults }) => status === 'failed' && !assertionResults.some((one) => one.status === 'failed'));
  if (unloaded !== undefined) return `does not load: ${(unloaded.message ?? '').split('\n')[0]}`;
  return tests.some(({ status }) => status === 'passed') ? 'survived: all is green' : 'no test ran';
}

let caught = 0;
for (const [index, file] of chosen.entries()) {
  const head = headOf(file);
  const startedMs = performance.now();
  let outcome;
  try { apply(file); } catch (error) { outcome = `the patch does not fit: ${String(error.stderr ?? error.message).trim().split('\n')[0]}`; }
  if (outcome === undefined) {
    try { outcome = await outcomeOf(head); } finally { apply(file, '-R'); }
  }
  if (outcome === 'caught') caught += 1;
  console.log(`${String(index + 1).padStart(3)} of ${chosen.length}  ${head.title.padEnd(72)}  ${outcome}  (${Math.round((performance.now() - startedMs) / 1000)} s)`);
}
console.log(`${caught} of ${chosen.length} saboteurs caught`);
process.exitCode = caught === chosen.length ? 0 : 1;
