import { describe, expect, test } from 'vitest';
import { measured, rounded } from './measured.js';

const goal = { bench: 'x', goal: 'X1', metric: 'cost', unit: 'KiB', limit: 64 };

describe('R-888 a figure that is no ratio of pairs meets its goal when its worst repetition does, and misses it when its best one does', () => {
  test.each([
    ['all below', [40, 63.9, 64], true],
    ['all above', [64.1, 90], false],
    ['the limit between them', [40, 65], null],
    ['none at all', [], null],
  ])('%s', (_name, values, met) => { expect(measured(goal, values).met).toBe(met); });
  test('the median, and all of them between the other two', () => { expect(measured(goal, [9, 1, 4, 2])).toMatchObject({ value: 3, low: 1, high: 9, times: 4 }); });
  test('without a limit there is nothing to meet', () => { expect(measured({ ...goal, goal: null, limit: null }, [1]).met).toBeNull(); });
  test('kept figures have four digits, and counts all of theirs', () => { expect(rounded({ a: 1.23456, b: [123456], c: 'x' })).toEqual({ a: 1.235, b: [123456], c: 'x' }); });
});
