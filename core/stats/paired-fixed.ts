/**
 * Paired tests of a fixed number of items, statistics.md 2.10: to be read once, when all items are there. The gate decides by the e-test of
 * `paired.ts`, which may be read after every item; these stand beside it in a report.
 */
import { logBeta, tQuantile, tUpper } from './beta.js';
import { needCount, needFinite, needInside } from './needs.js';
import { randomOf } from './random.js';
import { logPhi } from './special.js';

/** A mean difference against a margin. Larger is better, as everywhere offline. */
export interface MeanTest {
  readonly n: number;
  readonly mean: number;
  readonly se: number;
  readonly df: number;
  /** (mean + delta) / se, and the chance of as much or more if the true difference were -delta */
  readonly t: number;
  readonly p: number;
  /** lower end of the mean at 1 - alpha, one-sided */
  readonly lower: number;
}

export interface MeanQuestion { readonly delta?: number; readonly alpha?: number }

function meanTest(n: number, mean: number, se: number, df: number, { delta = 0, alpha = 0.05 }: MeanQuestion): MeanTest {
  needFinite('delta', delta);
  needInside('alpha', alpha);
  // Without any spread the mean itself decides; 0/0 would be no answer.
  const t = se > 0 ? (mean + delta) / se : mean + delta === 0 ? 0 : mean + delta > 0 ? Infinity : -Infinity;
  return { n, mean, se, df, t, p: Number.isFinite(t) ? tUpper(t, df) : t > 0 ? 0 : 1, lower: mean - tQuantile(1 - alpha, df) * se };
}

function meanOf(field: string, values: readonly number[], least: number): number {
  if (values.length < least) throw new RangeError(`${field} must hold at least ${least} numbers, not ${values.length}`);
  let sum = 0;
  values.forEach((x, i) => { needFinite(`${field}[${i}]`, x); sum += x; });
  return sum / values.length;
}

/** Paired t of differences, candidate - baseline; for at least 50 items. */
export function pairedT(d: readonly number[], question: MeanQuestion = {}): MeanTest {
  const n = d.length;
  const mean = meanOf('d', d, 2);
  const squares = d.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return meanTest(n, mean, Math.sqrt(squares / (n * (n - 1))), n - 1, question);
}

/** Places of the values of each cluster, clusters in the order of their first value. */
function clustersOf(count: number, groups: readonly (string | number)[]): readonly (readonly number[])[] {
  if (groups.length !== count) throw new RangeError(`groups must hold ${count} names, not ${groups.length}`);
  const places = new Map<string | number, number[]>();
  groups.forEach((group, i) => {
    const known = places.get(group);
    if (known === undefined) places.set(group, [i]); else known.push(i);
  });
  if (places.size < 2) throw new RangeError('groups must hold at least two clusters');
  return [...places.values()];
}

/** Items that share a document, tenant or conversation: the spread is that of the clusters' sums, with as many degrees of freedom less one. */
export function clusterRobust(d: readonly number[], groups: readonly (string | number)[], question: MeanQuestion = {}): MeanTest {
  const n = d.length;
  const mean = meanOf('d', d, 2);
  const clusters = clustersOf(n, groups);
  const squares = clusters.reduce((sum, places) => sum + places.reduce((inner, i) => inner + (d[i] ?? 0) - mean, 0) ** 2, 0);
  return meanTest(n, mean, Math.sqrt(squares) / n, clusters.length - 1, question);
}

export interface Bootstrap { readonly mean: number; readonly lower: number; readonly upper: number; readonly resamples: number }

/**
 * The mean's percentile interval, clusters drawn with replacement; for skewed differences, at least 30.
 *
 * @param seed  the same seed, the same interval
 * @param groups  one name an item; every item is its own cluster where none are given
 */
export function bootstrap(d: readonly number[], seed: number, { groups, resamples = 4_000, alpha = 0.05 }: {
  readonly groups?: readonly (string | number)[]; readonly resamples?: number; readonly alpha?: number;
} = {}): Bootstrap {
  const mean = meanOf('d', d, 2);
  needCount('seed', seed);
  needCount('resamples', resamples);
  needInside('alpha', alpha);
  if (resamples < 100) throw new RangeError(`resamples must be at least 100, not ${resamples}`);
  const clusters = clustersOf(d.length, groups ?? d.map((_, i) => i)).map((places) => ({ n: places.length, sum: places.reduce((sum, i) => sum + (d[i] ?? 0), 0) }));
  const random = randomOf(seed);
  const means = new Float64Array(resamples);
  for (let b = 0; b < resamples; b += 1) {
    let n = 0;
    let sum = 0;
    for (let draw = 0; draw < clusters.length; draw += 1) {
      const drawn = clusters[random.below(clusters.length)];
      n += drawn?.n ?? 0;
      sum += drawn?.sum ?? 0;
    }
    means[b] = sum / n;
  }
  means.sort();
  // Both ends are one-sided at alpha, taken from the outer side.
  const at = Math.max(0, Math.floor(alpha * resamples) - 1);
  return { mean, lower: means[at] ?? mean, upper: means[resamples - 1 - at] ?? mean, resamples };
}

/** McNemar that may be read after every pair, two-sided: log E that wins and losses are as likely. */
export function mcnemarLogE(lost: number, won: number): number {
  needCount('lost', lost);
  needCount('won', won);
  return logBeta(lost + 0.5, won + 0.5) - logBeta(0.5, 0.5) + (lost + won) * Math.LN2;
}

export interface Wilcoxon {
  /** the smaller sum of signed ranks */
  readonly w: number;
  readonly z: number;
  /** two-sided, normal, without continuity correction; 1 where every difference is zero */
  readonly p: number;
}

/** Wilcoxon's signed ranks for ordinal scores, by Pratt: zeros are ranked with the others and then dropped. */
export function wilcoxonPratt(d: readonly number[]): Wilcoxon {
  meanOf('d', d, 1);
  const sorted = d.map((x) => ({ size: Math.abs(x), sign: Math.sign(x) })).sort((x, y) => x.size - y.size);
  const n = sorted.length;
  const zeros = sorted.filter(({ sign }) => sign === 0).length;
  let plus = 0;
  let minus = 0;
  let ties = 0;
  for (let from = 0; from < n;) {
    const size = sorted[from]?.size;
    let to = from;
    while (to < n && sorted[to]?.size === size) to += 1;
    const rank = (from + 1 + to) / 2;
    const count = to - from;
    for (const { sign } of sorted.slice(from, to)) { if (sign > 0) plus += rank; else if (sign < 0) minus += rank; }
    if (size !== 0) ties += count ** 3 - count;
    from = to;
  }
  if (zeros === n) return { w: 0, z: 0, p: 1 };
  const w = Math.min(plus, minus);
  const expected = (n * (n + 1) - zeros * (zeros + 1)) / 4;
  const variance = (n * (n + 1) * (2 * n + 1) - zeros * (zeros + 1) * (2 * zeros + 1) - ties / 2) / 24;
  const z = (w - expected) / Math.sqrt(variance);
  return { w, z, p: Math.min(1, 2 * Math.exp(logPhi(z))) };
}
