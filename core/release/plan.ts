/** What a policy asks of a release, with every default filled in: the form that is pinned by digest and stored. */

export type RiskTier = 'LOW' | 'LIMITED' | 'HIGH';
export const RISK_TIERS = ['LOW', 'LIMITED', 'HIGH'] as const satisfies readonly RiskTier[];

/** One step of the ramp. */
export interface StagePlan { readonly weightBp: number; readonly durationMinSec: number; readonly durationMaxSec: number }

/** `guardrail` alone is any guardrail; `thumbsDown` in a policy is written out as `feedback:thumbs_down`. */
export type Feed = 'error' | 'slow' | 'cost' | 'guardrail' | `guardrail:${string}` | `feedback:${string}` | `evaluation:${string}` | `attribute:${string}`;
export type MetricRole = 'guardrail' | 'signal' | 'observe';
/**
 * What a unit's value is. `rate`: bad or not. `score`: in [0,1], larger is better; kept as badness, 1 − score. `mean`: an amount of at least 0,
 * larger is worse, counted up to a cap.
 */
export type MetricKind = 'rate' | 'score' | 'mean';
/** `better`: one fixed weight, and what has a margin of 0 must be shown to be better, not only not worse. */
export type Aim = 'notWorse' | 'better';
/** An absolute objective: the highest rate the metric may have, whatever the other arm does. */
export interface Topline { readonly metric: string; readonly max: number }

export interface MetricPlan {
  readonly name: string;
  readonly from: Feed;
  readonly role: MetricRole;
  readonly kind: MetricKind;
  /** A unit counts once this long after its block has ended. */
  readonly maturityMs: number;
  /** tau: degradation that must not roll back. */
  readonly tolerance: number;
  /** delta: the largest degradation that may be promoted; null: this metric cannot promote. */
  readonly margin: number | null;
  /** Tolerance and margin are parts of stable's mean (0.05 is "5 % more"), not differences. Only of a mean. */
  readonly relative?: true;
  /** `slow`: a call that took longer is slow. */
  readonly objectiveMs?: number;
  /** Of a mean: what a unit counts at most, in the metric's unit. Left out for `cost`: then it is found when a release opens (`costCapOf`). */
  readonly cap?: number;
  /** Part of the harm alpha; shares of guardrail and signal metrics sum to 1. */
  readonly share: number;
  readonly excessWeight: number;
  /** Value of a unit that reported something, but nothing for this metric; null: it is no unit of this metric. */
  readonly missingAs: 0 | 1 | null;
}

export interface EvaluatorPlan { readonly name: string; readonly role: 'guardrail' | 'signal'; readonly margin: number | null; readonly floor: number | null; /** Every case has to pass it; absent: no. */ readonly mustPass?: true }

export interface RolloutPolicy {
  readonly name: string;
  readonly tier: RiskTier;
  readonly evaluation: {
    readonly dataset: string;
    readonly evaluators: readonly EvaluatorPlan[];
    readonly repetitions: number;
    readonly callsMax: number;
    /** Absent: no cap, as policies of earlier versions have none. */
    readonly spendMaxUsd?: number;
    /** Tags of cases that must not collapse behind a good mean; absent: none. */
    readonly slices?: readonly string[];
    /** PASS is a ticket for this long. */
    readonly ageMaxSec: number;
  };
  readonly approvals: { readonly count: number; readonly outsideTeam: number; readonly expireSec: number };
  readonly blockSec: number;
  readonly leaseMs: number;
  readonly alpha: { readonly harm: number; readonly promote: number };
  readonly errorBudget: number;
  readonly stages: readonly StagePlan[];
  readonly metrics: readonly MetricPlan[];
  readonly bake: { readonly durationMinSec: number; readonly durationMaxSec: number; readonly holdbackBp: number };
  readonly pausedMaxSec: number;
  /** A model id that names no dated version may change under one's feet. */
  readonly floatingModels: 'allow' | 'refuse';
  /** Absent in policies of 0.1, as are the next two; `asMeant` says what that meant. */
  readonly aim?: Aim;
  /** How long the new stable is held against the toplines after PROMOTED; 0: not at all. */
  readonly watchSec?: number;
  readonly topline?: readonly Topline[];
}

/** A stored policy is what its digest is of: nothing is added to it. What it leaves out means what it meant when it was put. */
export const asMeant = ({ aim, watchSec, topline }: RolloutPolicy): { readonly aim: Aim; readonly watchSec: number; readonly topline: readonly Topline[] } =>
  ({ aim: aim ?? 'notWorse', watchSec: watchSec ?? 0, topline: topline ?? [] });

/** What is left out takes the tier's default; a caller may also say `null`. */
type Left<T> = T | null | undefined;

/** A policy as people write it, after the wall has read it: `PutRolloutPolicyInput` without application and idempotency key. */
export interface PolicyInput {
  readonly name: string;
  readonly evaluation: {
    readonly dataset: string;
    readonly evaluators: readonly { readonly name: string; readonly role?: Left<'guardrail' | 'signal'>; readonly margin?: Left<number>; readonly floor?: Left<number>; readonly mustPass?: Left<boolean> }[];
    /** For every evaluator that names none of its own. */
    readonly margin?: Left<number>;
    readonly repetitions?: Left<number>; readonly callsMax?: Left<number>; readonly spendMaxUsd?: Left<number>; readonly ageMaxSec?: Left<number>; readonly slices?: Left<readonly string[]>;
  };
  readonly approvals?: Left<{ readonly count?: Left<number>; readonly outsideTeam?: Left<number>; readonly expireSec?: Left<number> }>;
  readonly blockSec?: Left<number>; readonly leaseMs?: Left<number>;
  readonly alpha?: Left<{ readonly harm?: Left<number>; readonly promote?: Left<number> }>;
  readonly errorBudget?: Left<number>;
  readonly stages?: Left<readonly { readonly weightBp: number; readonly durationMinSec: number; readonly durationMaxSec?: Left<number> }[]>;
  readonly metrics: readonly MetricInput[];
  readonly bake?: Left<{ readonly durationMinSec?: Left<number>; readonly durationMaxSec?: Left<number>; readonly holdbackBp?: Left<number> }>;
  readonly pausedMaxSec?: Left<number>;
  readonly floatingModels?: Left<'allow' | 'refuse'>;
  readonly aim?: Left<Aim>; readonly watchSec?: Left<number>; readonly topline?: Left<readonly Topline[]>;
}
export interface MetricInput {
  readonly name: string; readonly from?: Left<string>; readonly role?: Left<MetricRole>; readonly kind?: Left<MetricKind>; readonly maturityMs?: Left<number>;
  readonly tolerance?: Left<number>; readonly margin?: Left<number>; readonly relative?: Left<boolean>; readonly objectiveMs?: Left<number>; readonly cap?: Left<number>;
  readonly share?: Left<number>; readonly excessWeight?: Left<number>; readonly missingAs?: Left<number>;
}
