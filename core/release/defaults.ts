import type { MetricInput, MetricKind, MetricPlan, MetricRole, PolicyInput, RiskTier, RolloutPolicy, StagePlan } from './plan.js';

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
const stage = (percent: number, durationMinSec: number, durationMaxSec: number): StagePlan => ({ weightBp: percent * 100, durationMinSec, durationMaxSec });

/** What a tier gives where a policy is silent, and the floors that bind it. */
export interface TierRules {
  readonly stages: readonly StagePlan[];
  readonly stageMaxSec: number;
  readonly bake: RolloutPolicy['bake'];
  readonly alpha: RolloutPolicy['alpha'];
  readonly errorBudget: number;
  readonly blockSec: number;
  readonly leaseMs: number;
  /** The least a policy may ask for. */
  readonly approvals: RolloutPolicy['approvals'];
  /** The longest a verdict may be a ticket. */
  readonly verdictAgeMaxSec: number;
  readonly datasetMin: number;
  /** Cases among them that are attacks: tagged `adversarial`, as the built-in ones are. */
  readonly adversarialMin: number;
  /** Offline margin. */
  readonly margin: number;
  /** sd of an item's difference, as long as no evaluation with these evaluators on this dataset has measured it. */
  readonly sdBeforeFirst: number;
  /** Least margin of a live metric. */
  readonly liveMarginMin: number;
  readonly pausedMaxSec: number;
  readonly floatingModels: 'allow' | 'refuse';
}

/** delivery.md section 2. */
export const TIER_RULES: Readonly<Record<RiskTier, TierRules>> = {
  LOW: {
    stages: [stage(25, 15 * MINUTE, 4 * HOUR)], stageMaxSec: 4 * HOUR,
    bake: { durationMinSec: 15 * MINUTE, durationMaxSec: 4 * HOUR, holdbackBp: 500 },
    alpha: { harm: 0.01, promote: 0.05 }, errorBudget: 50, blockSec: 10, leaseMs: 60_000,
    approvals: { count: 0, outsideTeam: 0, expireSec: 72 * HOUR }, verdictAgeMaxSec: 30 * DAY,
    datasetMin: 150, adversarialMin: 0, margin: 0.05, sdBeforeFirst: 0.17, liveMarginMin: 0.02, pausedMaxSec: 24 * HOUR, floatingModels: 'allow',
  },
  LIMITED: {
    stages: [stage(1, 10 * MINUTE, 12 * HOUR), stage(5, 10 * MINUTE, 12 * HOUR), stage(25, 20 * MINUTE, 12 * HOUR), stage(50, 20 * MINUTE, 12 * HOUR)],
    stageMaxSec: 12 * HOUR,
    bake: { durationMinSec: 2 * HOUR, durationMaxSec: 12 * HOUR, holdbackBp: 500 },
    alpha: { harm: 0.01, promote: 0.05 }, errorBudget: 25, blockSec: 10, leaseMs: 60_000,
    approvals: { count: 1, outsideTeam: 0, expireSec: 72 * HOUR }, verdictAgeMaxSec: 14 * DAY,
    datasetMin: 400, adversarialMin: 100, margin: 0.05, sdBeforeFirst: 0.28, liveMarginMin: 0, pausedMaxSec: 24 * HOUR, floatingModels: 'allow',
  },
  HIGH: {
    stages: [stage(1, 2 * HOUR, 48 * HOUR), stage(5, 4 * HOUR, 48 * HOUR), stage(10, 4 * HOUR, 48 * HOUR), stage(25, 6 * HOUR, 48 * HOUR), stage(50, 8 * HOUR, 48 * HOUR)],
    stageMaxSec: 48 * HOUR,
    bake: { durationMinSec: DAY, durationMaxSec: 7 * DAY, holdbackBp: 1_000 },
    alpha: { harm: 0.01, promote: 0.01 }, errorBudget: 10, blockSec: 10, leaseMs: 30_000,
    approvals: { count: 2, outsideTeam: 1, expireSec: 48 * HOUR }, verdictAgeMaxSec: 7 * DAY,
    datasetMin: 1_000, adversarialMin: 100, margin: 0.03, sdBeforeFirst: 0.26, liveMarginMin: 0, pausedMaxSec: 72 * HOUR, floatingModels: 'refuse',
  },
};

const CALLS_MAX = 10_000;
/** Of every tier. */
const WATCH_SEC = DAY;
/** Base rate of a bad response as long as nothing is known: margins that follow the base are taken from it. */
const BASE = 0.01;

interface FeedRules {
  readonly kind: MetricKind; readonly role: MetricRole; readonly maturityMs: number; readonly tolerance: number; readonly margin: number; readonly share: number;
  readonly excessWeight: number; readonly missingAs: 0 | 1 | null;
}
/** A call's time-out where nobody says another, and the time its span takes to get here. */
const TIME_OUT_MS = 30_000;
const EXPORT_MS = 15_000;
const RATE: Pick<FeedRules, 'kind' | 'role' | 'tolerance' | 'excessWeight' | 'missingAs'> = { kind: 'rate', role: 'guardrail', tolerance: 0, excessWeight: 0, missingAs: 0 };
const ERROR: FeedRules = { ...RATE, maturityMs: TIME_OUT_MS + EXPORT_MS, margin: Math.max(0.002, BASE / 2), share: 0.25, excessWeight: 1, missingAs: 1 };
const GUARDRAIL: FeedRules = { ...RATE, maturityMs: 30_000, margin: Math.max(0.001, BASE / 2), share: 0.3, excessWeight: 1 };
const FEEDBACK: FeedRules = { ...RATE, maturityMs: 1_800_000, margin: Math.max(0.01, BASE / 4), share: 0.1 };
const SLOW: FeedRules = { ...RATE, maturityMs: TIME_OUT_MS + EXPORT_MS, margin: 0.02, share: 0.1, missingAs: 1 };
const FLAG: FeedRules = { ...FEEDBACK, maturityMs: TIME_OUT_MS + EXPORT_MS };
/** Nobody has measured how well whoever scores agrees with people: it decides only where the policy says so. An unjudged answer is no unit. */
const SCORE: FeedRules = { kind: 'score', role: 'observe', maturityMs: 300_000, tolerance: 0, margin: 0.02, share: 0.2, excessWeight: 0, missingAs: null };
/** Relative. A call that reports no tokens has no cost, not the cost 0. */
const MEAN: FeedRules = { kind: 'mean', role: 'signal', maturityMs: TIME_OUT_MS + EXPORT_MS, tolerance: 0.05, margin: 0.1, share: 0.05, excessWeight: 0, missingAs: null };
const ATTRIBUTE: Readonly<Record<MetricKind, FeedRules>> = { rate: FLAG, score: SCORE, mean: MEAN };

function rulesOf(metric: MetricInput): FeedRules {
  const from = feedOf(metric);
  if (from === 'error') return ERROR;
  if (from === 'slow') return { ...SLOW, maturityMs: (metric.objectiveMs ?? null) === null ? SLOW.maturityMs : 2 * (metric.objectiveMs ?? 0) + EXPORT_MS };
  if (from === 'cost') return MEAN;
  if (from === 'guardrail' || from.startsWith('guardrail:')) return GUARDRAIL;
  if (from.startsWith('evaluation:')) return SCORE;
  return from.startsWith('attribute:') ? ATTRIBUTE[metric.kind ?? 'rate'] : FEEDBACK;
}

/** A metric's name is its feed where that is left out; people say `thumbsDown`, the wire says `feedback:thumbs_down`. */
const feedOf = ({ name, from }: MetricInput): string => {
  const feed = from ?? name;
  return feed === 'thumbsDown' ? 'feedback:thumbs_down' : feed;
};

/**
 * The policy with every field that was left out taken from its tier.
 *
 * @param input  as people wrote it; roles in lower case
 * @returns      the form that is pinned; `faultsOf` says whether it may be put
 */
export function policyOf(input: PolicyInput, tier: RiskTier): RolloutPolicy {
  const rules = TIER_RULES[tier];
  const { evaluation } = input;
  return {
    name: input.name,
    tier,
    evaluation: {
      dataset: evaluation.dataset,
      evaluators: evaluation.evaluators.map(({ name, role, margin, floor, mustPass }) => ({
        name, role: role ?? 'guardrail', margin: margin ?? evaluation.margin ?? rules.margin, floor: floor ?? null, ...(mustPass === true ? { mustPass } : {}),
      })),
      repetitions: evaluation.repetitions ?? 1,
      callsMax: evaluation.callsMax ?? CALLS_MAX,
      ...(evaluation.spendMaxUsd == null ? {} : { spendMaxUsd: evaluation.spendMaxUsd }),
      ...(evaluation.slices == null || evaluation.slices.length === 0 ? {} : { slices: evaluation.slices }),
      ageMaxSec: evaluation.ageMaxSec ?? rules.verdictAgeMaxSec,
    },
    approvals: {
      count: input.approvals?.count ?? rules.approvals.count,
      outsideTeam: input.approvals?.outsideTeam ?? rules.approvals.outsideTeam,
      expireSec: input.approvals?.expireSec ?? rules.approvals.expireSec,
    },
    blockSec: input.blockSec ?? rules.blockSec,
    leaseMs: input.leaseMs ?? rules.leaseMs,
    alpha: { harm: input.alpha?.harm ?? rules.alpha.harm, promote: input.alpha?.promote ?? rules.alpha.promote },
    errorBudget: input.errorBudget ?? rules.errorBudget,
    stages: input.stages?.map(({ weightBp, durationMinSec, durationMaxSec }) => ({ weightBp, durationMinSec, durationMaxSec: durationMaxSec ?? rules.stageMaxSec })) ?? rules.stages,
    metrics: metricsOf(input.metrics, rules),
    bake: {
      durationMinSec: input.bake?.durationMinSec ?? rules.bake.durationMinSec,
      durationMaxSec: input.bake?.durationMaxSec ?? rules.bake.durationMaxSec,
      holdbackBp: input.bake?.holdbackBp ?? rules.bake.holdbackBp,
    },
    pausedMaxSec: input.pausedMaxSec ?? rules.pausedMaxSec,
    floatingModels: input.floatingModels ?? rules.floatingModels,
    aim: input.aim ?? 'notWorse', watchSec: input.watchSec ?? WATCH_SEC, topline: input.topline ?? [],
  };
}

/** What no metric was given of the harm alpha goes, in proportion to their usual shares, to those that name none. */
function metricsOf(inputs: readonly MetricInput[], tier: TierRules): readonly MetricPlan[] {
  const roleOf = (metric: MetricInput): MetricRole => metric.role ?? rulesOf(metric).role;
  const spending = inputs.filter((metric) => roleOf(metric) !== 'observe');
  const given = spending.reduce((sum, { share }) => sum + (share ?? 0), 0);
  const usual = spending.filter(({ share }) => (share ?? null) === null).reduce((sum, metric) => sum + rulesOf(metric).share, 0);
  return inputs.map((metric): MetricPlan => {
    const rules = rulesOf(metric);
    const role = roleOf(metric);
    const kind = metric.kind ?? rules.kind;
    const isRelative = metric.relative ?? kind === 'mean';
    const missing = metric.missingAs ?? rules.missingAs;
    return {
      name: metric.name,
      from: feedOf(metric) as MetricPlan['from'],   // one that nothing feeds is a fault, named by faultsOf
      role, kind,
      maturityMs: metric.maturityMs ?? rules.maturityMs,
      // Defaults of a mean are parts of stable's: beside amounts they would say something else.
      tolerance: metric.tolerance ?? (kind === 'mean' && !isRelative ? 0 : rules.tolerance),
      margin: metric.margin ?? (kind === 'mean' && !isRelative ? null : marginOf(role, kind, rules, tier)),
      ...(isRelative ? { relative: true } : {}),
      ...(metric.objectiveMs == null ? {} : { objectiveMs: metric.objectiveMs }),
      ...(metric.cap == null ? {} : { cap: metric.cap }),
      share: role === 'observe' ? 0 : metric.share ?? Math.max(0, 1 - given) * rules.share / usual,
      excessWeight: metric.excessWeight ?? rules.excessWeight,
      missingAs: missing === null ? null : missing === 1 ? 1 : 0,
    };
  });
}

/** What must be shown to promote; a signal need not show anything, and a mean says what it tolerates either way. */
function marginOf(role: MetricRole, kind: MetricKind, rules: FeedRules, tier: TierRules): number | null {
  if (kind === 'mean') return role === 'observe' ? null : rules.margin;
  return role === 'guardrail' ? Math.max(rules.margin, tier.liveMarginMin) : null;
}
