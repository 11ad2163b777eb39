/** What fault tests have in common: a canary under traffic, people whose calls are in the ledger, and looks past every proxy. */
import { MongoClient } from 'mongodb';
import type { Db } from 'mongodb';
import { Refused, gql, reaches, releaseOf, until } from '../harness.js';
import type { Json } from '../harness.js';
import type { EnvironmentDoc, ReceiptDoc, ReleaseDoc, SplitDoc } from '../../store/index.js';
import { ask, ledgeredTraffic } from '../harness/ledger.js';
import type { LedgeredTraffic, ServedAnswer } from '../harness/ledger.js';
import { startPlant } from '../harness/plant.js';
import type { Plant, PlantOptions } from '../harness/plant.js';
import { GOOD, judge, push, putPolicy, settle } from '../world.js';
import type { WorldOptions } from '../world.js';

/** How long a test or its stack may take where many run at once; nothing is judged by it. */
export const LIMIT_MS = 600_000;
/** Short enough that a test can wait for its end, and not below what a policy may have with blocks of 1 s. */
export const LEASE_MS = 6_000;
/** A stage that nothing ends but a fault or a person. */
export const LONG: WorldOptions = { policy: 'long', leaseMs: LEASE_MS, stages: [{ weightBp: 5_000, durationMinSec: 900, durationMaxSec: 1_800 }] };
/** Stages and a bake that end as soon as there is evidence. */
export const QUICK: WorldOptions = { policy: 'quick', leaseMs: LEASE_MS, stages: [{ weightBp: 5_000, durationMinSec: 3, durationMaxSec: 900 }], bake: { durationMinSec: 2, durationMaxSec: 900, holdbackBp: 3_000 } };
/** Every write on an environment: rollback, revert, weight, promotion, renewal. */
export const ENVIRONMENT_WRITE = /findAndModify\0[^]{4}environments\0/;
/** A look's receipt. */
export const RECEIPT_WRITE = /findAndModify\0[^]{4}decisions\0/;
/** The bulk write of accepted reports. */
export const BATCH_WRITE = /update\0[^]{4}batches\0/;

/** A plant with both policies and a stable bundle, and nothing open. */
export async function startSettled(options: PlantOptions = {}): Promise<Plant> {
  const plant = await startPlant(options);
  try {
    await again(() => settle(plant, QUICK));
    await again(() => putPolicy(plant, LONG));
    await reaches(plant, await startRelease(plant, GOOD), ['PROMOTED']);
    return plant;
  } catch (error) {
    await plant.stop();
    throw error;
  }
}

/** A text that no other release of the run has, and that behaves as `kind` says. */
let texts = 0;
export const anotherText = (kind: 'good' | 'sloppy' = 'good'): string => `Answer ${kind === 'sloppy' ? 'in a sloppy way' : 'kindly'}, from the context, number ${String(texts++)}. <context>{{passage}}</context>`;

/** Starts a release of this text and gives its id. What answers UNAVAILABLE is asked again under the same key. */
export async function startRelease(plant: Plant, text: string, options: { readonly policy?: string; readonly key?: string; readonly api?: string } = {}): Promise<string> {
  return startVersion(plant, await again(() => push(plant, text)), options);
}
export async function startVersion(plant: Plant, version: number, { policy = 'quick', key = `start-${String(version)}-${String(texts++)}`, api = plant.api }: { readonly policy?: string; readonly key?: string; readonly api?: string } = {}): Promise<string> {
  const release = await again(() => plant.ledger.mutate(api, plant.people.releaseManager, 'startRelease', { ...startInput(version, policy), idempotencyKey: key }, '{ id state }'));
  return String(release.id);
}
export const startInput = (version: number, policy: string): Record<string, unknown> => ({ application: 'helpdesk', environment: 'production', candidate: { prompt: 'answer', version }, policy });

/** What a client does that was told nothing certain: the same call, under the same key. */
export async function again<T>(call: () => Promise<T>, limitMs = 60_000): Promise<T> {
  for (const endMs = performance.now() + limitMs; ;) {
    try { return await call(); } catch (error) {
      if ((error instanceof Refused && error.code !== 'UNAVAILABLE') || performance.now() > endMs) throw error;
      await new Promise((resolve) => { setTimeout(resolve, 100); });
    }
  }
}

export interface Canary { readonly id: string; readonly users: LedgeredTraffic; /** a key that the candidate serves while its lease runs */ readonly key: string }
/** A release in CANARY, its candidate served by every edge, with traffic. */
export async function inCanary(plant: Plant, options: { readonly kind?: 'good' | 'sloppy'; readonly policy?: string; readonly perSec?: number } = {}): Promise<Canary> {
  const users = ledgeredTraffic(plant, { perSec: options.perSec ?? 25, guardrail: 'sloppy', judge });
  const id = await startRelease(plant, anotherText(options.kind), { policy: options.policy ?? 'long' });
  await reaches(plant, id, ['CANARY']);
  const key = await candidateKey(plant);
  for (const edge of plant.edges) await until(`${edge} to serve the candidate`, async () => (await ask(plant, edge, key)).arm === 'candidate', 30_000, 50);
  return { id, users, key };
}
/** Somebody whom the candidate serves. */
export const candidateKey = (plant: Plant): Promise<string> => until('somebody to be served the candidate', async () => {
  const key = `key-${Math.floor(plant.random() * 1e9).toString(36)}`;
  return (await ask(plant, plant.edge, key)).arm === 'candidate' ? key : null;
}, 60_000, 20);

/** A moment in [from, to) ms that the seed chooses. */
export const moment = async (plant: Plant, fromMs: number, toMs: number): Promise<number> => {
  const ms = Math.floor(fromMs + plant.random() * (toMs - fromMs));
  await new Promise((resolve) => { setTimeout(resolve, ms); });
  return ms;
};

/** The database itself, past every proxy. */
export interface Look {
  readonly db: Db;
  environment(): Promise<EnvironmentDoc>;
  release(id: string): Promise<ReleaseDoc>;
  splits(): Promise<readonly SplitDoc[]>;
  receipts(id: string): Promise<readonly ReceiptDoc[]>;
  close(): Promise<void>;
}
export async function lookAt(plant: Plant): Promise<Look> {
  const client = await MongoClient.connect(plant.mongodb, { serverSelectionTimeoutMS: 10_000 });
  const db = client.db(plant.database);
  const one = async <T>(collection: string, id: string): Promise<T> => {
    const found = await db.collection<{ _id: string }>(collection).findOne({ _id: id });
    if (found === null) throw new Error(`there is no ${collection} ${id}`);
    return found as T;
  };
  return {
    db, environment: () => one('environments', 'helpdesk/production'), release: (id) => one('releases', id),
    splits: async () => await db.collection('splits').find({}).sort({ rev: 1 }).toArray() as unknown as SplitDoc[],
    receipts: async (id) => await db.collection('decisions').find({ release: id }).sort({ seq: 1 }).toArray() as unknown as ReceiptDoc[],
    close: () => client.close(),
  };
}

/** Asks each edge until it serves this person stable without a token. */
export async function stableEverywhere(plant: Plant, key: string, edges: readonly string[] = plant.edges, limitMs = LEASE_MS + 20_000): Promise<readonly ServedAnswer[]> {
  return Promise.all(edges.map((edge) => until(`${edge} to serve stable without a token`, async () => {
    const answer = await ask(plant, edge, key);
    return answer.arm === 'stable' && answer.token === null ? answer : null;
  }, limitMs, 20)));
}

/** How a refusal reads: its code, or `answered`. */
export async function refusal(run: Promise<unknown>): Promise<string> {
  try { await run; return 'answered'; } catch (error) { if (error instanceof Refused) return error.code; throw error; }
}
/** Ends what is open, so that the next test finds nothing open. */
export async function takeBack(plant: Plant, id: string): Promise<Json> {
  await again(() => plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', { id, idempotencyKey: `back-${id}` }, '{ id state }'));
  return reaches(plant, id, ['ROLLED_BACK', 'CANCELLED'], 60_000);
}
export const statesOf = (release: Json): readonly string[] => release.timeline.map((entry: Json) => String(entry.state));
export const typesOf = (release: Json): readonly string[] => release.timeline.map((entry: Json) => String(entry.type));
export const read = (plant: Plant, id: string, api = plant.api): Promise<Json> => releaseOf(api, plant.people.releaseManager, id);
export const asked = (plant: Plant, query: string): Promise<Json> => gql(plant.api, plant.people.releaseManager, query);
