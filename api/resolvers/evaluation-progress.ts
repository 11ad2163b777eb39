import type { EvaluationDoc } from '../../store/index.js';
import { UnauthenticatedError } from '../../core/errors.js';
import { decide } from '../../core/access.js';
import type { Context } from '../context.js';
import type { SubscriptionEvaluationProgressArgs } from '../generated.js';
import { evaluationOf } from './evaluation.js';

const LOOK_MS = 250;
/** A stream without news asks this often whether its key still lives. */
const KEY_LOOKS = 20;

/**
 * The evaluation as it is, then whenever it has come further, and as it ended. Who may see it is asked when the stream begins and again before each
 * part; a stream whose key has ended, ends.
 */
export async function evaluationProgress({ id }: SubscriptionEvaluationProgressArgs, context: Context): Promise<AsyncGenerator<EvaluationDoc>> {
  await evaluationOf(context, id);
  return changesOf(id, context);
}

async function* changesOf(id: string, { deps, again }: Context): AsyncGenerator<EvaluationDoc> {
  let seen = 0;
  for (let looks = 1; ; looks += 1) {
    const evaluation = await deps.evaluations.find(id);
    if (evaluation === null) return;
    const isNew = evaluation.rev !== seen;
    if (isNew || looks % KEY_LOOKS === 0) {
      const principal = await again();
      if (principal === null || decide(principal, 'read', { kind: 'evaluation', id, application: evaluation.application }).kind !== 'allow') throw new UnauthenticatedError('The key or session of this stream has ended.');
    }
    seen = evaluation.rev;
    if (isNew) yield evaluation;
    if (evaluation.state !== 'RUNNING') return;
    await deps.pause(LOOK_MS);
  }
}
