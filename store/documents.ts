/**
 * The documents and, per collection, a reading and a writing half. Every time in a document is the database's (`$$NOW`); every write that
 * changes a state carries its intents.
 */
import type { Grant, Role, Scope } from '../core/access.js';
import type { Split } from '../core/assignment/index.js';
import type { DatasetItem } from '../core/dataset/index.js';
import type { GateDecision, GateLine, GatePlan, GateState, GuardFinding, HoldReason, Verdict, WatchBlock, WatchBreach, Watched, WatchState } from '../core/gate/index.js';
import type { ActorId, ApplicationKey, BundleDigest, CalibrationId, Digest, EnvironmentId, EvaluationId, ReleaseId } from '../core/ids.js';
import type { Allotment, LimitRules, LimitState, Take } from '../core/limit/index.js';
import type { ReleaseState, RiskTier, RolloutPolicy } from '../core/release/index.js';
import type { EvaluatorSpec, Qualification } from '../core/score/index.js';

// ── what is common to all documents ────────────────────────────────────────────────────────────────────────────────

/** Who did it, as the record keeps it. */
export interface Actor { readonly id: ActorId; readonly kind: 'person' | 'ci' | 'application' | 'slipway'; readonly authMethod?: string }

/**
 * One act that must be told: written inside the document it is about, copied out by the relay (idempotently, by `id`) to the
 * audit chain and to what else it names, then removed.
 */
export interface Intent {
  readonly id: string;
  readonly application: ApplicationKey;
  /** `release.promoted`, `bundle.created` …: delivery's event types. */
  readonly action: string;
  readonly actor: Actor;
  /** What it happened to: a release id, an environment id, `prompt/answer/3` … */
  readonly subject: string;
  readonly reason?: string;
  readonly beforeDigest?: Digest;
  readonly afterDigest?: Digest;
  /** Copied into `splits`. */
  readonly split?: Omit<SplitDoc, '_id' | 'shape' | 'at'>;
  /** A release of kind REVERT that the relay writes, born terminal. */
  readonly revert?: RevertRecord;
  /** Sent to the workflow `release/<application>/<environment>` as signal `rolledBack`. */
  readonly note?: { readonly workflowId: string; readonly rolledBack: RolledBackNote };
}
/** What the database adds when the intent is written. */
export interface StoredIntent extends Intent { readonly at: Date }
export interface RolledBackNote { readonly release: ReleaseId; readonly rev: number; readonly epoch: number; readonly forCause: boolean; readonly reason: string; readonly actor: Actor }
export interface RevertRecord {
  readonly id: ReleaseId; readonly environment: string; readonly candidate: BundleDigest; readonly baseline: BundleDigest;
  readonly rev: number; readonly epoch: number; readonly reason?: string; readonly key: string; readonly args: Digest; readonly requestedBy: Actor;
}

/** `principal|mutation|idempotencyKey` and the digest of the canonical arguments: unique per application. */
export interface Once { readonly key: string; readonly args: Digest }
/** A repeat under the same key: `same` arguments give the first result, others are a CONFLICT for the caller to raise. */
export type Inserted<T> = { readonly kind: 'inserted' | 'repeated'; readonly doc: T } | { readonly kind: 'reused'; readonly doc: T };

export interface Page<T> { readonly items: readonly T[]; readonly next: string | null }
/** `first` <= 100; `after` is the cursor of a former page. */
export interface PageRequest { readonly first: number; readonly after?: string }

// ── inventory: written by api ──────────────────────────────────────────────────────────────────────────────────────

export interface ApplicationDoc {
  readonly _id: ApplicationKey; readonly shape: 1; readonly team: string; readonly owner: string; readonly deputy: string; readonly tier: RiskTier;
  readonly purpose: string; readonly environments: readonly { readonly name: string; readonly protected: boolean }[];
  readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
export interface PersonDoc { readonly _id: string; readonly shape: 1; readonly name: string; readonly team: string; readonly createdAt: Date; readonly intents: readonly StoredIntent[] }
export interface GrantDoc { readonly _id: string; readonly shape: 1; readonly person: string; readonly application: ApplicationKey | '*'; readonly role: Role; readonly endsAt: Date | null; readonly grantedBy: ActorId; readonly createdAt: Date; readonly intents: readonly StoredIntent[] }
export interface ApiKeyDoc {
  /** The public key id: the first 8 of the 30 characters. */
  readonly _id: string; readonly shape: 1; readonly kind: 'ap' | 'ci' | 'st'; readonly hash: string; readonly name: string;
  readonly application: ApplicationKey | '*'; readonly environment?: string; readonly scopes?: readonly Scope[]; readonly person?: string; readonly authMethod?: 'dev' | 'admin-issued';
  readonly once: Once; readonly createdBy: ActorId; readonly createdAt: Date; readonly expiresAt: Date; readonly revokedAt: Date | null; readonly intents: readonly StoredIntent[];
}
export interface ConnectionDoc {
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly kind: 'openai-compatible' | 'openai-responses' | 'anthropic' | 'sandbox';
  readonly baseUrl: string; /** A reference, `env:OPENAI_API_KEY` or `file:openai`, never the secret. */ readonly secretRef: string | null;
  /** Of all workers together. Null and absent: the rate is learned, each worker has its own bound. */ readonly requestsPerMin?: number | null; readonly concurrencyMax?: number | null;
  readonly once: Once; readonly createdBy: ActorId; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
/** How the calls of one connection are shared out: one document, whoever asks. Times in `state` are milliseconds of the database's clock. */
export interface LimitDoc { readonly _id: string /* application/connection */; readonly shape: 1; readonly application: ApplicationKey; readonly connection: string; readonly rev: number; readonly state: LimitState; readonly at: Date }
export interface LimitWrites {
  /**
   * Decides by `core/limit` at the database's time, and writes what it leaves where nobody else has written since it was read.
   * Nothing is allotted where others were always quicker: `againMs` says when to ask again. A take that was written and not heard of is lost, and comes back by its lease.
   */
  take(application: ApplicationKey, connection: string, rules: LimitRules, take: Take): Promise<Allotment>;
}
export interface PromptMessage { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }
export interface PromptVersionDoc {
  /** `application/prompt/version`. */
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly prompt: string; readonly version: number; readonly digest: Digest;
  readonly messages: readonly PromptMessage[]; readonly variables: readonly string[]; readonly message: string; readonly author: ActorId;
  readonly source: { readonly repository: string; readonly path: string; readonly commit: string } | null;
  readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
export interface ModelParameters { readonly temperature?: number; readonly topP?: number; readonly maxTokens?: number; readonly seed?: number; readonly stop?: readonly string[]; readonly stream?: boolean }
/** Per million tokens. A kind that is not said costs what others of its side cost. */
export interface Price { readonly input: number; readonly output: number; readonly cachedInput?: number; readonly reasoning?: number }
export interface ModelVersionDoc {
  /** `application/name/version`. */
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly version: number; readonly digest: Digest;
  readonly connection: string; readonly model: string; readonly floating: boolean; readonly parameters: ModelParameters; readonly safety: Readonly<Record<string, string>>;
  readonly priceUsdPerMTok: Price | null; readonly author: ActorId; readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
export interface ContextVersionDoc {
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly version: number; readonly digest: Digest;
  readonly embeddingModel: string; readonly index: string; readonly topK: number; readonly reranker: string | null; readonly author: ActorId; readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
export interface GuardrailPolicyDoc {
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly version: number; readonly digest: Digest;
  readonly checks: readonly { readonly name: string; readonly kind: string; readonly threshold: number | null }[]; readonly author: ActorId; readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
/** The canonical form's parts, empty ones left out. A part names the version and pins its content. */
export interface BundleParts {
  readonly prompts?: Readonly<Record<string, Pinned>>; readonly model?: Pinned & { readonly name: string }; readonly context?: Pinned & { readonly name: string };
  readonly guardrails?: Readonly<Record<string, Pinned>>; readonly tools?: readonly { readonly name: string; readonly schema: unknown }[]; readonly safety?: Readonly<Record<string, string>>;
}
export interface Pinned { readonly version: number; readonly digest: Digest }
export interface BundleDoc {
  readonly _id: string /* application/digest */; readonly shape: 1; readonly application: ApplicationKey; readonly digest: BundleDigest;
  /** Digest of the same form without version numbers: what a quarantine holds on to, so that a re-registered text stays out. */
  readonly contents: Digest;
  readonly parts: BundleParts; readonly authors: readonly ActorId[]; readonly floatingModel: boolean; readonly createdBy: ActorId; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
/** All that serving and evaluating need of a bundle, resolved. */
export interface BundleContent {
  readonly digest: BundleDigest; readonly contents: Digest; readonly application: ApplicationKey; readonly authors: readonly ActorId[];
  readonly prompts: readonly PromptVersionDoc[]; readonly model: ModelVersionDoc | null; readonly connection: ConnectionDoc | null; readonly context: ContextVersionDoc | null;
  readonly guardrails: readonly GuardrailPolicyDoc[]; readonly tools: readonly { readonly name: string; readonly schema: unknown }[]; readonly safety: Readonly<Record<string, string>>;
}
export interface DatasetDoc {
  /** `application/name/version`. */
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly version: number; readonly digest: Digest; readonly items: number;
  /** Cases tagged as attacks, and those of the hidden slice; not known of versions that were imported before they were counted. */
  readonly adversarial?: number; readonly hidden?: number;
  /** The sets its items are kept under, in their order; without them they are all under the version's own digest. */
  readonly parts?: readonly DatasetPart[];
  readonly author: ActorId; readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
/** Items that arrived together, under the digest of their content. */
export interface DatasetPart { readonly digest: Digest; readonly items: number }
export type { DatasetItem };
/** One case of a version, in file order; `itemDigest` is the digest of its content. */
export interface DatasetItemDoc { readonly _id: string /* application/name/version/index */; readonly shape: 1; readonly application: ApplicationKey; readonly dataset: string; readonly index: number; readonly itemDigest: Digest; readonly item: DatasetItem }
export interface EvaluatorDoc {
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly version: number; readonly digest: Digest; readonly spec: EvaluatorSpec;
  readonly author: ActorId; readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}
export interface PolicyDoc {
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly version: number; readonly digest: Digest; readonly policy: RolloutPolicy;
  readonly author: ActorId; readonly once: Once; readonly createdAt: Date; readonly intents: readonly StoredIntent[];
}

// ── environments ───────────────────────────────────────────────────────────────────────────────────────────────────

export interface Quarantine { readonly digest: BundleDigest; readonly contents: Digest; readonly release: ReleaseId; readonly reason: string; readonly at: Date }
export interface EnvironmentDoc {
  readonly _id: EnvironmentId; readonly shape: 1; readonly application: ApplicationKey; readonly name: string; readonly rev: number; readonly epoch: number;
  readonly split: Split | null; readonly previous: BundleDigest | null;
  /** The last 16 splits, newest last, by which ingest checks tokens. */
  readonly recent: readonly (Split & { readonly rev: number })[];
  readonly lease: { readonly seq: number; readonly at: Date; readonly ms: number };
  readonly open: { readonly release: ReleaseId; readonly epoch: number } | null;
  readonly quarantine: readonly Quarantine[]; readonly touchedAt: Date; readonly intents: readonly StoredIntent[];
}
/** The environment as it is served: with what remains of the lease, by the database's clock, in the query that read it. */
export interface ServedEnvironment { readonly doc: EnvironmentDoc; readonly leaseLeftMs: number; readonly now: Date }
export interface SplitDoc {
  /** `application/environment/rev`. */
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly environment: string; readonly rev: number; readonly epoch: number;
  readonly stable: BundleDigest; readonly candidate?: BundleDigest; readonly weightBp: number; readonly leaseMs: number; readonly release: ReleaseId | null; readonly at: Date;
}
/** What became of a write that named the revision or epoch it was based on. */
export type SplitWrite =
  | { readonly kind: 'written'; readonly rev: number; readonly epoch: number }
  | { readonly kind: 'repeated'; readonly rev: number; readonly epoch: number }
  | { readonly kind: 'superseded'; readonly rev: number; readonly epoch: number };
export type Opened =
  | { readonly kind: 'opened'; readonly rev: number; readonly epoch: number; readonly stable: BundleDigest | null }
  | { readonly kind: 'held'; readonly release: ReleaseId }
  | { readonly kind: 'quarantined'; readonly reason: string };
export type Renewal = { readonly kind: 'renewed'; readonly seq: number } | { readonly kind: 'lapsed' } | { readonly kind: 'superseded'; readonly rev: number; readonly epoch: number };
export type RolledBack =
  | { readonly kind: 'rolledBack' | 'repeated'; readonly rev: number; readonly epoch: number; readonly at: Date }
  | { readonly kind: 'notOpen' };
export type Reverted =
  | { readonly kind: 'reverted' | 'repeated'; readonly rev: number; readonly epoch: number; readonly stable: BundleDigest; readonly takenBack: BundleDigest; readonly release: ReleaseId; readonly at: Date }
  | { readonly kind: 'open'; readonly release: ReleaseId } | { readonly kind: 'noPrevious' } | { readonly kind: 'raced' };

export interface EnvironmentReads {
  find(application: ApplicationKey, environment: string): Promise<EnvironmentDoc | null>;
  /** With the lease that remains, computed where the clock is. */
  served(application: ApplicationKey, environment: string): Promise<ServedEnvironment | null>;
  /** Touched after `since` (null: all). One indexed query. */
  touched(since: Date | null): Promise<readonly ServedEnvironment[]>;
  splits(application: ApplicationKey, environment: string, page: PageRequest): Promise<Page<SplitDoc>>;
  readers(application: ApplicationKey, environment: string): Promise<readonly (ReaderDoc & { readonly ageMs: number })[]>;
  now(): Promise<Date>;
}
export interface OpenRelease { readonly application: ApplicationKey; readonly environment: string; readonly release: ReleaseId; readonly candidate: BundleDigest; readonly contents: Digest; readonly intent: Intent }
export interface SetWeight { readonly application: ApplicationKey; readonly environment: string; readonly release: ReleaseId; readonly epoch: number; readonly rev: number; readonly candidate: BundleDigest; readonly weightBp: number; readonly leaseMs: number; readonly intent: Intent }
export interface Promote { readonly application: ApplicationKey; readonly environment: string; readonly release: ReleaseId; readonly epoch: number; readonly rev: number; readonly candidate: BundleDigest; readonly leaseMs: number; readonly intent: Intent }
export interface Rollback { readonly application: ApplicationKey; readonly environment: string; readonly release: ReleaseId; readonly candidate: BundleDigest; readonly contents: Digest; readonly forCause: boolean; readonly reason: string; readonly intent: Intent }
export interface Revert { readonly application: ApplicationKey; readonly environment: string; readonly rev: number; /** Contents digest of what is taken back. */ readonly contents: Digest; readonly reason?: string; readonly actor: Actor; readonly once: Once; readonly intentId: string }
/** Activities write these; every one of them filters on the epoch that `open` gave. */
export interface EnvironmentWrites {
  /** Creates the document if it is the first release, then sets `open`, raising the epoch, where `open` is null and the contents are not quarantined. Repeating for the same release is 'opened' again. */
  open(order: OpenRelease): Promise<Opened>;
  /** A new revision: candidate, weight, a fresh lease. Filters on epoch and rev; a repeat (same intent id) is 'repeated'. */
  setWeight(order: SetWeight): Promise<SplitWrite>;
  /** Raises `lease.seq` alone, where epoch and rev are unchanged and the lease has not lapsed by the database's clock. */
  renew(order: { readonly application: ApplicationKey; readonly environment: string; readonly epoch: number; readonly rev: number }): Promise<Renewal>;
  /** The candidate becomes stable; `previous` is the old one; `open` ends. */
  promote(order: Promote): Promise<SplitWrite>;
  /** A release that ended before it had weight: `open` is set to null, the split is as it was. */
  close(order: { readonly application: ApplicationKey; readonly environment: string; readonly release: ReleaseId; readonly epoch: number; readonly intent: Intent | null }): Promise<SplitWrite>;
}
/** All that the API may write on an environment. It needs neither Temporal nor anybody's permission to be effective. */
export interface RollbackWrites {
  /** Filters on `_id` and `open.release` only: drops the candidate, raises rev and epoch, ends `open`, quarantines for cause. Without a stable the epoch alone rises. */
  rollback(order: Rollback): Promise<RolledBack>;
  /** Filters on `open: null` and the rev that was read: `previous` back, rev and epoch raised, `previous` null, today's bundle quarantined when a reason is given. */
  revert(order: Revert): Promise<Reverted>;
  liftQuarantine(order: { readonly application: ApplicationKey; readonly environment: string; readonly digest: BundleDigest; readonly intent: Intent }): Promise<EnvironmentDoc | null>;
}
export interface ReaderDoc { readonly _id: string /* application/environment/reader */; readonly shape: 1; readonly application: ApplicationKey; readonly environment: string; readonly reader: string; readonly epoch: number; readonly rev: number; readonly leaseSeq: number; readonly at: Date; /** When this reader first said so of this rev. */ readonly revAt: Date }
export interface ReaderWrites { acknowledge(ack: { readonly application: ApplicationKey; readonly environment: string; readonly reader: string; readonly epoch: number; readonly rev: number; readonly leaseSeq: number }): Promise<void> }

// ── evaluations ────────────────────────────────────────────────────────────────────────────────────────────────────

export type EvaluationState = 'RUNNING' | 'FINISHED' | 'CANCELLED' | 'FAILED';
/** What a judge may decide, by which calibration, and as which model. */
export interface JudgeStanding { readonly calibration: string; readonly model: string; readonly mayPass: boolean; readonly mayFail: boolean }
/** Everything the verdict depends on, pinned; its digest is the evaluation's identity. */
export interface EvaluationPlan {
  readonly bundle: BundleDigest; readonly baseline: BundleDigest | 'none';
  readonly dataset: { readonly name: string; readonly version: number; readonly digest: Digest; readonly items: number };
  readonly evaluators: readonly { readonly name: string; readonly version: number; readonly digest: Digest; readonly role: 'guardrail' | 'signal'; readonly margin: number | null; readonly floor: number | null; /** Of a judge that may decide something: what its newest calibration says when the plan is pinned. */ readonly standing?: JudgeStanding; /** Absent: no. */ readonly mustPass?: true }[];
  readonly policy: { readonly name: string; readonly digest: Digest }; readonly repetitions: number; readonly callsMax: number; readonly seed: number;
  /** Absent: no cap. */ readonly spendMaxUsd?: number;
  /** Absent: none. */ readonly slices?: readonly string[];
}
export interface EvaluationProgress {
  readonly items: number; readonly itemsTotal: number; readonly calls: number; readonly errors: number; /** Unknown is null, never 0. */ readonly costUsd: number | null;
  /** What the answers that were there already had cost. */ readonly savedUsd?: number | null;
  /** What a person should know of the models that answered, in sentences; absent where nobody looked. */ readonly flags?: readonly string[];
}
export interface EvaluationDoc {
  readonly _id: EvaluationId; readonly shape: 1; readonly application: ApplicationKey; readonly identity: Digest; readonly attempt: number; readonly state: EvaluationState; readonly plan: EvaluationPlan;
  readonly verdict: Verdict | null; readonly error: string | null;
  readonly progress: EvaluationProgress;
  readonly once: Once; readonly requestedBy: Actor; readonly createdAt: Date; readonly finishedAt: Date | null; readonly rev: number; readonly intents: readonly StoredIntent[];
}
export interface AnswerDoc {
  /** `application/bundle/itemDigest/repetition`. */
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly bundle: BundleDigest; readonly item: Digest; readonly repetition: number;
  readonly text: string | null; readonly error: string | null; readonly finishReason: string | null; readonly model: string | null; readonly inputTokens: number | null; readonly outputTokens: number | null; readonly costUsd: number | null; readonly durationMs: number; readonly at: Date; readonly expiresAt: Date;
  /** What the following say of a call is absent in answers of earlier versions; null is not reported. */
  readonly fingerprint?: string | null; readonly cachedInputTokens?: number | null; readonly reasoningTokens?: number | null; readonly firstTokenMs?: number | null;
  readonly toolCalls?: readonly { readonly name: string; readonly arguments: string }[];
}
export interface ScoreDoc { readonly _id: string /* answer id / evaluator digest */; readonly shape: 1; readonly application: ApplicationKey; readonly value: number | null; readonly error: string | null; readonly label: string | null; readonly explanation: string | null; readonly at: Date; readonly expiresAt: Date; /** Of a judge that was asked: the model that says it judged; null where nobody was. Absent in scores of earlier versions. */ readonly model?: string | null }
export interface EvaluationReads {
  find(id: EvaluationId): Promise<EvaluationDoc | null>;
  byOnce(application: ApplicationKey, key: string): Promise<EvaluationDoc | null>;
  /** Newest attempt first. */
  byIdentity(application: ApplicationKey, identity: Digest): Promise<readonly EvaluationDoc[]>;
  list(filter: { readonly application?: ApplicationKey; readonly applications?: readonly ApplicationKey[]; readonly bundle?: BundleDigest; readonly state?: EvaluationState }, page: PageRequest): Promise<Page<EvaluationDoc>>;
  answers(application: ApplicationKey, ids: readonly string[]): Promise<readonly AnswerDoc[]>;
  scores(application: ApplicationKey, ids: readonly string[]): Promise<readonly ScoreDoc[]>;
}
export interface EvaluationWrites {
  insert(doc: Omit<EvaluationDoc, 'shape' | 'createdAt' | 'finishedAt' | 'intents' | 'rev' | 'verdict' | 'error' | 'state' | 'progress'>, intent: Intent): Promise<Inserted<EvaluationDoc>>;
  saveAnswers(docs: readonly Omit<AnswerDoc, 'shape' | 'at' | 'expiresAt'>[], keepSec: number): Promise<void>;
  saveScores(docs: readonly Omit<ScoreDoc, 'shape' | 'at' | 'expiresAt'>[], keepSec: number): Promise<void>;
  /** False when the evaluation is not RUNNING any more. */
  progress(id: EvaluationId, progress: EvaluationDoc['progress']): Promise<boolean>;
  /** RUNNING → state; a repeat finds it done. */
  finish(id: EvaluationId, end: { readonly state: Exclude<EvaluationState, 'RUNNING'>; readonly verdict: Verdict | null; readonly error: string | null }, intent: Intent): Promise<EvaluationDoc>;
}

/** How far a judge agrees with people: one asking of all cases of a labelled dataset, and of the attacks. */
export interface CalibrationDoc {
  readonly _id: CalibrationId; readonly shape: 1; readonly application: ApplicationKey; readonly state: Exclude<EvaluationState, 'CANCELLED'>;
  /** The evaluator version that judges. */
  readonly evaluator: { readonly name: string; readonly version: number; readonly digest: Digest };
  readonly dataset: EvaluationPlan['dataset'];
  readonly callsMax: number; /** Absent: no cap. */ readonly spendMaxUsd?: number;
  readonly progress: { readonly probes: number; readonly probesTotal: number; readonly calls: number; readonly errors: number; /** Unknown is null, never 0. */ readonly costUsd: number | null };
  readonly qualification: Qualification | null; readonly error: string | null;
  readonly once: Once; readonly requestedBy: Actor; readonly createdAt: Date; readonly finishedAt: Date | null; readonly rev: number; readonly intents: readonly StoredIntent[];
}
export interface CalibrationReads {
  find(id: CalibrationId): Promise<CalibrationDoc | null>;
  byOnce(application: ApplicationKey, key: string): Promise<CalibrationDoc | null>;
  /** The newest that FINISHED, of this evaluator version. */
  newest(application: ApplicationKey, evaluator: Digest): Promise<CalibrationDoc | null>;
  list(application: ApplicationKey, evaluator: string | null, page: PageRequest): Promise<Page<CalibrationDoc>>;
}
export interface CalibrationWrites {
  insert(doc: Pick<CalibrationDoc, '_id' | 'application' | 'evaluator' | 'dataset' | 'callsMax' | 'spendMaxUsd' | 'once' | 'requestedBy'> & { readonly probesTotal: number }, intent: Intent): Promise<Inserted<CalibrationDoc>>;
  progress(id: CalibrationId, progress: CalibrationDoc['progress']): Promise<void>;
  /** RUNNING → state; a repeat finds it done. */
  finish(id: CalibrationId, end: { readonly state: 'FINISHED' | 'FAILED'; readonly qualification: Qualification | null; readonly error: string | null }, intent: Intent): Promise<CalibrationDoc>;
}

// ── releases ───────────────────────────────────────────────────────────────────────────────────────────────────────

export interface TimelineEntry {
  readonly id: string; readonly seq: number; readonly type: string; readonly at: Date; readonly actor: Actor; readonly state: ReleaseState; readonly reason?: string;
  readonly data?: Readonly<Record<string, string | number | boolean | null | readonly string[]>>;
}
export interface ApprovalRecord { readonly approver: ActorId; readonly name: string; readonly team: string; readonly authMethod: string; readonly digest: Digest; readonly comment: string; readonly at: Date }
export interface TicketDoc { readonly evaluation: EvaluationId; readonly bundle: BundleDigest; readonly baseline: BundleDigest | 'none'; readonly datasetDigest: Digest; readonly evaluatorDigests: readonly Digest[]; readonly policyDigest: Digest; readonly verdict: 'PASS'; readonly finishedAt: Date }
/** What a rollback cost, as far as it is known. */
export interface RollbackSummary {
  readonly rev: number; readonly forCause: boolean; readonly reason: string; readonly decidedBy: string; readonly receipt: string | null; readonly committedAt: Date;
  readonly convergedAt: Date | null; readonly convergeMs: number | null; readonly stragglers: readonly string[]; readonly leaseEnded: boolean;
}
/** How a watch ended: its time was over, something else became stable, or it took its bundle back. */
export type WatchEnd = 'OVER' | 'SUPERSEDED' | 'REVERTED';
/** The watch of what a release made stable, since PROMOTED. Tokens of the release count from `rev` on: its split without a candidate. */
export interface WatchRecord { readonly rev: number; readonly since: Date; readonly until: Date; readonly open: boolean; readonly outcome: WatchEnd | null; readonly endedAt: Date | null }
export interface ReleaseDoc {
  readonly _id: ReleaseId; readonly shape: 1; readonly kind: 'RELEASE' | 'REVERT'; readonly application: ApplicationKey; readonly environment: string; readonly once: Once;
  readonly state: ReleaseState; readonly open: boolean; readonly epoch: number | null; readonly candidate: BundleDigest; readonly contents: Digest; readonly baseline: BundleDigest | 'none' | null;
  readonly requestedBy: Actor; readonly message: string; readonly tier: RiskTier; readonly ownerTeam: string; readonly authors: readonly ActorId[];
  readonly policy: { readonly name: string; readonly version: number; readonly digest: Digest; readonly plan: RolloutPolicy }; readonly gate: GatePlan | null;
  readonly dataset: { readonly name: string; readonly version: number; readonly digest: Digest; readonly items: number };
  readonly evaluators: EvaluationPlan['evaluators'];
  readonly evaluation: EvaluationId | null; readonly ticket: TicketDoc | null; readonly approvals: readonly ApprovalRecord[]; readonly approvalsNeeded: number; readonly approvalExpiresAt: Date | null;
  /** Index of the stage, since when, and how long its clock stood still. Null before CANARY; the bake has index = number of stages. */
  readonly stage: { readonly index: number; readonly weightBp: number; readonly since: Date; readonly stillMs: number; readonly stillSince: Date | null } | null;
  readonly holds: readonly HoldReason[]; readonly rollback: RollbackSummary | null; /** Absent where nothing was or is watched. */ readonly watch?: WatchRecord;
  readonly timeline: readonly TimelineEntry[]; readonly seq: number; readonly createdAt: Date; readonly terminalAt: Date | null; readonly intents: readonly StoredIntent[];
}
/** A receipt: the recorded inputs of one decision; replaying it gives the same decision bit for bit. */
export interface ReceiptDoc {
  /** `release/seq`, seq of 8 digits. */
  readonly _id: string; readonly shape: 1; readonly release: ReleaseId; readonly application: ApplicationKey; readonly seq: number; readonly mode: 'climb' | 'paused' | 'bake'; readonly stage: number; readonly at: Date;
  readonly planDigest: Digest; readonly code: string; readonly lines: readonly GateLine[]; readonly logE: Readonly<Record<string, number>>; readonly thresholds: Readonly<Record<string, number>>;
  readonly state: GateState; readonly decision: GateDecision; readonly reasons: readonly HoldReason[];
  /** Highest block consumed, per metric. */
  readonly through: Readonly<Record<string, number>>;
  /** Both arms against their absolute objectives, after the blocks of these lines; left out where the policy has none. */
  readonly guards?: Guards;
}
export interface Guards { readonly stable: WatchState; readonly candidate: WatchState; readonly finding: GuardFinding }
export interface ReleaseReads {
  find(id: ReleaseId): Promise<ReleaseDoc | null>;
  byOnce(application: ApplicationKey, key: string): Promise<ReleaseDoc | null>;
  openOf(application: ApplicationKey, environment: string): Promise<ReleaseDoc | null>;
  list(filter: { readonly applications?: readonly ApplicationKey[]; readonly application?: ApplicationKey; readonly environment?: string; readonly states?: readonly ReleaseState[] }, page: PageRequest): Promise<Page<ReleaseDoc>>;
  /** Releases whose candidate may have weight, that ended just now, or whose bundle is watched: what the fold works on. */
  exposed(): Promise<readonly ReleaseDoc[]>;
  lastReceipt(release: ReleaseId): Promise<ReceiptDoc | null>;
  /** Newest first, unless the oldest are asked for first. */
  receipts(release: ReleaseId, page: PageRequest, order?: 'newest' | 'oldest'): Promise<Page<ReceiptDoc>>;
}
export type NewRelease = Pick<ReleaseDoc, '_id' | 'application' | 'environment' | 'once' | 'candidate' | 'contents' | 'requestedBy' | 'message' | 'tier' | 'ownerTeam' | 'authors' | 'policy' | 'dataset' | 'evaluators' | 'approvalsNeeded'>;
export interface NewEntry { /** Idempotency of the write. */ readonly id: string; readonly type: string; readonly actor: Actor; readonly reason?: string; readonly data?: TimelineEntry['data'] }
export type ReleasePatch = Partial<Pick<ReleaseDoc, 'epoch' | 'baseline' | 'gate' | 'evaluation' | 'ticket' | 'holds' | 'rollback'>> & {
  /** Start this stage now, by the database's clock. */ readonly stage?: { readonly index: number; readonly weightBp: number };
  /** The stage's clock stands still from now, or goes on. */ readonly still?: boolean;
  /** Approvals run out this long from now. */ readonly approvalExpiresInSec?: number;
  readonly approval?: Omit<ApprovalRecord, 'at'>;
  /** Begins the watch, from the release's end on; one that has begun goes on as it is. */ readonly watch?: { readonly rev: number; readonly forSec: number };
  /** Ends the watch that is open. */ readonly watchEnd?: WatchEnd;
};
export type ReleaseWrite = { readonly kind: 'written' | 'repeated'; readonly doc: ReleaseDoc } | { readonly kind: 'moved'; readonly state: ReleaseState };
export interface ReleaseWrites {
  /** Two unique indexes decide: (application, once.key) and (application, environment) where open. */
  insert(release: NewRelease, entry: NewEntry, intent: Intent): Promise<{ readonly kind: 'inserted' | 'repeated'; readonly doc: ReleaseDoc } | { readonly kind: 'held'; readonly by: ReleaseDoc | null } | { readonly kind: 'reused'; readonly doc: ReleaseDoc }>;
  /** A move: filter on `from`; raises seq, appends the entry, sets `open` and `terminalAt` by the table. Without an intent the event alone is kept on the timeline. */
  move(release: ReleaseId, from: ReleaseState, to: ReleaseState, entry: NewEntry, patch: ReleasePatch, intent: Intent | null): Promise<ReleaseWrite>;
  /** No move: an approval, another headline. With `asOf`, the seq it was decided on, of two decided on the same reading the second is `moved`. */
  annotate(release: ReleaseId, entry: NewEntry | null, patch: ReleasePatch, intent: Intent | null, asOf?: number): Promise<ReleaseWrite>;
  /** The next receipt; `taken` when another look was first. */
  appendReceipt(receipt: Omit<ReceiptDoc, 'shape' | 'at'>): Promise<'appended' | 'taken'>;
}

/** A look of the watch: what it read, and the state that left. Kept among the decisions, apart from those of the gate. */
export interface WatchReceiptDoc {
  /** `watch/release/seq`, seq of 8 digits. */
  readonly _id: string; readonly shape: 1; readonly release: ReleaseId; readonly application: ApplicationKey; readonly seq: number; readonly mode: 'watch'; readonly at: Date;
  readonly planDigest: Digest; readonly code: string; readonly lines: readonly WatchBlock[]; readonly logE: Readonly<Record<string, number>>; readonly thresholds: Readonly<Record<string, number>>;
  readonly state: Watched; readonly breaches: readonly WatchBreach[]; readonly through: Readonly<Record<string, number>>;
}
export interface WatchReads {
  last(release: ReleaseId): Promise<WatchReceiptDoc | null>;
  receipts(release: ReleaseId, page: PageRequest): Promise<Page<WatchReceiptDoc>>;
}
export interface WatchWrites { /** The next receipt; `taken` when another look was first. */ append(receipt: Omit<WatchReceiptDoc, 'shape' | 'at' | 'mode' | '_id'>): Promise<'appended' | 'taken'> }

// ── observations ───────────────────────────────────────────────────────────────────────────────────────────────────

/**
 * One value for one unit. `sec` is the token's assigned-at second: blocks of any length are made of it. Of `slow` the value is milliseconds, of
 * `cost` tokens in (and `output` tokens out: the price is the bundle's), of `evaluation:x` the score as it was given.
 */
export interface Obs {
  readonly release: ReleaseId; readonly arm: 'stable' | 'candidate'; readonly rev: number; readonly sec: number; readonly unit: string; readonly feed: string; readonly value: number; readonly reader: string;
  /** Which call it was, where a unit has the mean of its calls: the same one, reported again, counts once. */
  readonly call?: string;
  readonly output?: number;
}
export interface BatchDoc { readonly _id: string /* application/digest */; readonly shape: 1; readonly application: ApplicationKey; readonly at: Date; readonly obs: readonly Obs[]; /** Spans that were not counted, by cause. */ readonly uncounted: Readonly<Record<string, number>> }
export interface BatchWrites { /** One bulk write; a repeated id changes nothing. Once it is through, each has been visible to everybody since at most `settleMs` after its `at`: what was written more slowly is stamped again. */ accept(batches: readonly Omit<BatchDoc, 'shape' | 'at'>[], settleMs: number): Promise<void> }
export interface BatchReads {
  /** Batches of the application with `at` in [from, to] that have observations of the release. */
  between(application: ApplicationKey, release: ReleaseId, from: Date, to: Date): Promise<readonly BatchDoc[]>;
  /** Uncounted spans by cause in the last `sinceSec` seconds. */
  uncounted(application: ApplicationKey, sinceSec: number): Promise<Readonly<Record<string, number>>>;
  now(): Promise<Date>;
}
/** Of a rate: distinct units, and how many of them are bad. */
export interface ArmCounts { readonly n: number; readonly k: number }
/** Of a score or a mean: units by value, values ascending. A score is kept as badness in steps of 0.01, a mean by the buckets of core/stats, capped. */
export interface ArmHistogram { readonly n: number; readonly h: readonly (readonly [value: number, count: number])[] }
/** Of the assignment: units, whatever they reported. */
export interface ArmUnits { readonly n: number }
interface BlockOf<Arm> {
  /** `application/release/metric/block`, block of 12 digits. */
  readonly _id: string; readonly shape: 1; readonly application: ApplicationKey; readonly release: ReleaseId; readonly metric: string; readonly block: number;
  readonly stable: Arm; readonly candidate: Arm; readonly at: Date;
}
export interface ReaderUnits { readonly reader: string; readonly stable: number; readonly candidate: number }
/** There is none where the units of a block carry more than one rev: a change of weight within a block is no mismatch. */
export interface UnitsBlock extends BlockOf<ArmUnits> {
  /** Whose weight is the one expected. */
  readonly rev: number;
  /** Units that were seen in both arms. */
  readonly both: number;
  /** The readers with the most units, at most 5. */
  readonly readers: readonly ReaderUnits[];
}
/** Both arms of one (release, metric, block): written once from distinct units, never changed. */
export type BlockDoc = BlockOf<ArmCounts> | BlockOf<ArmHistogram> | UnitsBlock;
type Unwritten<Doc> = Doc extends unknown ? Omit<Doc, 'shape' | 'at'> : never;
export type NewBlock = Unwritten<BlockDoc>;
/** Sums over an arm's blocks. Of a rate `sum` is `k`; of the others `k` is 0. */
export interface ArmTotals extends ArmCounts { readonly sum: number; readonly sumsq: number }
export interface BlockReads {
  /** In index order, after the given block. */
  after(application: ApplicationKey, release: ReleaseId, metric: string, block: number): Promise<readonly BlockDoc[]>;
  /** How far the fold has come, per metric: the highest block looked at, empty ones included; and when it last worked. */
  folded(release: ReleaseId): Promise<{ readonly through: Readonly<Record<string, number>>; readonly at: Date | null }>;
  /** Sums per metric over a release: for display. */
  totals(application: ApplicationKey, release: ReleaseId): Promise<readonly { readonly metric: string; readonly stable: ArmTotals; readonly candidate: ArmTotals }[]>;
}
export interface BlockWrites { /** Unordered, duplicates meet their `_id`. */ insert(blocks: readonly NewBlock[]): Promise<void>; through(release: ReleaseId, through: Readonly<Record<string, number>>): Promise<void> }

// ── duties, intents, sweeps ────────────────────────────────────────────────────────────────────────────────────────

export interface DutyWrites {
  /** True while this holder has the duty: taken when free or lapsed, renewed by its holder, by the database's clock. */
  hold(duty: 'relay' | 'fold' | 'sweep', holder: string, ms: number): Promise<boolean>;
  release(duty: 'relay' | 'fold' | 'sweep', holder: string): Promise<void>;
}
export interface AuditDoc {
  readonly _id: string /* application/seq, seq of 10 digits */; readonly shape: 1; readonly application: ApplicationKey; readonly seq: number; readonly intentId: string;
  readonly at: Date; readonly actor: ActorId; readonly actorKind: string; readonly authMethod: string | null; readonly action: string; readonly subject: string; readonly beforeDigest: Digest | null; readonly afterDigest: Digest | null; readonly reason: string | null;
  readonly previousHash: string; readonly hash: string;
}
export interface PendingIntent { readonly collection: string; readonly documentId: string; readonly intent: StoredIntent }
export interface IntentWrites {
  /** Oldest first, over all collections that carry intents. */
  pending(limit: number): Promise<readonly PendingIntent[]>;
  /** Appends the audit event after the chain's head (idempotent by intent id), copies the split, writes the REVERT. The hash of a link is made by `linkOf`, core's. */
  carryOut(pending: PendingIntent, linkOf: (event: Omit<AuditDoc, '_id' | 'shape' | 'hash'>) => string): Promise<void>;
  /** Removes it, once all it names is done. */
  done(pending: PendingIntent): Promise<void>;
}
export interface AuditReads {
  /** In order of seq, from `after` on. */
  list(application: ApplicationKey, after: number, limit: number): Promise<readonly AuditDoc[]>;
  /** The event of one intent: how a repeat of an act on an environment is known after the relay has carried it out. */
  byIntent(application: ApplicationKey, intentId: string): Promise<AuditDoc | null>;
  /** Age in seconds of the oldest intent that waits; 0 when none does. */
  lagSec(): Promise<number>;
}
export interface SweepWrites { /** Deletes up to 500 expired documents; how many it was. */ sweep(): Promise<number> }

// ── inventory: the halves ──────────────────────────────────────────────────────────────────────────────────────────

export interface ApplicationReads { find(key: ApplicationKey): Promise<ApplicationDoc | null>; list(keys: readonly ApplicationKey[] | '*', page: PageRequest): Promise<Page<ApplicationDoc>> }
export interface ApplicationWrites { /** Creates, or (same key of the application, other content) replaces owner, deputy, purpose, environments. */ put(doc: Omit<ApplicationDoc, 'shape' | 'createdAt' | 'intents'>, intent: Intent): Promise<Inserted<ApplicationDoc>> }
export interface PersonReads { find(id: string): Promise<PersonDoc | null>; grantsOf(person: string): Promise<readonly Grant[]>; anyAdmin(): Promise<boolean> }
export interface PersonWrites { put(person: Pick<PersonDoc, '_id' | 'name' | 'team'>, intent: Intent): Promise<PersonDoc> }
export interface GrantWrites { put(grant: Omit<GrantDoc, 'shape' | 'createdAt' | 'intents'>, intent: Intent): Promise<GrantDoc> }
export interface ApiKeyReads { find(id: string): Promise<(ApiKeyDoc & { readonly live: boolean }) | null>; list(application: ApplicationKey, page: PageRequest): Promise<Page<ApiKeyDoc>> }
export interface ApiKeyWrites { insert(doc: Omit<ApiKeyDoc, 'shape' | 'createdAt' | 'expiresAt' | 'revokedAt' | 'intents'> & { readonly lifeSec: number }, intent: Intent): Promise<Inserted<ApiKeyDoc>>; revoke(id: string, intent: Intent): Promise<ApiKeyDoc | null> }
export interface ConnectionReads { find(application: ApplicationKey, name: string): Promise<ConnectionDoc | null>; list(application: ApplicationKey): Promise<readonly ConnectionDoc[]> }
export interface ConnectionWrites { insert(doc: Omit<ConnectionDoc, 'shape' | 'createdAt' | 'intents'>, intent: Intent): Promise<Inserted<ConnectionDoc>> }
type New<T> = Omit<T, '_id' | 'shape' | 'version' | 'createdAt' | 'intents'>;
export interface PromptReads {
  find(application: ApplicationKey, prompt: string, version: number | 'latest'): Promise<PromptVersionDoc | null>;
  list(application: ApplicationKey, prompt: string | null, page: PageRequest): Promise<Page<PromptVersionDoc>>;
  names(application: ApplicationKey): Promise<readonly string[]>;
}
/** The store gives the next number: the unique index on (application, name, version) settles races. */
export interface PromptWrites { insert(doc: New<PromptVersionDoc>, intent: Omit<Intent, 'subject'>): Promise<Inserted<PromptVersionDoc>> }
export interface BundleReads {
  find(application: ApplicationKey, digest: BundleDigest): Promise<BundleDoc | null>;
  /** With all that it pins, read in O(1) commands. Null when there is no such bundle. */
  content(application: ApplicationKey, digest: BundleDigest): Promise<BundleContent | null>;
  model(application: ApplicationKey, name: string, version: number | 'latest'): Promise<ModelVersionDoc | null>;
  /** The latest version of each model of the application, by name, at most 100. */
  models(application: ApplicationKey): Promise<readonly ModelVersionDoc[]>;
  context(application: ApplicationKey, name: string, version: number | 'latest'): Promise<ContextVersionDoc | null>;
  guardrail(application: ApplicationKey, name: string, version: number | 'latest'): Promise<GuardrailPolicyDoc | null>;
}
export interface BundleWrites {
  insert(doc: Omit<BundleDoc, '_id' | 'shape' | 'createdAt' | 'intents'>, intent: Intent): Promise<BundleDoc>;
  insertModel(doc: New<ModelVersionDoc>, intent: Omit<Intent, 'subject'>): Promise<Inserted<ModelVersionDoc>>;
  insertContext(doc: New<ContextVersionDoc>, intent: Omit<Intent, 'subject'>): Promise<Inserted<ContextVersionDoc>>;
  insertGuardrail(doc: New<GuardrailPolicyDoc>, intent: Omit<Intent, 'subject'>): Promise<Inserted<GuardrailPolicyDoc>>;
}
export interface DatasetReads {
  find(application: ApplicationKey, name: string, version: number | 'latest'): Promise<DatasetDoc | null>;
  list(application: ApplicationKey, page: PageRequest): Promise<Page<DatasetDoc>>;
  /** Items by index, in index order. */
  items(application: ApplicationKey, name: string, version: number, indexes: readonly number[]): Promise<readonly DatasetItemDoc[]>;
  /** What there is of a part, in its order. Fewer than `part.items` where it did not arrive whole. */
  part(application: ApplicationKey, name: string, part: DatasetPart): Promise<readonly DatasetItem[]>;
}
/** Items first, then the version that names them: a version that exists is whole. */
export interface DatasetWrites {
  /**
   * Keeps items for a version to come, under the digest of their content: again is the same, and cut off in the middle is mended by again.
   * Nothing refers to them until a version names the part; whoever makes one reads the part first, and holds its digest against it.
   */
  keepPart(application: ApplicationKey, name: string, part: DatasetPart, items: readonly { readonly itemDigest: Digest; readonly item: DatasetItem }[]): Promise<void>;
  /** `items` is empty where the version names parts. */
  insert(doc: New<DatasetDoc>, items: readonly { readonly itemDigest: Digest; readonly item: DatasetItem }[], intent: Omit<Intent, 'subject'>): Promise<Inserted<DatasetDoc>>;
}
export interface EvaluatorReads { find(application: ApplicationKey, name: string, version: number | 'latest'): Promise<EvaluatorDoc | null>; list(application: ApplicationKey): Promise<readonly EvaluatorDoc[]> }
export interface EvaluatorWrites { insert(doc: New<EvaluatorDoc>, intent: Omit<Intent, 'subject'>): Promise<Inserted<EvaluatorDoc>> }
export interface PolicyReads { find(application: ApplicationKey, name: string, version: number | 'latest'): Promise<PolicyDoc | null>; list(application: ApplicationKey, page: PageRequest): Promise<Page<PolicyDoc>> }
export interface PolicyWrites { insert(doc: New<PolicyDoc>, intent: Omit<Intent, 'subject'>): Promise<Inserted<PolicyDoc>> }

// ── the whole ──────────────────────────────────────────────────────────────────────────────────────────────────────

export interface Store {
  readonly applications: ApplicationReads & ApplicationWrites; readonly people: PersonReads & PersonWrites; readonly grants: GrantWrites; readonly apiKeys: ApiKeyReads & ApiKeyWrites; readonly connections: ConnectionReads & ConnectionWrites; readonly limits: LimitWrites;
  readonly prompts: PromptReads & PromptWrites; readonly bundles: BundleReads & BundleWrites; readonly datasets: DatasetReads & DatasetWrites; readonly evaluators: EvaluatorReads & EvaluatorWrites; readonly policies: PolicyReads & PolicyWrites;
  readonly environments: EnvironmentReads & EnvironmentWrites & RollbackWrites & ReaderWrites; readonly evaluations: EvaluationReads & EvaluationWrites; readonly calibrations: CalibrationReads & CalibrationWrites; readonly releases: ReleaseReads & ReleaseWrites; readonly watches: WatchReads & WatchWrites;
  readonly batches: BatchReads & BatchWrites; readonly blocks: BlockReads & BlockWrites; readonly duties: DutyWrites; readonly intents: IntentWrites; readonly audit: AuditReads; readonly sweeps: SweepWrites;
  ping(): Promise<void>;
  close(): Promise<void>;
}

