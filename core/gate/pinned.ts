/** From the policy that people write to the plan that decides: pinned by digest when a release opens. */
import { ASSIGNMENT, COST_CAP_USD } from '../release/index.js';
import type { MetricPlan, RolloutPolicy } from '../release/index.js';
import { marginGrid } from '../stats/index.js';
import type { BinaryMetric, GateMetric, GatePlan, HistogramMetric } from './policy.js';

/** Rate of stable where nothing is known of it yet; being far off costs delay, never validity (statistics.md 1.6). */
export const PRIOR_RATE = 0.01;
/** The same of a score, as badness: a fifth of what could be better, spread as scores are. */
const PRIOR_SCORE = { mean: 0.2, variance: 0.04 };
/** Of a mean with a cap: 20 means lie below the cap, and values are spread as widely as they are large. */
const MEANS_IN_CAP = 20;
/** Where better is asked for no margin says how large a difference matters: the grid starts from one percentage point. */
const COMPARED_STEP = 0.01;

/** What is known of stable's values of a metric, from former releases. */
export interface KnownValues {
  readonly mean?: number;
  readonly variance?: number;
  /** of a mean: what a unit counts at most, where the policy does not say it */
  readonly cap?: number;
}

/**
 * The gate's plan of a release.
 *
 * @param policy  with every default filled in
 * @param priors  by metric name: a rate, or what is known of a score or a mean; what is left out takes a default
 * @returns       the policy's metrics in their order, then the assignment's. Margins are the grid of (26), which holds the policy's margin as
 *                the acting one; a margin of 0 asks for better, and lies in a grid that goes both ways. A relative limit is a factor, not a
 *                difference. An `observe` metric has no harm test: it has no part of alpha
 */
export function gatePlanOf(policy: Pick<RolloutPolicy, 'alpha' | 'errorBudget' | 'stages' | 'metrics'>, priors: Readonly<Record<string, number | KnownValues>>): GatePlan {
  const { alpha, errorBudget, stages, metrics } = policy;
  return {
    format: 1, alpha: alpha.harm, alphaPromote: alpha.promote, errorBudget,
    weightBp: Math.min(stages[0]?.weightBp ?? 1, 9_999),
    stage: { last: stages.length <= 1, minMet: false, maxMet: false, nextUnits: 0, hold: [] },
    metrics: [...metrics.map((metric) => metricOf(metric, knownOf(priors, metric.name))), { id: ASSIGNMENT, type: 'units' }],
  };
}

const knownOf = (priors: Readonly<Record<string, number | KnownValues>>, name: string): KnownValues => {
  const known = priors[name];
  return typeof known === 'number' ? { mean: known } : known ?? {};
};

function metricOf(metric: MetricPlan, known: KnownValues): GateMetric {
  switch (metric.kind) {
    case 'rate': return rateOf(metric, known);
    case 'score': return meanOf(metric, 1, { ...PRIOR_SCORE, ...withoutCap(known) });
    case 'mean': {
      const cap = metric.cap ?? known.cap ?? COST_CAP_USD;
      const mean = known.mean !== undefined && known.mean > 0 ? Math.min(known.mean, cap) : cap / MEANS_IN_CAP;
      return meanOf(metric, cap, { mean, variance: known.variance !== undefined && known.variance > 0 ? known.variance : mean * mean });
    }
  }
}

const withoutCap = ({ mean, variance }: KnownValues): { mean?: number; variance?: number } =>
  ({ ...(mean === undefined ? {} : { mean: Math.min(Math.max(mean, 0), 1) }), ...(variance !== undefined && variance > 0 ? { variance } : {}) });

const sharedOf = ({ name, role, share, excessWeight }: MetricPlan): Pick<BinaryMetric, 'id' | 'role' | 'excessWeight' | 'share'> =>
  ({ id: name, role, excessWeight, ...(role === 'observe' ? {} : { share }) });

/** The limits of a harm and of a promotion test. */
function limitsOf({ role, tolerance, margin, relative }: MetricPlan, cap: number): { readonly harm: { rho?: number; tolerance?: number } | null; readonly ni: { rho?: number; margins: readonly number[]; act: number } | null } {
  const harm = role === 'observe' ? null : relative ? { rho: 1 + tolerance } : { tolerance };
  if (margin === null) return { harm, ni: null };
  if (relative) return { harm, ni: { rho: 1 + margin, margins: [0], act: 0 } };
  return { harm, ni: { margins: margin === 0 ? comparisonGrid(cap) : marginGrid(margin, cap), act: margin } };
}

/** Margins on both sides of 0: how much better the candidate is shown to be, or how much worse it may still be. */
function comparisonGrid(cap: number): readonly number[] {
  const above = marginGrid(COMPARED_STEP * cap, cap).filter((_, g) => g % 2 === 0);
  return [...above.map((margin) => -margin).reverse(), 0, ...above];
}

function rateOf(metric: MetricPlan, { mean = PRIOR_RATE }: KnownValues): BinaryMetric {
  return { ...sharedOf(metric), type: 'binary', prior: { p0: mean }, ...limitsOf(metric, 1) };
}

function meanOf(metric: MetricPlan, cap: number, prior: { readonly mean: number; readonly variance: number }): HistogramMetric {
  return { ...sharedOf(metric), type: 'histogram', ...(cap === 1 ? {} : { cap }), prior, ...limitsOf(metric, cap) };
}
