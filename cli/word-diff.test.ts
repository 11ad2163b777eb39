import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { wordDiff, wordsInCommon } from './word-diff.js';

describe('R-974 joined again, a difference of words is both texts', () => {
  const join = (before: string, after: string, ...kinds: string[]): string => wordDiff(before, after).filter(({ kind }) => kinds.includes(kind)).map(({ text }) => text).join('');
  const words = fc.array(fc.constantFrom('a', 'bee', 'c', ' ', '\n', '.', 'ä', '日', '👍'), { maxLength: 60 }).map((parts) => parts.join(''));
  test('for any two texts', () => {
    fc.assert(fc.property(fc.oneof(words, fc.string({ unit: 'binary' })), words, (before, after) => {
      expect(join(before, after, 'same', 'gone')).toBe(before);
      expect(join(before, after, 'same', 'new')).toBe(after);
    }));
  });
  test('what both have stays: one word is exchanged', () => {
    expect(wordDiff('The office opens at seven.', 'The office opens at nine.')).toEqual([{ kind: 'same', text: 'The office opens at ' }, { kind: 'gone', text: 'seven' }, { kind: 'new', text: 'nine' }, { kind: 'same', text: '.' }]);
  });
  test('too long for a table: replaced whole between the common ends, and still both texts', () => {
    const [before, after] = [`start ${'x '.repeat(4_000)}end`, `start ${'y '.repeat(4_000)}end`];
    expect(join(before, after, 'same', 'gone')).toBe(before);
    expect(wordDiff(before, after)).toHaveLength(4);
    expect(wordDiff('a '.repeat(20_000), 'b')).toHaveLength(2);
  });
  test('words in common are a share', () => {
    expect([wordsInCommon('', ''), wordsInCommon('a b', 'B a'), wordsInCommon('a', 'b'), wordsInCommon('a a b', 'a c')]).toEqual([1, 1, 0, 0.4]);
  });
});
