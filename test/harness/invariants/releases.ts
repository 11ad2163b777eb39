/** I-05, I-06, I-09, I-11, I-27: the life of a release, and what is left when everything is quiet. */
import { isOpen, mayBecome, quorum } from '../../../core/release/index.js';
import type { ReleaseDoc } from '../../../store/index.js';
import { carriers, digest, environmentOf, grouped, ms, releasesById, served, splitsOf, toldOf } from './world.js';
import type { Invariant } from './world.js';

/** Two writes that meet in an index carry the times at which each began. */
const MEET_MS = 1_000;
/** N1 of reliability.md: every connected edge serves stable this long after a rollback at the latest. */
const CONVERGE_MS = 5_000;

export const oneOpen: Invariant = function* ({ store }) {
  for (const [environment, releases] of grouped(store.releases.filter(({ kind }) => kind === 'RELEASE'), environmentOf)) {
    const open = releases.filter((release) => release.open);
    if (open.length > 1) yield `${environment} has ${open.length} open releases: ${open.map(({ _id }) => _id).join(', ')}`;
    const inOrder = releases.toSorted((a, b) => ms(a.createdAt) - ms(b.createdAt));
    for (const [i, release] of inOrder.entries()) {
      const before = inOrder[i - 1];
      if (before !== undefined && (before.terminalAt === null || ms(before.terminalAt) > ms(release.createdAt) + MEET_MS)) yield `${environment}: ${release._id} began before ${before._id} had ended`;
    }
  }
  for (const { _id, kind, open } of store.releases) if (kind === 'REVERT' && open) yield `${_id} is a revert and open`;
};

export const lived: Invariant = function* ({ store }) {
  for (const { _id, kind, state, open, terminalAt, timeline, seq } of store.releases) {
    if (open !== isOpen(state) || (terminalAt === null) !== open) yield `${_id} is ${state}, open ${open}, terminal at ${String(terminalAt)}`;
    if (timeline.at(-1)?.state !== state || timeline.at(-1)?.seq !== seq) yield `${_id} is ${state} at ${seq}, and its last entry ${String(timeline.at(-1)?.state)} at ${String(timeline.at(-1)?.seq)}`;
    if (timeline[0]?.state !== (kind === 'REVERT' ? 'PROMOTED' : 'REQUESTED')) yield `${_id} was born ${String(timeline[0]?.state)}`;
    if (new Set(timeline.map(({ id }) => id)).size !== timeline.length) yield `${_id} tells one write twice`;
    for (const [i, entry] of timeline.entries()) {
      const before = timeline[i - 1];
      if (entry.seq !== i + 1) yield `${_id}: entry ${i + 1} has seq ${entry.seq}`;
      if (before === undefined || entry.state === before.state || mayBecome(before.state, entry.state)) continue;
      // Repair ends what cannot be carried on; what it finds promoted becomes that.
      if (isOpen(before.state) && entry.actor.id === 'slipway:repair' && (entry.state === 'FAILED' || entry.state === 'PROMOTED')) continue;
      yield `${_id} went from ${before.state} to ${entry.state}`;
    }
  }
};

export const converged: Invariant = function* ({ store, ledger, nowMs }) {
  for (const release of store.releases) {
    const { _id, state, rollback, policy } = release;
    if (state !== 'ROLLED_BACK') continue;
    if (rollback?.convergedAt == null) { yield `${_id} is ROLLED_BACK without proof`; continue; }
    const { rev, leaseEnded, stragglers, committedAt } = rollback;
    for (const reader of store.readers.filter((one) => environmentOf(one) === environmentOf(release))) {
      // One that came later, or has not said anything since, proves nothing either way.
      const isBehind = reader.rev < rev && ms(reader.at) > ms(committedAt) + Math.max(policy.plan.leaseMs, CONVERGE_MS) && ms(reader.at) > nowMs - CONVERGE_MS;
      if (isBehind && !leaseEnded && !stragglers.includes(reader.reader)) yield `${_id}: reader ${reader.reader} is still at rev ${reader.rev}, and the rollback was rev ${rev}`;
    }
  }
  const releases = releasesById(store);
  const answers = served(ledger);
  for (const line of ledger) {
    const told = line.op.startsWith('rollback') && line.outcome === 'ok' ? toldOf(line) : null;
    const release = releases.get(told?.id ?? '');
    if (release?.kind !== 'RELEASE') continue;
    const endsAt = line.endMono + Math.max(CONVERGE_MS, release.policy.plan.leaseMs + 1_000);
    const late = answers.find((one) => one.arm === 'candidate' && one.line.startMono > endsAt && one.release === release._id);
    if (late !== undefined) yield `${late.edge} served the candidate of ${release._id} ${Math.round(late.line.startMono - line.endMono)} ms after its rollback`;
  }
};

/** What an approval binds to, said a second time: the code has its own. */
const approvedAs = ({ _id, candidate, baseline, ticket, policy, application, environment }: ReleaseDoc): string =>
  digest({ release: _id, bundle: candidate, baseline, verdict: ticket?.evaluation ?? null, policy: policy.digest, environment: `${application}/${environment}` });

export const approvalsBind: Invariant = function* ({ store }) {
  const splits = splitsOf(store);
  for (const release of store.releases.filter(({ kind }) => kind === 'RELEASE')) {
    const { _id, approvals, requestedBy, authors, application, policy, ownerTeam, candidate } = release;
    if (new Set(approvals.map(({ approver }) => approver)).size !== approvals.length) yield `${_id} counts somebody twice`;
    for (const { approver, digest: bound, at } of approvals) {
      if (bound !== approvedAs(release)) yield `${_id}: what ${approver} approved is not what is released`;
      if (!approver.startsWith('person:')) yield `${_id} was approved by ${approver}, who is no person`;
      if (approver === requestedBy.id || authors.includes(approver)) yield `${_id} was approved by ${approver}, who asked for it or wrote it`;
      const mayApprove = store.grants.some((grant) => (grant.person === approver || `person:${grant.person}` === approver) && (grant.application === '*' || grant.application === application)
        && (grant.role === 'APPROVER' || grant.role === 'RELEASE_MANAGER') && ms(grant.createdAt) <= ms(at) && (grant.endsAt === null || ms(grant.endsAt) > ms(at)));
      if (!mayApprove) yield `${_id} was approved by ${approver}, who did not hold the role`;
    }
    const gated = (splits.get(environmentOf(release)) ?? []).find((split) => split.release === _id && (split.weightBp > 0 || split.stable === candidate));
    if (gated !== undefined && !quorum({ approvals: approvals.filter(({ at }) => ms(at) <= ms(gated.at)), plan: policy.plan.approvals, ownerTeam }).reached) yield `${gated._id} came before ${_id} had its approvals`;
  }
};

/** After the faults have healed, and the releases have ended or go on. */
export const quiet: Invariant = function* ({ store }) {
  for (const { _id, intents } of carriers(store)) for (const { id, action } of intents) yield `${_id} still holds the intent ${id} (${action})`;
  const releases = releasesById(store);
  for (const { _id, open, split } of store.environments) {
    const holder = open === null ? undefined : releases.get(open.release);
    if (open !== null && holder?.open !== true) yield `${_id} is held by ${open.release}, which is ${holder?.state ?? 'unknown'}`;
    if (split?.candidate !== undefined && open?.release !== split.release) yield `${_id} serves a candidate of ${split.release}, which does not hold it`;
  }
  for (const release of store.releases.filter(({ open }) => open)) {
    const env = store.environments.find(({ _id }) => _id === environmentOf(release));
    if (env?.open?.release !== release._id) yield `${release._id} is ${release.state} and does not hold ${environmentOf(release)}`;
  }
  if (store.workflows === null) return;
  const open = store.releases.filter((release) => release.open).map((release) => `release/${environmentOf(release)}`);
  for (const id of open) if (!store.workflows.includes(id)) yield `${id} is open and has no workflow`;
  for (const id of store.workflows) if (id.startsWith('release/') && !open.includes(id)) yield `${id} runs a workflow and has no open release`;
};
