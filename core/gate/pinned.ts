/** From the policy that people write to the plan that decides: pinned by digest when a release opens. */
import type { RolloutPolicy } from '../release/index.js';
import { marginGrid } from '../stats/index.js';
import type { BinaryMetric, GatePlan } from './policy.js';

/** Rate of stable where nothing is known of it yet; being far off costs delay, never validity (statistics.md 1.6). */
export const PRIOR_RATE = 0.01;

/**
 * The gate's plan of a release.
 *
 * @param policy  with every default filled in
 * @param priors  stable's rate per metric name, from former releases; `PRIOR_RATE` for those left out
 * @returns       binary metrics in the policy's order; margins are the grid of (26), which holds the policy's margin as the acting one.
 *                An `observe` metric has no harm test: it has no part of alpha
 */
export function gatePlanOf(policy: Pick<RolloutPolicy, 'alpha' | 'errorBudget' | 'stages' | 'metrics'>, priors: Readonly<Record<string, number>>): GatePlan {
  const { alpha, errorBudget, stages, metrics } = policy;
  return {
    format: 1, alpha: alpha.harm, alphaPromote: alpha.promote, errorBudget,
    weightBp: Math.min(stages[0]?.weightBp ?? 1, 9_999),
    stage: { last: stages.length <= 1, minMet: false, maxMet: false, nextUnits: 0, hold: [] },
    metrics: metrics.map(({ name, role, share, excessWeight, tolerance, margin }): BinaryMetric => ({
      id: name, type: 'binary', role, excessWeight, prior: { p0: priors[name] ?? PRIOR_RATE },
      ...(role === 'observe' ? {} : { share }),
      harm: role === 'observe' ? null : { tolerance },
      ni: margin === null ? null : { margins: marginGrid(margin), act: margin },
    })),
  };
}
