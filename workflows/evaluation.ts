import { ActivityFailure, CancellationScope, allHandlersFinished, condition, continueAsNew, setHandler, workflowInfo } from '@temporalio/workflow';
import type { BatchProgress } from '../activities/index.js';
import { cancelEvaluationUpdate, evaluationBornUpdate } from './messages.js';
import type { EvaluationBirth, EvaluationOrder } from './messages.js';
import { finishEvaluation, openEvaluation, runBatch } from './proxies.js';

type EvaluationState = 'FINISHED' | 'CANCELLED' | 'FAILED';

/** One evaluation, batch by batch, until the verdict stands or nothing is left to ask. `progress` is where a former run of it left off. */
export async function runEvaluation(order: EvaluationOrder & { readonly progress?: BatchProgress }): Promise<EvaluationState> {
  let birth: EvaluationBirth | null = null;
  let cancel: { readonly reason: string } | null = null;
  let evaluation = order.evaluation;
  setHandler(evaluationBornUpdate, async () => {
    await condition(() => birth !== null);
    if (birth === null) throw new RangeError('born without a birth');
    return birth;
  });
  setHandler(cancelEvaluationUpdate, (act) => {
    if (act.evaluation === evaluation) cancel ??= { reason: act.reason };
    return { kind: 'done' };
  });

  const opened = await openEvaluation(order);
  birth = opened.birth;
  if (opened.birth.kind !== 'refused') evaluation = opened.birth.evaluation;   // what a lost run of this attempt had begun
  if (opened.state !== 'RUNNING') {
    await condition(allHandlersFinished);
    return opened.state === 'FINISHED' || opened.state === 'CANCELLED' ? opened.state : 'FAILED';
  }

  const end = async (state: EvaluationState, error: string | null, progress: BatchProgress | undefined): Promise<EvaluationState> => {
    await finishEvaluation({ evaluation, application: order.application, requestedBy: order.requestedBy, state, error, verdict: progress?.verdict ?? null });
    await condition(allHandlersFinished);
    return state;
  };

  let progress = order.progress;
  // Each activity goes on for some seconds, or until the verdict stands; it says how far it came.
  while ((progress?.through ?? 0) < order.plan.dataset.items) {
    const [from, to] = [progress?.through ?? 0, order.plan.dataset.items];
    const scope = new CancellationScope();
    const batch = scope.run(() => runBatch({ evaluation, application: order.application, plan: order.plan, answersKeepSec: order.answersKeepSec, from, to, before: progress ?? null }));
    const done = await Promise.race([
      batch.catch((error: unknown) => { if (error instanceof ActivityFailure) return error; throw error; }),
      condition(() => cancel !== null).then(() => null),
    ]);
    if (done === null) {
      scope.cancel();
      return end('CANCELLED', reasonOf(cancel), progress);
    }
    if (done instanceof ActivityFailure) return end('FAILED', done.cause?.message ?? done.message, progress);
    progress = done;
    if (progress.isDecided) break;
    if (workflowInfo().continueAsNewSuggested) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof runEvaluation>({ ...order, progress });
    }
  }
  return end('FINISHED', null, progress);
}

/** Handlers set it behind the compiler's back. */
const reasonOf = (cancel: unknown): string => (cancel as { readonly reason: string } | null)?.reason ?? '';
