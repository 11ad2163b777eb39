import type { MetricPlan, RolloutPolicy } from './plan.js';

/** What watches the shares of the arms: a metric of every release, in no policy. */
export const ASSIGNMENT = 'assignment';

/** Whether a metric reads what was reported as that feed; `guardrail` is any guardrail. */
export const isFedBy = ({ from }: Pick<MetricPlan, 'from'>, feed: string): boolean => from === feed || (from === 'guardrail' && feed.startsWith('guardrail:'));

/**
 * When the units of a block are counted for the assignment: as late as the last metric that calls feed, so that a slow arm is not taken for a
 * small one. Feedback takes its time, and would only make the alarm late.
 */
export function assignmentMaturityMs({ metrics }: Pick<RolloutPolicy, 'metrics'>): number {
  const ofCalls = metrics.filter(({ from }) => !from.startsWith('feedback:'));
  return Math.max(0, ...(ofCalls.length === 0 ? metrics : ofCalls).map(({ maturityMs }) => maturityMs));
}

/** USD a call, where neither stable's mean nor a longest answer is known. */
export const COST_CAP_USD = 1;
const CAP_MEANS = 20;
const TOKENS_A_PRICE = 1_000_000;

/** What is known of the costs of a call when a release opens. */
export interface KnownCosts {
  /** Stable's mean of the last 7 days, in USD. */
  readonly stableMeanUsd: number | null;
  /** Of both arms. */
  readonly models: readonly { readonly maxTokens: number | null; readonly priceUsdPerMTok: { readonly input: number; readonly output: number } | null }[];
}

/** The most one unit's cost counts, in USD; fixed once per release (statistics.md 2.5). The policy's own cap goes before it. */
export function costCapOf({ stableMeanUsd, models }: KnownCosts): number {
  const longest = Math.max(0, ...models.map(({ maxTokens, priceUsdPerMTok }) => ((maxTokens ?? 0) * (priceUsdPerMTok?.output ?? 0)) / TOKENS_A_PRICE));
  const bounds = [CAP_MEANS * (stableMeanUsd ?? 0), longest].filter((bound) => bound > 0);
  return bounds.length === 0 ? COST_CAP_USD : Math.min(...bounds);
}
