import { applicationsOf } from '../../core/access.js';
import { digestOf } from '../../core/canonical.js';
import { BadInputError, ConflictError, IdempotencyError, SlipwayError } from '../../core/errors.js';
import { sentenceOfBreach } from '../../core/gate/index.js';
import { faultsOfEvaluator } from '../../core/score/index.js';
import { evaluationPlanOf } from '../../core/release/index.js';
import { CancelEvaluationInput, CreateEvaluatorVersionInput, StartEvaluationInput } from '../../schema/evaluation.js';
import { read } from '../../schema/read.js';
import type { EvaluationDoc, EvaluatorDoc } from '../../store/index.js';
import { actorOf, intentOf, made, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type { EvaluationResolvers, EvaluatorVersionResolvers, MutationResolvers, QueryResolvers, VerdictResolvers } from '../generated.js';
import { environmentOf } from './environment.js';
import { evaluationResults } from './evaluation-results.js';
import { evaluationRows } from './evaluation-rows.js';
import { applicationOf, connectionOf, pageOf, present } from './pages.js';
import { assertHasFloor, candidateOf, pinsOf } from './release-pins.js';

export const evaluationQueries = {
  evaluators: async (_root, { application }, context) => {
    await applicationOf(context, application);
    return context.deps.evaluators.list(application);
  },
  evaluation: (_root, { id }, context) => evaluationOf(context, id),
  evaluations: async (_root, { application, ...args }, context) => {
    if (application !== null && application !== undefined) await applicationOf(context, application);
    const filter = application === null || application === undefined ? everyOf(context) : { application };
    return connectionOf(await context.deps.evaluations.list(filter, pageOf(args)));
  },
} satisfies QueryResolvers;

/** The filter of a list over all that a principal may read. */
export function everyOf({ principal, may, narrowed }: Context): { readonly applications?: readonly string[] } {
  const keys = applicationsOf(principal);
  for (const key of keys === '*' ? ['*'] : keys) may({ kind: 'application', id: key, application: key });
  narrowed();
  return keys === '*' ? {} : { applications: keys };
}

/** The evaluation, if the principal may read it. @throws NotFoundError */
export async function evaluationOf({ deps, may }: Context, id: string): Promise<EvaluationDoc> {
  const found = present(await deps.evaluations.find(id), 'evaluation', id);
  may({ kind: 'evaluation', id, application: found.application, owner: found.requestedBy.id });
  return found;
}

export const evaluationMutations = {
  createEvaluatorVersion: async (_root, args, context) => {
    const input = read(CreateEvaluatorVersionInput, args.input);
    const { application, name } = input;
    await applicationOf(context, application);
    const spec = await specOf(context, input);
    const faults = faultsOfEvaluator(spec, context.deps.specChecks);
    if (faults.length > 0) throw new BadInputError(`${spec.kind}: ${faults.join('; ')}`, 'Correct the evaluator; nothing was saved.');
    const digest = digestOf(spec, context.deps.sha256);
    return made(await context.deps.evaluators.insert({ application, name, digest, spec, author: actorOf(context.principal).id, once: onceOf(context, 'createEvaluatorVersion', input) },
      intentOf(context, application, 'evaluator.created', { afterDigest: digest })), input);
  },

  startEvaluation: async (_root, args, context) => {
    const input = read(StartEvaluationInput, args.input);
    const { application, environment: name, candidate } = input;
    const { deps, principal } = context;
    await environmentOf(context, application, name);
    const once = onceOf(context, 'startEvaluation', input);
    const former = await deps.evaluations.byOnce(application, once.key);
    if (former !== null) {
      if (former.once.args !== once.args) throw new IdempotencyError(input.idempotencyKey);
      return former;
    }
    const environment = await deps.environments.find(application, name);
    const pins = await pinsOf(context, application, input.policy);
    assertHasFloor(environment, pins);
    const { policy, dataset, evaluators } = pins;
    const bundle = await candidateOf(context, application, environment, candidate);
    const digest = (value: unknown): string => digestOf(value, deps.sha256);
    const plan = evaluationPlanOf({ bundle: bundle.digest, baseline: environment?.split?.stable ?? 'none', dataset, evaluators, policy: { name: policy.name, digest: policy.digest, plan: policy.policy } }, digest);
    const identity = digest(plan);
    const [newest] = await deps.evaluations.byIdentity(application, identity);
    // A verdict is reached once; only what ended without one is tried again.
    if (newest !== undefined && (newest.state === 'RUNNING' || newest.verdict?.kind === 'PASS' || newest.verdict?.kind === 'FAIL')) return newest;
    const birth = await deps.orders.startEvaluation({
      evaluation: deps.newId(), application, identity, attempt: (newest?.attempt ?? 0) + 1, once, requestedBy: actorOf(principal), plan, answersKeepSec: policy.policy.evaluation.ageMaxSec,
    });
    if (birth.kind === 'refused') throw new SlipwayError(birth.code, birth.message, birth.hint);
    return present(await deps.evaluations.find(birth.evaluation), 'evaluation', birth.evaluation);
  },

  cancelEvaluation: async (_root, args, context) => {
    const input = read(CancelEvaluationInput, args.input);
    const { _id, application, identity, attempt, state } = await evaluationOf(context, input.id);
    if (state === 'RUNNING') {
      await context.deps.orders.cancelEvaluation(application, identity, attempt, { evaluation: _id, actor: actorOf(context.principal), reason: input.reason, id: onceOf(context, 'cancelEvaluation', input).key });
    } else if (state !== 'CANCELLED') throw new ConflictError(`Evaluation ${_id} has ended: ${state}.`, 'There is nothing to cancel.');
    return present(await context.deps.evaluations.find(_id), 'evaluation', _id);
  },
} satisfies MutationResolvers;

/** The settings of its kind, as they were given; a judge's model is pinned by what it is now. @throws NotFoundError when there is no such model version */
async function specOf({ deps }: Context, input: CreateEvaluatorVersionInput): Promise<EvaluatorDoc['spec']> {
  const { application, name: _name, idempotencyKey: _key, ...spec } = input;
  if (!('judge' in spec)) return withoutGaps(spec) as EvaluatorDoc['spec'];
  const { model, version } = spec.judge;
  const found = present(await deps.bundles.model(application, model, version ?? 'latest'), 'model version', version === undefined ? model : `${model}/${version}`);
  return withoutGaps({ ...spec, judge: { name: found.name, version: found.version, digest: found.digest } }) as EvaluatorDoc['spec'];
}
/** What was left out is not there: an `undefined` would be another digest in some encodings. */
const withoutGaps = (settings: object): object => Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));

export const evaluatorVersionFields = { id: ({ _id }) => _id, kind: ({ spec }) => spec.kind } satisfies EvaluatorVersionResolvers;

export const evaluationFields = {
  id: ({ _id }) => _id,
  bundle: ({ plan }) => plan.bundle,
  baseline: ({ plan }) => plan.baseline,
  dataset: ({ application, plan }, _args, { deps }) => deps.datasets.find(application, plan.dataset.name, plan.dataset.version),
  policy: ({ plan }) => plan.policy.name,
  rows: evaluationRows,
  results: evaluationResults,
} satisfies EvaluationResolvers;

export const verdictFields = {
  reasons: (verdict) => {
    switch (verdict.kind) {
      case 'PASS': return [];
      case 'FAIL': return verdict.breaches.map(sentenceOfBreach);
      case 'INCONCLUSIVE': return verdict.holds;
    }
  },
  // The evaluator that wants most decides; unknown where none can say.
  moreCasesNeeded: ({ evidence }) => {
    const wanted = evidence.evaluators.flatMap(({ tests }) => tests).map(({ more }) => more).filter((more): more is number => more !== null && more > 0);
    return wanted.length === 0 ? null : Math.max(...wanted);
  },
} satisfies VerdictResolvers;
