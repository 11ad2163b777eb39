import { digestOf } from '../../core/canonical.js';
import { BadInputError, ConflictError, IdempotencyError, SlipwayError } from '../../core/errors.js';
import { faultsOfPlan, gatePlanOf } from '../../core/gate/index.js';
import { ASSIGNMENT, faultsOf, isTightening, policyOf } from '../../core/release/index.js';
import {
  AcknowledgeHoldInput, ApproveReleaseInput, CancelReleaseInput, PauseReleaseInput, PutRolloutPolicyInput, RejectReleaseInput, ResumeReleaseInput, RollbackReleaseInput,
} from '../../schema/release.js';
import { read } from '../../schema/read.js';
import type { ReleaseDoc, TimelineEntry } from '../../store/index.js';
import type { Act, ActResult } from '../../workflows/messages.js';
import { actorOf, formerAct, intentIdOf, intentOf, made, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type { MutationResolvers, QueryResolvers } from '../generated.js';
import { everyOf } from './evaluation.js';
import { applicationOf, connectionOf, given, pageOf, present } from './pages.js';
import { faultsAtTraffic } from './forecast.js';
import { faultsOfDataset } from './policy-dataset.js';
import { datasetOf } from './release-pins.js';
import { startRelease } from './release-start.js';
import { takeBack } from './rollback.js';

export const releaseQueries = {
  release: (_root, { id }, context) => releaseOf(context, id),
  releases: async (_root, { application, environment, state, ...args }, context) => {
    const key = given(application);
    if (key !== undefined) await applicationOf(context, key);
    else if (given(environment) !== undefined) throw new BadInputError('environment: it belongs to an application, and none is named.', 'Name the application as well.');
    const filter = key === undefined ? everyOf(context) : { application: key };
    const states = given(state);
    return connectionOf(await context.deps.releases.list({ ...filter, ...(given(environment) === undefined ? {} : { environment: environment ?? '' }), ...(states === undefined ? {} : { states }) }, pageOf(args)));
  },
  policies: async (_root, { application, ...args }, context) => {
    await applicationOf(context, application);
    return connectionOf(await context.deps.policies.list(application, pageOf(args)));
  },
} satisfies QueryResolvers;

/** The release, once it is known that the principal may. @throws NotFoundError for both: not there, not theirs */
export async function releaseOf({ deps, may }: Context, id: string): Promise<ReleaseDoc> {
  const found = present(await deps.releases.find(id), 'release', id);
  may({ kind: 'release', id, application: found.application, environment: found.environment, owner: found.requestedBy.id, tier: found.tier });
  return found;
}

interface ActInput { readonly id: string; readonly idempotencyKey: string; readonly reason?: string; readonly comment?: string; readonly cause?: string; readonly metric?: string }
/** One act of a person on an open release: an order, whose activity commits. The id of the update is the idempotency key in its scope. */
async function act(context: Context, mutation: string, input: ActInput, order: (release: ReleaseDoc, act: Act) => Promise<ActResult>): Promise<ReleaseDoc> {
  const { deps, principal } = context;
  const release = await releaseOf(context, input.id);
  const id = onceOf(context, mutation, input).key;
  const told = input.reason ?? input.comment ?? input.cause ?? '';
  // What was done under this key stands on the timeline, also when the workflow is gone.
  const assertSame = ({ timeline }: ReleaseDoc): TimelineEntry | undefined => {
    const entry = timeline.find((one) => one.id === id);
    if (entry !== undefined && ((entry.reason ?? '') !== told || entry.data?.['metric'] !== input.metric)) throw new IdempotencyError(input.idempotencyKey);
    return entry;
  };
  const former = assertSame(release);
  if (!release.open) {
    if (former !== undefined) return release;
    throw new ConflictError(`Release ${release._id} has ended: ${release.state}.`, 'Look at the release, then decide again.');
  }
  // Under this key something was done to another release: the chain would take this act for that one.
  const elsewhere = former === undefined ? await deps.audit.byIntent(release.application, id) : null;
  if (elsewhere !== null && elsewhere.subject !== release._id) throw new IdempotencyError(input.idempotencyKey);
  const person = principal.kind === 'person' ? { name: principal.name, team: principal.team } : { name: principal.id, team: '' };
  const result = await order(release, { release: release._id, actor: actorOf(principal), ...person, reason: told, id });
  if (result.kind === 'refused') throw new SlipwayError(result.code, result.message, result.hint);
  const now = present(await deps.releases.find(release._id), 'release', release._id);
  assertSame(now);   // two calls of one key at once have one answer: it is that of the input that was committed
  return now;
}

export const releaseMutations = {
  putRolloutPolicy: async (_root, args, context) => {
    const input = read(PutRolloutPolicyInput, args.input);
    const { deps } = context;
    const { application: key, idempotencyKey: _key, ...words } = input;
    const [inventory, before] = await Promise.all([context.loaders.application(key), deps.policies.find(key, input.name, 'latest')]);
    const policy = policyOf(words, inventory?.tier ?? 'HIGH');
    context.may({ kind: 'application', id: key, application: key, isTightening: before !== null && isTightening(before.policy, policy) });
    const application = present(inventory, 'application', key);
    const dataset = await datasetOf(deps, key, policy.evaluation.dataset);
    const evaluators = await Promise.all(policy.evaluation.evaluators.map(async ({ name }) => present(await deps.evaluators.find(key, name, 'latest'), 'evaluator', name)));
    const faults = faultsOf(policy, { datasetItems: dataset.items, adversarialItems: dataset.adversarial ?? 0 });
    // The gate's plan is made of it: what that cannot be started with is refused here, in words.
    const all = faults.length > 0 ? faults : [...faultsOfPlan(gatePlanOf(policy, {})), ...await faultsOfDataset(context, key, policy, dataset, evaluators), ...await faultsAtTraffic(context, application, policy)];
    if (all.length > 0) throw new BadInputError(all.join(' '), `Tier ${application.tier} sets the floors; what is left out takes its defaults.`);
    const digest = digestOf(policy, deps.sha256);
    return made(await deps.policies.insert({ application: key, name: input.name, digest, policy, author: actorOf(context.principal).id, once: onceOf(context, 'putRolloutPolicy', input) },
      intentOf(context, key, 'policy.put', { afterDigest: digest })), input);
  },

  startRelease: (_root, { input }, context) => startRelease(context, input),
  approveRelease: (_root, { input }, context) => act(context, 'approveRelease', read(ApproveReleaseInput, input), ({ application, environment }, order) => context.deps.orders.approve(application, environment, order)),
  rejectRelease: (_root, { input }, context) => act(context, 'rejectRelease', read(RejectReleaseInput, input), ({ application, environment }, order) => context.deps.orders.reject(application, environment, order)),
  pauseRelease: (_root, { input }, context) => act(context, 'pauseRelease', read(PauseReleaseInput, input), ({ application, environment }, order) => context.deps.orders.pause(application, environment, order)),
  resumeRelease: (_root, { input }, context) => act(context, 'resumeRelease', read(ResumeReleaseInput, input), ({ application, environment }, order) => context.deps.orders.resume(application, environment, order)),
  cancelRelease: (_root, { input }, context) => act(context, 'cancelRelease', read(CancelReleaseInput, input), ({ application, environment }, order) => context.deps.orders.cancel(application, environment, order)),
  acknowledgeHold: (_root, args, context) => {
    const { metric, ...rest } = read(AcknowledgeHoldInput, args.input);
    // People say what the hold is called; the shares of the arms are the metric of that name.
    const input = { ...rest, metric: metric === 'SRM' ? ASSIGNMENT : metric };
    return act(context, 'acknowledgeHold', input, ({ application, environment }, order) => context.deps.orders.acknowledge(application, environment, { ...order, metric: input.metric }));
  },

  /** In any state, and with Temporal down: one write on the environment. */
  rollbackRelease: async (_root, args, context) => {
    const input = read(RollbackReleaseInput, args.input);
    const release = await releaseOf(context, input.id);
    const { _id, application, environment, state } = release;
    const id = intentIdOf(application, onceOf(context, 'rollbackRelease', input));
    await formerAct(context, application, environment, id, { reason: input.reason ?? null, subject: _id });
    const answer = await takeBack(context, release, id, input.reason);
    if (answer === null) throw new ConflictError(`Release ${_id} does not hold ${application}/${environment}: ${state}.`, `What was promoted is taken back by: slipway rollback ${application} ${environment}`);
    return answer;
  },
} satisfies MutationResolvers;
