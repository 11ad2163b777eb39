import { randomUUID } from 'node:crypto';
import { UnavailableError } from '../core/errors.js';
import type { BatchDoc, BatchReads, BatchWrites } from './documents.js';
import type { Tables } from './table.js';
import { eq, fromNow, literal, merged, NOW, onlyIfMissing } from './terms.js';

/** Causes are kept as a list: a key may not be chosen by what came in. */
type BatchRow = Omit<BatchDoc, 'uncounted'> & { readonly uncounted: readonly { readonly cause: string; readonly n: number }[]; /** The call that wrote it. */ readonly call?: string };
const read = ({ call: _call, ...row }: BatchRow): BatchDoc => ({ ...row, uncounted: Object.fromEntries(row.uncounted.map(({ cause, n }) => [cause, n])) });

const STAMPS_MAX = 5;

export function createBatches({ table, now }: Tables, monotonicMs: () => number = () => performance.now()): BatchReads & BatchWrites {
  const rows = table<BatchRow>('batches');
  return {
    async accept(batches, settleMs) {
      const call = randomUUID();
      let begunMs = monotonicMs(), aheadMs = 0;
      await rows.putAll(batches.map(({ uncounted, ...batch }) => {
        const row = { ...batch, shape: 1, call, uncounted: Object.entries(uncounted).map(([cause, n]) => ({ cause, n })) };
        return { id: batch._id, pipeline: onlyIfMissing(merged(literal(row), { at: NOW })) };
      }));
      // `at` is the time at which a write begins. One that took long may have become visible only after a fold had read what came by then:
      // it gets a later time, so that nothing is acknowledged as in time that no block has counted. What others had written keeps its own.
      // That write will take as long, and says so beforehand: a database that is slow, and no slower each time, has to write twice.
      for (let stamps = 0; ; stamps += 1) {
        const tookMs = monotonicMs() - begunMs;
        if (tookMs <= aheadMs + settleMs) return;
        if (stamps === STAMPS_MAX) throw new UnavailableError('The database writes too slowly to say when.');
        begunMs += tookMs;
        aheadMs = Math.ceil(tookMs);
        await rows.putAll(batches.map(({ _id }) => ({ id: _id, pipeline: [{ $set: { at: { $cond: [{ $eq: ['$call', call] }, fromNow(aheadMs), '$at'] } } }] })));
      }
    },
    async between(application, release, from, to) {
      const found = await rows.all({ application: eq(application), at: { $gte: from, $lte: to }, 'obs.release': eq(release) }, { at: 1, _id: 1 }, 0);
      return found.map(read);
    },
    async uncounted(application, sinceSec) {
      const sums = await rows.aggregate<{ _id: string; n: number }>([
        { $match: { application: eq(application), $expr: { $gte: ['$at', fromNow(-sinceSec * 1_000)] } } },
        { $unwind: '$uncounted' }, { $group: { _id: '$uncounted.cause', n: { $sum: '$uncounted.n' } } }, { $sort: { _id: 1 } },
      ]);
      return Object.fromEntries(sums.map(({ _id, n }) => [_id, n]));
    },
    now,
  };
}
