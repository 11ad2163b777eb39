/** Reports made by hand: spans with tokens, in bodies that a test packs, sends again, and counts a second time by itself. */
import { createHash, randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { mutate, reaches, send, until } from '../harness.js';
import type { Json, Reply } from '../harness.js';
import { ask } from '../harness/ledger.js';
import type { Observed, Sent, ServedAnswer } from '../harness/ledger.js';
import type { Plant } from '../harness/plant.js';
import { LEASE_MS, anotherText, candidateKey, startRelease } from './canary.js';
import type { Look } from './canary.js';

/** Blocks take what comes within this time: enough for a slow machine to send everything in time. */
const MATURITY_MS = 10_000;
export const METRIC = 'sloppy';
/** A release in CANARY, its candidate served by every edge, whose blocks wait longer; nobody reports anything yet, so that all that is counted is the test's. */
export async function heldInCanary(plant: Plant): Promise<string> {
  await mutate(plant.api, plant.people.releaseManager, 'putRolloutPolicy', {
    application: 'helpdesk', name: 'patient', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }], callsMax: 600 },
    blockSec: 1, leaseMs: LEASE_MS, alpha: { harm: 0.001, promote: 0.05 }, errorBudget: 100_000, stages: [{ weightBp: 5_000, durationMinSec: 900, durationMaxSec: 1_800 }],
    metrics: [{ name: METRIC, from: `guardrail:${METRIC}`, role: 'GUARDRAIL', maturityMs: MATURITY_MS, tolerance: 0.4, margin: 0.5 }], bake: { durationMinSec: 1, durationMaxSec: 600, holdbackBp: 1_000 },
  }, '{ version }');
  const id = await startRelease(plant, anotherText(), { policy: 'patient' });
  await reaches(plant, id, ['CANARY']);
  const key = await candidateKey(plant);
  for (const edge of plant.edges) await until(`${edge} to serve the candidate`, async () => (await ask(plant, edge, key)).arm === 'candidate', 30_000, 50);
  return id;
}

/** One model call: who was served what, and whether it was bad. */
export interface Call { readonly sealed: string | null; readonly isBad: boolean; readonly observed: readonly Observed[] }
export const callOf = ({ sealed, token }: Pick<ServedAnswer, 'sealed' | 'token'>, isBad: boolean): Call => ({
  sealed, isBad, observed: token === null ? [] : [{ release: token.release, arm: token.arm, rev: token.rev, unit: token.unit, sec: token.sec, feed: `guardrail:${METRIC}`, bad: isBad, reader: token.reader }],
});
/** People who were served by one edge or the other just now, with a token. */
export async function served(plant: Plant, people: number): Promise<readonly ServedAnswer[]> {
  const answers = await Promise.all(Array.from({ length: people }, (_, i) => ask(plant, plant.edges[i % plant.edges.length] ?? '', `person-${i}-${Math.floor(plant.random() * 1e9).toString(36)}`)));
  return answers.filter(({ token }) => token !== null);
}

const hex = (bytes: number): string => randomBytes(bytes).toString('hex');
/** @param atNano  what the client says about when; by default now */
export const bodyOf = (calls: readonly Call[], atNano?: string): string => JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: calls.map(({ sealed, isBad }) => {
  const now = atNano ?? `${Date.now()}000000`;
  return {
    traceId: hex(16), spanId: hex(8), name: 'chat sandbox', kind: 3, startTimeUnixNano: now, endTimeUnixNano: now, status: {},
    attributes: [
      { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }, { key: 'gen_ai.request.model', value: { stringValue: 'sandbox-extractive-1' } },
      ...(sealed === null ? [] : [{ key: 'slipway.assignment', value: { stringValue: sealed } }]), { key: `slipway.guardrail.${METRIC}`, value: { boolValue: isBad } },
    ],
  };
}) }] }] });
export const batchOf = (body: string): string => createHash('sha256').update(body).digest('hex').slice(0, 32);

/** Sends the body to an edge, as a line of the ledger. */
export function report(plant: Plant, edge: string, body: string, calls: readonly Call[], { isGzip = false }: { readonly isGzip?: boolean } = {}): Promise<Reply> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${plant.keys.app}`, ...(isGzip ? { 'content-encoding': 'gzip' } : {}) };
  return plant.ledger.record('ingest', body, () => send('POST', `${edge}/v1/traces`, headers, isGzip ? gzipSync(body) : body), (answer) => ({
    outcome: answer.status === 200 ? 'ok' : answer.status >= 500 ? 'unknown' : 'fail', result: { status: answer.status },
  }), { edge, status: 0, retryAfterSec: null, observations: calls.flatMap(({ observed }) => observed), batch: batchOf(body) } satisfies Sent);
}

type Counts = Readonly<Record<string, { readonly stable: { readonly n: number; readonly k: number }; readonly candidate: { readonly n: number; readonly k: number } }>>;
/** What the blocks of a release have to say when exactly these calls counted: distinct units, and those that were bad once. */
export function expected(calls: readonly Call[], release: string): Counts {
  const blocks: Record<string, { stable: Map<string, boolean>; candidate: Map<string, boolean> }> = {};
  for (const one of calls.flatMap(({ observed }) => observed).filter((own) => own.release === release)) {
    const units = (blocks[String(one.sec)] ??= { stable: new Map(), candidate: new Map() })[one.arm];
    units.set(one.unit, (units.get(one.unit) ?? false) || one.bad);
  }
  const counts = (units: Map<string, boolean>) => ({ n: units.size, k: [...units.values()].filter(Boolean).length });
  return Object.fromEntries(Object.entries(blocks).map(([block, { stable, candidate }]) => [block, { stable: counts(stable), candidate: counts(candidate) }]));
}
/** The blocks as they stand, as soon as the fold has passed all of these calls. */
export async function folded(look: Look, release: string, calls: readonly Call[]): Promise<Counts> {
  const last = Math.max(...calls.flatMap(({ observed }) => observed.map(({ sec }) => sec)));
  await until(`the fold to pass block ${last}`, async () => {
    const row = await look.db.collection<{ _id: string; through?: { metric: string; block: number }[] }>('duties').findOne({ _id: `fold/${release}` });
    return row?.through?.some(({ metric, block }) => metric === METRIC && block >= last);
  }, 120_000, 100);
  return blocksOf(look, release);
}
export async function blocksOf(look: Look, release: string): Promise<Counts> {
  const rows = await look.db.collection('blocks').find({ release, metric: METRIC }).toArray() as Json[];
  return Object.fromEntries(rows.map(({ block, stable, candidate }: Json) => [String(block), { stable, candidate }]));
}
/** Distinct units: what is kept of each depends on whether its edge has read the release's plan yet. */
export interface StoredBatch { readonly units: number; readonly uncounted: Readonly<Record<string, number>> }
export async function batchesOf(look: Look, bodies: readonly string[]): Promise<readonly (StoredBatch | null)[]> {
  return Promise.all(bodies.map(async (body) => {
    const row = await look.db.collection<{ _id: string; obs: { unit: string; arm: string; sec: number }[]; uncounted: { cause: string; n: number }[] }>('batches').findOne({ _id: `helpdesk/${batchOf(body)}` });
    return row === null ? null : { units: new Set(row.obs.map(({ unit, arm, sec }) => `${unit} ${arm} ${sec}`)).size, uncounted: Object.fromEntries(row.uncounted.map(({ cause, n }) => [cause, n])) };
  }));
}
