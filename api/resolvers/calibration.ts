import { BadInputError, IdempotencyError, SlipwayError } from '../../core/errors.js';
import { isJudge } from '../../core/score/index.js';
import { CalibrateJudgeInput } from '../../schema/calibration.js';
import { read } from '../../schema/read.js';
import type { CalibrationDoc } from '../../store/index.js';
import { actorOf, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type { CalibrationResolvers, MutationResolvers, QualificationResolvers, QueryResolvers } from '../generated.js';
import { applicationOf, connectionOf, pageOf, present } from './pages.js';

export const calibrationQueries = {
  calibration: async (_root, { id }, { deps, may }) => {
    const found = present(await deps.calibrations.find(id), 'calibration', id);
    may({ kind: 'calibration', id, application: found.application });
    return found;
  },
  calibrations: async (_root, { application, evaluator, ...args }, context) => {
    await applicationOf(context, application);
    return connectionOf(await context.deps.calibrations.list(application, evaluator ?? null, pageOf(args)));
  },
} satisfies QueryResolvers;

export const calibrationMutations = {
  calibrateJudge: async (_root, args, context) => {
    const input = read(CalibrateJudgeInput, args.input);
    const { application, callsMax, spendMaxUsd } = input;
    const { deps, principal } = context;
    await applicationOf(context, application);
    const once = onceOf(context, 'calibrateJudge', input);
    const former = await deps.calibrations.byOnce(application, once.key);
    if (former !== null) return sameCalibration(former, once.args, input.idempotencyKey);
    const evaluator = present(await deps.evaluators.find(application, input.evaluator, input.version ?? 'latest'), 'evaluator', input.evaluator);
    if (!isJudge(evaluator.spec)) throw new BadInputError(`${evaluator.name} is computed (${evaluator.spec.kind}); only a judge is held against people.`, 'Name an evaluator of a kind that asks a model: docs/evaluators.md.');
    const dataset = present(await deps.datasets.find(application, input.dataset, input.datasetVersion ?? 'latest'), 'dataset', input.dataset);
    const { name, version, digest, items } = dataset;
    const birth = await deps.orders.startCalibration({
      calibration: deps.newId(), application, evaluator: { name: evaluator.name, version: evaluator.version, digest: evaluator.digest }, dataset: { name, version, digest, items },
      callsMax, ...(spendMaxUsd === undefined ? {} : { spendMaxUsd }), once, requestedBy: actorOf(principal),
    });
    if (birth.kind === 'refused') throw new SlipwayError(birth.code, birth.message, birth.hint);
    return sameCalibration(present(await deps.calibrations.find(birth.calibration), 'calibration', birth.calibration), once.args, input.idempotencyKey);
  },
} satisfies MutationResolvers;

/** What is wrong with the labels is known once they have been read, by the workflow: a mistake of whoever asked, and told as one. */
function sameCalibration(doc: CalibrationDoc, args: string, idempotencyKey: string): CalibrationDoc {
  if (doc.once.args !== args) throw new IdempotencyError(idempotencyKey);
  if (doc.state === 'FAILED' && doc.error?.startsWith('BAD_INPUT: ') === true) throw new BadInputError(doc.error.slice('BAD_INPUT: '.length), 'Each case needs judged: { answer, label }, and other where a pair is judged; docs/evaluators.md shows one.');
  return doc;
}

export const calibrationFields = {
  id: ({ _id }) => _id, evaluator: ({ evaluator }) => evaluator.name, version: ({ evaluator }) => evaluator.version,
  dataset: ({ application, dataset }, _args, { deps }: Context) => deps.datasets.find(application, dataset.name, dataset.version),
} satisfies CalibrationResolvers;

export const qualificationFields = {
  model: ({ of }) => of.model, attacks: ({ attacks: { n, through, ids } }) => ({ tried: n, through, ids: [...ids] }),
  positionConsistency: ({ position }) => position?.consistency ?? null, positionBias: ({ position }) => position?.bias ?? null,
} satisfies QualificationResolvers;
