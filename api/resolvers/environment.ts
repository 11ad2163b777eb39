import { ConflictError, IdempotencyError, UnavailableError } from '../../core/errors.js';
import type { ApplicationKey } from '../../core/ids.js';
import { LiftQuarantineInput, RollbackEnvironmentInput } from '../../schema/environment.js';
import { read } from '../../schema/read.js';
import type { ApplicationDoc, EnvironmentDoc, EnvironmentReads, ReleaseDoc } from '../../store/index.js';
import { actorOf, formerAct, intentIdOf, intentOf, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type { EnvironmentResolvers, MutationResolvers, QuarantineResolvers, QueryResolvers } from '../generated.js';
import type { EnvironmentParent } from '../parents.js';
import { connectionOf, pageOf, present } from './pages.js';
import { revertOf, takeBack } from './rollback.js';
import { watchOf } from './watch.js';

/** Connected means acknowledged within this time. */
const READER_CONNECTED_MS = 15_000;
const UNCOUNTED_SEC = 3_600;
const TRIES = 4;

export async function environmentParent({ environments }: { readonly environments: EnvironmentReads }, application: ApplicationDoc, name: string): Promise<EnvironmentParent> {
  const isProtected = application.environments.find((environment) => environment.name === name)?.protected ?? true;
  return { application: application._id, name, isProtected, served: await environments.served(application._id, name) };
}

/** The application and its environment of that name, once it is known that the principal may. */
export async function environmentOf({ loaders, may }: Context, key: ApplicationKey, name: string, more: { readonly isTightening?: boolean } = {}): Promise<{ readonly application: ApplicationDoc; readonly isProtected: boolean }> {
  const id = `${key}/${name}`;
  const application = await loaders.application(key);
  const listed = application?.environments.find((environment) => environment.name === name);
  may({ kind: 'environment', id, application: key, environment: name, isProtected: listed?.protected ?? true, ...more });
  return { application: present(listed === undefined ? null : application, 'environment', id), isProtected: listed?.protected ?? true };
}

export const environmentQueries = {
  environment: async (_root, { application, name }, context) => environmentParent(context.deps, (await environmentOf(context, application, name)).application, name),
} satisfies QueryResolvers;

export const environmentMutations = {
  /** Whatever is there to be taken back: the open release, or what was promoted last. One write, no orchestrator. */
  rollbackEnvironment: async (_root, args, context) => {
    const input = read(RollbackEnvironmentInput, args.input);
    const { application, environment, reason } = input;
    const { application: inventory } = await environmentOf(context, application, environment);
    const { deps, principal } = context;
    const once = onceOf(context, 'rollbackEnvironment', input);
    const id = intentIdOf(application, once);
    const former = await formerAct(context, application, environment, id, { reason: reason ?? null });
    if (former?.subject.startsWith('revert/') === true && !former.subject.startsWith(`revert/${application}/${environment}/`)) throw new IdempotencyError(input.idempotencyKey);
    if (former !== null && !former.subject.startsWith('revert/')) {
      const release = await bornRelease(context, former.subject);
      if (release.environment !== environment) throw new IdempotencyError(input.idempotencyKey);
      return await takeBack(context, release, id, reason) ?? release;
    }
    for (let tries = 0; tries < TRIES; tries += 1) {
      const now = present(await deps.environments.find(application, environment), 'release in', `${application}/${environment}`);
      if (now.open !== null && former === null) {
        const release = await bornRelease(context, now.open.release);
        const answer = await takeBack(context, release, id, reason);
        if (answer !== null) return answer;
        continue;
      }
      // Its release is not over when the environment is free again: what has been taken back already is answered, and nothing more is undone.
      const ending = former === null ? await deps.releases.openOf(application, environment) : null;
      if (ending !== null && now.split?.release !== ending._id) {
        const answer = await takeBack(context, ending, id, reason);
        if (answer !== null) return answer;
        continue;
      }
      const stable = now.split?.stable;
      if (stable === undefined) throw new ConflictError(`${application}/${environment} serves nothing yet: there is nothing to take back.`);
      const contents = present(await context.loaders.bundle(application, stable), 'bundle', stable).contents;
      const outcome = await deps.environments.revert({ application, environment, rev: now.rev, contents, ...(reason === undefined ? {} : { reason }), actor: actorOf(principal), once, intentId: id });
      if (outcome.kind === 'reverted' || outcome.kind === 'repeated') return await deps.releases.find(outcome.release) ?? revertOf(inventory, environment, outcome, { once, actor: actorOf(principal), reason, contents });
      if (outcome.kind === 'noPrevious') throw new ConflictError(`${application}/${environment} has no previous bundle to go back to.`, 'Forward again is a release: slipway release start');
    }
    throw new UnavailableError(`${application}/${environment} is changed by others faster than it can be rolled back.`);
  },

  liftQuarantine: async (_root, args, context) => {
    const input = read(LiftQuarantineInput, args.input);
    const { application, environment, digest, reason } = input;
    const { application: inventory } = await environmentOf(context, application, environment);
    const id = intentIdOf(application, onceOf(context, 'liftQuarantine', input));
    const subject = `${application}/${environment}/${digest}`;
    const former = await formerAct(context, application, environment, id, { reason, subject });
    if (former === null) {
      const intent = { ...intentOf(context, application, 'bundle.quarantine_lifted', { reason, beforeDigest: String(digest) }), id, subject };
      present<EnvironmentDoc>(await context.deps.environments.liftQuarantine({ application, environment, digest, intent }), 'quarantine', digest);
    }
    return environmentParent(context.deps, inventory, environment);
  },
} satisfies MutationResolvers;

/** An environment is opened right after its release is written; between the two the release is there already. */
async function bornRelease({ deps }: Context, id: string): Promise<ReleaseDoc> {
  const release = await deps.releases.find(id);
  if (release === null) throw new UnavailableError(`Release ${id} is just being written.`);
  return release;
}

export const environmentFields = {
  protected: ({ isProtected }) => isProtected,
  split: ({ served }) => {
    const split = served?.doc.split;
    if (!served || !split) return null;
    const { rev, epoch, lease } = served.doc;
    return { rev, epoch, stable: split.stable, candidate: split.candidate ?? null, weightBp: split.weightBp, leaseMs: split.leaseMs, release: split.release, at: lease.seq === 0 ? lease.at : null };
  },
  stable: ({ application, served }, _args, { loaders }) => (served?.doc.split ? loaders.bundle(application, served.doc.split.stable) : null),
  candidate: ({ application, served }, _args, { loaders }) => (served?.doc.split?.candidate === undefined ? null : loaders.bundle(application, served.doc.split.candidate)),
  previous: ({ served }) => served?.doc.previous ?? null,
  leaseLeftMs: ({ served }) => (served?.doc.split?.candidate === undefined ? null : Math.round(served.leaseLeftMs)),
  openRelease: ({ served }, _args, { deps }) => (served?.doc.open ? deps.releases.find(served.doc.open.release) : null),
  quarantine: ({ served }) => served?.doc.quarantine ?? [],
  readers: async ({ application, name }, _args, { deps }) => (await deps.environments.readers(application, name))
    .map(({ reader, epoch, rev, leaseSeq, at, ageMs }) => ({ reader, epoch, rev, leaseSeq, at, connected: ageMs <= READER_CONNECTED_MS })),
  splits: async ({ application, name }, args, { deps }) => {
    const page = connectionOf(await deps.environments.splits(application, name, pageOf(args)));
    return { ...page, nodes: page.nodes.map(({ rev, epoch, stable, candidate, weightBp, leaseMs, release, at }) => ({ rev, epoch, stable, candidate: candidate ?? null, weightBp, leaseMs, release, at })) };
  },
  watch: ({ application, name, served }, _args, { deps }) => (served === null ? null : watchOf(deps, application, name, served)),
  uncounted: ({ application }, _args, { deps }) => deps.batches.uncounted(application, UNCOUNTED_SEC),
} satisfies EnvironmentResolvers;

export const quarantineFields = {} satisfies QuarantineResolvers;
