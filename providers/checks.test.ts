import { describe, expect, test } from 'vitest';
import { createChecks } from './checks.js';

const libraries = createChecks({ embedder: { embed: (texts) => Promise.resolve(texts.map((text) => Float32Array.of(text.length, 1))) } });
const checks = await libraries.ready(['a', 'bb']);

describe('R-213 a pattern runs in linear time, or is refused with the reason', () => {
  test.each<[string, string]>([
    ['(?=a)b', 'look-ahead'], ['(?!a)b', 'look-ahead'], ['(?<=a)b', 'look-behind'], ['(?<!a)b', 'look-behind'], ['(a)\\1', 'back-references'], ['(?<n>a)\\k<n>', 'back-references'],
    ['(?>a)', 'atomic'], ['a++', 'possessive'], ['(', 'cannot be read'], ['[z-a]', 'cannot be read'], ['a{2000}', 'cannot be read'],
  ])('%s', (pattern, reason) => {
    expect(libraries.faultOfPattern(pattern)).toContain(reason);
    expect(checks.matches(pattern, 'ab')).toHaveProperty('error');
  });
  test('a pattern that is exponential elsewhere is answered at once', () => {
    const begunMs = performance.now();
    expect(checks.matches('^(a+)+$', `${'a'.repeat(50_000)}!`)).toMatchObject({ holds: false });
    expect(performance.now() - begunMs).toBeLessThan(1_000);
  });
  test('it is found anywhere unless anchored', () => {
    expect(checks.matches('b+', 'abc')).toEqual({ holds: true });
    expect(checks.matches('^b', 'abc')).toMatchObject({ holds: false });
    expect(checks.matches('(?i)ÄB', 'xäb')).toEqual({ holds: true });
    expect(libraries.faultOfPattern('^[a-z]+\\d{2}$')).toBeUndefined();
  });
  test('an endless answer is an error, not a wait', () => { expect(checks.matches('a', 'b'.repeat(300_000))).toHaveProperty('error'); });
});

describe('R-214 a JSON Schema is compiled once and strictly; its own patterns are linear too', () => {
  const object = { type: 'object', required: ['answer'], properties: { answer: { type: 'string', minLength: 1 } }, additionalProperties: false };
  test.each<[string, string]>([
    ['no', 'not JSON'], ['{"answer": 1}', '/answer'], ['{}', 'required'], ['{"answer": "x", "more": 1}', 'additional'], ['[]', 'object'], ['```json\n{"answer":"x"}\n```', 'not JSON'], ['', 'not JSON'],
  ])('%j does not fit', (text, why) => {
    const outcome = checks.fits(object, text);
    expect(outcome).toMatchObject({ holds: false });
    expect('why' in outcome ? outcome.why : '').toContain(why);
  });
  test('what fits', () => { expect(checks.fits(object, ' {"answer": "x"}\n')).toEqual({ holds: true }); });
  test.each<[Record<string, unknown>, string]>([
    [{ typ: 'object' }, 'unknown keyword'], [{ type: 'thing' }, 'cannot be compiled'], [{ $ref: 'https://example.com/schema' }, 'cannot be compiled'],
    [{ $async: true, type: 'object' }, '$async'], [{ $schema: 'https://json-schema.org/draft/2020-12/schema' }, 'draft-07'],
    [{ type: 'string', pattern: '(?=a)' }, 'cannot be compiled'], [{ type: 'string', format: 'unheard-of' }, 'cannot be compiled'], [{ enum: ['x'.repeat(70_000)] }, 'larger than'],
  ])('the schema %# is refused', (schema, reason) => {
    expect(libraries.faultOfSchema(schema)).toContain(reason);
    expect(checks.fits(schema, '{}')).toHaveProperty('error');
  });
  test('an $id may be used twice', () => {
    expect(libraries.faultOfSchema({ $id: 'https://example.com/a', type: 'object' })).toBeUndefined();
    expect(libraries.faultOfSchema({ $id: 'https://example.com/a', type: 'array' })).toBeUndefined();
  });
  test('its patterns cannot stall the process', () => {
    const begunMs = performance.now();
    expect(checks.fits({ type: 'string', pattern: '^(a+)+$' }, JSON.stringify(`${'a'.repeat(5_000)}!`))).toMatchObject({ holds: false });
    expect(performance.now() - begunMs).toBeLessThan(1_000);
  });
  test('a value named __proto__ is a value', () => { expect(checks.fits({ type: 'object', additionalProperties: false }, '{"__proto__": {"x": 1}}')).toMatchObject({ holds: false }); });
});

describe('R-215 similarity is known for the texts that were asked for, and for no others', () => {
  test('known and unknown', () => {
    expect(checks.similarity('a', 'a')).toBeCloseTo(1);
    expect(checks.similarity('a', 'bb')).toBeGreaterThan(0);
    expect(checks.similarity('a', 'ccc')).toBeUndefined();
  });
  test('an embedder that fails is not a score', async () => {
    const broken = createChecks({ embedder: { embed: () => Promise.reject(new Error('gone')) } });
    await expect(broken.ready(['a'])).rejects.toThrow('gone');
    expect((await broken.ready([])).similarity('a', 'b')).toBeUndefined();
  });
});
