import { TIER_RULES } from './defaults.js';
import type { MetricPlan, RolloutPolicy } from './plan.js';

const FED = /^(error|guardrail|(guardrail|feedback):[A-Za-z0-9_.-]{1,64})$/;
/** A subset of the replay language's ids: names become keys of documents, where a dot would mean a path. */
const METRIC_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SHARE_SLACK = 1e-9;
const WHOLE_BP = 10_000;
const percent = (bp: number): string => `${bp / 100} %`;

/** What the caller knows of the world; what it does not know is not checked. */
export interface PolicySurroundings {
  /** Cases in the newest version of the policy's dataset. */
  readonly datasetItems?: number;
  /** Whether the candidate's model is an alias that may come to mean another model. */
  readonly floatingModel?: boolean;
}

/**
 * Why a policy may not be put, in sentences; empty when it may. delivery.md section 6.
 * That the dataset holds twice formula (22) for its margin is the caller's to check with `faultOfDataset` of core/gate: only it can know the spread that was measured.
 */
export function faultsOf(policy: RolloutPolicy, surroundings: PolicySurroundings = {}): string[] {
  return [...faultsOfRamp(policy), ...faultsOfMetrics(policy), ...faultsOfEvidence(policy, surroundings), ...faultsOfPeople(policy)];
}

function* faultsOfRamp({ stages, bake, leaseMs, blockSec, alpha, errorBudget, pausedMaxSec }: RolloutPolicy): Generator<string> {
  if (stages.length === 0) yield 'There is no stage.';
  for (const [index, { weightBp, durationMinSec, durationMaxSec }] of stages.entries()) {
    const before = stages[index - 1];
    if (!(weightBp >= 1 && weightBp <= WHOLE_BP)) yield `Stage ${index + 1} has a weight of ${percent(weightBp)}; it must be above 0 and at most 100 %.`;
    if (before !== undefined && weightBp <= before.weightBp) yield `Stage ${index + 1} has a weight of ${percent(weightBp)}, not above the ${percent(before.weightBp)} before it.`;
    if (!(durationMinSec >= 0)) yield `Stage ${index + 1} has a negative minimum.`;
    if (durationMinSec > durationMaxSec) yield `Stage ${index + 1} lasts at least ${durationMinSec} s and at most ${durationMaxSec} s.`;
  }
  if (bake.durationMinSec > bake.durationMaxSec) yield `The bake lasts at least ${bake.durationMinSec} s and at most ${bake.durationMaxSec} s.`;
  if (!(bake.holdbackBp >= 1 && bake.holdbackBp < WHOLE_BP)) yield `The bake holds back ${percent(bake.holdbackBp)}; it must be above 0 and below 100 %.`;
  const last = stages.at(-1);
  if (last !== undefined && WHOLE_BP - bake.holdbackBp < last.weightBp) yield `The bake's ${percent(WHOLE_BP - bake.holdbackBp)} are below the last stage's ${percent(last.weightBp)}.`;
  if (!(blockSec >= 1)) yield `A block lasts ${blockSec} s; it must be at least 1 s.`;
  const leaseMinMs = Math.max(3 * blockSec * 1_000, 5_000);
  if (!(leaseMs >= leaseMinMs)) yield `A lease of ${leaseMs} ms is shorter than ${leaseMinMs} ms, three blocks or 5 s.`;
  for (const [name, value] of [['harm', alpha.harm], ['promote', alpha.promote]] as const) if (!(value > 0 && value < 1)) yield `alpha ${name} is ${value}; it must lie between 0 and 1.`;
  if (!(errorBudget > 0)) yield `The error budget is ${errorBudget}; it must be above 0.`;
  if (!(pausedMaxSec > 0)) yield `The longest pause is ${pausedMaxSec} s; it must be above 0.`;
}

function* faultsOfMetrics({ metrics, tier }: RolloutPolicy): Generator<string> {
  if (!metrics.some(({ role }) => role === 'guardrail')) yield 'No metric has the role guardrail: nothing could roll this release back.';
  const names = metrics.map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) yield `Two metrics are called ${name}.`;
  for (const metric of metrics) yield* faultsOfMetric(metric, TIER_RULES[tier].liveMarginMin);
  const spending = metrics.filter(({ role }) => role !== 'observe');
  const shares = spending.reduce((sum, { share }) => sum + share, 0);
  if (spending.length > 0 && !(Math.abs(shares - 1) <= SHARE_SLACK)) yield `The shares of the harm alpha sum to ${shares}, not to 1.`;
}

function* faultsOfMetric({ name, from, role, maturityMs, tolerance, margin, share, excessWeight }: MetricPlan, marginMin: number): Generator<string> {
  if (!METRIC_NAME.test(name)) yield `"${name}" is no name for a metric: letters, digits, dash or underscore, at most 64.`;
  if (!FED.test(from)) yield `Metric ${name}: nothing feeds ${from} yet. What is fed: error, guardrail, guardrail:<name>, feedback:<label>.`;
  if (!(maturityMs >= 0)) yield `Metric ${name} has a maturity of ${maturityMs} ms.`;
  if (!(tolerance >= 0 && tolerance < 1)) yield `Metric ${name} tolerates ${tolerance}; it must be at least 0 and below 1.`;
  if (role !== 'observe' && !(share > 0 && share <= 1)) yield `Metric ${name} has a share of ${share}; it must be above 0 and at most 1.`;
  if (!(excessWeight >= 0)) yield `Metric ${name} has an excess weight of ${excessWeight}.`;
  if (margin === null) return;
  if (!(margin > tolerance && margin < 1)) yield `Metric ${name} has a margin of ${margin}, not above its tolerance of ${tolerance} and below 1.`;
  if (margin < marginMin) yield `Metric ${name} has a margin of ${margin}; at this tier it must be at least ${marginMin}.`;
}

function* faultsOfEvidence({ tier, evaluation, floatingModels }: RolloutPolicy, { datasetItems, floatingModel }: PolicySurroundings): Generator<string> {
  const rules = TIER_RULES[tier];
  if (!evaluation.evaluators.some(({ role }) => role === 'guardrail')) yield 'No evaluator has the role guardrail: every bundle would pass.';
  const names = evaluation.evaluators.map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) yield `Evaluator ${name} is used twice.`;
  for (const { name, margin, floor } of evaluation.evaluators) {
    if (margin !== null && !(margin > 0 && margin < 1)) yield `Evaluator ${name} has a margin of ${margin}; it must lie between 0 and 1.`;
    if (floor !== null && !(floor > 0 && floor < 1)) yield `Evaluator ${name} has a floor of ${floor}; it must lie between 0 and 1: no number of cases shows a mean above 1.`;
  }
  if (!(evaluation.repetitions >= 1)) yield `Each case is answered ${evaluation.repetitions} times; it must be at least once.`;
  if (!(evaluation.callsMax >= 1)) yield `The evaluation may make ${evaluation.callsMax} calls.`;
  if (!(evaluation.ageMaxSec > 0 && evaluation.ageMaxSec <= rules.verdictAgeMaxSec)) yield `A verdict is a ticket for ${evaluation.ageMaxSec} s; tier ${tier} allows ${rules.verdictAgeMaxSec} s.`;
  if (datasetItems !== undefined && datasetItems < rules.datasetMin) yield `Dataset ${evaluation.dataset} has ${datasetItems} cases; tier ${tier} asks for ${rules.datasetMin}.`;
  if (tier === 'HIGH' && floatingModels === 'allow') yield 'Tier HIGH refuses floating models.';
  if (floatingModels === 'refuse' && floatingModel === true) yield 'The model is a floating alias, which this policy refuses.';
}

function* faultsOfPeople({ tier, approvals }: RolloutPolicy): Generator<string> {
  const floor = TIER_RULES[tier].approvals;
  if (approvals.count < floor.count) yield `${approvals.count} approvals; tier ${tier} asks for ${floor.count}.`;
  if (approvals.outsideTeam < floor.outsideTeam) yield `${approvals.outsideTeam} approvals from outside the team; tier ${tier} asks for ${floor.outsideTeam}.`;
  if (approvals.outsideTeam > approvals.count) yield `${approvals.outsideTeam} approvals from outside the team, but only ${approvals.count} in all.`;
  if (!(approvals.expireSec > 0)) yield `Approvals expire after ${approvals.expireSec} s; it must be above 0.`;
}
