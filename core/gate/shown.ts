/**
 * What the blocks of a release have shown of each metric, for people: both arms' means and their difference, with intervals that may be read
 * at any time. It decides nothing, and nothing that decides reads it. Folded over the lines of receipts, as the gate's own state is.
 */
import { NO_EFFECT, NO_SUMS, NO_WATCHED, advanceSums, effectInterval, stepEffect, stepWatched, watchedInterval } from '../stats/index.js';
import type { ArmSums, Effect, MeanPrior, Sums, Watched } from '../stats/index.js';
import type { Totals } from './metric.js';
import { fullPlan } from './plan.js';
import { GATE_DEFAULTS } from './policy.js';
import type { BlockFields, GateLine, GatePlan, TestedMetric } from './policy.js';

/** One metric's memory. Values of the arms are watched as parts of the cap. */
export interface MetricShown { readonly effect: Effect; readonly seen: ArmSums; readonly stable: Watched; readonly candidate: Watched }
/** In the plan's order. Plain JSON. */
export type Shown = readonly MetricShown[];

/** Candidate less stable; larger is worse. */
export interface Difference { readonly estimate: number; readonly lower: number; readonly upper: number }
/** Of a rate the share of bad units, else the mean of the values; the ends lie within what a value can be. */
export interface ArmMean { readonly mean: number; readonly lower: number | null; readonly upper: number | null }

export const startShown = ({ metrics }: GatePlan): Shown => metrics.map(() => ({ effect: NO_EFFECT, seen: NO_SUMS, stable: NO_WATCHED, candidate: NO_WATCHED }));

/** The lines of one receipt. What the gate could not read shows nothing here either. */
export const show = (plan: GatePlan, shown: Shown, lines: readonly GateLine[]): Shown =>
  lines.reduce<Shown>((before, line) => 'block' in line ? before.map((own, i) => plan.metrics[i]?.id === line.block.metric ? shownBlock(plan, i, own, line.block) : own) : before, shown);

function shownBlock(plan: GatePlan, i: number, own: MetricShown, { stable, candidate }: BlockFields): MetricShown {
  const [metric, full] = [plan.metrics[i], fullPlan(plan).metrics[i]];
  if (metric === undefined || full === undefined || metric.type === 'units') return own;
  if (full.faultOf('stable', stable) !== null || full.faultOf('candidate', candidate) !== null) return own;
  const block: ArmSums = { stable: sumsOf(full.totalsOf(stable)), candidate: sumsOf(full.totalsOf(candidate)) };
  const cap = capOf(metric);
  const alpha = alphaOf(plan);
  const watched = (before: Watched, sums: Sums): Watched => cap === null ? before : stepWatched(before, partOf(sums, cap), alpha);
  return {
    effect: stepEffect(priorOf(metric), own.effect, own.seen, block, cap), seen: advanceSums(own.seen, block, null),
    stable: watched(own.stable, block.stable), candidate: watched(own.candidate, block.candidate),
  };
}

/** Units an arm needs before the difference is told (2.7): with fewer, what is known of its spread is the prior's. */
const TOLD_FROM_UNITS = GATE_DEFAULTS.minUnitsOfMoments;

/** `null` for an assignment, and while an arm has too few units. Blocks are weighed, never pooled: a ramp does not disturb it. */
export function differenceShown(plan: GatePlan, shown: Shown, metric: string): Difference | null {
  const i = plan.metrics.findIndex(({ id }) => id === metric);
  const [own, tested] = [shown[i], plan.metrics[i]];
  if (own === undefined || tested === undefined || tested.type === 'units' || Math.min(own.seen.stable.n, own.seen.candidate.n) < TOLD_FROM_UNITS) return null;
  return effectInterval(own.effect, scaleOf(tested), alphaOf(plan));
}

/** One arm's mean and its interval (18); `null` without units. A mean without a cap has no interval. */
export function armShown(plan: GatePlan, shown: Shown, metric: string, arm: 'stable' | 'candidate'): ArmMean | null {
  const i = plan.metrics.findIndex(({ id }) => id === metric);
  const [own, tested] = [shown[i], plan.metrics[i]];
  if (own === undefined || tested === undefined || tested.type === 'units' || own.seen[arm].n === 0) return null;
  const cap = capOf(tested);
  const mean = own.seen[arm].sum / own.seen[arm].n;
  const ends = watchedInterval(own[arm], alphaOf(plan));
  if (cap === null || ends === null) return { mean, lower: null, upper: null };
  // Its centre is staked, the mean is not: where they part, what is shown still holds what was seen.
  return { mean, lower: Math.min(mean, Math.max(0, cap * ends.lower)), upper: Math.max(mean, Math.min(cap, cap * (ends.upper ?? 1))) };
}

const alphaOf = ({ alphaCs }: GatePlan): number => alphaCs ?? GATE_DEFAULTS.alphaCs;
const partOf = ({ n, sum, sumsq }: Sums, cap: number): Sums => ({ n, sum: sum / cap, sumsq: sumsq / (cap * cap) });
export const sumsOf = (totals: Totals): Sums => 'sum' in totals ? totals : 'k' in totals ? { n: totals.n, sum: totals.k, sumsq: totals.k } : { n: totals.n, sum: 0, sumsq: 0 };

function capOf(metric: TestedMetric): number | null {
  switch (metric.type) {
    case 'binary': return 1;
    case 'histogram': return metric.cap ?? 1;
    case 'moments': return null;
  }
}

/** A base rate of 0 or 1 would have no spread, and a block without one would know everything. */
const RATE_LEAST = 0.001;
function priorOf(metric: TestedMetric): MeanPrior {
  if (metric.type !== 'binary') return { kappa: GATE_DEFAULTS.kappa, ...metric.prior };
  const mean = Math.min(Math.max(metric.prior.p0, RATE_LEAST), 1 - RATE_LEAST);
  return { mean, variance: mean * (1 - mean), kappa: metric.prior.kappa ?? GATE_DEFAULTS.kappa };
}

/** The difference one cares about: the acting margin, where there is one; fixed with the plan. */
function scaleOf(metric: TestedMetric): number {
  const { mean, variance } = priorOf(metric);
  const margin = metric.ni ? ((metric.ni.rho ?? 1) - 1) * mean + metric.ni.act : 0;
  return margin > 0 ? margin : Math.sqrt(variance) / 5;
}
