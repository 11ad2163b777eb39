import { activityInfo } from '@temporalio/activity';
import type { ErrorCode } from '../core/errors.js';
import type { HoldReason, GatePlan } from '../core/gate/index.js';
import { gatePlanOf } from '../core/gate/index.js';
import type { BundleDigest, ReleaseId } from '../core/ids.js';
import { mayApprove, refusalOf } from '../core/release/index.js';
import type { ReleaseAct, ReleaseState } from '../core/release/index.js';
import type { Actor, NewEntry, NewRelease, ReleaseDoc, ReleasePatch, ReleaseWrite } from '../store/index.js';
import { SLIPWAY, intentOf, standingOf } from './deps.js';
import type { ActivityDeps, ReleaseAt, Standing, StateDetail } from './deps.js';
import { final, undecided } from './failure.js';
import { priorsOf } from './release-priors.js';

export type Opening =
  | { readonly kind: 'opened'; readonly standing: Standing; readonly epoch: number; readonly baseline: BundleDigest | 'none' }
  | { readonly kind: 'repeated'; readonly release: ReleaseId; readonly state: ReleaseState }
  | Refusal;
export interface Refusal { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string }

export interface RecordState extends StateDetail { readonly at: ReleaseAt; /** Of the write, the same on every attempt. */ readonly id: string; readonly from: ReleaseState; readonly to: ReleaseState }
export interface CommitAct {
  readonly act: ReleaseAct; readonly at: ReleaseAt; readonly actor: Actor; readonly name: string; readonly team: string;
  readonly reason: string; readonly id: string; readonly metric?: string;
}
export type Committed = { readonly kind: 'done' | 'repeated'; readonly standing: Standing } | Refusal;
export interface NoteHold { readonly at: ReleaseAt; readonly id: string; readonly holds: readonly HoldReason[]; readonly type: string }

/** What a state is called among the events. */
const EVENT: Readonly<Record<ReleaseState, string>> = {
  REQUESTED: 'release.requested', EVALUATING: 'release.evaluating', AWAITING_APPROVAL: 'release.awaiting_approval', CANARY: 'release.stage_started', PAUSED: 'release.paused',
  BAKING: 'release.baking', ROLLING_BACK: 'release.rolling_back', PROMOTED: 'release.promoted', ROLLED_BACK: 'release.rolled_back', REJECTED: 'release.rejected',
  CANCELLED: 'release.cancelled', FAILED: 'release.failed',
};
/** A holder that has just ended lets go within moments; after this many tries it is told as the holder. */
const HELD_TRIES = 8;
const HELD_DELAY_MS = 300;

const refuse = (code: ErrorCode, message: string, hint: string): Refusal => ({ kind: 'refused', code, message, hint });

export function createReleaseActivities(deps: Pick<ActivityDeps, 'releases' | 'environments' | 'blocks' | 'bundles' | 'digest' | 'tell'>) {
  const { releases, environments, digest, tell } = deps;
  const doc = async (id: ReleaseId): Promise<ReleaseDoc> => {
    const found = await releases.find(id);
    if (found === null) throw final('NOT_FOUND', `No release ${id}.`);
    return found;
  };

  const planOf = async (release: NewRelease, stable: BundleDigest): Promise<GatePlan> => gatePlanOf(release.policy.plan, await priorsOf(deps, release, stable));

  /** The metric whose alarm holds this release and is nobody's yet; the harm of a guardrail is acknowledged by none. */
  async function alarmOf({ _id, gate, timeline }: ReleaseDoc, metric: string | undefined): Promise<string | null> {
    const planned = gate?.metrics.find(({ id }) => id === metric);
    if (planned === undefined || !(planned.type === 'units' || planned.role === 'signal') || timeline.some(({ type, data }) => type === 'release.acknowledged' && data?.['metric'] === metric)) return null;
    const isInAlarm = (await releases.lastReceipt(_id))?.state.metrics.some(({ id, alarm }) => id === metric && alarm !== null);
    return isInAlarm === true ? planned.id : null;
  }

  /** A release that never had weight lets go of its environment. */
  async function letGo({ release, application, environment, epoch }: ReleaseAt): Promise<void> {
    await environments.close({ application, environment, release, epoch, intent: null });
  }

  async function refuseOpening(release: NewRelease, refusal: Refusal): Promise<Refusal> {
    const { _id, application } = release;
    const id = `${_id}/refused`;
    await releases.move(_id, 'REQUESTED', 'REJECTED', { id, type: 'release.rejected', actor: SLIPWAY, reason: refusal.message, data: { code: refusal.code, hint: refusal.hint } }, {},
      intentOf(application, id, 'release.rejected', SLIPWAY, _id, refusal.message));
    return refusal;
  }

  const activities = {
    /**
     * The release's first write, then the environment's epoch, then what is pinned. Safe to run twice: each step finds its own. A crash
     * between the steps leaves a REQUESTED release without an epoch, which the next attempt carries on.
     */
    async openRelease({ release, reason }: { readonly release: NewRelease; readonly reason: string }): Promise<Opening> {
      const { _id, application, environment, requestedBy, candidate, contents } = release;
      const requested = `${_id}/requested`;
      const inserted = await releases.insert(release, { id: requested, type: 'release.requested', actor: requestedBy, reason },
        intentOf(application, requested, 'release.requested', requestedBy, _id, reason));
      if (inserted.kind === 'reused') return refuse('CONFLICT', `The idempotency key was used with another input, for release ${inserted.doc._id}.`, 'Use a new key for a new input.');
      if (inserted.kind === 'held') return heldBy(`${application}/${environment}`, inserted.by?._id ?? null);
      const { doc: found } = inserted;
      const before = refusalIn(found);
      if (before !== null) return before;
      if (found._id !== _id || found.state !== 'REQUESTED') return { kind: 'repeated', release: found._id, state: found.state };

      const opened = await environments.open({ application, environment, release: _id, candidate, contents, intent: intentOf(application, `${_id}/opened`, 'environment.opened', SLIPWAY, `${application}/${environment}`) });
      if (opened.kind === 'quarantined') {
        return refuseOpening(release, refuse('QUARANTINED', `${candidate} was taken back in ${application}/${environment}: ${opened.reason}`, 'Fix it and release the new bundle, or lift the quarantine with a reason.'));
      }
      if (opened.kind === 'held') {
        const holder = await releases.find(opened.release);
        if (holder?.open !== true && activityInfo().attempt < HELD_TRIES) throw undecided(`${opened.release} is just letting go.`, HELD_DELAY_MS);
        return refuseOpening(release, heldBy(`${application}/${environment}`, opened.release));
      }
      const baseline = opened.stable ?? 'none';
      const pinned = found.epoch === opened.epoch && found.baseline !== null ? found : await begin(release, opened.epoch, baseline, opened.stable === null ? null : await planOf(release, opened.stable));
      return { kind: 'opened', standing: standingOf(pinned), epoch: opened.epoch, baseline };
    },

    /** A move of the release. Safe to run twice: the entry has the write's id. Where another write was first, the document's state is the answer. */
    async recordState({ at, id, from, to, type, reason, actor = SLIPWAY, stage, still, holds, approvalExpiresInSec }: RecordState): Promise<Standing> {
      const event = type ?? EVENT[to];
      const entry: NewEntry = { id, type: event, actor, ...(reason === undefined ? {} : { reason }), ...(stage === undefined ? {} : { data: { stage: stage.index, weightBp: stage.weightBp } }) };
      const patch: ReleasePatch = {
        holds: holds ?? (to === 'AWAITING_APPROVAL' ? ['APPROVAL'] : []),
        ...(stage === undefined ? {} : { stage }), ...(still === undefined ? {} : { still }), ...(approvalExpiresInSec === undefined ? {} : { approvalExpiresInSec }),
      };
      const write = await releases.move(at.release, from, to, entry, patch, intentOf(at.application, id, event, actor, at.release, reason));
      if (write.kind === 'written') tell({ event: 'release.moved', release: at.release, environment: `${at.application}/${at.environment}`, from, to, reason: reason ?? null });
      const now = write.kind === 'moved' ? await doc(at.release) : write.doc;
      if (now.state === 'REJECTED' || now.state === 'CANCELLED') await letGo(at);
      return standingOf(now);
    },

    /** A person's act, committed. Safe to run twice: the entry has the act's id. */
    async commitAct(order: CommitAct): Promise<Committed> {
      const { act, at, actor, reason, id } = order;
      const found = await doc(at.release);
      if (found.timeline.some((entry) => entry.id === id)) {
        if (found.state === 'REJECTED' || found.state === 'CANCELLED') await letGo(at);
        return { kind: 'repeated', standing: standingOf(found) };
      }
      const refusal = refusalOf(act, found.state);
      if (refusal !== null) return refuse('CONFLICT', refusal, 'Look at the release, then decide again.');
      const told = (type: string) => intentOf(at.application, id, type, actor, at.release, reason);
      const entry = (type: string, data?: NewEntry['data']): NewEntry => ({ id, type, actor, reason, ...(data === undefined ? {} : { data }) });
      const move = (to: ReleaseState, type: string, patch: ReleasePatch): Promise<ReleaseWrite> => releases.move(at.release, found.state, to, entry(type), patch, told(type));
      switch (act) {
        case 'approve': {
          const { approvals, requestedBy, authors, ownerTeam, tier, policy } = found;
          const answer = mayApprove({ approver: { id: actor.id, kind: actor.kind, team: order.team }, requestedBy: requestedBy.id, authors, approvals, ownerTeam, plan: policy.plan.approvals, tier });
          if (answer.kind === 'refused') return refuse(answer.code, answer.reason, answer.code === 'FORBIDDEN' ? 'Ask another person with the role APPROVER.' : 'Nothing more is needed from you.');
          const approval = { approver: actor.id, name: order.name, team: order.team, authMethod: actor.authMethod ?? 'unknown', digest: digest(whatIsApproved(found)), comment: reason };
          // Decided on what was read: of two at once the second decides again, on what the first has written.
          const write = await releases.annotate(at.release, entry('release.approved', { approver: actor.id, team: order.team }), { approval }, told('release.approved'), found.seq);
          return write.kind === 'moved' ? activities.commitAct(order) : done(write);
        }
        case 'acknowledge': {
          const alarm = await alarmOf(found, order.metric);
          if (alarm === null) return refuse('CONFLICT', `There is no alarm of ${order.metric ?? 'a metric'} to acknowledge.`, 'Only the alarm of a signal metric, or of the assignment (SRM), is acknowledged.');
          const write = await releases.annotate(at.release, entry('release.acknowledged', { metric: alarm }), {}, told('release.acknowledged'), found.seq);
          return write.kind === 'moved' ? activities.commitAct(order) : done(write);
        }
        case 'pause': return done(await move('PAUSED', 'release.paused', { still: true, holds: ['MANUAL_PAUSE'] }));
        case 'resume': return done(await move(found.stage?.index === found.policy.plan.stages.length ? 'BAKING' : 'CANARY', 'release.resumed', { still: false, holds: [] }));
        case 'reject': case 'cancel': {
          const outcome = done(await move(act === 'reject' ? 'REJECTED' : 'CANCELLED', act === 'reject' ? 'release.rejected' : 'release.cancelled', { holds: [] }));
          if (outcome.kind !== 'refused') await letGo(at);
          return outcome;
        }
        default: return act satisfies never;
      }
    },

    /** Another reason to hold, without a move. Safe to run twice: the entry has the write's id. */
    async noteHold({ at, id, holds, type }: NoteHold): Promise<Standing> {
      const write = await releases.annotate(at.release, { id, type, actor: SLIPWAY }, { holds }, intentOf(at.application, id, type, SLIPWAY, at.release));
      return standingOf(write.kind === 'moved' ? await doc(at.release) : write.doc);
    },
  };
  return activities;

  async function begin({ _id }: NewRelease, epoch: number, baseline: BundleDigest | 'none', gate: GatePlan | null): Promise<ReleaseDoc> {
    const written = await releases.annotate(_id, null, { epoch, baseline, gate }, null);
    return written.kind === 'moved' ? doc(_id) : written.doc;
  }
}

const heldBy = (environment: string, holder: ReleaseId | null): Refusal =>
  refuse('CONFLICT', `${environment} already has an open release: ${holder ?? 'one that has just begun'}.`, `See what it waits for: slipway release status ${holder ?? ''}`.trimEnd());

const done = (write: ReleaseWrite): Committed => (write.kind === 'moved'
  ? refuse('CONFLICT', `The release has become ${write.state} meanwhile.`, 'Look at the release, then decide again.')
  : { kind: write.kind === 'written' ? 'done' : 'repeated', standing: standingOf(write.doc) });

/** A start that was refused stays refused under its key. */
function refusalIn({ timeline }: ReleaseDoc): Refusal | null {
  for (const { type, reason, data } of timeline) {
    const [code, hint] = [data?.['code'], data?.['hint']];
    if (type === 'release.rejected' && typeof code === 'string' && typeof hint === 'string') return refuse(code as ErrorCode, reason ?? '', hint);
  }
  return null;
}

/** An approval binds to exactly this; with another bundle, verdict or policy it is void. */
const whatIsApproved = ({ _id, candidate, baseline, ticket, policy, application, environment }: ReleaseDoc): unknown =>
  ({ release: _id, bundle: candidate, baseline, verdict: ticket?.evaluation ?? null, policy: policy.digest, environment: `${application}/${environment}` });
