import { Client, Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { expect } from 'vitest';
import type { Ready } from '../harness.js';
import { until } from '../harness.js';
import { COLLECTION_NAMES } from '../../store/collections.js';
import { decode } from '../../store/json.js';
import { readReceipt, readRelease } from '../../store/releases-row.js';
import { NOTHING_STORED, check } from './invariants.js';
import type { Stored } from './invariants.js';
import type { Ledger } from './ledger.js';

type Row = Record<string, unknown>;
/** What the store keeps as text, because strangers choose its keys. */
const TEXTS: Readonly<Record<string, readonly string[]>> = { bundles: ['parts'], modelVersions: ['safety'], datasetItems: ['item'], evaluations: ['verdict'], evaluators: ['spec'], policies: ['policy'] };
const read = (collection: string, row: Row): unknown => {
  if (collection === 'releases') return readRelease(row as never);
  if (collection === 'decisions') return readReceipt(row as never);
  if (collection === 'batches') return { ...row, uncounted: Object.fromEntries((row['uncounted'] as { cause: string; n: number }[]).map(({ cause, n }) => [cause, n])) };
  return Object.fromEntries(Object.entries(row).map(([field, value]) => [field, TEXTS[collection]?.includes(field) === true && typeof value === 'string' ? decode(value) : value]));
};

/** What follows from something else is read before it: a block before its batches, an act before its event, and first how far the fold has come. */
const LAST = ['splits', 'decisions', 'blocks', 'batches', 'audit'];
const IN_ORDER = COLLECTION_NAMES.toSorted((a, b) => (a === 'duties' ? -1 : b === 'duties' ? 1 : LAST.indexOf(a) - LAST.indexOf(b)));

/** Every document of every collection, as the rooms know them, and the database's time after the reading. */
export async function readStored(mongodbUri: string, database: string): Promise<{ readonly store: Stored; readonly nowMs: number }> {
  const client = await MongoClient.connect(mongodbUri, { serverSelectionTimeoutMS: 5_000 });
  try {
    const db = client.db(database);
    const collections: (readonly [string, readonly unknown[]])[] = [];
    for (const name of IN_ORDER) collections.push([name, (await db.collection(name).find({}).toArray()).map((row) => read(name, row as Row))]);
    const [clock] = await db.aggregate<{ now: Date }>([{ $documents: [{ _id: 0 }] }, { $project: { now: '$$NOW' } }]).toArray();
    return { store: { ...NOTHING_STORED, ...Object.fromEntries(collections) as Partial<Stored> }, nowMs: clock?.now.getTime() ?? 0 };
  } finally { await client.close(); }
}

/** Ids of the release workflows that run, by what Temporal says of each environment. */
async function runningWorkflows(address: string, environments: readonly string[]): Promise<readonly string[]> {
  const connection = await Connection.connect({ address, connectTimeout: 5_000 });
  try {
    const client = new Client({ connection });
    const ids = await Promise.all(environments.map(async (id) => {
      try { return (await client.workflow.getHandle(`release/${id}`).describe()).status.name === 'RUNNING' ? `release/${id}` : null; } catch { return null; }
    }));
    return ids.filter((id) => id !== null);
  } finally { await connection.close(); }
}

/** What of a run the checker needs: a plant, or a stack and the ledger of its callers. */
export interface Checkable extends Pick<Ready, 'mongodb' | 'temporal' | 'people' | 'keys'> { readonly ledger?: Ledger; readonly database?: string }

/**
 * The last line of every fault test: waits until what was written is told, and every release that is to end has ended, then holds all
 * invariants against ledgers and store.
 *
 * @param open  ids of releases that the test leaves open on purpose
 */
export async function checked(run: Checkable, { open = [] }: { readonly open?: readonly string[] } = {}): Promise<void> {
  const database = run.database ?? 'slipway';
  const look = async (): Promise<{ readonly store: Stored; readonly nowMs: number }> => {
    const { store, nowMs } = await readStored(run.mongodb, database);
    const workflows = await runningWorkflows(run.temporal, store.environments.map(({ _id }) => _id));
    return { store: { ...store, workflows, secrets: [...Object.values(run.people), ...Object.values(run.keys)] }, nowMs };
  };
  const pending = (store: Stored): string[] => [
    ...Object.values(store).flatMap((rows) => (Array.isArray(rows) ? rows as { readonly _id?: string; readonly intents?: readonly unknown[] }[] : [])).filter(({ intents }) => (intents?.length ?? 0) > 0).map(({ _id }) => `intents of ${String(_id)}`),
    ...store.releases.filter((release) => release.open && !open.includes(release._id)).map(({ _id, state }) => `${_id} is ${state}`),
    ...(store.workflows ?? []).filter((id) => !store.releases.some((release) => release.open && id === `release/${release.application}/${release.environment}`)).map((id) => `${id} runs`),
  ];
  let last: { readonly store: Stored; readonly nowMs: number } | null = null;
  let waits: readonly string[] = [];
  await until('everything to be told and over', async () => { last = await look(); waits = pending(last.store); return waits.length === 0; }, 60_000, 250).catch((error: unknown) => { if (last === null) throw error; });
  if (last === null) throw new Error('The store was never read.');
  const { store, nowMs } = last as { readonly store: Stored; readonly nowMs: number };
  expect({ waits, violations: check(run.ledger?.lines() ?? [], store, store.audit, nowMs) }).toEqual({ waits: [], violations: [] });
}
