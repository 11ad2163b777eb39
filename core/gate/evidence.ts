/** What the metrics have shown, for receipts, replays and display. */
import { asymptoticDifference } from '../stats/index.js';
import type { ArmSums, Interval } from '../stats/index.js';
import type { ArmTotals, MetricPlan } from './metric.js';
import type { GateState, MetricState } from './online.js';
import { fullPlan } from './plan.js';
import type { FullPlan } from './plan.js';
import { isReady, upperOf } from './reasons.js';
import type { GatePlan, MetricRole } from './policy.js';
import { sumsOf } from './shown.js';

/** What one metric that compares the arms has shown so far. Thresholds are natural logarithms, as all evidence is. */
export interface MetricEvidence {
  readonly metric: string;
  readonly role: MetricRole;
  readonly units: { readonly stable: number; readonly candidate: number };
  /** bad units of a rate; of a mean the sum of its values */
  readonly bad: { readonly stable: number; readonly candidate: number };
  readonly blocksReady: number;
  readonly isReady: boolean;
  readonly logEHarm: number | null;
  readonly harmThreshold: number | null;
  readonly alarmBlock: number | null;
  /** by `String(margin)` */
  readonly logENi: Readonly<Record<string, number>>;
  readonly niThreshold: number;
  readonly actingMargin: number | null;
  readonly passed: boolean;
  /** upper end of the difference by (26); `null` without margins or without an end */
  readonly upper: number | null;
}

/** What an assignment metric has shown: is the split what was asked for? */
export interface AssignmentEvidence {
  readonly metric: string;
  readonly units: { readonly stable: number; readonly candidate: number };
  readonly logESrm: number;
  readonly threshold: number;
  readonly alarmBlock: number | null;
  readonly acknowledged: boolean;
}

/** Per metric that compares the arms, in the plan's order. */
export function evidenceOf(plan: GatePlan, state: GateState): readonly MetricEvidence[] {
  const full = fullPlan(plan);
  return full.metrics.flatMap((metric, i) => { const own = state.metrics[i]; return own === undefined ? [] : metricEvidence(full, metric, own); });
}

/** Per assignment metric, in the plan's order. */
export function assignmentOf(plan: GatePlan, state: GateState): readonly AssignmentEvidence[] {
  return fullPlan(plan).metrics.flatMap((metric, i) => { const own = state.metrics[i]; return own === undefined ? [] : assignmentEvidence(metric, own); });
}

function metricEvidence(full: FullPlan, plan: MetricPlan, state: MetricState): MetricEvidence[] {
  if (plan.role === 'assignment') return [];
  return [{
    metric: plan.id, role: plan.role, units: unitsOf(state.total),
    bad: { stable: plan.badOf(state.total.stable), candidate: plan.badOf(state.total.candidate) }, blocksReady: state.readyBlocks, isReady: isReady(full, plan, state),
    logEHarm: plan.harm && state.harm && plan.harm.logE(state.harm), harmThreshold: plan.harmThreshold, alarmBlock: state.alarm,
    logENi: Object.fromEntries(plan.ni?.margins.map((margin, g) => [String(margin), logEAt(plan, state, g)]) ?? []),
    niThreshold: full.promoteThreshold, actingMargin: plan.ni?.act ?? null, passed: state.passed, upper: upperOf(plan, state),
  }];
}

function logEAt({ ni }: MetricPlan, state: MetricState, g: number): number {
  const [test, evidence] = [ni?.tests[g], state.ni[g]];
  return test === undefined || evidence === undefined ? 0 : test.logE(evidence);
}

function assignmentEvidence({ id, role, harm, harmThreshold }: MetricPlan, { harm: evidence, total, alarm, acknowledged }: MetricState): AssignmentEvidence[] {
  if (role !== 'assignment' || harm === null || evidence === null || harmThreshold === null) return [];
  return [{ metric: id, units: unitsOf(total), logESrm: harm.logE(evidence), threshold: harmThreshold, alarmBlock: alarm, acknowledged }];
}

const unitsOf = ({ stable, candidate }: ArmTotals): { stable: number; candidate: number } => ({ stable: stable.n, candidate: candidate.n });

/** Units at which the interval of a comparison is to be tightest. */
const COMPARED_UNITS = 1_000;

/**
 * The difference of means, candidate less stable, of a comparison at a fixed split: an interval that may be read at any time, at alphaCs (17).
 * For display; it decides nothing. Where the weight has moved it means nothing: totals of several weights may not be pooled.
 *
 * @returns `null` for an unknown or an assignment metric, and with fewer than two units in an arm
 */
export function differenceOf(plan: GatePlan, state: GateState, metric: string): Interval | null {
  const full = fullPlan(plan);
  const index = full.metrics.findIndex(({ id, role }) => id === metric && role !== 'assignment');
  const total = state.metrics[index]?.total;
  if (total === undefined) return null;
  const sums: ArmSums = { stable: sumsOf(total.stable), candidate: sumsOf(total.candidate) };
  return asymptoticDifference(sums, { alpha: full.alphaCs, sides: 2, tStar: COMPARED_UNITS });
}
