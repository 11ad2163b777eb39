import { describe, expect, it } from 'vitest';
import { randomOf, rateLogE } from '../../core/stats/index.js';
import { ROWS } from './all-rows.js';
import { binomialLaw, binomialSampler, costLaw, scoreLaw, smallBinomial } from './draw.js';
import { meanFigure, shareFigure, shareLimits } from './figures.js';
import { HarmRun, blockSampler, hasReached, shippedHarm } from './rates.js';
import { run } from './worker.js';

describe('R-579 a simulation comes out the same whoever runs which replicate', () => {
  it.each(['N1', 'D1', 'D5', 'F2', 'S2', 'X2'])('%s in one stretch and in two', (row) => {
    const whole = run({ row, mode: 'quick', from: 0, to: 2 });
    const parts = [[1, 2], [0, 1]];
    const outcomes = parts.map(([from = 0, to = 0]) => ({ from, own: run({ row, mode: 'quick', from, to }).outcomes })).sort((x, y) => x.from - y.from);
    expect([...outcomes.flatMap(({ own }) => [...own])]).toEqual([...whole.outcomes]);
  });

  it('no two rows share a stream', () => {
    expect(new Set(ROWS.map(({ number }) => number)).size).toBe(ROWS.length);
    expect(new Set(ROWS.map(({ id }) => id)).size).toBe(ROWS.length);
  });

  it('looks at the largest component first and misses no crossing by it', () => {
    const config = shippedHarm(0.01);
    const draw = blockSampler(0.01, 0.03, 0.25);
    const random = randomOf(579);
    const runs = new HarmRun(config, []);
    for (let look = 0; look < 400; look += 1) {
      runs.step(draw(random));
      for (const threshold of [0.5, 3, 4.6, 6.9]) expect(hasReached(config, runs.process, threshold)).toBe(rateLogE(config, runs.process) >= threshold);
    }
  });
});

describe('R-577 what is drawn has the law that is named, and what is counted its exact limits', () => {
  it('binomial counts, by table and by recursion', () => {
    const random = randomOf(577);
    const [n, p, draws] = [40, 0.07, 40_000];
    const sampler = binomialSampler(p);
    const law = binomialLaw(n, p);
    expect(law.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
    for (const draw of [() => sampler(random, n), () => smallBinomial(random, n, p)]) {
      const counts = new Array<number>(n + 1).fill(0);
      for (let i = 0; i < draws; i += 1) { const k = draw(); counts[k] = (counts[k] ?? 0) + 1; }
      // Five standard errors of each count that is likely at all.
      law.forEach((mass, k) => { expect(Math.abs((counts[k] ?? 0) - draws * mass)).toBeLessThanOrEqual(5 * Math.sqrt(draws * mass) + 3); });
    }
  });

  it('scores and costs have the mean they are named after', () => {
    const meanOf = (law: readonly (readonly [number, number])[]): number => law.reduce((sum, [x, mass]) => sum + x * mass, 0);
    for (const law of [scoreLaw(0.18, 0.15), costLaw(1.2, 1, 20)]) expect(law.reduce((sum, [, mass]) => sum + mass, 0)).toBeCloseTo(1, 12);
    expect(meanOf(scoreLaw(0.18, 0.15))).toBeCloseTo(0.18, 2);
    // The cap takes a little off a cost.
    expect(meanOf(costLaw(1.2, 1, 20))).toBeCloseTo(1.2, 2);
  });

  it('Clopper and Pearson: the limit is where the tail is one in a hundred', () => {
    expect(shareLimits(0, 100).high).toBeCloseTo(1 - 0.01 ** (1 / 100), 10);
    expect(shareLimits(100, 100).low).toBeCloseTo(0.01 ** (1 / 100), 10);
    expect([shareLimits(0, 100).low, shareLimits(100, 100).high]).toEqual([0, 1]);
    const { high } = shareLimits(3, 50);
    expect(binomialLaw(50, high).slice(0, 4).reduce((a, b) => a + b, 0)).toBeCloseTo(0.01, 8);
  });

  it('a limit is met by the end of the interval that is named', () => {
    const shown = { row: 'N1', metric: 'x' };
    expect([shareFigure(shown, 4, 100, 0.05).met, shareFigure(shown, 4, 100, 0.05, 'upper').met, shareFigure(shown, 9, 100, 0.05).met, shareFigure(shown, 9, 100, 0.05, 'lower').met])
      .toEqual([true, false, false, true]);
    expect([meanFigure(shown, [1, 2, 3], 2.5).met, meanFigure(shown, [1, 2, 3], 2.5, { byValue: true }).met, meanFigure(shown, [1, 2, 3]).met]).toEqual([false, true, null]);
  });
});
