import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { VERSION } from '../cli/index.js';
import { WORDS } from '../cli/words.js';
import { bundleCli } from './bundle-cli.js';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-cli-'));
beforeAll(() => bundleCli(folder));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });

const entry = path.join(folder, 'slipway.js');
const run = (...words: string[]) => spawnSync(process.execPath, ['--experimental-default-type=module', entry, ...words], { encoding: 'utf8', cwd: folder, env: {} });
/** What a file and those that it names at its top load, of ours. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  for (const [, target = ''] of readFileSync(file, 'utf8').matchAll(/^(?:import|export)\b[^;]*?["'](\.[^"']+\.js)["']/gm)) {
    const found = path.resolve(path.dirname(file), target);
    if (!seen.has(found)) { seen.add(found); loadedBy(found, seen); }
  }
  return seen;
}

describe('R-882 the built command line loads what was typed and nothing else', () => {
  test('the version, without any command or package', () => {
    const done = run('--version');
    expect([done.status, done.stdout, done.stderr]).toEqual([0, `${VERSION}\n`, '']);
    const texts = [entry, ...loadedBy(entry)].map((file) => readFileSync(file, 'utf8'));
    expect(texts.join('').length).toBeLessThan(8_192);
    expect(texts.join('')).not.toMatch(/node_modules/);
  });
  test('help, which knows all words and loads no command', () => {
    const done = run('--help');
    expect([done.status, done.stderr]).toEqual([0, '']);
    for (const { words } of WORDS) expect(done.stdout).toContain(words.split(' ')[0]);
    const program = readdirSync(path.join(folder, 'slipway')).find((file) => /^program-.*\.js$/.test(file)) ?? '';
    const texts = [...loadedBy(path.join(folder, 'slipway', program))].map((file) => readFileSync(file, 'utf8')).join('\n');
    expect(texts).not.toMatch(/node_modules\/(yaml|cli-table3|cli-progress|zod)\//);
  });
  test('nothing is left to be found in node_modules', () => {
    const named = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.js'))
      .flatMap((file) => [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^import\b[^;]*?["']([^."'][^"']*)["'];$/gm)].map((match) => match[1] ?? ''));
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !name.startsWith('node:'))).toEqual([]);
  });
  test('a misspelt command is still refused', () => {
    const done = run('relaese');
    expect([done.status, done.stdout]).toEqual([4, '']);
    expect(done.stderr).toContain('BAD_INPUT');
  });
});
