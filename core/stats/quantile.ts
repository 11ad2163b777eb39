/**
 * Quantiles that may be looked at after every block, statistics.md 2.8. For display: a decision about latency counts exceedances (2.5).
 * @see Howard, Ramdas, "Sequential estimation of quantiles with applications to A/B testing and best-arm identification", 1906.09712
 */
import { needInside } from './needs.js';
import { betaBinomialLogE } from './one-sample.js';

/** Values with their counts, strictly ascending: raw values, or a sketch's histogram. */
export type Values = readonly (readonly [value: number, count: number])[];

export interface QuantileQuestion {
  /** which quantile, in (0,1) */
  readonly p: number;
  /** the number of observations, and the level, at which the mixture is tightest */
  readonly bestAt?: number;
  readonly bestAlpha?: number;
}

/** log E of "a share p of the law lies at or below here", for an empirical share q of n. Convex in q. */
function evidenceOf({ p, bestAt = 100, bestAlpha = 0.05 }: QuantileQuestion, n: number): (q: number) => number {
  needInside('p', p);
  needInside('bestAlpha', bestAlpha);
  const spread = p * (1 - p);
  const nats = -2 * Math.log(bestAlpha);
  const r = Math.max(bestAt * spread / (nats + Math.log1p(nats)) - spread, 1e-3 * spread);
  return (q) => betaBinomialLogE({ k: q * n, n, p0: p, g: r / (1 - p), h: r / p });
}

/** Where a convex function on [0,1] is least, by golden section. */
function leastOf(f: (q: number) => number): number {
  const golden = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [0, 1];
  let [left, right] = [high - golden, golden];
  let [fLeft, fRight] = [f(left), f(right)];
  while (high - low > 1e-9) {
    if (fLeft <= fRight) { high = right; right = left; fRight = fLeft; left = high - golden * (high - low); fLeft = f(left); }
    else { low = left; left = right; fLeft = fRight; right = low + golden * (high - low); fRight = f(right); }
  }
  return (low + high) / 2;
}

const totalOf = (values: Values): number => values.reduce((sum, [, count]) => sum + count, 0);

/**
 * Between which values one arm's quantile lies, at level alpha whenever one looks.
 *
 * @returns ends `null` where the interval is open: too little has been seen on that side
 */
export function quantileInterval(values: Values, question: QuantileQuestion, alpha: number): { readonly low: number | null; readonly high: number | null } {
  needInside('alpha', alpha);
  const n = totalOf(values);
  if (n === 0) return { low: null, high: null };
  const g = evidenceOf(question, n);
  const threshold = -Math.log(alpha);
  let below = 0;
  let low: number | null = null;
  let high: number | null = null;
  for (const [value, count] of values) {
    below += count;
    const q = below / n;
    // Too small a share at or below here: the quantile lies above. Too large a share: it lies here or below.
    if (q < question.p && g(q) >= threshold) { low = value; continue; }
    if (q > question.p && g(q) >= threshold) { high = value; break; }
  }
  return { low, high };
}

/**
 * Whether both arms may have the same p-quantile: valid at any time, two-sided.
 *
 * @returns 1 when an arm has no values
 */
export function quantilePValue(stable: Values, candidate: Values, question: QuantileQuestion): number {
  const arms = [stable, candidate].map((values) => {
    const n = totalOf(values);
    const g = evidenceOf(question, n);
    return { values, n, g, best: leastOf(g), at: 0, below: 0 };
  });
  if (arms.some(({ n }) => n === 0)) return 1;
  const points = [...new Set([...stable, ...candidate].map(([value]) => value))].sort((x, y) => x - y);
  let least = Infinity;
  for (const x of points) {
    let sum = 0;
    for (const arm of arms) {
      const from = arm.below / arm.n;
      const row = arm.values[arm.at];
      if (row !== undefined && row[0] === x) { arm.below += row[1]; arm.at += 1; }
      // Between F(x-) and F(x) the convex g is least at its own minimum, or at the end next to it.
      sum += arm.g(Math.min(Math.max(arm.best, from), arm.below / arm.n));
    }
    least = Math.min(least, sum);
  }
  return Math.min(1, Math.exp(-least));
}

/** The closed-form half width, in shares, of a band that holds for all n at once: the p-quantile lies between the empirical p ± this. */
export function quantileBand(n: number, p: number, alpha: number): number {
  needInside('p', p);
  needInside('alpha', alpha);
  const l = (1.4 * Math.log(Math.log(2.1 * n)) + Math.log(10 / alpha)) / n;
  return 1.5 * Math.sqrt(p * (1 - p) * l) + 0.8 * l;
}
