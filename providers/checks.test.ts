import fc from 'fast-check';
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

describe('R-284 work that could be too much is refused when it is saved, or is a named error, never a wait', () => {
  test.each<[string, string]>([['many repetitions', '(?:.?){1000}[yz]$'], ['repetitions of repetitions', '(?:a{0,30}){0,30}[bc]'], ['a long class often', '(?:[ab]?){600}[^ab]']])('a pattern of %s', (_name, pattern) => {
    expect(libraries.faultOfPattern(pattern)).toMatch(/comes to \d+ steps; the limit is 500/);
    expect(checks.matches(pattern, 'a')).toHaveProperty('error');
  });
  test('a large pattern on a long answer', () => {
    expect(libraries.faultOfPattern('(?:[ab]?){200}[^ab]')).toBeUndefined();
    expect(checks.matches('(?:[ab]?){200}[^ab]', 'ab'.repeat(60_000))).toEqual({ error: expect.stringContaining('too large for an answer of 120000') as string });
    expect(checks.matches('(?:[ab]?){200}[^ab]', 'ab'.repeat(500))).toMatchObject({ holds: false });
  });
  const twice = (n: number): Record<string, unknown> => ({
    $ref: '#/definitions/d0', definitions: Object.fromEntries(Array.from({ length: n }, (_, i) => [`d${i}`, i === n - 1 ? { type: 'string' } : { anyOf: [{ $ref: `#/definitions/d${i + 1}` }, { $ref: `#/definitions/d${i + 1}` }] }])),
  });
  test.each<[string, Record<string, unknown>, RegExp]>([
    ['refers to itself', { type: 'object', properties: { a: { anyOf: [{ $ref: '#' }, { $ref: '#' }] } } }, /refers to itself/], ['refers to itself by a definition', { $ref: '#/definitions/a', definitions: { a: { properties: { b: { $ref: '#/definitions/a' } } } } }, /refers to itself/],
    ['doubles at every step', twice(14), /2000 parts/], ['hides the doubling under a property called default', { type: 'object', properties: { default: twice(14) }, definitions: twice(14)['definitions'] }, /2000 parts/], ['is referred to by a name of its own', { definitions: { a: { $id: 'https://example.com/b', type: 'string' } }, type: 'object' }, /\$id inside/],
    ['leads elsewhere', { $ref: 'other.json' }, /leads out of it/], ['leads to an anchor', { $ref: '#a' }, /leads out of it/], ['is deep', JSON.parse(`${'{"not":'.repeat(70)}{"type":"string"}${'}'.repeat(70)}`) as Record<string, unknown>, /64 deep/],
  ])('a schema that %s', (_name, schema, reason) => {
    expect(libraries.faultOfSchema(schema)).toMatch(reason);
    expect(checks.fits(schema, '{}')).toHaveProperty('error');
  });
  test('a schema that is used twice is fine', () => {
    expect(libraries.faultOfSchema(twice(8))).toBeUndefined();
    expect(checks.fits({ type: 'object', properties: { a: { $ref: '#/definitions/x~1y' }, b: { $ref: '#/definitions/x~1y' } }, definitions: { 'x/y': { type: 'number' } } }, '{"a": 1, "b": "2"}')).toMatchObject({ holds: false });
  });
  test.each<[string, string, RegExp]>([
    ['10^5 deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /nested more than 200 deep/], ['of 100 000 entries', JSON.stringify(Array.from({ length: 100_000 }, () => 1)), /more than 10000 values/], ['of 10 MB', 'x'.repeat(10_000_000), /longer than/],
  ])('an answer %s', (_name, text, reason) => { expect(checks.fits({ type: 'array', uniqueItems: true }, text)).toEqual({ error: expect.stringMatching(reason) as string }); });
  test('brackets inside of strings are no depth', () => { expect(checks.fits({ type: 'string' }, JSON.stringify(`\\"${'['.repeat(1_000)}`))).toEqual({ holds: true }); });
});

describe('R-261 overlap of wording counts as its papers say, in any script', () => {
  test.each([['kitten', 'sitting', 3], ['', 'abc', 3], ['abc', '', 3], ['abc', 'abc', 0], ['flaw', 'lawn', 2], ['__proto__', 'constructor', 9]])('%j to %j takes %d edits', (a, b, edits) => { expect(checks.editDistance(a, b)).toBe(edits); });
  test('the library counts as the book does', () => {
    const plain = (a: string, b: string): number => {
      let row = Array.from({ length: b.length + 1 }, (_, j) => j);
      for (let i = 1; i <= a.length; i++) {
        const next = [i];
        for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
        row = next;
      }
      return row[b.length] ?? 0;
    };
    const text = fc.string({ unit: fc.constantFrom('a', 'b', 'c', 'ä', '猫'), maxLength: 80 });
    fc.assert(fc.property(text, text, (a, b) => { expect(checks.editDistance(a, b)).toBe(plain(a, b)); }));
  });
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
