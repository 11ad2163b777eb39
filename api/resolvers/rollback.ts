import { isExposed, isOpen, policyOf } from '../../core/release/index.js';
import type { Digest } from '../../core/ids.js';
import type { Actor, ApplicationDoc, Once, ReleaseDoc, Reverted } from '../../store/index.js';
import { releaseWorkflowId } from '../../workflows/names.js';
import { actorOf, intentOf } from '../acts.js';
import type { Context } from '../context.js';

/** Without a reason it is a change of mind: nothing is quarantined. */
const WITHOUT_REASON = 'Rolled back by a person, no reason given.';

/**
 * One write on the environment, then the answer as the release will be: its workflow, which is told by the relay, writes the same down.
 * Null when the environment is not this release's (any more).
 */
export async function takeBack(context: Context, release: ReleaseDoc, intentId: string, reason: string | undefined): Promise<ReleaseDoc | null> {
  const { _id, application, environment, candidate, contents } = release;
  const actor = actorOf(context.principal);
  const forCause = reason !== undefined;
  const told = reason ?? WITHOUT_REASON;
  // The store puts in what only the written document knows: rev and epoch, here and in the log of splits.
  const note = { workflowId: releaseWorkflowId(application, environment), rolledBack: { release: _id, rev: 0, epoch: 0, forCause, reason: told, actor } };
  const intent = { ...intentOf(context, application, 'release.rolling_back', { beforeDigest: String(candidate), ...(forCause ? { reason } : {}) }), id: intentId, subject: _id, note };
  const outcome = await context.deps.environments.rollback({ application, environment, release: _id, candidate, contents, forCause, reason: told, intent });
  if (outcome.kind === 'notOpen') return null;
  const now = await context.deps.releases.find(_id) ?? release;
  if (!isOpen(now.state) || now.state === 'ROLLING_BACK') return now;
  const { rev, at } = outcome;
  const rollback = { rev, forCause, reason: told, decidedBy: actor.id, receipt: null, committedAt: at, convergedAt: null, convergeMs: null, stragglers: [], leaseEnded: false };
  return isExposed(now.state) ? { ...now, state: 'ROLLING_BACK', rollback } : { ...now, state: 'CANCELLED', open: false, terminalAt: at, rollback };
}

/** The release of kind REVERT as the relay will write it: until then the environment is all there is of it. */
export function revertOf(
  application: ApplicationDoc, environment: string, { release, stable, takenBack, epoch, rev, at }: Extract<Reverted, { readonly kind: 'reverted' | 'repeated' }>,
  { once, actor, reason, contents }: { readonly once: Once; readonly actor: Actor; readonly reason: string | undefined; readonly contents: Digest },
): ReleaseDoc {
  const none = { name: 'none', version: 0, digest: '' };
  return {
    _id: release, shape: 1, kind: 'REVERT', application: application._id, environment, once, state: 'PROMOTED', open: false, epoch, candidate: stable, contents, baseline: takenBack,
    requestedBy: actor, message: reason ?? WITHOUT_REASON, tier: application.tier, ownerTeam: application.team, authors: [],
    policy: { ...none, plan: policyOf({ name: 'none', evaluation: { dataset: 'none', evaluators: [] }, metrics: [] }, application.tier) }, gate: null,
    dataset: { ...none, items: 0 }, evaluators: [], evaluation: null, ticket: null, approvals: [], approvalsNeeded: 0, approvalExpiresAt: null, stage: null, holds: [], rollback: null,
    timeline: [{ id: `${release}/reverted`, seq: 1, type: 'release.reverted', at, actor, state: 'PROMOTED', ...(reason === undefined ? {} : { reason }), data: { rev } }],
    seq: 1, createdAt: at, terminalAt: at, intents: [],
  };
}
