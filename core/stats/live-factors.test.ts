import { describe, expect, it } from 'vitest';
import {
  BETTING_TRUNC, NO_SCORE, NO_SUMS, NO_WATCHED, TILTS, advanceSums, asymptoticDifference, asymptoticRadius, bear, bettingEffects, bettingLogFactor, bettingLogFactors,
  dirichletLogE, mixtureLogE, momentsLogFactor, scoreLogE, shrunk, stakesOf, startMixture, stepMixture, stepScore, stepWatched, sumsOf, tiltLogFactors, watchedInterval,
} from './index.js';
import type { ArmHistograms, ArmSums, BettingTest, Histogram, Mixture, Score, ScoreTest, Sums } from './index.js';
import { seeded } from '../../test/seeded.js';

/** One unit's law on two values, and the law of a block's units as all lists of values. */
type Law = readonly (readonly [value: number, mass: number])[];
const outcomes = (laws: readonly Law[]): readonly (readonly [values: readonly number[], mass: number])[] =>
  laws.reduce<readonly (readonly [readonly number[], number])[]>((all, law) => all.flatMap(([values, mass]) => law.map(([value, p]) => [[...values, value], mass * p] as const)), [[[], 1]]);

const histogramOf = (values: readonly number[]): Histogram => {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts].sort(([x], [y]) => x - y);
};

/** A law on two values of [0, cap] with this mean. */
function lawAround(mean: number, cap: number, random: () => number): Law {
  const [low, high] = [mean * random(), mean + (cap - mean) * random()];
  const mass = high === low ? 1 : (mean - low) / (high - low);
  return mass === 1 ? [[high, 1]] : [[low, 1 - mass], [high, mass]];
}
const pastOf = (cap: number, random: () => number): Sums => {
  const n = Math.floor(random() * 100);
  const mean = random() * cap;
  return { n, sum: n * mean, sumsq: n * (mean * mean + random() * mean * (cap - mean)) };
};

interface Trial { readonly test: BettingTest; readonly before: ArmSums; readonly stable: readonly Law[]; readonly candidate: readonly Law[] }

/** A null of the test, on its line in half of the trials: there the expectation is largest. */
function trialOf(direction: 'harm' | 'ni', random: () => number): Trial | null {
  const cap = random() < 0.5 ? 1 : 0.1 + random() * 30;
  const rho = [1, 1, 1.05, 0.8, 1.5][Math.floor(random() * 5)] ?? 1;
  const line = random() < 0.3 ? 0 : (random() - 0.2) * 0.3 * cap;
  const test: BettingTest = {
    direction, rho, line, cap, trunc: random() < 0.5 ? BETTING_TRUNC : 0.99, prior: { mean: random() * cap, variance: (0.01 + random() * 0.2) * cap * cap, kappa: 1 + random() * 60 },
    effects: [0.01, 0.04, 0.16, 0.8].map((effect) => effect * cap),
  };
  const stableMean = random() * cap;
  const limit = rho * stableMean + line;
  const slack = random() < 0.5 ? 0 : random();
  const mean = direction === 'harm' ? Math.min(cap, limit) * (1 - slack) : Math.max(0, limit) + slack * (cap - Math.max(0, limit));
  if (!(mean >= 0 && mean <= cap) || (direction === 'harm' ? mean > limit + 1e-12 : mean < limit - 1e-12)) return null;
  const lawsOf = (m: number): Law[] => Array.from({ length: 1 + Math.floor(random() * 3) }, () => lawAround(m, cap, random));
  return { test, before: { stable: pastOf(cap, random), candidate: pastOf(cap, random) }, stable: lawsOf(stableMean), candidate: lawsOf(mean) };
}

describe('R-502 under its null every factor has expectation at most 1', () => {
  it.each(['harm', 'ni'] as const)('betting on bounded means, and its bound from sums: %s, over random nulls, caps, pasts and unlike units', (direction) => {
    const random = seeded(direction === 'harm' ? 31 : 32);
    let [largest, informative, lessInformed, furthest] = [0, 0, 0, -Infinity];
    for (let trial = 0; trial < 250; trial += 1) {
      const made = trialOf(direction, random);
      if (made === null) continue;
      const { test, before, stable, candidate } = made;
      const bets = stakesOf(test, before, { na: stable.length, nb: candidate.length });
      const [sa, sb] = [outcomes(stable), outcomes(candidate)];
      for (const bet of bets) {
        let [betting, moments] = [0, 0];
        for (const [xa, pa] of sa) for (const [xb, pb] of sb) {
          const block: ArmHistograms = { stable: histogramOf(xa), candidate: histogramOf(xb) };
          const logF = bettingLogFactor(block, bet);
          const bound = momentsLogFactor({ stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) }, bet, test.cap);
          furthest = Math.max(furthest, bound - logF);
          if (bound < logF - 1e-6) lessInformed += 1;
          betting += pa * pb * Math.exp(logF);
          moments += pa * pb * Math.exp(bound);
        }
        if (!(Math.max(betting, moments) <= 1 + 1e-9)) expect.fail(JSON.stringify({ betting, moments, test, before, stable, candidate, bet }));
        largest = Math.max(largest, betting);
        if (bet.lambdaB > 0) informative += 1;
      }
    }
    expect(informative).toBeGreaterThan(400);
    expect(lessInformed).toBeGreaterThan(400);
    expect(furthest).toBeLessThanOrEqual(1e-9);
    expect(largest).toBeGreaterThan(0.99);
  });

  it('under a true alternative it grows: the factors are bets, not constants', () => {
    const test: BettingTest = { direction: 'harm', rho: 1, line: 0, cap: 1, trunc: BETTING_TRUNC, prior: { mean: 0.2, variance: 0.02, kappa: 50 }, effects: [0.1] };
    expect(bettingLogFactors(test, NO_SUMS, { stable: [[0.1, 10], [0.3, 10]], candidate: [[0.4, 10]] })[0]).toBeGreaterThan(1);
    expect(bettingLogFactors({ ...test, direction: 'ni', line: 0.1 }, NO_SUMS, { stable: [[0.1, 10], [0.3, 10]], candidate: [[0.05, 10]] })[0]).toBeGreaterThan(1);
  });

  it('a unit is in the right arm with its weight: the expectation of every tilt is 1', () => {
    const random = seeded(33);
    for (let trial = 0; trial < 200; trial += 1) {
      const weight = 0.001 + random() * 0.998;
      const n = 1 + Math.floor(random() * 8);
      const tilts = [...TILTS, 4, -4, 40, -40];
      const expectations = tilts.map(() => 0);
      let mass = (1 - weight) ** n;
      for (let candidate = 0; candidate <= n; candidate += 1) {
        tiltLogFactors(tilts, { stable: n - candidate, candidate }, weight).forEach((logF, t) => { expectations[t] = (expectations[t] ?? 0) + mass * Math.exp(logF); });
        mass *= (n - candidate) / (candidate + 1) * weight / (1 - weight);
      }
      for (const expectation of expectations) expect(Math.abs(expectation - 1)).toBeLessThan(1e-9);
    }
  });

  it('a Dirichlet mixture has expectation 1 over all counts of so many units', () => {
    const choose = (n: number, k: number): number => k === 0 ? 1 : choose(n - 1, k - 1) * n / k;
    let sum = 0;
    for (let k = 0; k <= 12; k += 1) sum += choose(12, k) * 0.05 ** k * 0.95 ** (12 - k) * Math.exp(dirichletLogE({ counts: [12 - k, k], shares: [0.95, 0.05] }));
    expect(sum).toBeCloseTo(1, 9);
  });
});

describe('R-503 a block says nothing unless both arms have units', () => {
  it('betting and scores leave the evidence as it is', () => {
    const test: BettingTest = { direction: 'harm', rho: 1, line: 0, cap: 1, trunc: 0.75, prior: { mean: 0.2, variance: 0.02, kappa: 50 }, effects: [0.01, 0.1] };
    for (const [stable, candidate] of [[[], [[0.9, 3]]], [[[0.1, 3]], []], [[[0.1, 0]], [[0.9, 3]]]] as const) {
      expect(bettingLogFactors(test, NO_SUMS, { stable, candidate })).toEqual([0, 0]);
      expect(momentsLogFactor({ stable: sumsOf(stable), candidate: sumsOf(candidate) }, { direction: 'harm', rho: 1, line: 0, ca: 0.2, lambdaB: 1 }, 1)).toBe(0);
    }
    const score: Score = { score: 3, info: 8 };
    expect(stepScore({ direction: 'harm', rho: 1, line: 0, scale: 1, prior: test.prior }, score, NO_SUMS, { stable: { n: 0, sum: 0, sumsq: 0 }, candidate: { n: 3, sum: 1, sumsq: 1 } })).toBe(score);
  });
  it('the arm that has units is remembered, and old sums fade to one half after the half-life', () => {
    const only = { stable: { n: 4, sum: 1, sumsq: 0.5 }, candidate: { n: 0, sum: 0, sumsq: 0 } };
    expect(advanceSums(NO_SUMS, only, null)).toEqual(only);
    let seen: ArmSums = only;
    for (let i = 0; i < 9; i += 1) seen = advanceSums(seen, NO_SUMS, 9);
    expect(seen.stable.n).toBeCloseTo(2, 10);
    expect(seen.stable.sumsq).toBeCloseTo(0.25, 10);
  });
});

/** Blocks of a healthy pair with spread values, some of them of one arm only. */
function blocksOf(seed: number, count: number, cap = 1): readonly ArmHistograms[] {
  const random = seeded(seed);
  const armOf = (n: number): Histogram => histogramOf(Array.from({ length: n }, () => Math.round(100 * random() ** 3) / 100 * cap));
  return Array.from({ length: count }, () => ({ stable: armOf(Math.floor(random() * 20)), candidate: armOf(Math.floor(random() * 4)) }));
}

describe('R-540 the unit a metric is measured in changes no evidence', () => {
  it.each(['harm', 'ni'] as const)('%s: values, cap, limits, effects and the square of the variance by one constant', (direction) => {
    const logsAt = (scale: number): number[] => {
      const test: BettingTest = {
        direction, rho: 1.05, line: 0.02 * scale, cap: scale, trunc: 0.75, prior: { mean: 0.2 * scale, variance: 0.03 * scale * scale, kappa: 50 }, effects: [0.01, 0.04, 0.16].map((x) => x * scale),
      };
      let seen = NO_SUMS;
      return blocksOf(41, 60, scale).flatMap((block) => {
        const logs = bettingLogFactors(test, seen, block);
        seen = advanceSums(seen, { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) }, null);
        return [...logs];
      });
    };
    const one = logsAt(1);
    expect(one.some((log) => Math.abs(log) > 0.01)).toBe(true);
    for (const scale of [1e-6, 0.37, 1_000, 1e9]) logsAt(scale).forEach((log, i) => { expect(Math.abs(log - (one[i] ?? NaN))).toBeLessThan(1e-9); });
  });
  it('the same of the score process', () => {
    const logEAt = (scale: number): number => {
      const test: ScoreTest = { direction: 'harm', rho: 1.1, line: 0.01 * scale, scale: 0.04 * scale, prior: { mean: 0.2 * scale, variance: 0.03 * scale * scale, kappa: 50 } };
      let [score, seen] = [NO_SCORE, NO_SUMS];
      for (const block of blocksOf(42, 60, scale)) {
        const sums = { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) };
        score = stepScore(test, score, seen, sums);
        seen = advanceSums(seen, sums, null);
      }
      return scoreLogE(score, test.scale);
    };
    expect(logEAt(1_000)).toBeCloseTo(logEAt(1), 9);
    expect(logEAt(1)).not.toBe(0);
  });
});

describe('R-504 a process continues from its written state bit for bit', () => {
  it.each([null, { v0: 0.75 }])('betting with restart %j and fading sums', (restart) => {
    const test: BettingTest = { direction: 'harm', rho: 1.05, line: 0.001, cap: 1, trunc: 0.75, prior: { mean: 0.25, variance: 0.05, kappa: 50 }, effects: bettingEffects(1, 0.25) };
    interface Written { mixture: Mixture; seen: ArmSums }
    let straight: Written = { mixture: bear(startMixture(5), restart), seen: NO_SUMS };
    let written = straight;
    const next = ({ mixture, seen }: Written, block: ArmHistograms, i: number): Written => ({
      mixture: stepMixture(i % 20 === 19 ? bear(mixture, restart) : mixture, bettingLogFactors(test, seen, block), restart),
      seen: advanceSums(seen, { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) }, 30),
    });
    for (const [i, block] of blocksOf(51, 80).entries()) {
      straight = next(straight, block, i);
      written = JSON.parse(JSON.stringify(next(written, block, i))) as Written;
      expect(mixtureLogE(written.mixture, restart)).toBe(mixtureLogE(straight.mixture, restart));
    }
    expect(written).toStrictEqual(straight);
    expect(JSON.stringify(written)).not.toContain('null');
  });
  it('the score process, the watched mean and the assignment', () => {
    const test: ScoreTest = { direction: 'ni', rho: 1, line: 0.05, scale: 0.04, prior: { mean: 0.25, variance: 0.05, kappa: 50 } };
    interface Written { score: Score; seen: ArmSums; watched: typeof NO_WATCHED; tilts: Mixture }
    let straight: Written = { score: NO_SCORE, seen: NO_SUMS, watched: NO_WATCHED, tilts: startMixture(TILTS.length) };
    let written = straight;
    const next = ({ score, seen, watched, tilts }: Written, block: ArmHistograms): Written => {
      const sums = { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) };
      return {
        score: stepScore(test, score, seen, sums), seen: advanceSums(seen, sums, 12), watched: stepWatched(watched, sums.stable, 0.05),
        tilts: stepMixture(tilts, tiltLogFactors(TILTS, { stable: sums.stable.n, candidate: sums.candidate.n }, 0.17), null),
      };
    };
    for (const block of blocksOf(52, 80)) {
      straight = next(straight, block);
      written = JSON.parse(JSON.stringify(next(written, block))) as Written;
    }
    expect(written).toStrictEqual(straight);
    expect(straight.score.info).toBeGreaterThan(0);
  });
});

describe('R-541 intervals for display hold what is true, and say when they know nothing', () => {
  it('equal arms: 0 lies inside after every block of 60 runs, nearly always', () => {
    let missed = 0;
    for (let run = 0; run < 60; run += 1) {
      let total = NO_SUMS;
      let isMissed = false;
      for (const block of blocksOf(600 + run, 200)) {
        total = advanceSums(total, { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) }, null);
        if (total.stable.n + total.candidate.n < 100) continue;
        const ends = asymptoticDifference(total, { alpha: 0.05, sides: 2, tStar: 1_000 });
        if (ends !== null && (ends.lower > 0 || (ends.upper ?? NaN) < 0)) isMissed = true;
      }
      if (isMissed) missed += 1;
    }
    expect(missed).toBeLessThanOrEqual(8);
  });
  it('a difference is found, and with one side only its lower end is said', () => {
    const sums = { stable: { n: 5_000, sum: 1_000, sumsq: 400 }, candidate: { n: 5_000, sum: 1_500, sumsq: 700 } };
    expect(asymptoticDifference(sums, { alpha: 0.05, sides: 2, tStar: 1_000 })?.lower).toBeGreaterThan(0);
    expect(asymptoticDifference(sums, { alpha: 0.05, sides: 1, tStar: 1_000 })?.upper).toBeNull();
    expect(asymptoticRadius({ alpha: 0.05, sides: 1, tStar: 1_000 }, 500, 1)).toBeLessThan(asymptoticRadius({ alpha: 0.05, sides: 2, tStar: 1_000 }, 500, 1));
  });
  it('nothing is said of one unit, of a share of nothing, or before the first observation', () => {
    const one = { n: 1, sum: 0.5, sumsq: 0.25 };
    const many = { n: 100, sum: 0, sumsq: 0 };
    expect(asymptoticDifference({ stable: one, candidate: many }, { alpha: 0.05, sides: 2, tStar: 100 })).toBeNull();
    expect(asymptoticDifference({ stable: many, candidate: { n: 100, sum: 5, sumsq: 4 } }, { alpha: 0.05, sides: 2, tStar: 100 }, true)).toBeNull();
    expect(watchedInterval(NO_WATCHED, 0.05)).toBeNull();
    expect(stepWatched(NO_WATCHED, { n: 0, sum: 0, sumsq: 0 }, 0.05)).toBe(NO_WATCHED);
  });
  it('one arm watched, in blocks: the mean of many lies inside, and the interval narrows', () => {
    let watched = NO_WATCHED;
    for (const block of blocksOf(71, 400)) watched = stepWatched(watched, sumsOf(block.stable), 0.05);
    const ends = watchedInterval(watched, 0.05) ?? expect.fail();
    const width = (ends.upper ?? NaN) - ends.lower;
    expect(ends.lower).toBeLessThan(0.25);
    expect(ends.upper).toBeGreaterThan(0.25);
    expect(width).toBeLessThan(0.06);
  });
});

describe('R-507 logarithms keep their digits at the edges', () => {
  it('evidence far on either side of a score stays finite and rises with it', () => {
    const at = (score: number): number => scoreLogE({ score, info: 1e6 }, 0.04);
    const scores = [-1e9, -1e7, -1e5, -1e3, 0, 1e3, 1e5];
    const logs = scores.map(at);
    for (const [i, log] of logs.entries()) {
      expect(Number.isFinite(log)).toBe(true);
      if (i > 0) expect(log).toBeGreaterThan(logs[i - 1] ?? Infinity);
    }
    // Where the tail's series begins there is no step.
    const edge = -20 * Math.sqrt(1 + 0.0016 * 1e6) / 0.04;
    expect(Math.abs(at(edge * (1 + 1e-12)) - at(edge * (1 - 1e-12)))).toBeLessThan(1e-9);
  });
  it('a score without information is evidence of nothing, exactly', () => { expect(scoreLogE(NO_SCORE, 0.04)).toBe(0); });
  it('a variance never falls to nothing', () => {
    expect(shrunk({ mean: 0.5, variance: 0.01, kappa: 1 }, { n: 1e9, sum: 5e8, sumsq: 2.5e8 }).variance).toBeGreaterThanOrEqual(1e-11);
  });
});
