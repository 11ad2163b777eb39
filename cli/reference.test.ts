import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { EXIT } from './exit.js';
import { VERSION } from './index.js';
import { referenceOfExits, referenceOfWords } from './reference.js';
import { WORDS } from './words.js';

const root = path.resolve(import.meta.dirname, '..');
const page = readFileSync(path.join(root, 'docs', 'cli.md'), 'utf8');
const between = (name: string): string => page.split(`<!-- ${name} -->\n`)[1]?.split(`\n<!-- /${name} -->`)[0] ?? '';

describe('R-854 docs/cli.md holds the words, options and exit codes of the command line', () => {
  test('commands and options', () => { expect(between('words')).toBe(referenceOfWords()); });
  test('exit codes', () => { expect(between('exits')).toBe(referenceOfExits()); });
  test('no two exits share a code', () => { const codes = Object.values(EXIT).map(({ code }) => code); expect(new Set<number>(codes).size).toBe(codes.length); });
  test('every command is there when it is typed', async () => {
    for (const word of WORDS) expect(typeof (await word.load()), word.words).toBe('function');
  });
  test('the version is that of package.json', () => { expect(VERSION).toBe((JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }).version); });
});
