import type { EvaluationDoc } from '../../store/index.js';
import type { Context } from '../context.js';
import type { SubscriptionEvaluationProgressArgs } from '../generated.js';
import { evaluationOf } from './evaluation.js';
import { newsOf } from './stream.js';

/** The evaluation as it is, then whenever it has come further, and as it ended. Who may see it is asked when the stream begins, too. */
export async function evaluationProgress({ id }: SubscriptionEvaluationProgressArgs, context: Context): Promise<AsyncGenerator<EvaluationDoc>> {
  await evaluationOf(context, id);
  let seen = 0;
  return newsOf({
    find: () => context.deps.evaluations.find(id), isOver: ({ state }) => state !== 'RUNNING',
    resourceOf: ({ application }) => ({ kind: 'evaluation', id, application }),
    freshOf: (evaluation) => {
      const isNew = evaluation.rev !== seen;
      seen = evaluation.rev;
      return isNew ? [evaluation] : [];
    },
  }, context);
}
