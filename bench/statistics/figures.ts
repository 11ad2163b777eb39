/** What a row says: figures with their intervals, each held against its limit. */
import { logIncompleteBeta } from '../../core/stats/index.js';

export interface StatFigure {
  /** the row of the table, e.g. N1 */
  readonly row: string;
  readonly metric: string;
  readonly value: number;
  /** interval, `level` says which */
  readonly low: number | null;
  readonly high: number | null;
  readonly level: string | null;
  /** what it is held against; `null` = shown, not judged */
  readonly limit: string | null;
  /** `null` while it could not be shown */
  readonly met: boolean | null;
  readonly replicates: number;
}

/** Exact one-sided limits of a share at this level, by Clopper and Pearson. */
export function shareLimits(k: number, n: number, level = 0.99): { readonly low: number; readonly high: number } {
  // log P(Beta(a,b) <= x) rises with x.
  const quantile = (p: number, a: number, b: number): number => {
    let [low, high] = [0, 1];
    for (let step = 0; step < 100; step += 1) {
      const middle = (low + high) / 2;
      if (logIncompleteBeta(middle, a, b) < Math.log(p)) low = middle; else high = middle;
    }
    return (low + high) / 2;
  };
  return { low: k === 0 ? 0 : quantile(1 - level, k, n - k + 1), high: k === n ? 1 : quantile(level, k + 1, n - k) };
}

export interface Shown { readonly row: string; readonly metric: string }
export type ShareRule = 'value' | 'upper' | 'lower';

/** A share with its 99 % limits; `rule` says which of them must not pass the limit. */
export function shareFigure({ row, metric }: Shown, k: number, n: number, atMost?: number, rule: ShareRule = 'value'): StatFigure {
  const { low, high } = shareLimits(k, n);
  const judged = { value: k / n, upper: high, lower: low }[rule];
  const words = { value: '', upper: 'upper limit ', lower: 'lower limit ' }[rule];
  return {
    row, metric, value: k / n, low, high, level: '99 %', replicates: n,
    limit: atMost === undefined ? null : `${words}≤ ${percent(atMost)}`, met: atMost === undefined ? null : judged <= atMost,
  };
}

/** A share that must be at least so large. */
export function shareAtLeast({ row, metric }: Shown, k: number, n: number, atLeast: number): StatFigure {
  const { low, high } = shareLimits(k, n);
  return { row, metric, value: k / n, low, high, level: '99 %', replicates: n, limit: `≥ ${percent(atLeast)}`, met: k / n >= atLeast };
}

/** A mean with its 95 % interval; met when the interval's upper end is, or where `byValue`, the mean itself. */
export function meanFigure({ row, metric }: Shown, values: readonly number[], atMost?: number, { scale = 1, byValue = false } = {}): StatFigure {
  const { mean, error } = meanOf(values);
  const [value, low, high] = [mean / scale, (mean - 1.96 * error) / scale, (mean + 1.96 * error) / scale];
  return {
    row, metric, value, low, high, level: '95 %', replicates: values.length,
    limit: atMost === undefined ? null : `≤ ${atMost}`, met: atMost === undefined ? null : (byValue ? value : high) <= atMost,
  };
}

export const plainFigure = ({ row, metric }: Shown, value: number, replicates: number): StatFigure =>
  ({ row, metric, value, low: null, high: null, level: null, limit: null, met: null, replicates });

export const notShown = ({ row, metric }: Shown, limit: string): StatFigure =>
  ({ row, metric, value: Number.NaN, low: null, high: null, level: null, limit, met: null, replicates: 0 });

export function meanOf(values: readonly number[]): { readonly mean: number; readonly error: number } {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const squares = values.reduce((sum, x) => sum + (x - mean) ** 2, 0);
  return { mean, error: Math.sqrt(squares / Math.max(1, values.length - 1) / values.length) };
}

/** The value that a share p lies at or below. */
export function quantileOf(values: readonly number[], p: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(p * sorted.length) - 1))] ?? Number.NaN;
}

export const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`;
