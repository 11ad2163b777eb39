import { describe, expect, test } from 'vitest';
import { figureOf, measure, medianOf } from './pairs.js';

const goal = { bench: 'x', goal: 'X1', metric: 'wall', unit: 'ms', floorName: 'nothing', limit: 1.2 };
const kept = (ratios: readonly number[]): { floor: number; ours: number }[] => ratios.map((ratio) => ({ floor: 10, ours: 10 * ratio }));

describe('R-881 a figure is the median of the ratios of its pairs, and a goal counts as met only when the unfavourable end of the interval meets it', () => {
  test('by hand: eleven pairs, the interval four ranks to either side', () => {
    expect(figureOf(goal, kept([1, 1.01, 1.02, 1.03, 1.04, 1.05, 1.06, 1.07, 1.08, 1.09, 1.1]), 2))
      .toMatchObject({ ratio: 1.05, ratioMin: 1, ratioMax: 1.1, ratioLow: 1.01, ratioHigh: 1.09, pairs: 11, discarded: 2, met: true });
  });
  test.each([
    ['all above', [1.3, 1.31, 1.32, 1.33, 1.34], false],
    ['the median below, the interval across', [1, 1.1, 1.1, 1.15, 1.9], null],
    ['the median above, the interval across', [1, 1.25, 1.3, 1.3, 1.3], null],
    ['exactly at the limit', [1.2, 1.2, 1.2], true],
  ])('%s', (_name, ratios, met) => { expect(figureOf(goal, kept(ratios), 0).met).toBe(met); });
  test('a pair that was dirty shows nothing, however good it looks', () => { expect(figureOf(goal, kept([1, 1, 1]), 9, 1).met).toBeNull(); });
  test('a median between two', () => { expect(medianOf([4, 1, 3, 2])).toBe(2.5); });
  test('the two sides take turns in going first', async () => {
    const order: string[] = [];
    const side = (name: string) => (): Promise<number> => { order.push(name); return Promise.resolve(1); };
    await measure({ ...goal, floor: side('f'), ours: side('o') }, { pairs: 4, warmUps: 1, discardedMax: 0 });
    expect(order.join('')).toBe('fo' + 'fo' + 'of' + 'fo' + 'of');
  });
});
