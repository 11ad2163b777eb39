/**
 * How values of a metric without natural steps (cost, latency) are counted, statistics.md 1.5: in buckets whose edges are fixed for ever, the same
 * in both arms. Counts above an edge are therefore exact, sketches merge exactly and in any order, and quantiles are within 1 %.
 */
import { needCount, needPositive } from './needs.js';

/** Each edge is this factor above the one before: relative accuracy 0.01. */
export const GAMMA = 1.01 / 0.99;
const LOG_GAMMA = Math.log(GAMMA);

/** Below this a value counts as zero, above its inverse as its inverse: a sketch has at most 2,765 buckets. */
export const SMALLEST = 1e-12;

// Every edge a value can lie at, once: a power for each value would be most of the work.
const REACH = Math.ceil(-Math.log(SMALLEST) / LOG_GAMMA) + 1;
const EDGES = Float64Array.from({ length: 2 * REACH + 1 }, (_, i) => GAMMA ** (i - REACH));

/** The upper edge of bucket i: it holds the values in (edge(i-1), edge(i)]. */
export const edgeOf = (i: number): number => EDGES[i + REACH] ?? GAMMA ** i;

/**
 * The bucket of a value.
 *
 * @returns `null` for zero, which has a place of its own, and for what is too small to matter
 * @throws RangeError unless the value is finite and not negative
 */
export function bucketOf(x: number): number | null {
  if (!(x >= 0 && x < Infinity)) throw new RangeError(`value must be a finite number from 0, not ${x}`);
  if (x < SMALLEST) return null;
  const value = Math.min(x, 1 / SMALLEST);
  // A logarithm may fall on the wrong side of an edge by its last bit; the edge itself decides.
  let i = Math.ceil(Math.log(value) / LOG_GAMMA);
  while (value <= edgeOf(i - 1)) i -= 1;
  while (value > edgeOf(i)) i += 1;
  return i;
}

/** What a value in this bucket counts as, by definition of the metric; `null` = zero. */
export const valueOf = (i: number | null, cap = Infinity): number => i === null ? 0 : Math.min(2 * edgeOf(i) / (GAMMA + 1), cap);

/** Counts by bucket, ascending, none of them 0; zero apart. Plain JSON. */
export interface Sketch { readonly zero: number; readonly buckets: readonly (readonly [bucket: number, count: number])[] }

export const NO_SKETCH: Sketch = { zero: 0, buckets: [] };

/** @throws RangeError on a value that is negative or not finite */
export function sketchOf(values: Iterable<number>): Sketch {
  let zero = 0;
  const counts = new Map<number, number>();
  for (const value of values) {
    const i = bucketOf(value);
    if (i === null) zero += 1; else counts.set(i, (counts.get(i) ?? 0) + 1);
  }
  return { zero, buckets: [...counts].sort(([x], [y]) => x - y) };
}

/** All that either has counted. The order of merging makes no difference. */
export function mergedSketch(one: Sketch, other: Sketch): Sketch {
  const counts = new Map<number, number>(one.buckets);
  for (const [i, count] of other.buckets) counts.set(i, (counts.get(i) ?? 0) + count);
  return { zero: one.zero + other.zero, buckets: [...counts].sort(([x], [y]) => x - y) };
}

export const countOf = ({ zero, buckets }: Sketch): number => buckets.reduce((sum, [, count]) => sum + count, zero);

/** Exactly how many values were above the upper edge of this bucket. */
export const countAbove = ({ buckets }: Sketch, bucket: number): number => buckets.reduce((sum, [i, count]) => i > bucket ? sum + count : sum, 0);

/** Values with their counts, strictly ascending, as betting reads them (2.5); what lies above the cap is counted at the cap. */
export function histogramOf({ zero, buckets }: Sketch, cap = Infinity): readonly (readonly [value: number, count: number])[] {
  const rows: [number, number][] = zero > 0 ? [[0, zero]] : [];
  for (const [i, count] of buckets) {
    const value = valueOf(i, cap);
    const last = rows.at(-1);
    if (last !== undefined && last[0] === value) last[1] += count; else rows.push([value, count]);
  }
  return rows;
}

/**
 * The value below or at which a share p of all values lies, within 1 % of it.
 *
 * @returns `null` when nothing was counted
 */
export function sketchQuantile(sketch: Sketch, p: number, cap = Infinity): number | null {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`p must lie in [0, 1], not ${p}`);
  const wanted = Math.max(1, Math.ceil(p * countOf(sketch)));
  let seen = 0;
  for (const [value, count] of histogramOf(sketch, cap)) {
    seen += count;
    if (seen >= wanted) return value;
  }
  return null;
}

/**
 * Reads a sketch that was written elsewhere.
 *
 * @throws RangeError naming the field: counts are whole numbers, buckets ascend
 */
export function checkedSketch({ zero, buckets }: Sketch, cap?: number): Sketch {
  needCount('zero', zero);
  for (const [row, [i, count]] of buckets.entries()) {
    if (!Number.isSafeInteger(i)) throw new RangeError(`buckets[${row}] must have a whole number, not ${i}`);
    needCount(`buckets[${row}]`, count);
    const before = buckets[row - 1];
    if (before !== undefined && before[0] >= i) throw new RangeError(`buckets[${row}] must lie above the one before it`);
  }
  if (cap !== undefined) needPositive('cap', cap);
  return { zero, buckets };
}
