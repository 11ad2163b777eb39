import { MongoClient, type Db } from 'mongodb';
import { createApplications } from './applications.js';
import { createBatches } from './batches.js';
import { createBlocks } from './blocks.js';
import { createBundles } from './bundles.js';
import { COLLECTION_NAMES, indexesOf } from './collections.js';
import { createCalibrations } from './calibrations.js';
import { createConnections } from './connections.js';
import { createDatasets } from './datasets.js';
import { createDuties } from './duties.js';
import { createEnvironments } from './environments.js';
import { createRollbacks } from './environments-rollback.js';
import { createEnvironmentReads } from './environments-read.js';
import { createEvaluations } from './evaluations.js';
import { createEvaluators } from './evaluators.js';
import type { Store } from './documents.js';
import { createAudit, createIntents } from './intents.js';
import { createApiKeys, createGrants, createPeople } from './people.js';
import { createLimits } from './limits.js';
import { createPolicies } from './policies.js';
import { createPrompts } from './prompts.js';
import { createReaders } from './readers.js';
import { createReleases } from './releases.js';
import { createSweeps } from './sweeps.js';
import { Table, translated, type Bounds, type Tables } from './table.js';
import { NOW } from './terms.js';
import { createWatches } from './watches.js';

export type StoreRole = 'control' | 'serving' | 'ingest';
export interface StoreTimeouts {
  /** At the server, per command. */ readonly maxTimeMs?: number;
  /** Here, per call, in whatever state the connection is. */ readonly giveUpMs?: number;
  readonly selectMs?: number; readonly connectMs?: number; readonly waitQueueMs?: number; readonly socketMs?: number; readonly heartbeatMs?: number;
}
export interface StoreOptions {
  readonly uri: string; readonly database: string;
  /** Shown in the server's log and list of connections. */
  readonly appName: string;
  /** A pool for each, so that slow queries of one do not take the connections of another. */
  readonly role: StoreRole;
  readonly timeouts?: StoreTimeouts;
}

const POOL = { control: 30, serving: 10, ingest: 20 } as const satisfies Record<StoreRole, number>;

function tablesOf(db: Db, bounds: Bounds): Tables & { ping(): Promise<void> } {
  const limits = () => ({ maxTimeMS: bounds.maxTimeMs, signal: AbortSignal.timeout(bounds.giveUpMs) });
  const call = async <T>(ask: () => Promise<T>): Promise<T> => {
    try { return await ask(); } catch (error) { throw translated(error); }
  };
  return {
    table: (name) => new Table(db, name, bounds),
    // Asked of a document made on the spot: `hello` names no time on every engine.
    now: () => call(async () => {
      const [found] = await db.aggregate<{ now: Date }>([{ $documents: [{ _id: 0 }] }, { $project: { now: NOW } }], limits()).toArray();
      if (found === undefined) throw new Error('The database has no time.');
      return found.now;
    }),
    ping: () => call(async () => { await db.command({ ping: 1, maxTimeMS: bounds.maxTimeMs }, { signal: AbortSignal.timeout(bounds.giveUpMs) }); }),
  };
}

/** Makes every collection by making its indexes. Harmless to repeat, and at the same time as another start. */
async function prepare(db: Db, giveUpMs: number): Promise<void> {
  await Promise.all(COLLECTION_NAMES.map(async (name) => {
    const indexes = indexesOf(name).map(([key, options]) => ({ key: { ...key }, ...options }));
    if (indexes.length > 0) await db.collection(name).createIndexes(indexes, { signal: AbortSignal.timeout(giveUpMs) } as object);
  }));
}

/**
 * One client for one kind of work, its collections and indexes made. Time-outs are stated stage by stage, because the driver
 * ignores `timeoutMS`; a call that ran out of time may still have had its effect, so every write here may be repeated.
 *
 * @throws UnavailableError when the database does not answer
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { timeouts = {} } = options;
  const bounds: Bounds = { maxTimeMs: timeouts.maxTimeMs ?? 5_000, giveUpMs: timeouts.giveUpMs ?? 10_000 };
  const client = new MongoClient(options.uri, {
    appName: options.appName,
    maxPoolSize: POOL[options.role],
    serverSelectionTimeoutMS: timeouts.selectMs ?? 2_000,
    connectTimeoutMS: timeouts.connectMs ?? 2_000,
    waitQueueTimeoutMS: timeouts.waitQueueMs ?? 2_000,
    socketTimeoutMS: timeouts.socketMs ?? 15_000,
    heartbeatFrequencyMS: timeouts.heartbeatMs ?? 1_000,
    writeConcern: { w: 'majority', journal: true },
    readConcern: { level: 'majority' },
    readPreference: 'primary',
    ignoreUndefined: true,
  });
  const db = client.db(options.database);
  try {
    await client.connect();
    await prepare(db, 30_000);
  } catch (error) {
    await client.close();
    throw translated(error);
  }
  const tables = tablesOf(db, bounds);
  return {
    applications: createApplications(tables), people: createPeople(tables), grants: createGrants(tables), apiKeys: createApiKeys(tables), connections: createConnections(tables), limits: createLimits(tables),
    prompts: createPrompts(tables), bundles: createBundles(tables), datasets: createDatasets(tables), evaluators: createEvaluators(tables), policies: createPolicies(tables),
    environments: { ...createEnvironmentReads(tables), ...createEnvironments(tables), ...createRollbacks(tables), ...createReaders(tables) },
    evaluations: createEvaluations(tables), calibrations: createCalibrations(tables), releases: createReleases(tables), watches: createWatches(tables),
    batches: createBatches(tables), blocks: createBlocks(tables), duties: createDuties(tables), intents: createIntents(tables), audit: createAudit(tables), sweeps: createSweeps(tables),
    ping: () => tables.ping(),
    close: () => client.close(),
  };
}
