/**
 * Paired tests on cases and how many cases they need, statistics.md 2.10. Larger is better here: scores keep their sense.
 */
import { normalQuantile } from './special.js';

/** The memory of one paired e-test (21). Plain JSON. */
export interface PairedTest { readonly n: number; readonly sum: number; readonly spread: number; readonly logE: number }

/** Before the first observation; 0.05 is the variance's prior of (21). */
export const startPaired = (): PairedTest => ({ n: 0, sum: 0, spread: 0.05, logE: 0 });

/**
 * One observation of the test of `E x <= -add`, formula (21). The bet is a function of earlier observations only.
 * Pass: x = d, add = delta. Fail: x = -d, add = -tau. Items in the order of one random permutation; stopping is free.
 *
 * @param x    in [-1,1]: an item's (or a cluster's) mean difference
 * @param add  < 1
 */
export function stepPaired(test: PairedTest, x: number, add: number): PairedTest {
  const mean = test.sum / (test.n + 1);
  const drift = mean + add;
  const lambda = Math.min(Math.max(drift / (test.spread / (test.n + 1) + drift * drift), 0), 0.75 / (1 - add));
  return {
    n: test.n + 1,
    sum: test.sum + x,
    spread: test.spread + (x - mean) ** 2,
    logE: test.logE + Math.log1p(lambda * (x + add)),
  };
}

/** One paired difference, candidate - baseline, into the test of H0 `E d <= -delta`: evidence that it is not worse by delta. */
export const stepPass = (test: PairedTest, d: number, delta: number): PairedTest => stepPaired(test, d, delta);
/** One paired difference into the test of H0 `E d >= -tau`: evidence that it is worse by more than tau. */
export const stepFail = (test: PairedTest, d: number, tau: number): PairedTest => stepPaired(test, -d, -tau);

/**
 * How many observations of exactly x the e-test takes to reach a threshold: the least it needs when nothing varies, e.g. 78 identical
 * outputs (x = 0) for delta .05 at -log .05.
 *
 * @returns `null` when it never gets there within `most`
 */
export function steadyCases(x: number, add: number, threshold: number, most = 20_000): number | null {
  let test = startPaired();
  while (test.n < most) {
    test = stepPaired(test, x, add);
    if (test.logE >= threshold) return test.n;
  }
  return null;
}

/**
 * Variance of an item's difference as (22) reads it: between items, plus what repetitions leave of the noise inside an item; clusters of
 * mean size m with intra-class correlation r multiply by 1 + (m-1) r.
 */
export interface ItemVariance {
  readonly between: number;
  readonly withinBaseline?: number;
  readonly withinCandidate?: number;
  readonly repetitions?: number;
  readonly clusterSize?: number;
  readonly clusterCorrelation?: number;
}

export function itemVariance(v: ItemVariance): number {
  const within = ((v.withinBaseline ?? 0) + (v.withinCandidate ?? 0)) / (v.repetitions ?? 1);
  return (v.between + within) * (1 + ((v.clusterSize ?? 1) - 1) * (v.clusterCorrelation ?? 0));
}

/** Level and power of a planned test; .05 and .8 where nothing is said. */
export interface Power { readonly alpha?: number; readonly power?: number }
const reach = ({ alpha = 0.05, power = 0.8 }: Power): number => normalQuantile(1 - alpha) + normalQuantile(power);

/** Cases for a fixed-size test to see a difference of delta, formula (22), not rounded. The e-test wants about twice as many (section 3). */
export const requiredCases = (variance: number, delta: number, power: Power = {}): number => reach(power) ** 2 * variance / delta ** 2;

/** The smallest difference n cases can show, formula (22). */
export const minimumEffect = (variance: number, n: number, power: Power = {}): number => reach(power) * Math.sqrt(variance / n);

/**
 * McNemar's exact test of pass/fail pairs.
 *
 * @param lost  baseline passed and candidate failed (b)
 * @param won   the opposite (c)
 */
export function mcnemar(lost: number, won: number): { readonly pOneSided: number; readonly pTwoSided: number } {
  const n = lost + won;
  const upper = (from: number): number => {
    // Terms of the binomial relative to its mode, by their ratio (n-x)/(x+1): exact for any n, nothing underflows that matters.
    const mode = Math.floor(n / 2);
    let all = 1;
    let tail = mode >= from ? 1 : 0;
    for (let x = mode, term = 1; x < n; x += 1) { term *= (n - x) / (x + 1); all += term; if (x + 1 >= from) tail += term; }
    for (let x = mode, term = 1; x > 0; x -= 1) { term *= x / (n - x + 1); all += term; if (x - 1 >= from) tail += term; }
    return tail / all;
  };
  return { pOneSided: upper(lost), pTwoSided: Math.min(1, 2 * upper(Math.max(lost, won))) };
}
