import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Actor, BatchDoc, Obs, Store } from './index.js';
import { createBatches } from './batches.js';
import { openStore } from './index.js';
import type { Tables, Upsert } from './table.js';

const database = `store_batches_${process.pid}`;
const application = 'helpdesk';
const alice: Actor = { id: 'person:alice', kind: 'person' };
let store: Store;
let raw: MongoClient;
beforeAll(async () => {
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'ingest' });
  raw = new MongoClient(inject('mongodbUri'));
});
afterAll(async () => {
  await store.close();
  await raw.db(database).dropDatabase();
  await raw.close();
});

const obs = (release: string, more: Partial<Obs> = {}): Obs => ({ release, arm: 'candidate', rev: 1, sec: 1, unit: 'u', feed: 'error', value: 1, reader: 'r', ...more });
const batch = (id: string, release: string, more: Partial<BatchDoc> = {}) => ({ _id: `${application}/${id}`, application, obs: [obs(release)], uncounted: {}, ...more });
const accept = (batches: Parameters<Store['batches']['accept']>[0], settleMs = 60_000) => store.batches.accept(batches, settleMs);
const all = async (release: string) => store.batches.between(application, release, new Date(0), new Date(Date.now() + 3_600_000));
const age = (collection: string, ms: number) => raw.db(database).collection(collection).updateMany({}, [{ $set: { at: { $subtract: ['$$NOW', ms] } } }]);

describe('R-650 a batch sent twice is one, whoever accepts it', () => {
  test('twice in one bulk, later, and by four writers at once; the first stays as it was', async () => {
    await accept([batch('a', 'R1'), batch('a', 'R1'), batch('b', 'R1')]);
    const first = await all('R1');
    expect(first.map(({ _id }) => _id).sort()).toEqual(['helpdesk/a', 'helpdesk/b']);
    await accept([batch('a', 'R1', { obs: [obs('R1', { value: 99 })] })]);
    expect(await all('R1')).toEqual(first);
    await Promise.all(Array.from({ length: 4 }, () => accept(Array.from({ length: 50 }, (_, i) => batch(`c${i}`, 'R2')))));
    expect(await all('R2')).toHaveLength(50);
    await accept([]);
  });

  test('only batches that speak of the release, and only of the application, within the time', async () => {
    await accept([batch('d', 'R3'), batch('e', 'R4'), { ...batch('f', 'R3'), _id: 'other/f', application: 'other' }]);
    const found = await all('R3');
    expect(found.map(({ _id }) => _id)).toEqual(['helpdesk/d']);
    const at = found[0]?.at ?? new Date(0);
    expect(await store.batches.between(application, 'R3', at, at)).toHaveLength(1);
    expect(await store.batches.between(application, 'R3', new Date(at.getTime() + 1), new Date(at.getTime() + 9))).toEqual([]);
    expect(await all('$where')).toEqual([]);
  });

  test('what was not counted is summed by cause, whatever a cause is called', async () => {
    await accept([batch('g', 'R5', { uncounted: { 'no.token': 2, $late: 1 } }), batch('h', 'R5', { uncounted: JSON.parse('{"no.token":3,"constructor":1}') })]);
    expect(await store.batches.uncounted(application, 60)).toEqual({ 'no.token': 5, $late: 1, constructor: 1 });
    expect(await store.batches.uncounted('other', 60)).toEqual({});
    expect((await all('R5')).map(({ uncounted }) => uncounted)).toEqual([{ 'no.token': 2, $late: 1 }, JSON.parse('{"no.token":3,"constructor":1}')]);
    expect(Math.abs((await store.batches.now()).getTime() - Date.now())).toBeLessThan(60_000);
  });
});

describe('R-654 what was written slowly gets a later time: nothing is acknowledged as in time that a fold may have missed', () => {
  /** A table that says what it was given, and a clock on which each write takes the next of these. */
  const slow = (tookMs: number[]) => {
    const writes: Upsert[][] = [];
    let nowMs = 0;
    const table = () => ({ putAll: (puts: Upsert[]) => { writes.push(puts); nowMs += tookMs.shift() ?? 0; return Promise.resolve(); } });
    return { writes, batches: createBatches({ table, now: () => Promise.resolve(new Date(0)) } as unknown as Tables, () => nowMs) };
  };
  test.each([[[250], 1], [[251, 250], 2], [[9_000, 9_251, 9_501], 3], [[9_000, 9_250], 2]])('writes of %j ms: %i of them', async (tookMs, count) => {
    const { writes, batches } = slow(tookMs);
    await batches.accept([batch('x', 'R9'), batch('y', 'R9')], 250);
    expect(writes.map((puts) => puts.map(({ id }) => id))).toEqual(Array.from({ length: count }, () => ['helpdesk/x', 'helpdesk/y']));
  });
  test('the later time is later by as long as the write before took', async () => {
    const { writes, batches } = slow([2_000, 2_000]);
    await batches.accept([batch('x', 'R9')], 250);
    expect(JSON.stringify(writes[1]?.[0]?.pipeline)).toContain(JSON.stringify({ $add: ['$$NOW', 2_000] }));
  });
  test('a database that is slower each time is not believed', async () => {
    await expect(slow(Array.from({ length: 9 }, (_, i) => 300 * (i + 1))).batches.accept([batch('x', 'R9')], 250)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
  test('the time of what another call has written stays as it was', async () => {
    await accept([batch('mine', 'R10')]);
    const [first] = await all('R10');
    await expect(accept([batch('mine', 'R10'), batch('new', 'R10')], -60_000)).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    const found = await all('R10');
    expect(found.find(({ _id }) => _id === first?._id)).toEqual(first);
    expect(found).toHaveLength(2);
  });
});

describe('R-651 a block once written never changes', () => {
  const block = (n: number, k: number, metric = 'error.rate') => ({ _id: `${application}/R1/${metric}/${String(n).padStart(12, '0')}`, application, release: 'R1', metric, block: n, stable: { n: 10, k }, candidate: { n: 5, k } });
  test('a second fold meets it', async () => {
    await store.blocks.insert([block(2, 1), block(1, 1)]);
    const first = await store.blocks.after(application, 'R1', 'error.rate', 0);
    expect(first.map(({ block: index, stable }) => [index, stable])).toEqual([[1, { n: 10, k: 1 }], [2, { n: 10, k: 1 }]]);
    await Promise.all([store.blocks.insert([block(1, 7), block(2, 7), block(3, 7)]), store.blocks.insert([block(1, 8), block(3, 7)])]);
    expect((await store.blocks.after(application, 'R1', 'error.rate', 0)).slice(0, 2)).toEqual(first);
    expect((await store.blocks.after(application, 'R1', 'error.rate', 2)).map(({ block: index }) => index)).toEqual([3]);
    expect(await store.blocks.after('other', 'R1', 'error.rate', 0)).toEqual([]);
    await store.blocks.insert([block(1, 2, 'a.$b')]);
    expect(await store.blocks.totals(application, 'R1')).toEqual([
      { metric: 'a.$b', stable: { n: 10, k: 2, sum: 2, sumsq: 2 }, candidate: { n: 5, k: 2, sum: 2, sumsq: 2 } },
      { metric: 'error.rate', stable: { n: 30, k: 9, sum: 9, sumsq: 9 }, candidate: { n: 15, k: 9, sum: 9, sumsq: 9 } },
    ]);
  });
  test('histograms and the assignment come back as they were, and their sums are those of their values', async () => {
    const head = (metric: string, n: number) => ({ _id: `${application}/R2/${metric}/${String(n).padStart(12, '0')}`, application, release: 'R2', metric, block: n });
    const cost = (n: number) => ({ ...head('cost', n), stable: { n: 3, h: [[0, 1], [0.5, 2]] as const }, candidate: { n: 1, h: [[4, 1]] as const } });
    const assignment = { ...head('assignment', 1), stable: { n: 3 }, candidate: { n: 1 }, rev: 7, both: 0, readers: [{ reader: 'edge-1', stable: 3, candidate: 1 }] };
    await store.blocks.insert([cost(1), cost(2), { ...cost(3), stable: { n: 0, h: [] } }, assignment]);
    expect((await store.blocks.after(application, 'R2', 'cost', 1))[0]).toMatchObject(cost(2));
    expect((await store.blocks.after(application, 'R2', 'assignment', 0))[0]).toMatchObject(assignment);
    expect(await store.blocks.totals(application, 'R2')).toEqual([
      { metric: 'assignment', stable: { n: 3, k: 0, sum: 0, sumsq: 0 }, candidate: { n: 1, k: 0, sum: 0, sumsq: 0 } },
      { metric: 'cost', stable: { n: 6, k: 0, sum: 2, sumsq: 1 }, candidate: { n: 3, k: 0, sum: 12, sumsq: 48 } },
    ]);
  });

  test('how far the fold has come never goes back, and says when it last worked', async () => {
    expect(await store.blocks.folded('R9')).toEqual({ through: {}, at: null });
    await store.blocks.through('R9', { 'a.b': 5, $c: 1 });
    await store.blocks.through('R9', { 'a.b': 3, d: 7 });
    expect(await store.blocks.folded('R9')).toMatchObject({ through: { 'a.b': 5, $c: 1, d: 7 } });
    await store.blocks.through('R9', {});
    expect((await store.blocks.folded('R9')).at).toBeInstanceOf(Date);
    expect(await store.duties.hold('fold', 'me', 1_000)).toBe(true);
  });
});

describe('R-652 what has expired is swept, 500 at a time, and nothing else', () => {
  test('batches of an hour ago, but none that an exposed release still needs', async () => {
    const id = '01SWEEP';
    const plan = { blockSec: 60, metrics: [{ name: 'm', maturityMs: 7_200_000 }], stages: [] } as never;
    await store.releases.insert({
      _id: id, application: 'slow', environment: 'e', once: { key: 'k', args: 'a' }, candidate: 'c', contents: 'c', requestedBy: alice, message: '', tier: 'LOW', ownerTeam: '', authors: [],
      policy: { name: 'p', version: 1, digest: 'd', plan }, dataset: { name: '', version: 1, digest: '', items: 0 }, evaluators: [], approvalsNeeded: 0,
    }, { id: '1', type: 't', actor: alice }, { id: 'i', application: 'slow', action: 'a', actor: alice, subject: id });
    await store.releases.move(id, 'REQUESTED', 'CANARY', { id: '2', type: 't', actor: alice }, {}, null);
    await raw.db(database).collection('batches').deleteMany({});
    await accept([...Array.from({ length: 600 }, (_, i) => batch(`s${i}`, 'R')), { ...batch('s', id), _id: 'slow/s', application: 'slow' }]);
    expect(await store.sweeps.sweep()).toBe(0);
    await age('batches', 3_700_000);
    expect(await store.sweeps.sweep()).toBe(500);
    expect(await store.sweeps.sweep()).toBe(100);
    expect(await store.sweeps.sweep()).toBe(0);
    await age('batches', 12_000_000);
    await store.blocks.through(id, { m: 4 });
    expect(await store.sweeps.sweep()).toBe(1);
  });

  test('a batch that a stuck fold has not come to stays', async () => {
    await accept([{ ...batch('stuck', '01SWEEP'), _id: 'slow/stuck', application: 'slow' }]);
    await age('batches', 12_000_000);
    await raw.db(database).collection<{ _id: string }>('duties').updateOne({ _id: 'fold/01SWEEP' }, [{ $set: { at: { $subtract: ['$$NOW', 12_000_000] } } }]);
    expect(await store.sweeps.sweep()).toBe(0);
  });

  test('answers and scores when they expire, readers after a day, keys 90 days later once they are told', async () => {
    await store.evaluations.saveAnswers([{ _id: 'x', application, bundle: 'b', item: 'i', repetition: 0, text: 't', error: null, finishReason: null, model: null, inputTokens: null, outputTokens: null, costUsd: null, durationMs: 1 }], -1);
    await store.evaluations.saveScores([{ _id: 'y', application, value: 1, error: null, label: null, explanation: null }], -1);
    await store.evaluations.saveScores([{ _id: 'z', application, value: 1, error: null, label: null, explanation: null }], 60);
    await store.environments.acknowledge({ application, environment: 'e', reader: 'r', epoch: 1, rev: 1, leaseSeq: 0 });
    const key = (id: string, days: number) => store.apiKeys.insert({ _id: id, kind: 'ap', hash: '', name: '', application, once: { key: id, args: '' }, createdBy: 'a', lifeSec: -days * 86_400 }, { id, application, action: 'a', actor: alice, subject: id });
    await key('OLDOLDOL', 91);
    await key('NEWNEWNE', 89);
    expect(await store.sweeps.sweep()).toBe(2);
    await age('readers', 90_000_000);
    await raw.db(database).collection('apiKeys').updateMany({}, { $set: { intents: [] } });
    expect(await store.sweeps.sweep()).toBe(2);
    expect(await store.apiKeys.find('NEWNEWNE')).not.toBeNull();
    expect(await store.apiKeys.find('OLDOLDOL')).toBeNull();
  });
});
