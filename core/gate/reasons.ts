/** Why a state is held, and what was found to be harm: statistics.md section 4. */
import { upperEnd } from '../stats/index.js';
import type { MetricPlan } from './metric.js';
import type { GateState, MetricState } from './online.js';
import type { FullPlan } from './plan.js';
import { HOLD_REASONS } from './policy.js';
import type { HoldReason, Rollback } from './policy.js';

/** minBlocks blocks with both arms, and minUnits units in each (section 4); the assignment has no such rule. */
export const isReady = ({ minBlocks }: FullPlan, { role, minUnits }: MetricPlan, { readyBlocks, total }: MetricState): boolean =>
  role === 'assignment' || (readyBlocks >= minBlocks && total.stable.n >= minUnits && total.candidate.n >= minUnits);

/** The first guardrail in alarm. */
export function harmOf(full: FullPlan, { metrics }: GateState): Rollback | null {
  for (const [i, { id, alarm }] of metrics.entries()) {
    if (alarm !== null && full.metrics[i]?.role === 'guardrail') return { decision: 'ROLLBACK', reason: 'HARM', metric: id, block: alarm };
  }
  return null;
}

/** The reasons that apply, each once, in the order of the list. */
export const inOrder = (reasons: ReadonlySet<HoldReason>): HoldReason[] => HOLD_REASONS.filter((reason) => reasons.has(reason));

/** Reasons of 4 from the blocks, joined with those the caller has set. */
export function reasonsIn(full: FullPlan, state: GateState): HoldReason[] {
  const { stage } = state;
  const reasons = new Set<HoldReason>(stage.hold);
  if (!stage.minMet) reasons.add('MIN_DURATION');
  for (const [i, metric] of state.metrics.entries()) {
    const plan = full.metrics[i];
    if (plan === undefined || plan.role === 'observe') continue;
    if (metric.unreadable) reasons.add('READ_FAILED');
    const isOpenAlarm = metric.alarm !== null && !metric.acknowledged;
    switch (plan.role) {
      case 'assignment': if (isOpenAlarm) reasons.add('SRM'); break;
      case 'signal': if (isOpenAlarm) reasons.add('SIGNAL_ALARM'); break;
      case 'guardrail':
        if (metric.total.stable.n === 0 || metric.total.candidate.n === 0) reasons.add('NO_DATA');
        if (!isReady(full, plan, metric)) reasons.add('TOO_FEW');
        if (stage.last && !metric.passed) reasons.add('EVIDENCE_PENDING');
    }
  }
  if (!stage.last && excessOf(full, state) > full.errorBudget) reasons.add('ERROR_BUDGET');
  return inOrder(reasons);
}

/** Expected excess bad responses of the next stage (section 4, 3); a metric without an upper end exceeds every budget. */
function excessOf(full: FullPlan, { stage, metrics }: GateState): number {
  let excess = 0;
  for (const [i, plan] of full.metrics.entries()) {
    if (plan.role !== 'guardrail' || plan.excessWeight === 0) continue;
    const upper = upperOf(plan, metrics[i]);
    if (upper === null) return Infinity;
    excess += plan.excessWeight * Math.max(0, upper) * stage.nextUnits;
  }
  return excess;
}

/** Upper end of the difference by (26); `null` without margins, or without an end. */
export const upperOf = ({ ni, whenOpen }: MetricPlan, metric: MetricState | undefined): number | null => {
  if (ni === null || metric === undefined) return null;
  const upper = upperEnd(ni.margins, metric.rejected, whenOpen ?? Infinity);
  return upper === Infinity ? null : upper;
};
