import { ConflictError, UnavailableError } from '../core/errors.js';
import { environmentId, type EnvironmentId } from '../core/ids.js';
import type { EnvironmentWrites, Opened, SplitWrite } from './documents.js';
import { freshLease, recorded, type Act, type EnvironmentRow } from './environments-acts.js';
import type { Tables } from './table.js';
import { eq, literal, merged, NOW, sinceMs } from './terms.js';

/** A write with weight or lease out of bounds is refused, never clamped: it is a bug of the caller's. */
function assertSplit(weightBp: number, leaseMs: number): void {
  if (!Number.isInteger(weightBp) || weightBp < 0 || weightBp > 10_000) throw new RangeError(`A weight of ${weightBp} bp is outside 0 … 10000.`);
  if (!Number.isInteger(leaseMs) || leaseMs <= 0) throw new RangeError(`A lease of ${leaseMs} ms is none.`);
}

/** Weight that a candidate has is built on only while its lease runs: who was stopped between reading and writing finds it lapsed. */
const UNLAPSED = { $or: [{ $eq: [{ $type: '$split.candidate' }, 'missing'] }, { $lte: ['$split.weightBp', 0] }, { $lt: [sinceMs('$lease.at'), '$lease.ms'] }] };

/** How an environment is born: revision 0, which serves nothing. */
const unborn = (id: EnvironmentId, application: string, name: string) => merged(
  literal({ _id: id, shape: 1, application, name, rev: 0, epoch: 0, split: null, previous: null, recent: [], open: null, quarantine: [], acts: [], stableBy: null, intents: [] }),
  { lease: freshLease(literal(0)), touchedAt: NOW },
);

/** How a write ended that met no document: it was made before, or others came before it. */
function afterAll(row: EnvironmentRow | null, isOurs: (act: Act) => boolean): SplitWrite {
  const act = row?.acts.find(isOurs);
  if (act !== undefined) return { kind: 'repeated', rev: act.rev, epoch: act.epoch };
  return { kind: 'superseded', rev: row?.rev ?? 0, epoch: row?.epoch ?? 0 };
}

/** What a release may do to its environment. Every write but `open` filters on the epoch that `open` gave: a rollback takes that away. */
export function createEnvironments({ table }: Tables): EnvironmentWrites {
  const rows = table<EnvironmentRow>('environments');
  const written = (row: EnvironmentRow): SplitWrite => ({ kind: 'written', rev: row.rev, epoch: row.epoch });
  const opened = (row: EnvironmentRow, epoch: number): Opened => ({ kind: 'opened', rev: row.rev, epoch, stable: row.split?.stable ?? null });

  return {
    async open({ application, environment, release, candidate, contents, intent }) {
      const id = environmentId(application, environment);
      await rows.born(id, unborn(id, application, environment));
      for (let tries = 0; tries < 5; tries += 1) {
        const row = await rows.change({
          _id: eq(id), open: null,
          quarantine: { $not: { $elemMatch: { $or: [{ digest: eq(candidate) }, { contents: eq(contents) }] } } },
          acts: { $not: { $elemMatch: { kind: 'open', release: eq(release) } } }, // one that was opened and ended does not open again
        }, [{ $set: { epoch: { $add: ['$epoch', 1] } } }, { $set: { open: merged({ release: literal(release), epoch: '$epoch' }) } }, recorded({ kind: 'open', intentId: intent.id, release }, intent, false)]);
        if (row !== null) return opened(row, row.epoch);
        const now = await rows.first({ _id: eq(id) });
        if (now?.open?.release === release) return opened(now, now.open.epoch);
        const former = now?.acts.find((act) => act.kind === 'open' && act.release === release);
        if (now && former) return opened(now, former.epoch);
        if (now?.open) return { kind: 'held', release: now.open.release };
        const bar = now?.quarantine.find((q) => q.digest === candidate || q.contents === contents);
        if (bar !== undefined) return { kind: 'quarantined', reason: bar.reason };
      }
      throw new UnavailableError(`${id} is opened and closed too fast by others.`);
    },

    async setWeight({ application, environment, release, epoch, rev, candidate, weightBp, leaseMs, intent }) {
      assertSplit(weightBp, leaseMs);
      const id = environmentId(application, environment);
      const row = await rows.change({ _id: eq(id), epoch: eq(epoch), rev: eq(rev), 'open.release': eq(release), 'split.stable': { $type: 'string' }, ...(weightBp > 0 ? { $expr: UNLAPSED } : {}) }, [
        { $set: { rev: { $add: ['$rev', 1] }, split: merged({ stable: '$split.stable' }, literal({ candidate, weightBp, leaseMs, release })), lease: freshLease(literal(leaseMs)) } },
        recorded({ kind: 'weight', intentId: intent.id, release }, intent, true),
      ]);
      if (row !== null) return written(row);
      const now = await rows.first({ _id: eq(id) });
      if (now?.epoch === epoch && now.rev === rev && now.open?.release === release && now.split === null) throw new ConflictError(`${id} serves nothing yet: there is no stable bundle to hold a candidate against.`);
      return afterAll(now, (act) => act.kind === 'weight' && act.intentId === intent.id);
    },

    async renew({ application, environment, epoch, rev }) {
      const id = environmentId(application, environment);
      const row = await rows.change({ _id: eq(id), epoch: eq(epoch), rev: eq(rev), $expr: { $lt: [sinceMs('$lease.at'), '$lease.ms'] } },
        [{ $set: { 'lease.seq': { $add: ['$lease.seq', 1] }, 'lease.at': NOW, touchedAt: NOW } }]);
      if (row !== null) return { kind: 'renewed', seq: row.lease.seq };
      const now = await rows.first({ _id: eq(id) });
      return now?.epoch === epoch && now.rev === rev ? { kind: 'lapsed' } : { kind: 'superseded', rev: now?.rev ?? 0, epoch: now?.epoch ?? 0 };
    },

    async promote({ application, environment, release, epoch, rev, candidate, leaseMs, intent }) {
      assertSplit(0, leaseMs);
      const id = environmentId(application, environment);
      const row = await rows.change({ _id: eq(id), epoch: eq(epoch), rev: eq(rev), 'open.release': eq(release), $or: [{ split: null }, { 'split.candidate': eq(candidate) }], $expr: UNLAPSED }, [
        {
          $set: {
            rev: { $add: ['$rev', 1] }, previous: { $ifNull: ['$split.stable', null] }, stableBy: literal(release), open: literal(null),
            split: merged(literal({ stable: candidate, weightBp: 0, leaseMs, release })), lease: freshLease(literal(leaseMs)),
          },
        },
        recorded({ kind: 'promote', intentId: intent.id, release }, intent, true),
      ]);
      if (row !== null) return written(row);
      const now = await rows.first({ _id: eq(id) });
      if (now?.epoch === epoch && now.rev === rev && now.open?.release === release && now.split !== null && now.split.candidate !== candidate) throw new ConflictError(`${candidate} is not the candidate that ${id} serves.`);
      return afterAll(now, (act) => act.kind === 'promote' && act.intentId === intent.id);
    },

    async close({ application, environment, release, epoch, intent }) {
      const id = environmentId(application, environment);
      const row = await rows.change({ _id: eq(id), epoch: eq(epoch), 'open.release': eq(release), 'split.candidate': { $exists: false } },
        [{ $set: { open: literal(null) } }, recorded({ kind: 'close', intentId: intent?.id ?? null, release }, intent, false)]);
      if (row !== null) return written(row);
      const now = await rows.first({ _id: eq(id) });
      if (now?.epoch === epoch && now.open?.release === release) throw new ConflictError(`${release} has a candidate in ${id}: it ends by promotion or rollback.`);
      return afterAll(now, (act) => act.kind === 'close' && act.release === release);
    },
  };
}
