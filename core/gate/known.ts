/** What is known of stable's values before a release has any of its own: the sums of former ones (statistics.md 1.6). */
import type { MetricPlan } from '../release/index.js';
import type { KnownValues } from './pinned.js';

/** Units from which a former release's values say more than the default. */
const KNOWN_UNITS_MIN = 200;

interface Sums { readonly n: number; readonly k: number; readonly sum: number; readonly sumsq: number }
/** A release that served today's stable in one of its arms, and what that arm showed of each metric. */
export interface FormerRelease { readonly metrics: readonly MetricPlan[]; readonly sumsOf: (metric: string) => Sums | undefined }

/**
 * By metric name; what nothing is known of is left out.
 *
 * @param metrics  of the policy of today: a former metric of that name is the same one when it is fed and counted alike
 * @param formers  newest first; of each metric the first that says enough is taken
 * @returns        a rate smoothed by half a unit; of a score, as badness, and of a mean the spread as well
 */
export function knownFrom(metrics: readonly MetricPlan[], formers: readonly FormerRelease[]): Record<string, KnownValues> {
  const known: Record<string, KnownValues> = {};
  for (const former of formers) {
    for (const before of former.metrics) {
      const today = metrics.find((one) => one.name === before.name && one.from === before.from && one.kind === before.kind && one.objectiveMs === before.objectiveMs);
      const sums = former.sumsOf(before.name);
      if (today !== undefined && sums !== undefined && sums.n >= KNOWN_UNITS_MIN) known[today.name] ??= valuesOf(today, sums);
    }
  }
  return known;
}

function valuesOf({ kind }: MetricPlan, { n, k, sum, sumsq }: Sums): KnownValues {
  if (kind === 'rate') return { mean: (k + 0.5) / (n + 1) };
  const mean = sum / n;
  return { mean, variance: Math.max(0, (sumsq - n * mean * mean) / (n - 1)) };
}
