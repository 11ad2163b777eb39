import { defineSignal, defineUpdate } from '@temporalio/workflow';
import type { CalibrationBirth } from '../activities/index.js';
import type { ErrorCode } from '../core/errors.js';
import type { ReleaseState } from '../core/release/index.js';
import type { Actor, EvaluationPlan, NewRelease, Once, RolledBackNote } from '../store/index.js';

/** All a release's workflow is started with: ids, digests and the pinned plan. */
export interface ReleaseOrder { readonly release: NewRelease; readonly reason: string }

/** What became of a start. `repeated`: the same key found what it began before, maybe ended by now. */
export type Birth =
  | { readonly kind: 'opened' | 'repeated'; readonly release: string; readonly state: ReleaseState }
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };

/** What people do to an open release. Every act names its release: the workflow id belongs to the environment. */
export interface Act { readonly release: string; readonly actor: Actor; readonly name: string; readonly team: string; readonly reason: string; /** Id of the update, the idempotency of the act. */ readonly id: string }
export interface AcknowledgeAct extends Act { readonly metric: string }
export type ActResult = { readonly kind: 'done' | 'repeated'; readonly state: ReleaseState } | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };

export const bornUpdate = defineUpdate<Birth, []>('born');
export const approveUpdate = defineUpdate<ActResult, [Act]>('approve');
export const rejectUpdate = defineUpdate<ActResult, [Act]>('reject');
export const pauseUpdate = defineUpdate<ActResult, [Act]>('pause');
export const resumeUpdate = defineUpdate<ActResult, [Act]>('resume');
export const cancelUpdate = defineUpdate<ActResult, [Act]>('cancel');
export const acknowledgeUpdate = defineUpdate<ActResult, [AcknowledgeAct]>('acknowledge');
export const rolledBackSignal = defineSignal<[RolledBackNote]>('rolledBack');

/** All an evaluation's workflow is started with. */
export interface EvaluationOrder { readonly evaluation: string; readonly application: string; readonly identity: string; readonly attempt: number; readonly once: Once; readonly requestedBy: Actor; readonly plan: EvaluationPlan; readonly answersKeepSec: number }
export type EvaluationBirth = { readonly kind: 'opened' | 'repeated'; readonly evaluation: string } | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };
export const evaluationBornUpdate = defineUpdate<EvaluationBirth, []>('evaluationBorn');
export const cancelEvaluationUpdate = defineUpdate<{ readonly kind: 'done' }, [{ readonly evaluation: string; readonly actor: Actor; readonly reason: string; readonly id: string }]>('cancelEvaluation');

/** Answered once the calibration is written down, or refused. */
export const calibrationBornUpdate = defineUpdate<CalibrationBirth, []>('calibrationBorn');
