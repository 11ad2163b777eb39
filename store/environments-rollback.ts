import { IdempotencyError } from '../core/errors.js';
import { environmentId } from '../core/ids.js';
import type { Intent, ReleaseDoc, Reverted, RevertRecord, RollbackWrites } from './documents.js';
import { freshLease, QUARANTINE, readEnvironment, recorded, STABLE_ALONE, type EnvironmentRow } from './environments-acts.js';
import type { Tables } from './table.js';
import { eq, literal, pushed, type Stage, type Term } from './terms.js';

const RAISED: Term = { $add: ['$epoch', 1] };
/** The quarantine with one more bundle, unless its digest is there already. */
const quarantined = (digest: Term, entry: Term): Term => ({ $cond: [{ $in: [digest, '$quarantine.digest'] }, '$quarantine', pushed('$quarantine', entry)] });

/** The ways back. They name no epoch and ask nobody: whatever a release still has under way meets an epoch that is gone. */
export function createRollbacks({ table }: Tables): RollbackWrites {
  const rows = table<EnvironmentRow>('environments'), releases = table<ReleaseDoc>('releases');

  return {
    async rollback({ application, environment, release, candidate, contents, forCause, reason, intent }) {
      const id = environmentId(application, environment);
      const back: Stage = {
        $set: {
          rev: { $cond: [{ $eq: ['$split', null] }, '$rev', { $add: ['$rev', 1] }] }, epoch: RAISED, split: STABLE_ALONE, open: literal(null), lease: freshLease('$lease.ms'),
          ...(forCause ? { quarantine: quarantined(literal(candidate), QUARANTINE({ digest: candidate, contents, release, reason })) } : {}),
        },
      };
      const row = await rows.change({ _id: eq(id), 'open.release': eq(release) }, [back, recorded({ kind: 'rollback', intentId: intent.id, release }, intent, true)]);
      const act = (row ?? await rows.first({ _id: eq(id) }))?.acts.findLast((made) => made.kind === 'rollback' && made.release === release);
      if (act === undefined) return { kind: 'notOpen' };
      if (row === null && forCause) {
        // Taken back by somebody else a moment ago, and now for cause as well. An act that was made before does not bar again what was lifted since.
        await rows.change({ _id: eq(id), epoch: eq(act.epoch), 'acts.intentId': { $not: eq(intent.id) }, 'quarantine.digest': { $not: eq(candidate) } }, [
          { $set: { quarantine: quarantined(literal(candidate), QUARANTINE({ digest: candidate, contents, release, reason })) } },
          recorded({ kind: 'quarantine', intentId: intent.id, release }, intent, false),
        ]);
      }
      return { kind: row === null ? 'repeated' : 'rolledBack', rev: act.rev, epoch: act.epoch, at: act.at };
    },

    async revert({ application, environment, rev, contents, reason, actor, once, intentId }) {
      const id = environmentId(application, environment);
      const next = rev + 1, release = `revert/${id}/${next}`;
      const intent: Intent = { id: intentId, application, action: 'release.reverted', actor, subject: release, ...(reason === undefined ? {} : { reason }) };
      // `rev` and `epoch` are those of the revision this very write makes; both bundles come from the document, not from the caller.
      const record: Omit<RevertRecord, 'candidate' | 'baseline' | 'epoch'> = { id: release, environment, rev: next, key: once.key, args: once.args, requestedBy: actor, ...(reason === undefined ? {} : { reason }) };
      const last = { $subtract: [{ $size: '$intents' }, 1] };
      const bundles = { candidate: '$split.stable', baseline: '$takenBack', epoch: '$epoch' };
      const row = await rows.change({ _id: eq(id), open: null, rev: eq(rev), previous: { $type: 'string' } }, [
        {
          $set: {
            takenBack: '$split.stable', rev: { $add: ['$rev', 1] }, epoch: RAISED, previous: literal(null), stableBy: literal(release), lease: freshLease('$lease.ms'),
            split: { $mergeObjects: [{ stable: '$previous', leaseMs: '$split.leaseMs' }, literal({ weightBp: 0, release })] },
            ...(reason === undefined ? {} : { quarantine: quarantined('$split.stable', QUARANTINE({ contents, reason }, { digest: '$split.stable', release: '$split.release' })) }),
          },
        },
        recorded({ kind: 'revert', intentId, release, args: once.args }, intent, true),
        { $set: { intents: { $concatArrays: [{ $slice: ['$intents', last] }, [{ $mergeObjects: [{ $last: '$intents' }, { beforeDigest: '$takenBack', afterDigest: '$split.stable', revert: { $mergeObjects: [literal(record), bundles] } }] }]] } } },
        { $unset: 'takenBack' },
      ]);
      const now = row ?? await rows.first({ _id: eq(id) });
      const act = now?.acts.find((made) => made.kind === 'revert' && made.intentId === intentId);
      if (act !== undefined && act.args !== once.args) throw new IdempotencyError(once.key);
      if (now && act?.release) {
        const kind = row === null ? 'repeated' : 'reverted';
        const told = now.intents.find((waiting) => waiting.id === intentId)?.revert;
        if (told !== undefined) return { kind, rev: act.rev, epoch: act.epoch, stable: told.candidate, takenBack: told.baseline, release: act.release, at: act.at };
      }
      // The relay has carried it out since: the release of kind REVERT knows.
      const done = await releases.first({ application: eq(application), 'once.key': eq(once.key), kind: 'REVERT' });
      if (done !== null) {
        if (done.once.args !== once.args) throw new IdempotencyError(once.key);
        return { kind: 'repeated', rev: Number(done._id.slice(done._id.lastIndexOf('/') + 1)), epoch: done.epoch ?? 0, stable: done.candidate, takenBack: done.baseline ?? 'none', release: done._id, at: done.createdAt };
      }
      return refusal(now);
    },

    async liftQuarantine({ application, environment, digest, intent }) {
      const id = environmentId(application, environment);
      // The same contents under another digest would still keep it out: they are lifted together.
      const held = { $map: { input: { $filter: { input: '$quarantine', cond: { $eq: ['$$this.digest', literal(digest)] } } }, in: '$$this.contents' } };
      const row = await rows.change({ _id: eq(id), 'quarantine.digest': eq(digest) }, [
        { $set: { quarantine: { $let: { vars: { held }, in: { $filter: { input: '$quarantine', cond: { $not: { $in: ['$$this.contents', '$$held'] } } } } } } } },
        recorded({ kind: 'lift', intentId: intent.id, release: null }, intent, false),
      ]);
      const now = row ?? await rows.first({ _id: eq(id) });
      return now?.acts.some((act) => act.kind === 'lift' && act.intentId === intent.id) === true ? readEnvironment(now) : null;
    },
  };
}

function refusal(now: EnvironmentRow | null): Reverted {
  if (now?.open) return { kind: 'open', release: now.open.release };
  return now?.previous ? { kind: 'raced' } : { kind: 'noPrevious' };
}
