import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { ERRORS, NotFoundError, RateLimitedError, SlipwayError } from './errors.js';

describe('R-742 docs/errors.md is the catalogue', () => {
  const page = readFileSync(new URL('../docs/errors.md', import.meta.url), 'utf8');
  const rows = [...page.matchAll(/^\| `([A-Z_]+)` \| (\d{3}) \| (.+?) \| (.+?) \|$/gm)].map(([, code, http, meaning, hint]) => [code, { http: Number(http), meaning, hint }] as const);
  test('row by row', () => { expect(Object.fromEntries(rows)).toEqual(ERRORS); });
  test('no code twice, none left out', () => { expect(rows.map(([code]) => code)).toEqual(Object.keys(ERRORS)); });
});

describe('R-743 every error has a code, a message and a hint', () => {
  test('the hint of the catalogue where an error brings none', () => { expect(new SlipwayError('CONFLICT', 'x').hint).toBe(ERRORS.CONFLICT.hint); });
  test('the words of NOT_FOUND say nothing but what was asked for', () => { expect(new NotFoundError('release', 'R1').message).toBe('No release R1.'); });
  test('a limit says when to come again', () => { expect(new RateLimitedError('x', 7).hint).toContain('7 s'); });
});
