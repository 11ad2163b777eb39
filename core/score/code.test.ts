import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { faultsOfEvaluator, score, type Answer, type Checks, type EvaluatorSpec, type Item, type SpecChecks } from './index.js';
import { numbersIn } from './numeric.js';
import { bleu, commonLength, rougeL, tokensOf } from './overlap.js';

/** Wagner and Fischer's table, as written in the book: what the library is held against elsewhere. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1)));
    row = next;
  }
  return row[b.length] ?? 0;
}
const checks: Checks = { matches: () => ({ holds: true }), fits: () => ({ holds: true }), similarity: () => 0.5, editDistance };
const libraries: SpecChecks = { faultOfPattern: () => undefined, faultOfSchema: () => undefined };
const of = (spec: EvaluatorSpec, answer: string | Answer, item: Item = {}) => score(spec, typeof answer === 'string' ? { text: answer } : answer, item, checks);
const numeric = (more: Partial<Extract<EvaluatorSpec, { kind: 'numeric' }>> = {}): EvaluatorSpec => ({ kind: 'numeric', reads: 'only', decimal: 'point', ...more });

describe('R-260 a number is read from a text by a stated rule, and held against a tolerance', () => {
  test.each<[string, 'point' | 'comma', number[]]>([
    ['42', 'point', [42]], ['It is 42.', 'point', [42]], ['-3.5 and +7', 'point', [-3.5, 7]], ['1,234,567.89 EUR', 'point', [1234567.89]], ['1.234.567,89 EUR', 'comma', [1234567.89]], ['.5', 'point', [0.5]], ['6.02e23', 'point', [6.02e23]],
    ['\u22125 degrees', 'point', [-5]], ['42km, 42%, $42', 'point', [42, 42, 42]], ['2026-05-12', 'point', [2026, 5, 12]], ['1.2.3', 'point', []], ['12,34', 'point', []], ['12,34', 'comma', [12.34]], ['v2 item3 x_4', 'point', []], ['1e99999', 'point', []],
    ['one', 'point', []], ['', 'point', []], ['3, 4', 'point', [3, 4]], ['٣', 'point', []],
  ])('%j with a %s holds %j', (text, decimal, numbers) => { expect(numbersIn(text, decimal)).toEqual(numbers); });
  test.each<[EvaluatorSpec, string, string, 0 | 1]>([
    [numeric(), '42', '42', 1], [numeric(), '42.0', '42', 1], [numeric(), '42.1', '42', 0], [numeric({ absolute: 0.1 }), '1.1', '1', 1], [numeric({ absolute: 0.1 }), '1.11', '1', 0], [numeric({ relative: 0.01 }), '101', '100', 1], [numeric({ relative: 0.01 }), '-101', '-100', 1],
    [numeric({ relative: 0.01 }), '101.1', '100', 0], [numeric({ absolute: 2, relative: 0.01 }), '102', '100', 1], [numeric(), '1 or 42', '42', 0], [numeric({ reads: 'last' }), '1 or 42', '42', 1], [numeric({ reads: 'first' }), '42 or 1', '42', 1], [numeric(), 'none', '42', 0],
  ])('%j of %j against %j is %d', (spec, text, expected, value) => { expect(of(spec, text, { expected })).toMatchObject({ value }); });
  test.each<[string, Item]>([['no expected answer', {}], ['an expected answer without a number', { expected: 'many' }], ['one with two', { expected: '1 2' }]])('%s is an error', (_name, item) => { expect(of(numeric(), '42', item)).toHaveProperty('error'); });
  test('any number that JavaScript writes is read back', () => {
    fc.assert(fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }).map((any) => (any === 0 ? 0 : any)), (x) => { expect(numbersIn(`about ${String(x)} or so`, 'point')).toEqual([x]); }));
  });
});

describe('R-261 overlap of wording counts as its papers say, in any script', () => {
  // Lin (2004), section 3.1: S2 shares "police the gunman" with the reference, S3 "the gunman".
  test.each([['police kill the gunman', 0.75], ['the gunman kill police', 0.5], ['police killed the gunman', 1], ['nobody came', 0]])('ROUGE-L of %j is %d', (text, value) => { expect(of({ kind: 'rougeL' }, text, { expected: 'police killed the gunman' })).toMatchObject({ value }); });
  test('case and punctuation do not count, and a script without spaces is read by the character', () => {
    expect(of({ kind: 'rougeL' }, 'The CAT!', { expected: 'the cat' })).toMatchObject({ value: 1 });
    expect(tokensOf('猫坐在 the mat')).toEqual(['猫', '坐', '在', 'the', 'mat']);
    expect(of({ kind: 'rougeL' }, '猫在垫子上', { expected: '猫坐在垫子上' })).toMatchObject({ value: 10 / 11 });
  });
  test('the fast way to the common length is the slow way', () => {
    const plain = (a: readonly string[], b: readonly string[]): number => {
      let row = new Array<number>(b.length + 1).fill(0);
      for (const x of a) { const next = [0]; for (const [j, y] of b.entries()) next.push(x === y ? (row[j] ?? 0) + 1 : Math.max(row[j + 1] ?? 0, next[j] ?? 0)); row = next; }
      return row[b.length] ?? 0;
    };
    const tokens = fc.array(fc.constantFrom('a', 'b', 'c', '__proto__', 'constructor'), { maxLength: 120 });
    fc.assert(fc.property(tokens, tokens, (a, b) => { expect(commonLength(a, b)).toBe(plain(a, b)); }));
  });
  test('BLEU by hand: 5 of 6 words, 3 of 5 pairs, 1 of 4 triples, none of 3 fours, one added above single words', () => {
    const value = bleu(tokensOf('the cat is on the mat'), tokensOf('the cat sat on the mat'));
    expect(value).toBeCloseTo(((5 / 6) * (4 / 6) * (2 / 5) * (1 / 4)) ** 0.25, 12);
    expect(bleu(tokensOf('the cat'), tokensOf('the cat sat on the mat'))).toBeCloseTo(Math.exp(1 - 6 / 2) * (1 * 1 * (1 / 2) * (1 / 2)) ** 0.25, 12);
    expect(bleu(['the', 'the', 'the'], ['the', 'cat'])).toBeCloseTo(((1 / 3) * (1 / 3)) ** 0.5, 12);
  });
  test('equal is 1, nothing in common is 0, all is within, whatever the words', () => {
    const words = fc.array(fc.constantFrom('a', 'b', 'c', '__proto__'), { minLength: 1, maxLength: 30 });
    fc.assert(fc.property(words, words, (a, b) => {
      for (const measure of [rougeL, bleu]) {
        expect(measure(a, a)).toBeCloseTo(1, 12);
        expect(measure(a, b)).toBeGreaterThanOrEqual(0);
        expect(measure(a, b)).toBeLessThanOrEqual(1);
        expect(measure(['x', 'y'], b)).toBe(0);
      }
    }));
  });
  test.each<[EvaluatorSpec, string, string, number]>([
    [{ kind: 'editDistance' }, 'kitten', 'sitting', 1 - 3 / 7], [{ kind: 'editDistance' }, 'cafe\u0301', 'caf\u00e9', 1], [{ kind: 'editDistance' }, 'A', 'a', 0], [{ kind: 'editDistance', ignoreCase: true }, 'A', 'a', 1], [{ kind: 'editDistance', trim: true }, ' a ', 'a', 1], [{ kind: 'editDistance' }, '', 'a', 0],
    [{ kind: 'editDistance', threshold: 0.5 }, 'kitten', 'sitting', 1], [{ kind: 'rougeL', threshold: 0.8 }, 'police kill the gunman', 'police killed the gunman', 0],
  ])('%j of %j against %j is %d', (spec, text, expected, value) => { expect(of(spec, text, { expected })).toMatchObject({ value }); });
  test('nothing to compare with is an error, nothing said is 0', () => {
    for (const kind of ['rougeL', 'bleu', 'editDistance'] as const) {
      expect(of({ kind }, 'x', {})).toHaveProperty('error');
      expect(of({ kind }, 'x', { expected: ' ' })).toHaveProperty('error');
      expect(of({ kind }, '', { expected: 'x' })).toMatchObject({ value: 0 });
    }
    expect(of({ kind: 'bleu' }, 'x', { expected: '?!' })).toHaveProperty('error');
  });
});

describe('R-262 what an answer took is held against a target, and unknown is an error, never 0', () => {
  test.each<[EvaluatorSpec, Partial<Answer>, number]>([
    [{ kind: 'latency', targetMs: 500 }, { durationMs: 500 }, 1], [{ kind: 'latency', targetMs: 500 }, { durationMs: 501 }, 0], [{ kind: 'latency', targetMs: 500, limitMs: 1_500 }, { durationMs: 750 }, 0.75], [{ kind: 'latency', targetMs: 500, limitMs: 1_500 }, { durationMs: 1_500 }, 0], [{ kind: 'latency', targetMs: 500 }, { durationMs: 0 }, 1],
    [{ kind: 'cost', targetUsd: 0.01 }, { costUsd: 0.002 }, 1], [{ kind: 'cost', targetUsd: 0.01 }, { costUsd: 0.02 }, 0], [{ kind: 'cost', targetUsd: 0.01, limitUsd: 0.03 }, { costUsd: 0.02 }, 0.5],
  ])('%j of %j is %d', (spec, measured, value) => { expect(of(spec, { text: 'x', ...measured })).toMatchObject({ value: expect.closeTo(value, 9) as number }); });
  test.each<[EvaluatorSpec, Partial<Answer>]>([
    [{ kind: 'latency', targetMs: 1 }, {}], [{ kind: 'latency', targetMs: 1 }, { durationMs: null }], [{ kind: 'latency', targetMs: 1 }, { durationMs: -1 }], [{ kind: 'cost', targetUsd: 1 }, { durationMs: 1 }], [{ kind: 'cost', targetUsd: 1 }, { costUsd: null }], [{ kind: 'cost', targetUsd: 1 }, { costUsd: Number.NaN }],
  ])('%j of %j is an error', (spec, measured) => { expect(of(spec, { text: 'x', ...measured })).toHaveProperty('error'); });
});

describe('R-263 a refusal is known by its opening words or the provider\'s filter, and an empty answer is neither', () => {
  const wants = (wish: 'answer' | 'refusal'): EvaluatorSpec => ({ kind: 'refusal', wants: wish });
  test.each([
    "I'm sorry, but I can\u2019t help with that.", 'I cannot assist with that request.', 'As an AI, I have no opinion.', 'Ich kann Ihnen dabei nicht helfen.', 'Je ne peux pas répondre.', 'Lo siento, pero no puedo.', 'Non posso aiutarti.', 'Não posso ajudar.', 'Я не могу помочь.', '抱歉，我不能回答。', 'お答えできません。',
  ])('%j declines', (text) => {
    expect(of(wants('refusal'), text)).toMatchObject({ value: 1 });
    expect(of(wants('answer'), text)).toMatchObject({ value: 0 });
  });
  test.each(['You cannot return it after 30 days.', 'The limit is 3 items.', `${'The article says a lot. '.repeat(40)}He said: I cannot help.`])('%j answers', (text) => { expect(of(wants('answer'), text)).toMatchObject({ value: 1 }); });
  test('a filtered answer is a refusal, an empty one is nothing', () => {
    expect(of(wants('refusal'), { text: '', finishReason: 'content_filter' })).toMatchObject({ value: 1 });
    for (const wish of ['answer', 'refusal'] as const) expect(of(wants(wish), ' \n')).toMatchObject({ value: 0 });
  });
});

describe('R-266 an answer that is too long, or half a character, is a named error in bounded time', () => {
  const textual: readonly EvaluatorSpec[] = [
    { kind: 'exact' }, { kind: 'contains', mode: 'all' }, { kind: 'regex', pattern: 'a' }, { kind: 'jsonSchema', schema: { type: 'object' } }, numeric(), { kind: 'rougeL' }, { kind: 'bleu' }, { kind: 'editDistance' }, { kind: 'refusal', wants: 'answer' }, { kind: 'pii', detect: ['email'] },
    { kind: 'semantic' },
  ];
  test.each<[string, string]>([['10 MB', 'a'.repeat(10_000_000)], ['NUL', 'a\u0000b'], ['half a pair', 'a\ud800b']])('%s', (_name, text) => {
    for (const spec of textual) expect(of(spec, text, { expected: '1', contains: ['a'] })).toEqual({ error: expect.stringMatching(/^the answer (is longer than|holds a NUL|holds half)/) as string });
  });
  test.each<[string, string]>([
    ['digits', '1'.repeat(250_000)], ['dots', '1.'.repeat(125_000)], ['hyphens', '1-'.repeat(125_000)], ['at signs', 'a@'.repeat(125_000)], ['one long local part', `${'a.'.repeat(125_000)}@`], ['colons', 'a:'.repeat(125_000)], ['groups', 'DE12 3456 '.repeat(25_000)], ['zeros', '0 0 '.repeat(62_500)],
    ['pluses', '+1 '.repeat(83_000)], ['brackets', '('.repeat(250_000)], ['spaces', ' '.repeat(250_000)], ['tokens', 'eyJaaaaaaaaaaaa.'.repeat(15_000)], ['keys', 'sk-'.repeat(83_000)],
  ])('hostile %s end every detector', (_name, text) => {
    expect(of({ kind: 'pii', detect: ['email', 'phone', 'iban', 'card', 'ip', 'key'] }, text)).toHaveProperty('value');
    expect(of(numeric(), text, { expected: '1' })).toHaveProperty('value');
    expect(of({ kind: 'refusal', wants: 'answer' }, text)).toHaveProperty('value');
  });
  test('a text of too many words or characters is an error where the work grows with the square', () => {
    for (const kind of ['rougeL', 'bleu', 'editDistance'] as const) expect(of({ kind }, 'a '.repeat(30_000), { expected: 'a' })).toHaveProperty('error');
    expect(of({ kind: 'rougeL' }, 'a b '.repeat(5_000), { expected: 'b a '.repeat(5_000) })).toHaveProperty('value');
  });
});

describe('R-204 an evaluator that could not fail, or could not run, is refused when it is saved', () => {
  test.each<[EvaluatorSpec]>([
    [numeric({ absolute: -1 })], [numeric({ absolute: Number.NaN })], [numeric({ relative: 1 })], [numeric({ reads: 'all' as 'only' })], [numeric({ decimal: ',' as 'comma' })], [{ kind: 'rougeL', threshold: 0 }], [{ kind: 'bleu', threshold: 2 }], [{ kind: 'editDistance', threshold: -1 }],
    [{ kind: 'latency', targetMs: 0 }], [{ kind: 'latency', targetMs: 5, limitMs: 5 }], [{ kind: 'cost', targetUsd: Number.POSITIVE_INFINITY }], [{ kind: 'cost', targetUsd: 1, limitUsd: 0.5 }], [{ kind: 'refusal', wants: 'both' as 'answer' }], [{ kind: 'pii', detect: [] }], [{ kind: 'pii', detect: ['name' as 'email'] }], [{ kind: 'pii', detect: ['ip', 'ip'] }],
    [{ kind: 'consistency', by: 'text', threshold: 0.5 }], [{ kind: 'consistency', by: 'sound' as 'text' }], [{ kind: 'consistency', by: 'meaning', threshold: 0 }],
  ])('%j', (spec) => { expect(faultsOfEvaluator(spec, libraries)).toHaveLength(1); });
  test.each<[EvaluatorSpec]>([[numeric()], [numeric({ absolute: 0, relative: 0.5 })], [{ kind: 'rougeL' }], [{ kind: 'latency', targetMs: 1, limitMs: 2 }], [{ kind: 'pii', detect: ['ip'] }], [{ kind: 'consistency', by: 'meaning', threshold: 0.9 }], [{ kind: 'refusal', wants: 'refusal' }]])('%j may be saved', (spec) => { expect(faultsOfEvaluator(spec, libraries)).toEqual([]); });
});
