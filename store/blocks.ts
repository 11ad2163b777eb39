import type { ArmTotals, BlockDoc, BlockReads, BlockWrites } from './documents.js';
import type { Row, Tables } from './table.js';
import { eq, literal, merged, NOW, onlyIfMissing, type Term } from './terms.js';

/** How far the fold has come with a release, beside the fold's own duty: a list, because metrics choose their names. */
interface FoldRow extends Row { readonly shape: 1; readonly through: readonly { readonly metric: string; readonly block: number }[]; readonly at: Date }
/** Of a histogram, `[value, count]` by `[value, count]`; a block without one adds nothing. */
const overValues = (arm: string, power: number): Term => ({ $sum: { $reduce: {
  input: { $ifNull: [`$${arm}.h`, []] }, initialValue: 0,
  in: { $add: ['$$value', { $multiply: [{ $pow: [{ $arrayElemAt: ['$$this', 0] }, power] }, { $arrayElemAt: ['$$this', 1] }] }] },
} } });
const sumsOf = (arm: string): Readonly<Record<string, Term>> =>
  ({ [`${arm}_n`]: { $sum: `$${arm}.n` }, [`${arm}_k`]: { $sum: `$${arm}.k` }, [`${arm}_sum`]: overValues(arm, 1), [`${arm}_sumsq`]: overValues(arm, 2) });
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
      const sums = await rows.aggregate<{ _id: string } & Record<string, number>>([
        { $match: { application: eq(application), release: eq(release) } },
        { $group: { _id: '$metric', ...sumsOf('stable'), ...sumsOf('candidate') } },
        { $sort: { _id: 1 } },
      ]);
      const totals = (row: Readonly<Record<string, unknown>>, arm: string): ArmTotals => {
        const [n, k, sum, sumsq] = ['n', 'k', 'sum', 'sumsq'].map((name) => Number(row[`${arm}_${name}`]));
        return { n: n ?? 0, k: k ?? 0, sum: (k ?? 0) + (sum ?? 0), sumsq: (k ?? 0) + (sumsq ?? 0) };
      };
      return sums.map((row) => ({ metric: row._id, stable: totals(row, 'stable'), candidate: totals(row, 'candidate') }));
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
