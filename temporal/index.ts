/** The product's verbs as orders to Temporal. With Temporal away every one of them throws UnavailableError, and nothing was written. */
import { createHash } from 'node:crypto';
import {
  Client, Connection, ServiceError, WithStartWorkflowOperation, WorkflowExecutionAlreadyStartedError, WorkflowNotFoundError, WorkflowUpdateFailedError, isGrpcServiceError,
} from '@temporalio/client';
import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { UpdateDefinition } from '@temporalio/common';
import { UnavailableError } from '../core/errors.js';
import type { CalibrationBirth, CalibrationOrder } from '../activities/index.js';
import type { RolledBackNote } from '../store/index.js';
import {
  acknowledgeUpdate, approveUpdate, bornUpdate, calibrationBornUpdate, cancelEvaluationUpdate, cancelUpdate, evaluationBornUpdate, pauseUpdate, rejectUpdate, resumeUpdate, rolledBackSignal,
} from '../workflows/messages.js';
import type { AcknowledgeAct, Act, ActResult, Birth, EvaluationBirth, EvaluationOrder, ReleaseOrder } from '../workflows/messages.js';
import { EVALUATION_QUEUE, TASK_QUEUE, calibrationWorkflowId, evaluationWorkflowId, releaseWorkflowId } from '../workflows/names.js';

export interface Orders {
  /** Starts `release/<application>/<environment>` with update-with-start and waits at most 5 s for the birth. A running workflow: `running`, for the caller to name the winner. */
  startRelease(order: ReleaseOrder): Promise<Birth | { readonly kind: 'running' }>;
  approve(application: string, environment: string, act: Act): Promise<ActResult>;
  reject(application: string, environment: string, act: Act): Promise<ActResult>;
  pause(application: string, environment: string, act: Act): Promise<ActResult>;
  resume(application: string, environment: string, act: Act): Promise<ActResult>;
  cancel(application: string, environment: string, act: Act): Promise<ActResult>;
  acknowledge(application: string, environment: string, act: AcknowledgeAct): Promise<ActResult>;
  /** Starts, or joins what runs under the same identity and attempt. */
  startEvaluation(order: EvaluationOrder): Promise<EvaluationBirth>;
  cancelEvaluation(application: string, identity: string, attempt: number, act: { readonly evaluation: string; readonly actor: Act['actor']; readonly reason: string; readonly id: string }): Promise<void>;
  /** Starts, or finds what the same key started. */
  startCalibration(order: CalibrationOrder): Promise<CalibrationBirth>;
  /** Signal `rolledBack` from the relay. A workflow that is gone is fine: there is nobody left to tell. */
  noteRolledBack(workflowId: string, note: RolledBackNote): Promise<void>;
  /** True only when Temporal knows no workflow of this environment's releases, or says that the last one has closed. @throws UnavailableError while it cannot say */
  isReleaseGone(application: string, environment: string): Promise<boolean>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

export interface OrdersOptions {
  /** `host:port`; nothing is connected before the first order, and what breaks is connected again by the next. */
  readonly address: string;
  readonly namespace: string;
  /** What every call to a workflow passes through. */
  readonly interceptors?: readonly WorkflowClientInterceptor[];
  /** How long any order may take. */
  readonly limitMs?: number;
}

/** Ids of updates have a limit; keys of ours may be longer, and hold what a caller wrote. */
const updateIdOf = (key: string): string => createHash('sha256').update(key).digest('hex');
/** How often, and how long apart, a workflow that may just be ending is asked again. */
const ENDING_TRIES = 3;
const ENDING_MS = 200;
const GONE: ActResult = { kind: 'refused', code: 'CONFLICT', message: 'No release is open here.', hint: 'Look at the environment: its release has ended.' };

/** One client of Temporal. */
export function createOrders({ address, namespace, interceptors = [], limitMs = 5_000 }: OrdersOptions): Orders {
  // No retries of the library's own: they outlive their call, and one that wakes after `close` ends the process. And no long back-off:
  // what was away for an hour must be found within a second of its return.
  const connection = Connection.lazy({
    address, connectTimeout: limitMs, interceptors: [], channelArgs: { 'grpc.initial_reconnect_backoff_ms': 200, 'grpc.max_reconnect_backoff_ms': 1_000 },
  });
  const client = new Client({ connection, namespace, interceptors: { workflow: [...interceptors] } });

  /** Every call is bounded, and every way in which Temporal can be away is the same to the caller. */
  async function bounded<T>(run: () => Promise<T>): Promise<T> {
    const signal = AbortSignal.timeout(limitMs);
    const late = new Promise<never>((_resolve, reject) => { signal.addEventListener('abort', () => { reject(new UnavailableError(`Temporal did not answer within ${limitMs} ms.`)); }); });
    try {
      return await Promise.race([connection.withAbortSignal(signal, () => retried(run, signal)), late]);
    } catch (error) {
      throw signal.aborted || isAway(error) ? new UnavailableError('Temporal does not answer.', 'Try again with the same idempotency key; slipway doctor says which part is down.') : error;
    } finally { late.catch(() => undefined); }
  }

  /** A connection that was lost while idle fails the first call; all orders may be repeated, so this one is. */
  async function retried<T>(run: () => Promise<T>, signal: AbortSignal): Promise<T> {
    for (let tried = 1; ; tried += 1) {
      try { return await run(); } catch (error) { if (tried === TRIES || signal.aborted || codeOf(error) !== GRPC_UNAVAILABLE) throw error; }
      await new Promise((resolve) => { setTimeout(resolve, RETRY_MS); });
    }
  }

  const act = <A extends Act>(definition: UpdateDefinition<ActResult, [A]>) => (application: string, environment: string, order: A): Promise<ActResult> =>
    bounded(async () => {
      try {
        return await client.workflow.getHandle(releaseWorkflowId(application, environment)).executeUpdate(definition, { args: [order], updateId: updateIdOf(order.id) });
      } catch (error) {
        // An update that fails was lost because its workflow ended first: then there is nothing left to act on either.
        if (error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError) return GONE;
        throw error;
      }
    });

  return {
    startRelease: (order) => bounded(async () => {
      const { application, environment, once } = order.release;
      for (let tried = 1; ; tried += 1) {
        const startWorkflowOperation = new WithStartWorkflowOperation('runRelease', {
          workflowId: releaseWorkflowId(application, environment), taskQueue: TASK_QUEUE, args: [order], workflowIdConflictPolicy: 'FAIL',
        });
        try {
          return await client.workflow.executeUpdateWithStart(bornUpdate, { updateId: updateIdOf(once.key), startWorkflowOperation });
        } catch (error) {
          if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
          if (tried === ENDING_TRIES) return { kind: 'running' } as const;
        }
        // A release whose document has ended is followed by its workflow within moments: that is no conflict.
        await new Promise((resolve) => { setTimeout(resolve, ENDING_MS); });
      }
    }),
    approve: act(approveUpdate), reject: act(rejectUpdate), pause: act(pauseUpdate), resume: act(resumeUpdate), cancel: act(cancelUpdate), acknowledge: act(acknowledgeUpdate),

    startEvaluation: (order) => bounded(() => client.workflow.executeUpdateWithStart(evaluationBornUpdate, {
      updateId: updateIdOf(order.once.key),
      startWorkflowOperation: new WithStartWorkflowOperation('runEvaluation', {
        workflowId: evaluationWorkflowId(order.application, order.identity, order.attempt), taskQueue: EVALUATION_QUEUE, args: [order], workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    })),
    cancelEvaluation: (application, identity, attempt, order) => bounded(async () => {
      try {
        await client.workflow.getHandle(evaluationWorkflowId(application, identity, attempt)).executeUpdate(cancelEvaluationUpdate, { args: [order], updateId: updateIdOf(order.id) });
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError || error instanceof WorkflowUpdateFailedError)) throw error;   // it has ended by itself
      }
    }),
    startCalibration: (order) => bounded(() => client.workflow.executeUpdateWithStart(calibrationBornUpdate, {
      updateId: updateIdOf(order.once.key),
      startWorkflowOperation: new WithStartWorkflowOperation('runCalibration', {
        workflowId: calibrationWorkflowId(order.application, updateIdOf(order.once.key)), taskQueue: EVALUATION_QUEUE, args: [order], workflowIdConflictPolicy: 'USE_EXISTING',
      }),
    })),
    noteRolledBack: (workflowId, note) => bounded(async () => {
      try {
        await client.workflow.getHandle(workflowId).signal(rolledBackSignal, note);
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    }),
    isReleaseGone: (application, environment) => bounded(async () => {
      try {
        const { status: { name } } = await client.workflow.getHandle(releaseWorkflowId(application, environment)).describe();
        return CLOSED.has(name);
      } catch (error) {
        if (error instanceof WorkflowNotFoundError) return true;
        throw error;
      }
    }),
    ping: () => bounded(async () => { await connection.healthService.check({}); }),
    close: () => connection.close(),
  };
}

/** Statuses that a workflow does not come back from; PAUSED and what is not known are none. */
const CLOSED: ReadonlySet<string> = new Set(['COMPLETED', 'FAILED', 'CANCELLED', 'TERMINATED', 'TIMED_OUT']);
const GRPC_UNAVAILABLE = 14;
const TRIES = 3;
const RETRY_MS = 150;
/** gRPC's codes for "not now": cancelled, unknown, deadline, exhausted, aborted, internal, unavailable. */
const AWAY = new Set([1, 2, 4, 8, 10, 13, GRPC_UNAVAILABLE]);

/** The gRPC code of an error, wherever the client has put it. */
function codeOf(error: unknown): number | null {
  if (isGrpcServiceError(error)) return error.code;
  return error instanceof Error && isGrpcServiceError(error.cause) ? error.cause.code : null;
}

function isAway(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== null) return AWAY.has(code);
  return error instanceof ServiceError || (error instanceof Error && /RPCTimeout/.test(error.name));
}
