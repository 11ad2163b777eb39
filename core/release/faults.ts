import { TIER_RULES } from './defaults.js';
import { ASSIGNMENT } from './feeds.js';
import { asMeant } from './plan.js';
import type { MetricKind, MetricPlan, RolloutPolicy } from './plan.js';

const FED = /^(error|slow|cost|guardrail|(guardrail|feedback|evaluation|attribute):[A-Za-z0-9_.-]{1,64})$/;
/** A subset of the replay language's ids: names become keys of documents, where a dot would mean a path. */
const METRIC_NAME = /^[A-Za-z0-9_-]{1,64}$/;
const SHARE_SLACK = 1e-9;
const WHOLE_BP = 10_000;
/** Ten times stable's mean: above that nothing is compared any more. */
const RELATIVE_MAX = 10;
const percent = (bp: number): string => `${bp / 100} %`;

/** What the caller knows of the world; what it does not know is not checked. */
export interface PolicySurroundings {
  /** Cases in the newest version of the policy's dataset. */
  readonly datasetItems?: number;
  /** Those among them that are tagged `adversarial`. */
  readonly adversarialItems?: number;
  /** Whether the candidate's model is an alias that may come to mean another model. */
  readonly floatingModel?: boolean;
  /** Models of the candidate or of stable that have no price, as `name/version`. Known when a release starts, not when a policy is put. */
  readonly unpriced?: readonly string[];
}

/**
 * Why a policy may not be put, in sentences; empty when it may. delivery.md section 6.
 * That the dataset holds twice formula (22) for its margin is the caller's to check with `faultOfDataset` of core/gate: only it can know the spread that was measured.
 */
export function faultsOf(policy: RolloutPolicy, surroundings: PolicySurroundings = {}): string[] {
  return [...faultsOfRamp(policy), ...faultsOfMetrics(policy, surroundings), ...faultsOfAim(policy), ...faultsOfWatch(policy), ...faultsOfEvidence(policy, surroundings), ...faultsOfPeople(policy)];
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

function* faultsOfMetrics({ metrics, tier, aim }: RolloutPolicy, { unpriced = [] }: PolicySurroundings): Generator<string> {
  if (!metrics.some(({ role }) => role === 'guardrail')) yield 'No metric has the role guardrail: nothing could roll this release back.';
  const names = metrics.map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) yield `Two metrics are called ${name}.`;
  for (const metric of metrics) {
    yield* faultsOfMetric(metric);
    yield* faultsOfLimits(metric, TIER_RULES[tier].liveMarginMin, aim === 'better');
    if (metric.from === 'cost' && unpriced.length > 0) yield `Metric ${metric.name} needs the price of a token: ${unpriced.join(' and ')} ${unpriced.length === 1 ? 'has' : 'have'} none.`;
  }
  const spending = metrics.filter(({ role }) => role !== 'observe');
  const shares = spending.reduce((sum, { share }) => sum + share, 0);
  if (spending.length > 0 && !(Math.abs(shares - 1) <= SHARE_SLACK)) yield `The shares of the harm alpha sum to ${shares}, not to 1.`;
}

/** The kinds a feed can have. */
const kindsOf = (from: string): readonly MetricKind[] =>
  from === 'cost' ? ['mean'] : from.startsWith('evaluation:') ? ['score'] : from.startsWith('attribute:') ? ['rate', 'score', 'mean'] : ['rate'];

function* faultsOfMetric({ name, from, role, kind, maturityMs, objectiveMs, cap, share, excessWeight, missingAs }: MetricPlan): Generator<string> {
  if (!METRIC_NAME.test(name)) yield `"${name}" is no name for a metric: letters, digits, dash or underscore, at most 64.`;
  if (name === ASSIGNMENT) yield `No metric may be called ${ASSIGNMENT}: that is what watches the shares of the arms.`;
  if (!FED.test(from)) yield `Metric ${name}: nothing feeds ${from}. What is fed: error, slow, cost, guardrail, guardrail:<name>, feedback:<label>, evaluation:<name>, attribute:<key>.`;
  else if (!kindsOf(from).includes(kind)) yield `Metric ${name} is a ${kind}; ${from} feeds a ${kindsOf(from).join(' or a ')}.`;
  if (!(maturityMs >= 0)) yield `Metric ${name} has a maturity of ${maturityMs} ms.`;
  if (from === 'slow' && !(objectiveMs !== undefined && objectiveMs > 0)) yield `Metric ${name} has ${objectiveMs === undefined ? 'no objective' : `an objective of ${objectiveMs} ms`}: from how many milliseconds on is a call slow?`;
  if (from === 'slow' && objectiveMs !== undefined && maturityMs < objectiveMs) yield `Metric ${name} matures after ${maturityMs} ms, before its objective of ${objectiveMs} ms: every slow call would be missing.`;
  if (from !== 'slow' && objectiveMs !== undefined) yield `Metric ${name} has an objective of ${objectiveMs} ms; only slow has one.`;
  if (cap !== undefined && kind !== 'mean') yield `Metric ${name} has a cap of ${cap}; only a mean has one.`;
  if (cap !== undefined && !(cap > 0)) yield `Metric ${name} has a cap of ${cap}; it must be above 0.`;
  if (kind === 'mean' && from !== 'cost' && cap === undefined) yield `Metric ${name} has no cap: a mean is decided for values of 0 up to a cap.`;
  if (kind === 'rate' && missingAs === null) yield `Metric ${name}: a unit that says nothing is good (0) or bad (1).`;
  if (kind === 'mean' && missingAs !== null) yield `Metric ${name}: a unit that says nothing has no ${name}, not the value ${missingAs}.`;
  if (role !== 'observe' && !(share > 0 && share <= 1)) yield `Metric ${name} has a share of ${share}; it must be above 0 and at most 1.`;
  if (!(excessWeight >= 0)) yield `Metric ${name} has an excess weight of ${excessWeight}.`;
  if (kind !== 'rate' && excessWeight > 0) yield `Metric ${name} has an excess weight of ${excessWeight}; the error budget counts bad responses, which a ${kind} has none of.`;
}

/**
 * Harm and promotion must leave room between them (statistics.md 1.2): what is just tolerated lies below what just promotes, at a mean of 0
 * and at the largest. Both limits are of one form, so one comparison says it for both ends.
 */
function* faultsOfLimits({ name, role, kind, tolerance, margin, relative, cap }: MetricPlan, marginMin: number, isForBetter: boolean): Generator<string> {
  const said = (value: number): string => (relative === true ? `${Number((100 * value).toPrecision(12))} %` : String(value));
  const max = relative === true ? RELATIVE_MAX : kind === 'mean' ? cap ?? Number.POSITIVE_INFINITY : 1;
  if (relative === true && kind !== 'mean') yield `Metric ${name} has relative limits; a ${kind} has absolute ones: 0.01 is one percentage point.`;
  if (!(tolerance >= 0 && tolerance < max)) yield `Metric ${name} tolerates ${said(tolerance)}; it must be at least 0 and below ${said(max)}.`;
  if (margin === null) {
    if (role === 'guardrail') yield `Metric ${name} has no margin: it could never be shown not to be worse.`;
    return;
  }
  // To be shown better, not only not worse, is a margin of 0.
  if (isForBetter && margin === 0 && tolerance === 0) return;
  if (!(margin > tolerance && margin < max)) yield `Metric ${name} has a margin of ${said(margin)}, not above its tolerance of ${said(tolerance)} and below ${said(max)}.`;
  if (kind !== 'mean' && margin < marginMin) yield `Metric ${name} has a margin of ${margin}; at this tier it must be at least ${marginMin}.`;
}

function* faultsOfAim({ aim, stages, metrics }: RolloutPolicy): Generator<string> {
  if (aim !== 'better') return;
  if (stages.length !== 1) yield `The aim is better, on one fixed weight; there are ${stages.length} stages.`;
  if (!metrics.some(({ role, margin }) => role === 'guardrail' && margin === 0)) yield 'The aim is better, and no guardrail metric has a margin of 0: which one must be better?';
}

function* faultsOfWatch(policy: RolloutPolicy): Generator<string> {
  const { watchSec, topline } = asMeant(policy);
  if (!(watchSec >= 0)) yield `The watch after a promotion lasts ${watchSec} s.`;
  for (const [index, { metric: name, max }] of topline.entries()) {
    const metric = policy.metrics.find((one) => one.name === name);
    if (topline.findIndex((one) => one.metric === name) !== index) yield `Metric ${name} has two toplines.`;
    if (metric === undefined) yield `The topline of ${name} is of no metric of this policy.`;
    else if (metric.kind !== 'rate') yield `Metric ${name} is a ${metric.kind}; a topline is held by a rate.`;
    if (!(max > 0 && max < 1)) yield `The topline of ${name} is ${max}; it must lie between 0 and 1.`;
  }
}

function* faultsOfEvidence({ tier, evaluation, floatingModels }: RolloutPolicy, { datasetItems, adversarialItems, floatingModel }: PolicySurroundings): Generator<string> {
  const rules = TIER_RULES[tier];
  if (!evaluation.evaluators.some(({ role }) => role === 'guardrail')) yield 'No evaluator has the role guardrail: every bundle would pass.';
  const names = evaluation.evaluators.map(({ name }) => name);
  for (const name of new Set(names.filter((name, index) => names.indexOf(name) !== index))) yield `Evaluator ${name} is used twice.`;
  for (const { name, role, margin, floor, mustPass } of evaluation.evaluators) {
    if (mustPass === true && role === 'signal') yield `Evaluator ${name} is a signal, which fails nothing: not every case can have to pass it.`;
    if (margin !== null && !(margin > 0 && margin < 1)) yield `Evaluator ${name} has a margin of ${margin}; it must lie between 0 and 1.`;
    if (floor !== null && !(floor > 0 && floor < 1)) yield `Evaluator ${name} has a floor of ${floor}; it must lie between 0 and 1: no number of cases shows a mean above 1.`;
  }
  const { slices = [] } = evaluation;
  for (const slice of new Set(slices.filter((one, index) => slices.indexOf(one) !== index))) yield `Slice ${slice} is named twice.`;
  if (!(evaluation.repetitions >= 1)) yield `Each case is answered ${evaluation.repetitions} times; it must be at least once.`;
  if (!(evaluation.callsMax >= 1)) yield `The evaluation may make ${evaluation.callsMax} calls.`;
  if (evaluation.spendMaxUsd !== undefined && !(evaluation.spendMaxUsd > 0)) yield `The evaluation may spend ${evaluation.spendMaxUsd} USD.`;
  if (!(evaluation.ageMaxSec > 0 && evaluation.ageMaxSec <= rules.verdictAgeMaxSec)) yield `A verdict is a ticket for ${evaluation.ageMaxSec} s; tier ${tier} allows ${rules.verdictAgeMaxSec} s.`;
  if (datasetItems !== undefined && datasetItems < rules.datasetMin) yield `Dataset ${evaluation.dataset} has ${datasetItems} cases; tier ${tier} asks for ${rules.datasetMin}.`;
  if (adversarialItems !== undefined && adversarialItems < rules.adversarialMin) {
    yield `Dataset ${evaluation.dataset} has ${adversarialItems} cases tagged adversarial; tier ${tier} asks for ${rules.adversarialMin}: slipway dataset import <file> --builtin adversarial adds them.`;
  }
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
