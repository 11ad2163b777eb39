import { environmentId } from '../core/ids.js';
import type { EnvironmentDoc, EnvironmentReads, ReaderDoc, ServedEnvironment, SplitDoc } from './documents.js';
import { HIDDEN, readEnvironment, type EnvironmentRow } from './environments-acts.js';
import { pageOf } from './pages.js';
import type { Tables } from './table.js';
import { eq, NOW, sinceMs, type Filter, type Stage } from './terms.js';

/** With what remains of the lease, in the query that read it: the reader's own clock has no say. */
const served = (filter: Filter): readonly Stage[] => [
  { $match: filter }, HIDDEN,
  { $project: { _id: 0, doc: '$$ROOT', now: NOW, leaseLeftMs: { $max: [0, { $subtract: ['$lease.ms', sinceMs('$lease.at')] }] } } },
];

export function createEnvironmentReads({ table, now }: Tables): EnvironmentReads {
  const rows = table<EnvironmentRow>('environments'), splits = table<SplitDoc>('splits'), readers = table<ReaderDoc>('readers');
  return {
    async find(application, environment): Promise<EnvironmentDoc | null> {
      const row = await rows.first({ _id: eq(environmentId(application, environment)), application: eq(application) });
      return row === null ? null : readEnvironment(row);
    },
    async served(application, environment) {
      const [found] = await rows.aggregate<ServedEnvironment>(served({ _id: eq(environmentId(application, environment)), application: eq(application) }));
      return found ?? null;
    },
    touched: (since) => rows.aggregate<ServedEnvironment>(served(since === null ? {} : { touchedAt: { $gt: since } })),
    splits: (application, environment, page) => pageOf(splits, { application: eq(application), environment: eq(environment) }, page, [['rev', 'number']], (row) => row),
    readers: (application, environment) => readers.aggregate<ReaderDoc & { ageMs: number }>([
      { $match: { application: eq(application), environment: eq(environment) } }, { $set: { ageMs: sinceMs('$at') } }, { $sort: { _id: 1 } },
    ]),
    now,
  };
}
