/**
 * What a gate is told and what it says: the plan and the lines of the replay language (statistics.md section 6), the closed lists of
 * reasons (delivery.md section 3), and the kinds of decision and verdict. Types only, and the defaults of section 5.
 */

/** Why a release is held, in the order of delivery.md section 3; the first that applies is the headline. Unknown conditions are READ_FAILED. */
export const HOLD_REASONS = [
  'MANUAL_PAUSE', 'LEASE_LOST', 'APPROVAL', 'FREEZE', 'TOPLINE_BREACH', 'SRM', 'MULTIPLE_EXPOSURES', 'READ_FAILED', 'STALE_DATA', 'NO_DATA',
  'TOO_FEW', 'IMMATURE', 'JUDGE_UNAVAILABLE', 'PROVIDER_ERROR', 'SIGNAL_ALARM', 'ERROR_BUDGET', 'MIN_DURATION', 'EVIDENCE_PENDING', 'AUDIT_LAG',
] as const;
export type HoldReason = (typeof HOLD_REASONS)[number];

/** Why an evaluation ended without a PASS or a FAIL. */
export const INCONCLUSIVE_REASONS = ['TOO_FEW', 'ERROR_SHARE', 'JUDGE_UNQUALIFIED', 'BUDGET_SPENT', 'DEADLINE'] as const;
export type InconclusiveReason = (typeof INCONCLUSIVE_REASONS)[number];

/** `guardrail` rolls back and must pass, `signal` only holds, `observe` decides nothing. */
export type MetricRole = 'guardrail' | 'signal' | 'observe';

/** Defaults of section 5, where a plan says nothing. */
export const GATE_DEFAULTS = {
  alpha: 0.01, alphaPromote: 0.05, alphaSrm: 0.001, alphaCs: 0.05, alphaGate: 0.05, minBlocks: 2, errorBudget: 25, v0: 0.75, weightBp: 5_000,
  kappa: 50, minUnits: 1, minUnitsOfMoments: 100, errorShareMax: 0.1,
} as const;

/** The plan object of section 6. Pinned by digest when a release is requested; a changed plan is a new release. */
export interface GatePlan {
  readonly format: 1;
  /** at least one, ids unique, at least one guardrail */
  readonly metrics: readonly GateMetric[];
  /** level of all harm tests together, split by shares */
  readonly alpha?: number;
  readonly alphaPromote?: number;
  readonly alphaSrm?: number;
  readonly alphaCs?: number;
  /** blocks with units in both arms before a metric may decide */
  readonly minBlocks?: number;
  /** expected excess bad responses allowed to the next stage */
  readonly errorBudget?: number;
  /** `null` = plain products instead of the restart mixture (2.2) */
  readonly restart?: { readonly v0?: number } | null;
  readonly weightBp?: number;
  readonly stage?: StageFields;
}

/** Every value is oriented so that larger is worse. */
export type GateMetric = BinaryMetric | HistogramMetric | MomentsMetric | UnitsMetric;
/** The metrics that compare the arms: all but the assignment's. */
export type TestedMetric = BinaryMetric | HistogramMetric | MomentsMetric;

interface TestedFields {
  readonly id: string;
  readonly role: MetricRole;
  /** part of alpha, in (0,1]; required unless `observe` */
  readonly share?: number;
  readonly excessWeight?: number;
  readonly minUnits?: number;
  readonly halfLifeBlocks?: number | null;
}
interface Margins {
  readonly rho?: number;
  /** strictly ascending; `act` is the one that promotes. One below 0 asks for more than not worse: better by at least so much, 0 for better */
  readonly margins: readonly number[];
  readonly act: number;
}

/** A rate. */
export interface BinaryMetric extends TestedFields {
  readonly type: 'binary';
  /** stable's rate of the last 24 h, and its weight in units */
  readonly prior: { readonly p0: number; readonly kappa?: number };
  readonly harm?: BinaryHarm | null;
  readonly ni?: BinaryNonInferiority | null;
}
export interface BinaryHarm { readonly rho?: number; readonly tolerance?: number; readonly odds?: readonly number[]; readonly learned?: boolean }
export interface BinaryNonInferiority extends Margins { readonly odds?: readonly number[]; readonly learned?: boolean }

/** Stable's mean and variance of the last 24 h, and their weight in units. */
export interface MeanPriorFields { readonly mean: number; readonly variance: number; readonly kappa?: number }

/** The mean of values in [0, cap], decided by betting on their histogram. */
export interface HistogramMetric extends TestedFields {
  readonly type: 'histogram';
  readonly cap?: number;
  readonly prior: MeanPriorFields;
  readonly harm?: HistogramHarm | null;
  readonly ni?: HistogramNonInferiority | null;
}
export interface HistogramHarm { readonly rho?: number; readonly tolerance?: number; readonly effects?: readonly number[]; readonly trunc?: number }
export interface HistogramNonInferiority extends Margins { readonly effects?: readonly number[]; readonly trunc?: number }

/** A mean without a bound, decided by the score process. */
export interface MomentsMetric extends TestedFields {
  readonly type: 'moments';
  readonly prior: MeanPriorFields;
  readonly harm: MomentsHarm | null;
  readonly ni?: MomentsNonInferiority | null;
}
export interface MomentsHarm { readonly rho?: number; readonly tolerance?: number; readonly scale: number }
export interface MomentsNonInferiority extends Margins { readonly scale: number }

/** Is the split what was asked for? An alarm holds (SRM), it never takes back. */
export interface UnitsMetric { readonly id: string; readonly type: 'units'; readonly tilts?: readonly number[] }

/** What comes from outside: from the policy, the clock, the traffic. */
export interface Stage {
  readonly last: boolean;
  readonly minMet: boolean;
  readonly maxMet: boolean;
  /** candidate units expected in the next stage's minimum duration */
  readonly nextUnits: number;
  /** reasons set by the caller */
  readonly hold: readonly HoldReason[];
}
export type StageFields = Partial<Stage>;

/** May be on every line, ignored by the decision. */
export interface LineNotes { readonly at?: string; readonly note?: string }

/** An arm's statistics in a block, by the metric's type. */
export type ArmStatistics =
  | { readonly n: number; readonly k: number }
  | { readonly n: number; readonly sum: number; readonly sumsq: number }
  | { readonly h: readonly (readonly [number, number])[] }
  | { readonly n: number };

export interface BlockFields extends LineNotes { readonly metric: string; readonly i: number; readonly stable: ArmStatistics; readonly candidate: ArmStatistics }
export interface BlockLine { readonly block: BlockFields }
export interface BirthLine { readonly birth: LineNotes & { readonly metric?: string } }
export interface WeightLine { readonly weight: LineNotes & { readonly bp: number } }
export interface StageLine { readonly stage: LineNotes & StageFields }
export interface AcknowledgeLine { readonly acknowledge: LineNotes & { readonly metric: string } }

/** One line of the replay language after the plan. */
export type GateLine = BlockLine | BirthLine | WeightLine | StageLine | AcknowledgeLine;

/** What a look ends in. HOLD is a value with reasons, never an absence. */
export type GateDecision =
  | { readonly decision: 'HOLD'; readonly reasons: readonly [HoldReason, ...HoldReason[]] }
  | { readonly decision: 'ADVANCE' }
  | { readonly decision: 'PROMOTE' }
  | Rollback;
export type Rollback =
  | { readonly decision: 'ROLLBACK'; readonly reason: 'HARM'; readonly metric: string; readonly block: number }
  | { readonly decision: 'ROLLBACK'; readonly reason: 'STAGE_MAX' };

/** What one test of one evaluator has shown. `limit` is -delta of a margin, the floor of a floor. */
export interface TestEvidence {
  readonly test: 'MARGIN' | 'FLOOR';
  readonly limit: number;
  readonly logEPass: number;
  readonly passThreshold: number;
  readonly logEFail: number;
  readonly failThreshold: number;
  /** items the paired e-test is likely to want in all at what was seen, and how many are missing; `null` when no number would do, or none is known */
  readonly needed: number | null;
  readonly more: number | null;
}

/** Scores in [0,1], larger is better; errors are among the n, with their declared score. */
export interface EvaluatorEvidence {
  readonly evaluator: string;
  readonly role: 'guardrail' | 'signal';
  readonly n: number;
  readonly errors: { readonly candidate: number; readonly baseline: number };
  readonly meanCandidate: number | null;
  readonly meanBaseline: number | null;
  readonly dbar: number | null;
  /** of the differences; of the candidate's scores where there is no baseline */
  readonly sd: number | null;
  readonly tests: readonly TestEvidence[];
  /** Parts of the dataset that were named; absent where none were. */
  readonly slices?: readonly SliceEvidence[];
}
/** `logE`: evidence that the slice has lost more than is tolerated, the highest of its questions. */
export interface SliceEvidence { readonly slice: string; readonly n: number; readonly meanCandidate: number | null; readonly meanBaseline: number | null; readonly logE: number; /** Null of a signal, which fails nothing. */ readonly threshold: number | null }
export interface Evidence { readonly items: number; readonly available: number | null; readonly evaluators: readonly EvaluatorEvidence[] }

/** A line that was crossed, with the evidence at that moment. MUST_PASS: one case did not pass what every case has to; `observed` is its score. */
export interface Breach {
  readonly evaluator: string;
  readonly test: 'MARGIN' | 'FLOOR' | 'MUST_PASS';
  /** The part of the dataset that collapsed; absent where it is the whole. */
  readonly slice?: string;
  /** Its place in the permutation, of a case that had to pass. */
  readonly position?: number;
  readonly observed: number;
  readonly limit: number;
  readonly logE: number;
  readonly threshold: number;
}

/** What was crossed, in one clause that a person can act on. */
export function sentenceOfBreach({ evaluator, test, slice, observed, limit }: Breach): string {
  const where = slice === undefined ? evaluator : `${evaluator}, slice ${slice}`;
  switch (test) {
    case 'MUST_PASS': return `${evaluator}: a case scored ${observed.toFixed(2)}, and every case must pass`;
    case 'FLOOR': return `${where}: ${observed.toFixed(2)} is below the floor of ${limit}`;
    case 'MARGIN': return `${where}: worse than the baseline by ${Math.abs(observed).toFixed(2)}${limit === 0 ? '' : `, tolerated is ${Math.abs(limit)}`}`;
  }
}

/** An evaluation's end; it always brings its evidence. */
export type Verdict =
  | { readonly kind: 'PASS'; readonly evidence: Evidence }
  | { readonly kind: 'FAIL'; readonly evidence: Evidence; readonly breaches: readonly [Breach, ...Breach[]] }
  | { readonly kind: 'INCONCLUSIVE'; readonly evidence: Evidence; readonly holds: readonly [InconclusiveReason, ...InconclusiveReason[]] };
