import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';

const program = path.resolve(import.meta.dirname, 'test.mjs');
const folders: string[] = [];
afterAll(() => { for (const folder of folders) rmSync(folder, { recursive: true, force: true }); });

/** Runs the tests of a project made of these files. */
function runTests(files: Readonly<Record<string, string>>): { code: number | null; last: string } {
  const folder = mkdtempSync(path.join(tmpdir(), 'slipway-tests-'));
  folders.push(folder);
  for (const [name, text] of Object.entries({ 'vitest.config.mjs': 'export default {};', ...files })) { mkdirSync(path.dirname(path.join(folder, name)), { recursive: true }); writeFileSync(path.join(folder, name), text); }
  const { NODE_OPTIONS: _, ...env } = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('VITEST')));
  const done = spawnSync(process.execPath, [program, '--root', folder, '--globals', '--pool=threads', '--no-file-parallelism'], { encoding: 'utf8', env, timeout: 60_000 });
  return { code: done.status, last: done.stdout.trimEnd().split('\n').at(-1) ?? '' };
}

const passing = "test('a', () => { expect(1).toBe(1); }); test('b', () => {});";
describe('R-883 the last line of the tests counts them, and the exit code agrees with it', () => {
  test('all pass; one that is left out is neither', () => { expect(runTests({ 'a.test.mjs': `${passing} test.skip('c', () => {});` })).toEqual({ code: 0, last: '2 passed, 0 failed' }); });
  test.each<[string, Record<string, string>, string]>([
    ['one fails', { 'a.test.mjs': `${passing} test('c', () => { expect(1).toBe(2); });` }, '2 passed, 1 failed'],
    ['a file that cannot be loaded counts as one', { 'a.test.mjs': passing, 'b.test.mjs': "import './missing.mjs';" }, '2 passed, 1 failed'],
    ['an error outside of tests counts as one', { 'a.test.mjs': `${passing} void Promise.reject(new Error('nobody waits'));` }, '2 passed, 1 failed'],
    ['no test at all', { 'a.mjs': '' }, '0 passed, 1 failed'],
  ])('%s', (_name, files, last) => { expect(runTests(files)).toEqual({ code: 1, last }); });
});
