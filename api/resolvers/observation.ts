import { BadInputError } from '../../core/errors.js';
import { RecordFeedbackInput } from '../../schema/observation.js';
import { read } from '../../schema/read.js';
import { onceOf } from '../acts.js';
import type { MutationResolvers } from '../generated.js';
import { applicationOf } from './pages.js';

export const observationMutations = {
  /** True when it will be counted; false when it was stored and belongs to nothing that is open. */
  recordFeedback: async (_root, args, context) => {
    const input = read(RecordFeedbackInput, args.input);
    const { application, token, label, value, comment } = input;
    await applicationOf(context, application);
    const outcome = await context.deps.report(application, { token, label, value, ...(comment === undefined ? {} : { comment }), id: context.deps.sha256(onceOf(context, 'recordFeedback', input).key) });
    if (!outcome.counted && (outcome.cause === 'bad_signature' || outcome.cause === 'foreign')) throw new BadInputError('token: it is not an assignment of this application.', 'Send the text of slipway.assignment as it was served.');
    return outcome.counted;
  },
} satisfies MutationResolvers;
