/** The product's verbs as orders to Temporal. With Temporal away every one of them throws UnavailableError, and nothing was written. */
import type { AcknowledgeAct, Act, ActResult, Birth, EvaluationBirth, EvaluationOrder, ReleaseOrder } from '../workflows/messages.js';
import type { RolledBackNote } from '../store/index.js';

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
  /** Signal `rolledBack` from the relay. A workflow that is gone is fine: there is nobody left to tell. */
  noteRolledBack(workflowId: string, note: RolledBackNote): Promise<void>;
  ping(): Promise<void>;
  close(): Promise<void>;
}
