/**
 * Several metrics, one error budget; the culprit; the upper end of a confidence sequence. statistics.md 2.13.
 */
import { logSumExp } from './special.js';

/** A test of level alpha, given a share of it, rejects at this log E (1.3). */
export const thresholdOf = (alpha: number, share = 1): number => -Math.log(alpha * share);

/** Shares after some metrics are absent: in proportion, summing to 1. Total false rollback stays <= alpha under any dependence. */
export function redistributed(shares: readonly number[]): readonly number[] {
  let sum = 0;
  for (const share of shares) sum += share;
  return shares.map((share) => share / sum);
}

/** log of the average Σ w e. Only inside one maturity group: averages across different filtrations are no e-values. */
export const averageLogE = (logE: readonly number[], weights: readonly number[]): number =>
  logSumExp(logE.map((x, i) => x + Math.log(weights[i] ?? 0)));

/**
 * Closed e-values: for each metric the least average over all sets that hold it, the minimum being reached on prefixes of the sorted others.
 * One that reaches 1/alpha names the culprit while keeping the family's level. Only inside one maturity group.
 */
export function closedLogE(logE: readonly number[]): readonly number[] {
  return logE.map((own, m) => {
    const others = logE.filter((_, i) => i !== m).sort((x, y) => x - y);
    let least = own;
    for (let size = 1; size <= others.length; size += 1) {
      least = Math.min(least, logSumExp([own, ...others.slice(0, size)]) - Math.log(size + 1));
    }
    return least;
  });
}

/**
 * Upper end of the confidence sequence on a margin grid (26): the margin next above the largest one that still stands.
 *
 * @param margins   strictly ascending
 * @param rejected  latched, one per margin
 * @param whenOpen  the answer while the largest margin stands: 1 for a rate
 */
export function upperEnd(margins: readonly number[], rejected: readonly boolean[], whenOpen: number): number {
  const standing = margins.findLastIndex((_, i) => rejected[i] !== true);
  return margins[standing + 1] ?? whenOpen;
}

/** The default margin grid, delta 2^((g-8)/3), g = 0..31, those below the metric's cap; delta itself is on it, at g = 8. */
export const marginGrid = (delta: number, cap = 1): readonly number[] =>
  Array.from({ length: 32 }, (_, g) => delta * 2 ** ((g - 8) / 3)).filter((margin) => margin < cap);
