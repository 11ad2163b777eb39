import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NO_SKETCH, SMALLEST, betaBinomialLogE, betaBinomialLowerLogE, betaBinomialUpperLogE, bootstrap, boundedInformationOf, bucketOf, checkedSketch, clusterRobust, countAbove, countOf, cusumLogM,
  edgeOf, gwetAc1, histogramOf, informationOf, judgeMay, kappa, lambertWm1, logBeta, logGamma, logIncompleteBeta, mcnemarLogE, mergedSketch, normalQuantile, pairedT,
  positionBias, quantileBand, quantileInterval, quantilePValue, randomOf, roganGladen, sketchOf, sketchQuantile, srLogM, startCusum, startSr, stepCusum, stepSr, tQuantile, tUpper,
  valueOf, wilcoxonPratt,
} from './index.js';
import type { Sketch } from './index.js';

const near = (got: number, expected: number, rel = 1e-9): void => { expect(Math.abs(got - expected), `${got} is not ${expected}`).toBeLessThanOrEqual(Math.max(1e-300, rel * Math.abs(expected))); };
/** Chance of exactly k bad among n. */
const binomial = (n: number, k: number, p: number): number => Math.exp(logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1) + k * Math.log(p) + (n - k) * Math.log1p(-p));

describe('R-560 the beta function, Student\'s t and Lambert\'s W keep their digits', () => {
  it('agrees with closed forms', () => {
    near(logBeta(2, 3), Math.log(1 / 12), 1e-13);
    near(Math.exp(logIncompleteBeta(0.3, 1, 4)), 1 - 0.7 ** 4, 1e-13);
    near(Math.exp(logIncompleteBeta(0.3, 2, 5)), 0.579825, 1e-12);
    near(tUpper(1, 1), 0.25, 1e-13);
    near(tQuantile(0.975, 2), 0.95 / Math.sqrt(2 * 0.975 * 0.025), 1e-12);
  });

  it('is the binomial tail: P(Beta(k, n-k+1) <= p) = P(Bin(n,p) >= k)', () => {
    for (const [n, k, p] of [[20, 3, 0.1], [200, 150, 0.7], [7, 7, 0.99]] as const) {
      let tail = 0;
      for (let x = k; x <= n; x += 1) tail += binomial(n, x, p);
      near(Math.exp(logIncompleteBeta(p, k, n - k + 1)), tail, 1e-10);
    }
  });

  it('does not lose large arguments in the difference of log-gammas', () => {
    // B(a,b+1) = B(a,b) b/(a+b)
    for (const [a, b] of [[3.5, 1e9], [1e7, 1e9], [1e8, 1e8]] as const) {
      expect(Math.abs(logBeta(a, b + 1) - logBeta(a, b) + Math.log1p(a / b))).toBeLessThanOrEqual(1e-15 * Math.abs(logBeta(a, b)) + 1e-13);
    }
    expect(Math.abs(logBeta(2, 1e9) - -(Math.log(1e9) + Math.log1p(1e9)))).toBeLessThan(1e-12);
  });

  it('inverts what it says', () => {
    fc.assert(fc.property(fc.double({ min: 0.001, max: 0.999, noNaN: true }), fc.double({ min: 0.5, max: 500, noNaN: true }), (p, df) => {
      expect(1 - tUpper(tQuantile(p, df), df)).toBeCloseTo(p, 11);
    }));
    fc.assert(fc.property(fc.double({ min: -0.3678, max: -1e-280, noNaN: true }), (x) => {
      const w = lambertWm1(x);
      expect(w).toBeLessThanOrEqual(-1);
      near(w * Math.exp(w), x, 1e-12);
    }));
    near(tQuantile(0.975, 1e7), normalQuantile(0.975), 1e-6);
  });

  it('says NaN where there is no answer', () => {
    for (const value of [lambertWm1(0.1), lambertWm1(-0.4), logBeta(0, 1), logIncompleteBeta(1.1, 1, 1), tQuantile(1, 3), tUpper(1, 0)]) expect(value).toBeNaN();
  });
});

describe('R-561 evidence about one arm has expectation at most 1 under its null', () => {
  it.each([[0.02, 1, 1], [0.5, 1, 1], [0.9, 2.5, 0.7]])('two-sided exactly 1 at p0 = %s; one-sided at most 1 on its whole side', (p0, g, h) => {
    const n = 30;
    const expected = (p: number, logE: (k: number) => number): number => Array.from({ length: n + 1 }, (_, k) => binomial(n, k, p) * Math.exp(logE(k))).reduce((a, b) => a + b, 0);
    expect(expected(p0, (k) => betaBinomialLogE({ k, n, p0, g, h }))).toBeCloseTo(1, 9);
    expect(expected(p0, (k) => betaBinomialUpperLogE({ k, n, p0, g, h }))).toBeCloseTo(1, 9);
    expect(expected(p0, (k) => betaBinomialLowerLogE({ k, n, p0, g, h }))).toBeCloseTo(1, 9);
    for (const share of [0.3, 0.6, 0.9]) {
      expect(expected(p0 * share, (k) => betaBinomialUpperLogE({ k, n, p0, g, h }))).toBeLessThanOrEqual(1);
      expect(expected(1 - (1 - p0) * share, (k) => betaBinomialLowerLogE({ k, n, p0, g, h }))).toBeLessThanOrEqual(1);
    }
  });

  it('mixes both sides into the two-sided one', () => {
    const question = { k: 12, n: 40, p0: 0.2, g: 1, h: 1 };
    const above = Math.exp(logIncompleteBeta(0.8, 1, 1));
    near(Math.log(above * Math.exp(betaBinomialUpperLogE(question)) + (1 - above) * Math.exp(betaBinomialLowerLogE(question))), betaBinomialLogE(question), 1e-10);
  });
});

describe('R-562 a sketch counts above an edge exactly and merges in any order', () => {
  const values = fc.array(fc.oneof(fc.constant(0), fc.double({ min: 1e-9, max: 1e9, noNaN: true })), { maxLength: 60 });

  it('puts every value between its bucket\'s edges, the upper one included', () => {
    fc.assert(fc.property(fc.double({ min: SMALLEST, max: 1e12, noNaN: true }), (x) => {
      const i = bucketOf(x) ?? expect.fail('not zero');
      expect(x).toBeLessThanOrEqual(edgeOf(i));
      expect(x).toBeGreaterThan(edgeOf(i - 1));
      near(valueOf(i), x, 0.01 + 1e-12);
    }));
    for (let i = -1_300; i < 1_300; i += 1) expect(bucketOf(edgeOf(i))).toBe(i);
    expect([bucketOf(0), bucketOf(SMALLEST / 2), bucketOf(1e300) === bucketOf(1 / SMALLEST)]).toEqual([null, null, true]);
  });

  it('makes no difference between one stream and its parts', () => {
    fc.assert(fc.property(values, values, values, (a, b, c) => {
      const whole = sketchOf([...a, ...b, ...c]);
      expect(mergedSketch(mergedSketch(sketchOf(a), sketchOf(b)), sketchOf(c))).toEqual(whole);
      expect(mergedSketch(sketchOf(c), mergedSketch(sketchOf(b), sketchOf(a)))).toEqual(whole);
      expect(mergedSketch(whole, NO_SKETCH)).toEqual(whole);
      expect(JSON.parse(JSON.stringify(whole))).toEqual(whole);
      expect(countOf(whole)).toBe(a.length + b.length + c.length);
    }));
  });

  it('counts exactly how many lie above an edge, and finds quantiles within 1 %', () => {
    fc.assert(fc.property(values, fc.integer({ min: -600, max: 600 }), fc.double({ min: 0, max: 1, noNaN: true }), (xs, edge, p) => {
      const sketch = sketchOf(xs);
      expect(countAbove(sketch, edge)).toBe(xs.filter((x) => x > edgeOf(edge)).length);
      if (xs.length === 0) { expect(sketchQuantile(sketch, p)).toBeNull(); return; }
      const exact = [...xs].sort((x, y) => x - y)[Math.max(1, Math.ceil(p * xs.length)) - 1] ?? NaN;
      near(sketchQuantile(sketch, p) ?? NaN, exact, 0.01 + 1e-9);
    }));
  });

  it('is read by betting with the cap as its last value', () => {
    const sketch = sketchOf([0, 1, 1, 30, 40, 5e6]);
    expect(histogramOf(sketch, 20)).toEqual([[0, 1], [valueOf(bucketOf(1)), 2], [20, 3]]);
    const raw = histogramOf(sketch);
    expect(raw.every(([x], i) => i === 0 || x > (raw[i - 1]?.[0] ?? NaN))).toBe(true);
  });
});

describe('R-563 a quantile may be looked at at any time', () => {
  const uniform = (n: number, from = 1): (readonly [number, number])[] => Array.from({ length: n }, (_, i) => [from + i, 1] as const);

  it('is inside its interval, which narrows as more is seen', () => {
    const widths = [50, 500, 5_000].map((n) => {
      const { low, high } = quantileInterval(uniform(n), { p: 0.5 }, 0.05);
      expect(low).not.toBeNull();
      expect((low ?? Infinity) <= n / 2 && (high ?? -Infinity) >= n / 2).toBe(true);
      return ((high ?? NaN) - (low ?? NaN)) / n;
    });
    expect(widths[1]).toBeLessThan(widths[0] ?? 0);
    expect(widths[2]).toBeLessThan(widths[1] ?? 0);
    expect(quantileInterval(uniform(5), { p: 0.99 }, 0.05).high).toBeNull();
    expect(quantileInterval([], { p: 0.5 }, 0.05)).toEqual({ low: null, high: null });
  });

  it('is covered at all times together, in nearly all streams', () => {
    let missed = 0;
    for (let run = 0; run < 200; run += 1) {
      const random = randomOf(563, run);
      const values: number[] = [];
      for (let look = 0; look < 12; look += 1) {
        for (let i = 0; i < 20; i += 1) values.push(random.unit());
        const { low, high } = quantileInterval(uniformOf(values), { p: 0.9 }, 0.1);
        if ((low ?? 0) >= 0.9 || (high ?? 1) < 0.9) { missed += 1; break; }
      }
    }
    expect(missed).toBeLessThanOrEqual(20);
  });

  it('compares arms the same way round or the other, and says 1 without values', () => {
    const [a, b] = [uniform(300), uniform(300, 40)];
    near(quantilePValue(a, b, { p: 0.5 }), quantilePValue(b, a, { p: 0.5 }), 1e-9);
    expect(quantilePValue(a, a, { p: 0.5 })).toBe(1);
    expect(quantilePValue(a, [], { p: 0.5 })).toBe(1);
    // Ties are one step of the counting function, wherever the values came from.
    expect(quantilePValue([[1, 150], [2, 150]], [[1, 150], [2, 150]], { p: 0.5 })).toBe(1);
    expect(quantileBand(1_000, 0.5, 0.05)).toBeGreaterThan(quantileBand(4_000, 0.5, 0.05));
  });
});

const uniformOf = (values: readonly number[]): (readonly [number, number])[] => [...values].sort((x, y) => x - y).map((x) => [x, 1] as const);

describe('R-564 paired tests of a fixed number of items agree with each other where they must', () => {
  const d = [0.1, -0.05, 0.2, 0.02, -0.1, 0.15, 0.05, 0.3, -0.2, 0.1, 0.04, 0.06];

  it('a cluster of one is an item: the robust error is the plain one without its small-sample factor', () => {
    const [plain, robust] = [pairedT(d), clusterRobust(d, d.map((_, i) => i))];
    near(robust.se, plain.se * Math.sqrt((d.length - 1) / d.length), 1e-12);
    expect([robust.mean, robust.df]).toEqual([plain.mean, plain.df]);
  });

  it('the lower end is where p equals alpha', () => {
    for (const test of [pairedT(d), clusterRobust(d, d.map((_, i) => i % 4))]) near(tUpper((test.mean - test.lower) / test.se, test.df), 0.05, 1e-9);
    near(pairedT(d, { delta: -pairedT(d).lower }).p, 0.05, 1e-9);
  });

  it('copies in a cluster add nothing', () => {
    const twice = clusterRobust([...d, ...d], [...d, ...d].map((_, i) => i % d.length));
    near(twice.se, clusterRobust(d, d.map((_, i) => i)).se, 1e-12);
    expect(twice.df).toBe(d.length - 1);
  });

  it('the bootstrap is the same for the same seed, another for another, and near the t interval', () => {
    const one = bootstrap(d, 7);
    expect(bootstrap(d, 7)).toEqual(one);
    expect(bootstrap(d, 8)).not.toEqual(one);
    expect(Math.abs(one.lower - pairedT(d).lower)).toBeLessThan(pairedT(d).se / 2);
    expect(one.lower).toBeLessThan(one.mean);
    expect(bootstrap([...d, ...d], 7, { groups: [...d, ...d].map((_, i) => i % d.length) }).mean).toBeCloseTo(one.mean, 12);
  });

  it('without any spread the mean decides', () => {
    expect(pairedT([0.2, 0.2]).p).toBe(0);
    expect(pairedT([-0.2, -0.2]).p).toBe(1);
    expect(pairedT([0, 0]).t).toBe(0);
  });

  it('the anytime McNemar has expectation 1 for any number of discordant pairs', () => {
    for (const n of [1, 2, 9, 30]) {
      let expected = 0;
      for (let lost = 0; lost <= n; lost += 1) expected += binomial(n, lost, 0.5) * Math.exp(mcnemarLogE(lost, n - lost));
      expect(expected).toBeCloseTo(1, 10);
    }
    expect(mcnemarLogE(15, 5)).toBe(mcnemarLogE(5, 15));
  });

  it('signed ranks do not see the sign of the question, and zeros alone say nothing', () => {
    const [up, down] = [wilcoxonPratt(d), wilcoxonPratt(d.map((x) => -x))];
    near(up.p, down.p, 1e-12);
    expect(wilcoxonPratt([0, 0, 0])).toEqual({ w: 0, z: 0, p: 1 });
  });
});

describe('R-565 a judge is trusted as far as it agrees with people beyond chance', () => {
  it('weights of none, and two categories, make all forms the same', () => {
    const table = [[20, 5], [10, 15]];
    for (const weights of ['linear', 'quadratic'] as const) near(kappa(table, weights).value, kappa(table).value, 1e-12);
  });

  it('near misses count less where categories are ordered', () => {
    const nearMisses = [[20, 5, 0], [5, 20, 5], [0, 5, 20]];
    const farMisses = [[20, 0, 5], [5, 20, 5], [5, 0, 20]];
    expect(kappa(nearMisses, 'quadratic').value).toBeGreaterThan(kappa(farMisses, 'quadratic').value);
    // Σ w o / Σ w e by hand: observed 20 disagreements of weight ¼, expected by the margins 25, 30, 25.
    const squares = 1 - (20 / 80 * 0.25) / ((2 * 25 * 30 * 0.25 + 2 * 30 * 25 * 0.25 + 2 * 25 * 25) / 6_400);
    near(kappa(nearMisses, 'quadratic').value, squares, 1e-12);
  });

  it('a rare category pulls kappa down, not AC1', () => {
    const rare = [[118, 5], [2, 0]];
    expect(kappa(rare).value).toBeLessThan(0);
    expect(gwetAc1(rare).value).toBeGreaterThan(0.9);
    // pe = 2 π (1-π) for two categories
    const share = (123 / 125 + 120 / 125) / 2;
    near(gwetAc1(rare).pe, 2 * share * (1 - share), 1e-12);
  });

  it('few cases without an error do not qualify it', () => {
    expect(judgeMay(kappa([[3, 0], [0, 3]]))).toEqual({ rollBack: false, promote: false });
    expect(judgeMay(kappa([[100, 0], [0, 100]]))).toEqual({ rollBack: true, promote: true });
    expect(judgeMay(kappa([[80, 20], [25, 75]]))).toEqual({ rollBack: true, promote: false });
    const { value, low, high } = kappa([[80, 20], [25, 75]]);
    expect(low < value && value < high).toBe(true);
  });

  it('corrects a rate for what the judge is known to get wrong', () => {
    const [sensitivity, specificity, truth] = [0.9, 0.8, 0.7];
    near(roganGladen(truth * sensitivity + (1 - truth) * (1 - specificity), sensitivity, specificity), truth, 1e-12);
    expect(roganGladen(0.05, 0.9, 0.8)).toBe(0);
    expect(() => roganGladen(0.5, 0.5, 0.5)).toThrow(/sensitivity and specificity/);
  });

  it('sees which place wins', () => {
    const always = Array.from({ length: 10 }, () => ({ candidateFirst: 'first', candidateSecond: 'first' }) as const);
    expect(positionBias(always)).toEqual({ n: 10, consistency: 0, bias: 0.5, score: 0.5 });
    expect(positionBias([{ candidateFirst: 'first', candidateSecond: 'second' }, { candidateFirst: 'second', candidateSecond: 'first' }, { candidateFirst: 'tie', candidateSecond: 'tie' }]))
      .toEqual({ n: 3, consistency: 1, bias: 0, score: 0.5 });
  });
});

describe('R-566 a detector that watches for ever alarms at most once in A blocks on average', () => {
  it('has M at most t after t blocks at the objective, whatever was seen', () => {
    const random = randomOf(566);
    const runs = 400;
    const blocks = 60;
    let [sr, cusum, largestGap] = [0, 0, -Infinity];
    for (let run = 0; run < runs; run += 1) {
      let [a, b] = [startSr(0.05), startCusum(0.05)];
      for (let t = 0; t < blocks; t += 1) {
        const block = { n: 20, k: Array.from({ length: 20 }, () => random.unit() < 0.05 ? 1 : 0).reduce<number>((x, y) => x + y, 0) };
        [a, b] = [stepSr(a, block), stepCusum(b, block)];
        largestGap = Math.max(largestGap, cusumLogM(b) - srLogM(a));
      }
      sr += Math.min(Math.exp(srLogM(a)), 1e4) / runs;
      cusum += Math.exp(cusumLogM(b)) / runs;
    }
    expect(largestGap).toBeLessThanOrEqual(1e-12);
    expect(sr).toBeLessThanOrEqual(blocks * 1.3);
    expect(sr).toBeGreaterThan(1);
    expect(cusum).toBeLessThanOrEqual(sr);
  });

  it('sees a doubled rate soon, and a rate below the objective never', () => {
    let [worse, better] = [startSr(0.05), startSr(0.05)];
    let blocks = 0;
    while (srLogM(worse) < Math.log(1_000) && blocks < 100) { worse = stepSr(worse, { n: 200, k: 20 }); better = stepSr(better, { n: 200, k: 4 }); blocks += 1; }
    expect(blocks).toBeLessThan(10);
    expect(srLogM(better)).toBeLessThan(0);
  });

  it('continues from its written state bit for bit, and blocks without units are no blocks', () => {
    let detector = startSr(0.02);
    let written = startSr(0.02);
    const random = randomOf(3);
    for (let t = 0; t < 50; t += 1) {
      const n = random.below(40);
      const block = { n, k: random.below(n + 1) };
      detector = stepSr(detector, block);
      written = stepSr(JSON.parse(JSON.stringify(written)) as typeof written, block);
    }
    expect(written).toEqual(detector);
    expect(stepSr(detector, { n: 0, k: 0 })).toBe(detector);
    expect(srLogM(startSr(0.5))).toBe(-Infinity);
    expect(startSr(0.5).alternatives.every((p) => p > 0.5 && p < 1)).toBe(true);
  });
});

describe('R-567 the bound of bounded means is that of rates where values are rates', () => {
  it.each([['harm', 0.01, 0.03, 0.05, 1, 0], ['harm', 0.2, 0.3, 0.5, 1.1, 0.01], ['ni', 0.05, 0.05, 0.5, 1, 0.01], ['ni', 0.1, 0.08, 0.2, 1.1, 0.005]] as const)('%s %s → %s at %s', (direction, stable, candidate, weight, rho, line) => {
    const coin = (p: number): (readonly [number, number])[] => [[0, 1 - p], [1, p]];
    const { info } = boundedInformationOf({ stable: coin(stable), candidate: coin(candidate), cap: 1, weight, direction, rho, line });
    near(info, informationOf({ stable, candidate, weight, direction, rho, line }), 1e-6);
  });

  it('is nothing where there is nothing to find, does not mind the unit, and a wider cap never helps', () => {
    const stable = [[1, 0.5], [3, 0.5]] as const;
    const worse = [[1, 0.2], [3, 0.8]] as const;
    expect(boundedInformationOf({ stable, candidate: stable, cap: 4, weight: 0.5 }).info).toBeLessThan(1e-12);
    expect(boundedInformationOf({ stable: worse, candidate: stable, cap: 4, weight: 0.5 }).info).toBeLessThan(1e-12);
    const at = (times: number, cap: number): number => boundedInformationOf({
      stable: stable.map(([x, p]) => [x * times, p] as const), candidate: worse.map(([x, p]) => [x * times, p] as const), cap: cap * times, weight: 0.5,
    }).info;
    near(at(1_000, 4), at(1, 4), 1e-9);
    expect(at(1, 40)).toBeLessThanOrEqual(at(1, 4) + 1e-12);
  });
});

describe('R-568 a number no method can read is refused by the name of its field', () => {
  const bad: Sketch = { zero: 0, buckets: [[3, 1], [2, 1]] };
  it.each<[string, () => unknown, RegExp]>([
    ['NaN bad units', () => betaBinomialLogE({ k: NaN, n: 3, p0: 0.5 }), /^k must/], ['more bad units than units', () => betaBinomialLogE({ k: 4, n: 3, p0: 0.5 }), /^k must/],
    ['a null of 0', () => betaBinomialUpperLogE({ k: 0, n: 3, p0: 0 }), /^p0 must/], ['a mixture without mass', () => betaBinomialLogE({ k: 0, n: 3, p0: 0.5, g: 0 }), /^g must/],
    ['a negative cost', () => bucketOf(-1), /^value must/], ['an infinite cost', () => sketchOf([Infinity]), /^value must/], ['half a count', () => checkedSketch({ zero: 0.5, buckets: [] }), /^zero must/],
    ['buckets that do not ascend', () => checkedSketch(bad), /^buckets\[1\] must/], ['a quantile above all', () => quantilePValue([[1, 1]], [[1, 1]], { p: 1 }), /^p must/],
    ['a level of 0', () => quantileInterval([[1, 1]], { p: 0.5 }, 0), /^alpha must/], ['one item', () => pairedT([0.1]), /^d must/], ['an infinite item', () => pairedT([0.1, Infinity]), /^d\[1\] must/],
    ['a name too few', () => clusterRobust([0.1, 0.2], [1]), /^groups must/], ['one cluster', () => clusterRobust([0.1, 0.2], [1, 1]), /^groups must/], ['half a seed', () => bootstrap([0.1, 0.2], 0.5), /^seed must/],
    ['a table that is not square', () => kappa([[1, 2], [3]]), /^table\[1\] must/], ['a negative case', () => kappa([[1, -2], [3, 1]]), /^table\[0\]\[1\] must/], ['no case', () => gwetAc1([[0, 0], [0, 0]]), /^table must/],
    ['one category only', () => kappa([[5, 0], [0, 0]]), /^table has/], ['an observed share above 1', () => roganGladen(1.1, 0.9, 0.9), /^observed must/], ['no pair', () => positionBias([]), /^pairs must/],
    ['an objective of 1', () => startSr(1), /^p0 must/], ['a ratio of 1', () => startSr(0.1, [1]), /^ratios\[0\] must/], ['half a unit', () => stepSr(startSr(0.1), { n: 1.5, k: 0 }), /^n must/],
    ['more bad than units', () => stepCusum(startCusum(0.1), { n: 1, k: 2 }), /^k must/], ['a weight of 1', () => boundedInformationOf({ stable: [[0, 1]], candidate: [[0, 1]], cap: 1, weight: 1 }), /^weight must/],
    ['a law that does not sum to 1', () => boundedInformationOf({ stable: [[0, 0.5]], candidate: [[0, 1]], cap: 1, weight: 0.5 }), /^stable must/],
    ['a value above the cap', () => boundedInformationOf({ stable: [[0, 1]], candidate: [[2, 1]], cap: 1, weight: 0.5 }), /^candidate\[0\] value must/],
  ])('%s', (_name, call, message) => { expect(call).toThrow(RangeError); expect(call).toThrow(message); });
});

describe('R-569 what resamples draws from a seed alone', () => {
  it('gives the same numbers for the same seeds, others for others', () => {
    const first = (...seeds: number[]): number[] => { const random = randomOf(...seeds); return Array.from({ length: 4 }, () => random.bits()); };
    expect(first(1, 2)).toEqual(first(1, 2));
    expect(new Set([first(1, 2), first(2, 1), first(1), first(1, 3), first(0, 0), first(0)].map((x) => x.join())).size).toBe(6);
  });

  it('is even: neither bits, nor places, nor neighbours of seeds lean', () => {
    const ones = new Array<number>(32).fill(0);
    const places = new Array<number>(7).fill(0);
    const firsts: number[] = [];
    for (let seed = 0; seed < 20_000; seed += 1) {
      const random = randomOf(9, seed);
      const bits = random.bits();
      for (let i = 0; i < 32; i += 1) ones[i] = (ones[i] ?? 0) + ((bits >>> i) & 1);
      const place = random.below(7);
      places[place] = (places[place] ?? 0) + 1;
      firsts.push(random.unit());
    }
    // Five standard errors of each count.
    for (const count of ones) expect(Math.abs(count - 10_000)).toBeLessThan(5 * Math.sqrt(5_000));
    for (const count of places) expect(Math.abs(count - 20_000 / 7)).toBeLessThan(5 * Math.sqrt(20_000 * 6 / 49));
    let product = 0;
    for (let i = 1; i < firsts.length; i += 1) product += ((firsts[i] ?? 0) - 0.5) * ((firsts[i - 1] ?? 0) - 0.5);
    expect(Math.abs(product / firsts.length)).toBeLessThan(5 / 12 / Math.sqrt(firsts.length));
  });
});
