import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultsOfEvaluator, score, textsToEmbed, type Checks, type EvaluatorSpec, type Item, type SpecChecks } from './index.js';

const checks: Checks = { matches: (pattern, text) => ({ holds: text.includes(pattern) }), fits: () => ({ holds: false, why: 'not JSON' }), similarity: () => 0.5, editDistance: (a, b) => Math.max(a.length, b.length) };
const libraries: SpecChecks = { faultOfPattern: (pattern) => (pattern.includes('?=') ? 'look-around' : undefined), faultOfSchema: () => undefined };
const of = (spec: EvaluatorSpec, text: string, item: Item, given: Partial<Checks> = {}) => score(spec, { text }, item, { ...checks, ...given });

describe('R-201 a score is in [0, 1], and what cannot be scored is an error, never a number', () => {
  test.each<[EvaluatorSpec, Item]>([
    [{ kind: 'exact' }, {}],
    [{ kind: 'exact' }, { contains: ['x'] }],
    [{ kind: 'contains', mode: 'all' }, {}],
    [{ kind: 'contains', mode: 'any' }, { contains: [] }],
    [{ kind: 'contains', mode: 'any' }, { contains: ['x', ''] }],
    [{ kind: 'semantic' }, {}],
    [{ kind: 'semantic' }, { expected: '  ' }],
  ])('%j on %j', (spec, item) => { expect(of(spec, 'x', item)).toHaveProperty('error'); });

  test.each([undefined, Number.NaN, Number.POSITIVE_INFINITY])('a similarity of %s is an error', (cosine) => {
    expect(of({ kind: 'semantic' }, 'x', { expected: 'y' }, { similarity: () => cosine })).toHaveProperty('error');
    expect(of({ kind: 'semantic', threshold: 0.5 }, 'x', { expected: 'y' }, { similarity: () => cosine })).toHaveProperty('error');
  });
  test('an error of a library stays an error', () => {
    expect(of({ kind: 'regex', pattern: 'a' }, 'a', {}, { matches: () => ({ error: 'broken' }) })).toEqual({ error: 'broken' });
    expect(of({ kind: 'jsonSchema', schema: { type: 'object' } }, '{}', {}, { fits: () => ({ error: 'broken' }) })).toEqual({ error: 'broken' });
  });
  test('for any texts and any cosine', () => {
    const spec = fc.oneof<fc.Arbitrary<EvaluatorSpec>[]>(
      fc.record({ kind: fc.constant('exact' as const), ignoreCase: fc.boolean(), trim: fc.boolean() }),
      fc.record({ kind: fc.constant('contains' as const), mode: fc.constantFrom('all' as const, 'any' as const), ignoreCase: fc.boolean() }),
      fc.record({ kind: fc.constant('regex' as const), pattern: fc.string() }),
      fc.record({ kind: fc.constant('semantic' as const), threshold: fc.double({ min: 0.01, max: 1, noNaN: true }) }), fc.constant({ kind: 'semantic' as const }));
    const item = fc.record({ expected: fc.string(), contains: fc.array(fc.string()) }, { requiredKeys: [] });
    fc.assert(fc.property(spec, fc.string(), item, fc.double({ min: -2, max: 2 }), (one, text, held, cosine) => {
      const result = of(one, text, held, { similarity: () => cosine });
      if ('error' in result) expect(result.error).not.toBe('');
      else { expect(result.value).toBeGreaterThanOrEqual(0); expect(result.value).toBeLessThanOrEqual(1); }
    }), { numRuns: 1000 });
  });
});

describe('R-202 exact and contains compare what they say they compare', () => {
  test.each<[EvaluatorSpec, string, Item, 0 | 1]>([
    [{ kind: 'exact' }, 'Yes', { expected: 'Yes' }, 1],
    [{ kind: 'exact' }, 'yes', { expected: 'Yes' }, 0],
    [{ kind: 'exact' }, ' Yes\n', { expected: 'Yes' }, 0],
    [{ kind: 'exact', trim: true }, ' Yes\n', { expected: 'Yes' }, 1],
    [{ kind: 'exact', ignoreCase: true }, 'YES', { expected: 'Yes' }, 1],
    [{ kind: 'exact' }, 'caf\u00e9', { expected: 'cafe\u0301' }, 1],
    [{ kind: 'contains', mode: 'all' }, 'a and b', { contains: ['a', 'b'] }, 1],
    [{ kind: 'contains', mode: 'all' }, 'a and c', { contains: ['a', 'b'] }, 0],
    [{ kind: 'contains', mode: 'any' }, 'a and c', { contains: ['a', 'b'] }, 1],
    [{ kind: 'contains', mode: 'any' }, 'c', { contains: ['a', 'b'] }, 0],
    [{ kind: 'contains', mode: 'all' }, 'A', { contains: ['a'] }, 0],
    [{ kind: 'contains', mode: 'all', ignoreCase: true }, 'A', { contains: ['a'] }, 1],
    [{ kind: 'contains', mode: 'all' }, 'the whole answer', { expected: 'whole' }, 1],
    [{ kind: 'contains', mode: 'all' }, '', { contains: ['a'] }, 0],
    [{ kind: 'regex', pattern: 'b' }, 'abc', {}, 1],
    [{ kind: 'regex', pattern: 'x' }, 'abc', {}, 0],
  ])('%j of %j against %j is %d', (spec, text, item, value) => { expect(of(spec, text, item)).toMatchObject({ value, label: value === 1 ? 'pass' : 'fail' }); });
  test('a 0 says why', () => {
    expect(of({ kind: 'contains', mode: 'all' }, 'a', { contains: ['a', 'b'] })).toMatchObject({ explanation: 'missing: "b"' });
    expect(of({ kind: 'jsonSchema', schema: { type: 'object' } }, 'no', {})).toEqual({ value: 0, label: 'fail', explanation: 'not JSON' });
  });
});

describe('R-203 similarity is a cosine that never calls nonsense half right', () => {
  const at = (cosine: number, threshold?: number) => of({ kind: 'semantic', ...(threshold === undefined ? {} : { threshold }) }, 'a', { expected: 'b' }, { similarity: () => cosine });
  test('unrelated and opposite are 0', () => {
    expect(at(0)).toMatchObject({ value: 0 });
    expect(at(-0.7)).toMatchObject({ value: 0 });
    expect(at(1.0000001)).toMatchObject({ value: 1 });
    expect(at(0.8)).toMatchObject({ value: 0.8 });
  });
  test('a threshold turns it into 1 or 0', () => {
    expect(at(0.8, 0.8)).toMatchObject({ value: 1, label: 'pass' });
    expect(at(0.79, 0.8)).toMatchObject({ value: 0, label: 'fail' });
  });
  test('an empty answer is 0, whatever its vector says', () => { expect(of({ kind: 'semantic' }, ' ', { expected: 'b' }, { similarity: () => 1 })).toMatchObject({ value: 0 }); });
  test('it names the texts it needs beforehand, others need none', () => {
    expect(textsToEmbed({ kind: 'semantic' }, { text: 'a' }, { expected: 'b' })).toEqual(['a', 'b']);
    expect(textsToEmbed({ kind: 'semantic' }, { text: 'a' }, {})).toEqual([]);
    expect(textsToEmbed({ kind: 'exact' }, { text: 'a' }, { expected: 'b' })).toEqual([]);
  });
});

describe('R-204 an evaluator that could not fail, or could not run, is refused when it is saved', () => {
  test.each<[EvaluatorSpec]>([
    [{ kind: 'contains', mode: 'most' as 'all' }],
    [{ kind: 'regex', pattern: '' }],
    [{ kind: 'regex', pattern: 'a'.repeat(1_001) }],
    [{ kind: 'regex', pattern: '(?=a)' }],
    [{ kind: 'jsonSchema', schema: {} }],
    [{ kind: 'jsonSchema', schema: [] as unknown as Record<string, unknown> }],
    [{ kind: 'jsonSchema', schema: null as unknown as Record<string, unknown> }],
    [{ kind: 'semantic', threshold: 0 }],
    [{ kind: 'semantic', threshold: 1.1 }],
    [{ kind: 'semantic', threshold: Number.NaN }],
  ])('%j', (spec) => { expect(faultsOfEvaluator(spec, libraries)).toHaveLength(1); });
  test.each<[EvaluatorSpec]>([
    [{ kind: 'exact' }], [{ kind: 'contains', mode: 'any' }], [{ kind: 'regex', pattern: '^a+$' }], [{ kind: 'jsonSchema', schema: { type: 'object' } }], [{ kind: 'semantic', threshold: 0.8 }], [{ kind: 'semantic' }],
  ])('%j may be saved', (spec) => { expect(faultsOfEvaluator(spec, libraries)).toEqual([]); });
});
