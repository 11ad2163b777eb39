/** What a state allows: on the ramp, in a bake, while paused. statistics.md section 4. */
import type { GateState } from './online.js';
import { fullPlan } from './plan.js';
import { inOrder, reasonsIn } from './reasons.js';
import type { GateDecision, GatePlan, HoldReason } from './policy.js';

const held = (reasons: readonly HoldReason[], otherwise: HoldReason): GateDecision =>
  ({ decision: 'HOLD', reasons: [reasons[0] ?? otherwise, ...reasons.slice(1)] });

/** What the release may do now, on the ramp (section 4). */
export function decisionOf(plan: GatePlan, state: GateState): GateDecision {
  if (state.latch !== null) return state.latch;
  const reasons = reasonsIn(fullPlan(plan), state);
  return reasons.length === 0 ? { decision: 'ADVANCE' } : held(reasons, 'EVIDENCE_PENDING');
}

/** What the caller of a bake knows. `freshInBothArms`: blocks of units that were assigned in the bake. */
export interface BakeClock { readonly minMet: boolean; readonly maxMet: boolean; readonly freshInBothArms: boolean }

const clockOf = ({ stage: { minMet, maxMet, hold } }: GateState): BakeClock => ({ minMet, maxMet, freshInBothArms: !hold.includes('NO_DATA') });

/** Reasons that do not keep a bake from its end. */
const BAKES_ON: readonly HoldReason[] = ['TOO_FEW', 'IMMATURE', 'EVIDENCE_PENDING'];

/**
 * The end of a bake (section 4, "Bake"): PROMOTE here means PROMOTED. The latched PROMOTE of the ramp must stand; the clock of the
 * bake takes the place of the stage's. Without one it is what the stage lines say, NO_DATA in `hold` meaning nothing fresh: then the
 * decision is a function of the lines alone, as a receipt needs it.
 */
export function bakeDecisionOf(plan: GatePlan, state: GateState, clock: BakeClock = clockOf(state)): GateDecision {
  if (state.latch?.decision === 'ROLLBACK') return state.latch;
  const reasons = new Set(reasonsIn(fullPlan(plan), { ...state, stage: { ...state.stage, minMet: clock.minMet } }));
  if (!clock.freshInBothArms) reasons.add('NO_DATA');
  const all = inOrder(reasons);
  if (state.latch !== null && all.every((reason) => BAKES_ON.includes(reason))) return { decision: 'PROMOTE' };
  return clock.maxMet ? { decision: 'ROLLBACK', reason: 'STAGE_MAX' } : held(all, 'EVIDENCE_PENDING');
}

/** A look while PAUSED: harm is still tested, nothing else moves. */
export function pausedDecisionOf(plan: GatePlan, state: GateState): GateDecision {
  if (state.latch?.decision === 'ROLLBACK') return state.latch;
  return held(reasonsIn(fullPlan(plan), state), 'MANUAL_PAUSE');
}
