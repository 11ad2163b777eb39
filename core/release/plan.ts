/** What a policy asks of a release, with every default filled in: the form that is pinned by digest and stored. */

export type RiskTier = 'LOW' | 'LIMITED' | 'HIGH';
export const RISK_TIERS = ['LOW', 'LIMITED', 'HIGH'] as const satisfies readonly RiskTier[];

/** One step of the ramp. */
export interface StagePlan { readonly weightBp: number; readonly durationMinSec: number; readonly durationMaxSec: number }

/** `guardrail` alone is any guardrail; `thumbsDown` in a policy is written out as `feedback:thumbs_down`. */
export type Feed = 'error' | 'guardrail' | `guardrail:${string}` | `feedback:${string}`;
export type MetricRole = 'guardrail' | 'signal' | 'observe';

export interface MetricPlan {
  readonly name: string;
  readonly from: Feed;
  readonly role: MetricRole;
  readonly kind: 'rate';
  /** A unit counts once this long after its block has ended. */
  readonly maturityMs: number;
  /** tau: degradation that must not roll back. */
  readonly tolerance: number;
  /** delta: the largest degradation that may be promoted; null: this metric cannot promote. */
  readonly margin: number | null;
  /** Part of the harm alpha; shares of guardrail and signal metrics sum to 1. */
  readonly share: number;
  readonly excessWeight: number;
  /** Value of a unit that reported something, but nothing for this metric. */
  readonly missingAs: 0 | 1;
}

export interface EvaluatorPlan { readonly name: string; readonly role: 'guardrail' | 'signal'; readonly margin: number | null; readonly floor: number | null }

export interface RolloutPolicy {
  readonly name: string;
  readonly tier: RiskTier;
  readonly evaluation: {
    readonly dataset: string;
    readonly evaluators: readonly EvaluatorPlan[];
    readonly repetitions: number;
    readonly callsMax: number;
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
}

/** What is left out takes the tier's default; a caller may also say `null`. */
type Left<T> = T | null | undefined;

/** A policy as people write it, after the wall has read it: `PutRolloutPolicyInput` without application and idempotency key. */
export interface PolicyInput {
  readonly name: string;
  readonly evaluation: {
    readonly dataset: string;
    readonly evaluators: readonly { readonly name: string; readonly role?: Left<'guardrail' | 'signal'>; readonly margin?: Left<number>; readonly floor?: Left<number> }[];
    /** For every evaluator that names none of its own. */
    readonly margin?: Left<number>;
    readonly repetitions?: Left<number>; readonly callsMax?: Left<number>; readonly ageMaxSec?: Left<number>;
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
}
export interface MetricInput {
  readonly name: string; readonly from?: Left<string>; readonly role?: Left<MetricRole>; readonly maturityMs?: Left<number>; readonly tolerance?: Left<number>;
  readonly margin?: Left<number>; readonly share?: Left<number>; readonly excessWeight?: Left<number>; readonly missingAs?: Left<number>;
}
