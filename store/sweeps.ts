import type { SweepWrites } from './documents.js';
import { createReleases } from './releases.js';
import { createBlocks } from './blocks.js';
import type { Row, Table, Tables } from './table.js';
import { fromNow, type Filter } from './terms.js';

export const SWEPT_A_PASS = 500;
const HOUR_MS = 3_600_000, DAY_MS = 24 * HOUR_MS;
const past = (field: string, ms: number): Filter => ({ $expr: { $lt: [`$${field}`, fromNow(-ms)] } });

/** Expiry is swept, because TTL indexes do not work on every engine. */
export function createSweeps(tables: Tables): SweepWrites {
  const releases = createReleases(tables), blocks = createBlocks(tables);

  /** Batches of an hour ago, but none that an exposed release may still need: its longest maturity, and what its fold has not come to. */
  async function folded(): Promise<Filter> {
    const now = (await tables.now()).getTime();
    const kept = await Promise.all((await releases.exposed()).map(async (release) => {
      const { blockSec, metrics } = release.policy.plan;
      const at = (await blocks.folded(release._id)).at?.getTime() ?? release.createdAt.getTime();
      return { application: { $eq: release.application }, at: { $gte: new Date(Math.min(now, at) - HOUR_MS - blockSec * 1_000 - Math.max(0, ...metrics.map((metric) => metric.maturityMs))) } };
    }));
    return { ...past('at', HOUR_MS), ...(kept.length === 0 ? {} : { $nor: kept }) };
  }
  async function remove(table: Table<Row>, filter: Filter, limit: number): Promise<number> {
    const rows = limit <= 0 ? [] : await table.aggregate<Row>([{ $match: filter }, { $limit: limit }, { $project: { _id: 1 } }]);
    return rows.length === 0 ? 0 : table.remove({ $and: [{ _id: { $in: rows.map((row) => row._id) } }, filter] });
  }
  return {
    async sweep() {
      const rules: readonly [Table<Row>, Filter][] = [
        [tables.table('batches'), await folded()],
        [tables.table('answers'), past('expiresAt', 0)],
        [tables.table('scores'), past('expiresAt', 0)],
        [tables.table('readers'), past('at', DAY_MS)],
        [tables.table('apiKeys'), { ...past('expiresAt', 90 * DAY_MS), 'intents.0': { $exists: false } }],
      ];
      let swept = 0;
      for (const [table, filter] of rules) swept += await remove(table, filter, SWEPT_A_PASS - swept);
      return swept;
    },
  };
}
