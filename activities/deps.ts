import type { Digest, ReleaseId, ApplicationKey } from '../core/ids.js';
import type { HoldReason } from '../core/gate/index.js';
import type { ReleaseState } from '../core/release/index.js';
import { quorum } from '../core/release/index.js';
import type { Answer, EvaluatorSpec, Others, ScoreResult } from '../core/score/index.js';
import type { Provider } from '../providers/index.js';
import type {
  Actor, BlockReads, BundleReads, CalibrationReads, CalibrationWrites, ConnectionDoc, DatasetItem, DatasetReads, EnvironmentReads, EnvironmentWrites, EvaluationPlan, EvaluationReads, EvaluationWrites,
  EvaluatorReads, Intent, ModelVersionDoc, Once, ReleaseDoc, ReleaseReads, ReleaseWrites, RollbackWrites, WatchEnd, WatchReads, WatchWrites,
} from '../store/index.js';
import type { Permits } from './permits.js';

/** The orders an activity may place; the room above hands them over. */
export interface ActivityOrders {
  startEvaluation(order: {
    readonly evaluation: string; readonly application: string; readonly identity: string; readonly attempt: number; readonly once: Once;
    readonly requestedBy: Actor; readonly plan: EvaluationPlan; readonly answersKeepSec: number;
  }): Promise<unknown>;
}

/** What the world is made of, for activities. */
export interface ActivityDeps {
  readonly releases: ReleaseReads & ReleaseWrites;
  readonly environments: EnvironmentReads & EnvironmentWrites & Pick<RollbackWrites, 'rollback' | 'revert'>;
  readonly watches: WatchReads & WatchWrites;
  readonly evaluations: EvaluationReads & EvaluationWrites;
  readonly calibrations: CalibrationReads & CalibrationWrites;
  readonly blocks: BlockReads;
  readonly bundles: Pick<BundleReads, 'content'>;
  readonly datasets: Pick<DatasetReads, 'items'>;
  readonly evaluators: Pick<EvaluatorReads, 'find'>;
  readonly orders: ActivityOrders;
  readonly providerFor: (connection: ConnectionDoc) => Provider;
  readonly permits: Permits;
  /** Embeds what the evaluator needs embedded, then scores. An error is a value. Judges are not scored here: they are asked through `providerFor`. */
  readonly score: (spec: EvaluatorSpec, answer: Answer, item: DatasetItem, others: Others) => Promise<ScoreResult>;
  /** A model version and its connection; null where there is none. */
  readonly judgeFor: (application: ApplicationKey, name: string, version: number) => Promise<{ readonly model: ModelVersionDoc; readonly connection: ConnectionDoc } | null>;
  /** Seconds that the oldest untold intent has waited. */
  readonly auditLagSec: () => Promise<number>;
  /** `sha256:` + hex of the canonical form. */
  readonly digest: (value: unknown) => Digest;
  readonly newId: () => string;
  readonly monotonicMs: () => number;
  readonly trace: { span<T>(name: string, attributes: Readonly<Record<string, string | number | boolean>>, run: () => Promise<T>): Promise<T> };
  /** Version of the code, and of the engine whose logarithms are used: kept on receipts. */
  readonly code: string;
  readonly tell: (event: ActivityEvent) => void;
}
/** What operators follow in the log, by release and trace. */
export type ActivityEvent =
  | { readonly event: 'release.moved'; readonly release: ReleaseId; readonly environment: string; readonly from: ReleaseState; readonly to: ReleaseState; readonly reason: string | null }
  | { readonly event: 'watch.alarm'; readonly level: 'warn'; readonly release: ReleaseId; readonly environment: string; readonly reason: string }
  | { readonly event: 'watch.ended'; readonly release: ReleaseId; readonly environment: string; readonly outcome: WatchEnd; readonly reason: string | null }
  | { readonly event: 'calibration.finished'; readonly calibration: string; readonly application: ApplicationKey; readonly state: string; readonly status: string | null }
  | { readonly event: 'evaluation.flagged'; readonly level: 'warn'; readonly evaluation: string; readonly application: ApplicationKey; readonly flag: string }
  | { readonly event: 'evaluation.finished'; readonly evaluation: string; readonly application: ApplicationKey; readonly state: string; readonly verdict: string | null };

/** Which release, and the epoch its writes are fenced by. */
export interface ReleaseAt { readonly release: ReleaseId; readonly application: ApplicationKey; readonly environment: string; readonly epoch: number }

/** A release's document as far as its workflow follows it. */
export interface Standing {
  readonly state: ReleaseState;
  /** Counts the document's entries: of two standings the higher is the later. */
  readonly seq: number;
  /** Index of the stage; the bake's is the number of stages. */
  readonly stage: number | null;
  /** The quorum is reached. */
  readonly approved: boolean;
}
export const standingOf = ({ state, seq, stage, approvals, policy, ownerTeam }: ReleaseDoc): Standing =>
  ({ state, seq, stage: stage?.index ?? null, approved: quorum({ approvals, plan: policy.plan.approvals, ownerTeam }).reached });

/** What is written along with a move. */
export interface StateDetail {
  /** Type of the event; the state's own by default. */
  readonly type?: string;
  readonly reason?: string;
  readonly actor?: Actor;
  readonly stage?: { readonly index: number; readonly weightBp: number };
  readonly still?: boolean;
  readonly holds?: readonly HoldReason[];
  readonly approvalExpiresInSec?: number;
}

/** Who acts when nobody else does. */
export const SLIPWAY: Actor = { id: 'slipway:workflow', kind: 'slipway' };

/** The intent of a write: told to the audit chain under the id of the write itself, so that a repeat is told once. */
export const intentOf = (application: ApplicationKey, id: string, action: string, actor: Actor, subject: string, reason?: string): Intent =>
  ({ id, application, action, actor, subject, ...(reason === undefined ? {} : { reason }) });
