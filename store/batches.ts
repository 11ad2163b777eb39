import type { BatchDoc, BatchReads, BatchWrites } from './index.js';
import type { Tables } from './table.js';
import { eq, fromNow, literal, merged, NOW, onlyIfMissing } from './terms.js';

/** Causes are kept as a list: a key may not be chosen by what came in. */
type BatchRow = Omit<BatchDoc, 'uncounted'> & { readonly uncounted: readonly { readonly cause: string; readonly n: number }[] };
const read = (row: BatchRow): BatchDoc => ({ ...row, uncounted: Object.fromEntries(row.uncounted.map(({ cause, n }) => [cause, n])) });

export function createBatches({ table, now }: Tables): BatchReads & BatchWrites {
  const rows = table<BatchRow>('batches');
  return {
    accept: (batches) => rows.putAll(batches.map(({ uncounted, ...batch }) => {
      const row = { ...batch, shape: 1, uncounted: Object.entries(uncounted).map(([cause, n]) => ({ cause, n })) };
      return { id: batch._id, pipeline: onlyIfMissing(merged(literal(row), { at: NOW })) };
    })),
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
