import { asMeant } from './plan.js';
import type { MetricPlan, RolloutPolicy } from './plan.js';

/**
 * Whether a policy is nowhere laxer than the one it takes the place of: whoever may only tighten may put it. What cannot be compared, such as
 * another dataset or another ramp, counts as laxer.
 */
export function isTightening(before: RolloutPolicy, after: RolloutPolicy): boolean {
  return after.evaluation.dataset === before.evaluation.dataset
    && before.evaluation.evaluators.every((old) => {
      const now = after.evaluation.evaluators.find(({ name }) => name === old.name);
      return now !== undefined && (now.role === 'guardrail' || old.role === 'signal') && atMost(now.margin, old.margin) && atLeast(now.floor, old.floor) && (now.mustPass === true || old.mustPass !== true);
    })
    // Another slice takes alpha from the whole: neither stricter nor laxer.
    && JSON.stringify(after.evaluation.slices ?? []) === JSON.stringify(before.evaluation.slices ?? [])
    && after.evaluation.repetitions >= before.evaluation.repetitions && after.evaluation.callsMax === before.evaluation.callsMax && after.evaluation.spendMaxUsd === before.evaluation.spendMaxUsd && after.evaluation.ageMaxSec <= before.evaluation.ageMaxSec
    && after.approvals.count >= before.approvals.count && after.approvals.outsideTeam >= before.approvals.outsideTeam && after.approvals.expireSec <= before.approvals.expireSec
    && after.blockSec === before.blockSec && after.leaseMs <= before.leaseMs && after.alpha.harm >= before.alpha.harm && after.alpha.promote <= before.alpha.promote
    && after.errorBudget <= before.errorBudget
    && after.stages.length === before.stages.length && after.stages.every((stage, index) => {
      const old = before.stages[index];
      return old !== undefined && stage.weightBp <= old.weightBp && stage.durationMinSec >= old.durationMinSec && stage.durationMaxSec <= old.durationMaxSec;
    })
    && after.metrics.length === before.metrics.length && before.metrics.every((old) => {
      const now = after.metrics.find(({ name }) => name === old.name);
      return now !== undefined && isTighterMetric(old, now);
    })
    && after.bake.durationMinSec >= before.bake.durationMinSec && after.bake.durationMaxSec <= before.bake.durationMaxSec && after.bake.holdbackBp >= before.bake.holdbackBp
    && isWatchedAsMuch(before, after) && asMeant(after).aim === asMeant(before).aim
    && after.pausedMaxSec <= before.pausedMaxSec && (after.floatingModels === 'refuse' || before.floatingModels === 'allow');
}

const ROLE_RANK = { observe: 0, signal: 1, guardrail: 2 } as const;
function isTighterMetric(before: MetricPlan, after: MetricPlan): boolean {
  return after.from === before.from && after.kind === before.kind && after.relative === before.relative && after.cap === before.cap && atMost(after.objectiveMs ?? null, before.objectiveMs ?? null)
    && after.maturityMs === before.maturityMs && isMissingAtLeast(after.missingAs, before.missingAs) && ROLE_RANK[after.role] >= ROLE_RANK[before.role]
    && after.tolerance <= before.tolerance && atMost(after.margin, before.margin) && after.share >= before.share && after.excessWeight >= before.excessWeight;
}
const isMissingAtLeast = (now: MetricPlan['missingAs'], before: MetricPlan['missingAs']): boolean => now === before || (now !== null && before !== null && now >= before);
function isWatchedAsMuch(before: RolloutPolicy, after: RolloutPolicy): boolean {
  const [old, now] = [asMeant(before), asMeant(after)];
  return now.watchSec >= old.watchSec && old.topline.every(({ metric, max }) => now.topline.some((one) => one.metric === metric && one.max <= max));
}
/** No margin is the strictest: nothing is promoted by it. */
const atMost = (now: number | null, before: number | null): boolean => now === null || (before !== null && now <= before);
/** No floor is the laxest. */
const atLeast = (now: number | null, before: number | null): boolean => before === null || (now !== null && now >= before);
