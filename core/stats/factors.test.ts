import { describe, expect, it } from 'vitest';
import {
  advance, bearRate, bernoulliDivergence, betsOf, boundOf, conditionalLogFactor, itemVariance, logFactor, logFactors, logAddExp, logSumExp, marginGrid, mcnemar,
  normalQuantile, erfc, NO_COUNTS, HARM_ODDS, NI_ODDS, rateLogE, redistributed, requiredCases, startPaired, startRate, steadyCases, stepMixture, startMixture,
  stepPaired, stepPass, stepRate, thresholdOf, upperEnd, project,
} from './index.js';
import type { ArmCounts, RateProcess, RateProcessConfig, RateTest } from './index.js';
import { seeded } from '../../test/seeded.js';

/** Probabilities of 0..n bad units among independent units with these rates: the units need not be alike. */
const lawOf = (rates: readonly number[]): number[] => rates.reduce<number[]>((law, p) => {
  const next = new Array<number>(law.length + 1).fill(0);
  law.forEach((mass, k) => { next[k] = (next[k] ?? 0) + mass * (1 - p); next[k + 1] = (next[k + 1] ?? 0) + mass * p; });
  return next;
}, [1]);

/** E[F] of one component by enumeration of the block's outcomes, given the past. */
function expectedFactor(stable: readonly number[], candidate: readonly number[], logF: (block: ArmCounts) => number): number {
  const lawA = lawOf(stable);
  const lawB = lawOf(candidate);
  let sum = 0;
  for (const [ka, massA] of lawA.entries()) for (const [kb, massB] of lawB.entries()) {
    sum += massA * massB * Math.exp(logF({ stable: { n: stable.length, k: ka }, candidate: { n: candidate.length, k: kb } }));
  }
  return sum;
}

const mean = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0) / xs.length;
/** `count` rates in [0,1] with this mean, not all alike. */
function ratesAround(target: number, count: number, random: () => number): number[] {
  const room = Math.min(target, 1 - target);
  const shifts = Array.from({ length: count }, () => random() - 0.5);
  const centre = mean(shifts);
  return shifts.map((x) => Math.min(1, Math.max(0, target + (x - centre) * room)));
}

describe('R-502 under its null every factor has expectation at most 1', () => {
  it.each(['harm', 'ni'] as const)('%s: enumeration over random nulls, with units that are not alike and an arbitrary past', (direction) => {
    const random = seeded(direction === 'harm' ? 11 : 12);
    let largest = 0;
    let informative = 0;
    for (let trial = 0; trial < 700; trial += 1) {
      const rho = [1, 1, 1.1, 0.8, 1.5][Math.floor(random() * 5)] ?? 1;
      const line = random() < 0.3 ? 0 : (random() - 0.2) * 0.3;
      const test: RateTest = {
        direction, rho, line, p0: random() < 0.1 ? 1 - random() * 0.02 : random() ** 2, kappa: 1 + random() * 80,
        odds: direction === 'harm' ? HARM_ODDS : NI_ODDS, learned: true,
      };
      const past = (): { n: number; k: number } => { const n = Math.floor(random() * 200); return { n, k: Math.floor(random() * (n + 1)) }; };
      const before: ArmCounts = { stable: past(), candidate: past() };
      const na = 1 + Math.floor(random() * 6);
      const nb = 1 + Math.floor(random() * 6);
      const limitOf = (m: number): number => rho * m + line;
      // Half of the nulls lie on the line, where the expectation is largest.
      const stable = ratesAround(random(), na, random);
      const limit = limitOf(mean(stable));
      const slack = random() < 0.5 ? 0 : random();
      const target = direction === 'harm' ? Math.min(1, limit) * (1 - slack) : Math.max(0, limit) + slack * (1 - Math.max(0, limit));
      if (target < 0 || target > 1) continue;
      const candidate = ratesAround(target, nb, random);
      const inNull = direction === 'harm' ? mean(candidate) <= limit + 1e-12 : mean(candidate) >= limit - 1e-12;
      if (!inNull) continue;
      const bets = betsOf(test, before);
      for (const [k] of bets.entries()) {
        const value = expectedFactor(stable, candidate, (block) => logFactors(test, before, block)[k] ?? NaN);
        expect(value, JSON.stringify({ test, before, stable, candidate, k })).toBeLessThanOrEqual(1 + 1e-9);
        largest = Math.max(largest, value);
        if (bets[k] !== null) informative += 1;
      }
    }
    expect(informative).toBeGreaterThan(1_000);
    expect(largest).toBeGreaterThan(0.99);
  });

  it('an alternative on the wrong side of the unclamped line has factor exactly 1 (5)', () => {
    const beyond: RateTest = { direction: 'harm', rho: 1, line: 0.03, p0: 0.985, kappa: 50, odds: [1.5], learned: true };
    expect(betsOf(beyond, NO_COUNTS)).toEqual([null, null]);
    const learnedBelow: RateTest = { direction: 'harm', rho: 1, line: 0, p0: 0.1, kappa: 50, odds: [2], learned: true };
    expect(betsOf(learnedBelow, { stable: { n: 0, k: 0 }, candidate: { n: 100, k: 0 } })[1]).toBeNull();
  });

  it('a line that misses the unit square gives no evidence', () => {
    expect(project({ a: 0.2, b: 0.5 }, { a: 1, b: 1 }, 1, 1)).toBeNull();
    expect(logFactor({ stable: { n: 5, k: 1 }, candidate: { n: 5, k: 5 } }, { a: 0.2, b: 0.5 }, 1, 1)).toBe(0);
  });

  it('the conditional factor has expectation 1 at its own odds ratio, whatever the base rate', () => {
    for (const p of [0.02, 0.3, 0.9]) {
      const value = expectedFactor(Array.from({ length: 5 }, () => p), Array.from({ length: 4 }, () => p), (block) => conditionalLogFactor(block, 3, 1));
      expect(value).toBeCloseTo(1, 12);
    }
  });

  it('the paired factor is at most 1 in expectation under either null', () => {
    const random = seeded(13);
    for (let trial = 0; trial < 300; trial += 1) {
      const delta = random() * 0.3;
      let test = startPaired();
      for (let i = 0; i < 30; i += 1) test = stepPass(test, random() * 2 - 1, delta);
      // Two values with mean exactly -delta: the boundary of H0.
      const low = -1 + random() * (1 - delta);
      const high = -delta + random() * (1 + delta);
      const mass = (high + delta) / (high - low);
      const factor = (x: number): number => Math.exp(stepPaired(test, x, delta).logE - test.logE);
      expect(mass * factor(low) + (1 - mass) * factor(high)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});

describe('R-503 a block says nothing unless both arms have units', () => {
  const config: RateProcessConfig = {
    test: { direction: 'harm', rho: 1, line: 0, p0: 0.02, kappa: 50, odds: HARM_ODDS, learned: true }, restart: { v0: 0.75 }, halfLifeBlocks: null,
  };
  it('leaves the evidence bit for bit, and advances the arm that was there', () => {
    const before = stepRate(config, bearRate(config, startRate(config)), { stable: { n: 50, k: 1 }, candidate: { n: 5, k: 2 } });
    const after = stepRate(config, before, { stable: { n: 40, k: 3 }, candidate: { n: 0, k: 0 } });
    expect(rateLogE(config, after)).toBe(rateLogE(config, before));
    expect(after.seen).toEqual({ stable: { n: 90, k: 4 }, candidate: { n: 5, k: 2 } });
  });
  it('gathers nothing before the first copy is born', () => {
    const unborn = stepRate(config, startRate(config), { stable: { n: 50, k: 1 }, candidate: { n: 5, k: 5 } });
    expect(rateLogE(config, unborn)).toBe(0);
  });
  it('old counts halve after the half-life', () => {
    let seen: ArmCounts = { stable: { n: 100, k: 10 }, candidate: { n: 0, k: 0 } };
    for (let i = 0; i < 7; i += 1) seen = advance(seen, NO_COUNTS, 7);
    expect(seen.stable.n).toBeCloseTo(50, 10);
    expect(seen.stable.k).toBeCloseTo(5, 10);
  });
});

describe('R-504 a process continues from its written state bit for bit', () => {
  it.each([null, { v0: 0.75 }])('restart %j, with decaying counters', (restart) => {
    const random = seeded(21);
    const config: RateProcessConfig = {
      test: { direction: 'harm', rho: 1.1, line: 0.01, p0: 0.03, kappa: 50, odds: HARM_ODDS, learned: true }, restart, halfLifeBlocks: 30,
    };
    let straight = bearRate(config, startRate(config));
    let written: RateProcess = straight;
    for (let i = 0; i < 120; i += 1) {
      if (i % 30 === 29) { straight = bearRate(config, straight); written = bearRate(config, written); }
      const nb = Math.floor(random() * 12);
      const block: ArmCounts = { stable: { n: 60, k: Math.floor(random() * 5) }, candidate: { n: nb, k: Math.floor(random() * (nb + 1) * 0.3) } };
      straight = stepRate(config, straight, block);
      written = JSON.parse(JSON.stringify(stepRate(config, written, block))) as RateProcess;
      expect(rateLogE(config, written)).toBe(rateLogE(config, straight));
    }
    expect(written).toStrictEqual(straight);
    expect(JSON.stringify(written)).not.toContain('null');
  });
  it('refuses another number of factors than components', () => {
    expect(() => stepMixture(startMixture(2), [0], null)).toThrow(RangeError);
  });
  it('the paired test continues from its written state', () => {
    const random = seeded(22);
    let straight = startPaired();
    let written = straight;
    for (let i = 0; i < 80; i += 1) {
      const d = random() - 0.4;
      straight = stepPass(straight, d, 0.05);
      written = JSON.parse(JSON.stringify(stepPass(written, d, 0.05))) as typeof written;
    }
    expect(written).toStrictEqual(straight);
  });
});

describe('R-505 what a plan says before it starts agrees with the published tables', () => {
  it.each([[0.05, 78], [0.03, 131], [0.02, 198], [0.01, 399]])('identical outputs at delta %d need %d items', (delta, items) => {
    expect(steadyCases(0, delta, thresholdOf(0.05))).toBe(items);
  });
  it('says when no number of items will do', () => {
    expect(steadyCases(-0.06, 0.05, thresholdOf(0.05), 2_000)).toBeNull();
  });
  it('the demo: bound of non-inferiority 436 and 93 requests, of harm 113', () => {
    const ni = (weight: number): number => boundOf({ stable: 0.02, candidate: 0.02, weight, alpha: 0.05, direction: 'ni', line: 0.1 }).requests;
    expect(ni(0.1)).toBeCloseTo(436, -1);
    expect(ni(0.5)).toBeCloseTo(93, 0);
    expect(boundOf({ stable: 0.02, candidate: 0.4, weight: 0.1, alpha: 0.001 * 0.6 }).requests).toBeCloseTo(112.6, 1);
  });
  it('nothing can be shown where there is nothing to show', () => {
    expect(boundOf({ stable: 0.02, candidate: 0.02, weight: 0.1, alpha: 0.01 }).requests).toBe(Infinity);
    expect(boundOf({ stable: 0.02, candidate: 0.2, weight: 0.1, alpha: 0.05, direction: 'ni', line: 0.1 }).requests).toBe(Infinity);
  });
  it('a test that may miss needs fewer units', () => {
    const question = { stable: 0.01, candidate: 0.03, weight: 0.1, alpha: 0.01 };
    expect(boundOf({ ...question, miss: 0.2 }).requests).toBeLessThan(boundOf(question).requests);
  });
  it('a case number grows with clusters and shrinks with repetitions, never below the items\' own variance', () => {
    const one = itemVariance({ between: 0.04, withinBaseline: 0.02, withinCandidate: 0.02 });
    const four = itemVariance({ between: 0.04, withinBaseline: 0.02, withinCandidate: 0.02, repetitions: 4 });
    expect(one).toBeCloseTo(0.08, 12);
    expect(four).toBeCloseTo(0.05, 12);
    expect(itemVariance({ between: 0.04, clusterSize: 5, clusterCorrelation: 0.5 })).toBeCloseTo(0.12, 12);
    expect(requiredCases(0.0625, 0.03)).toBeCloseTo(429.3, 0);
  });
});

describe('R-506 shares of alpha sum to one and the upper end never claims a step too much', () => {
  it('redistributes in proportion', () => {
    const shares = redistributed([0.3, 0.1]);
    expect(shares[0]).toBeCloseTo(0.75, 12);
    expect(mean(shares) * shares.length).toBeCloseTo(1, 12);
  });
  it('the grid holds delta exactly and stops below the cap', () => {
    const grid = marginGrid(0.1);
    expect(grid[8]).toBe(0.1);
    expect(Math.max(...grid)).toBeLessThan(1);
    expect([...grid].sort((a, b) => a - b)).toEqual(grid);
  });
  it('an upper end is unbounded without margins', () => {
    expect(upperEnd([], [], 1)).toBe(1);
  });
});

describe('R-507 logarithms keep their digits at the edges', () => {
  it('sums of nothing and of zeros are zero', () => {
    expect(logSumExp([])).toBe(-Infinity);
    expect(logAddExp(-Infinity, -3)).toBe(-3);
    expect(logAddExp(-3, -Infinity)).toBe(-3);
    expect(logSumExp([-Infinity, 1000])).toBe(1000);
    expect(logSumExp([NaN, 1])).toBeNaN();
  });
  it('erfc and the quantile at known points', () => {
    expect(erfc(0)).toBe(1);
    expect(erfc(-1)).toBeCloseTo(1.8427007929497148, 14);
    expect(erfc(0.3)).toBeCloseTo(0.6713732405408726, 14);
    expect(normalQuantile(0)).toBe(-Infinity);
    expect(normalQuantile(1)).toBe(Infinity);
    expect(normalQuantile(1.5)).toBeNaN();
  });
  it('a divergence with certain outcomes is finite', () => {
    expect(bernoulliDivergence(0, 0.5)).toBeCloseTo(Math.LN2, 14);
    expect(bernoulliDivergence(1, 0.5)).toBeCloseTo(Math.LN2, 14);
  });
  it('McNemar is symmetric and exact for no pairs at all', () => {
    expect(mcnemar(0, 0)).toEqual({ pOneSided: 1, pTwoSided: 1 });
    expect(mcnemar(5, 15).pTwoSided).toBeCloseTo(mcnemar(15, 5).pTwoSided, 14);
    expect(mcnemar(1_000, 1_000).pOneSided).toBeCloseTo(0.5 + 0.5 * 0.01783901, 5);
  });
});
