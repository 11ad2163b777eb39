import type { ArmCounts, BlockDoc, BlockReads, BlockWrites } from './documents.js';
import type { Row, Tables } from './table.js';
import { eq, literal, merged, NOW, onlyIfMissing } from './terms.js';

/** How far the fold has come with a release, beside the fold's own duty: a list, because metrics choose their names. */
interface FoldRow extends Row { readonly shape: 1; readonly through: readonly { readonly metric: string; readonly block: number }[]; readonly at: Date }
const foldId = (release: string): string => `fold/${release}`;

export function createBlocks({ table }: Tables): BlockReads & BlockWrites {
  const rows = table<BlockDoc>('blocks'), folds = table<FoldRow>('duties');
  return {
    after: (application, release, metric, block) => rows.all({ application: eq(application), release: eq(release), metric: eq(metric), block: { $gt: block } }, { block: 1 }, 0),
    async folded(release) {
      const row = await folds.first({ _id: eq(foldId(release)) });
      return { through: Object.fromEntries((row?.through ?? []).map(({ metric, block }) => [metric, block])), at: row?.at ?? null };
    },
    async totals(application, release) {
      return rows.aggregate<{ metric: string; stable: ArmCounts; candidate: ArmCounts }>([
        { $match: { application: eq(application), release: eq(release) } },
        { $group: { _id: '$metric', sn: { $sum: '$stable.n' }, sk: { $sum: '$stable.k' }, cn: { $sum: '$candidate.n' }, ck: { $sum: '$candidate.k' } } },
        { $sort: { _id: 1 } },
        { $project: { _id: 0, metric: '$_id', stable: { n: '$sn', k: '$sk' }, candidate: { n: '$cn', k: '$ck' } } },
      ]);
    },
    insert: (blocks) => rows.putAll(blocks.map((block) => ({ id: block._id, pipeline: onlyIfMissing(merged(literal({ ...block, shape: 1 }), { at: NOW })) }))),
    /** Never goes back: of two folds at once the farther one stays. Say it at every pass, also when nothing was new: `at` holds the sweeper off. */
    async through(release, through) {
      const news = Object.entries(through).map(([metric, block]) => ({ metric, block }));
      const before = { $ifNull: ['$through', []] };
      const all = { $setUnion: [{ $map: { input: before, in: '$$this.metric' } }, literal(news.map(({ metric }) => metric))] };
      const farthest = { $max: { $map: { input: { $filter: { input: { $concatArrays: [before, literal(news)] }, as: 'seen', cond: { $eq: ['$$seen.metric', '$$metric'] } } }, as: 'seen', in: '$$seen.block' } } };
      await folds.put(foldId(release), [{ $set: { shape: literal(1), at: NOW, through: { $map: { input: all, as: 'metric', in: { metric: '$$metric', block: farthest } } } } }]);
    },
  };
}
