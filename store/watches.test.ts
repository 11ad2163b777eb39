import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Actor, NewRelease, Store, WatchReceiptDoc } from './index.js';
import { openStore } from './index.js';

const database = `store_watches_${process.pid}`;
const application = 'helpdesk';
const alice: Actor = { id: 'person:alice', kind: 'person' };
let store: Store;
let raw: MongoClient;
let serial = 0;

beforeAll(async () => {
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'control' });
  raw = new MongoClient(inject('mongodbUri'));
});
afterAll(async () => {
  await store.close();
  await raw.db(database).dropDatabase();
  await raw.close();
});

const plan = { name: 'p', metrics: [], stages: [], blockSec: 60 } as unknown as NewRelease['policy']['plan'];
const entry = (id: string) => ({ id, type: 'release.something', actor: alice });
/** A release that was promoted just now, in an environment of its own. */
async function promoted(): Promise<string> {
  serial += 1;
  const id = `W${String(serial).padStart(4, '0')}`;
  await store.releases.insert({
    _id: id, application, environment: id.toLowerCase(), once: { key: `alice|startRelease|${id}`, args: 'a' }, candidate: 'sha256:c', contents: 'sha256:cc', requestedBy: alice, message: '', tier: 'LOW', ownerTeam: 't', authors: [],
    policy: { name: 'p', version: 1, digest: 'sha256:p', plan }, dataset: { name: 'd', version: 1, digest: 'sha256:d', items: 3 }, evaluators: [], approvalsNeeded: 0,
  }, entry(`${id}/born`), { id: `${id}/born`, application, action: 'release.requested', actor: alice, subject: id });
  await store.releases.move(id, 'REQUESTED', 'PROMOTED', entry(`${id}/promoted`), {}, null);
  return id;
}
const begin = (id: string, forSec = 600, rev = 9) => store.releases.annotate(id, null, { watch: { rev, forSec } }, null);
const age = (id: string, fields: Readonly<Record<string, number>>) => raw.db(database).collection<{ _id: string }>('releases')
  .updateOne({ _id: id }, [{ $set: Object.fromEntries(Object.entries(fields).map(([field, ms]) => [field, { $subtract: ['$$NOW', ms] }])) }]);
const exposed = async (id: string): Promise<boolean> => (await store.releases.exposed()).some(({ _id }) => _id === id);

describe('R-917 a watch is folded for as long as it is open, and no release costs anything after that', () => {
  test('it begins with the promotion, once, and ends once', async () => {
    const id = await promoted();
    await begin(id);
    await begin(id, 9_000, 12);
    const doc = await store.releases.find(id);
    expect(doc?.watch).toEqual({ rev: 9, open: true, outcome: null, endedAt: null, since: doc?.terminalAt, until: new Date((doc?.terminalAt?.getTime() ?? 0) + 600_000) });
    const end = (outcome: 'OVER' | 'SUPERSEDED') => store.releases.annotate(id, entry(`${id}/ended/${outcome}`), { watchEnd: outcome }, null);
    await end('OVER');
    await end('SUPERSEDED');
    const after = (await store.releases.find(id))?.watch;
    expect([after?.open, after?.outcome, after?.endedAt instanceof Date, after?.until]).toEqual([false, 'OVER', true, doc?.watch?.until]);
  });
  test('ending what never began leaves no trace of a watch', async () => {
    const id = await promoted();
    await store.releases.annotate(id, entry(`${id}/ended`), { watchEnd: 'SUPERSEDED' }, null);
    expect(await store.releases.find(id)).not.toHaveProperty('watch');
  });
  test('long after its promotion it is folded while it is watched, and not without a watch', async () => {
    const [watched, other] = [await promoted(), await promoted()];
    await begin(watched);
    for (const id of [watched, other]) await age(id, { terminalAt: 121_000 });
    expect([await exposed(watched), await exposed(other)]).toEqual([true, false]);
    await store.releases.annotate(watched, entry(`${watched}/ended`), { watchEnd: 'REVERTED' }, null);
    expect(await exposed(watched)).toBe(false);
  });
  test('one that nobody ends is over when its time is', async () => {
    const id = await promoted();
    await begin(id);
    await age(id, { terminalAt: 900_000, 'watch.until': 119_000 });
    expect(await exposed(id)).toBe(true);
    await age(id, { 'watch.until': 121_000 });
    expect(await exposed(id)).toBe(false);
  });
});

describe('R-918 looks of a watch are kept beside the receipts of its release, and are none of them', () => {
  const receipt = (release: string, seq: number, more: Partial<WatchReceiptDoc> = {}): Parameters<Store['watches']['append']>[0] => ({
    release, application, seq, planDigest: 'sha256:o', code: '1', lines: [{ metric: 'a.b$c', i: 7, n: 5, k: 1 }], logE: { 'a.b$c': -0 }, thresholds: { 'a.b$c': 12.5 },
    state: { format: 1, detectors: { format: 1, metrics: [] }, runs: [{ metric: 'a.b$c', from: 7, n: 5, k: 1 }] }, breaches: [{ metric: 'a.b$c', max: 0.1, from: 7, n: 5, k: 1 }], through: { 'a.b$c': 7 }, ...more,
  });
  test('of two at once one is appended; it reads back bit for bit', async () => {
    const id = await promoted();
    expect(await store.watches.last(id)).toBeNull();
    const both = await Promise.all([store.watches.append(receipt(id, 1)), store.watches.append(receipt(id, 1))]);
    expect(both.sort()).toEqual(['appended', 'taken']);
    await store.watches.append(receipt(id, 2));
    const last = await store.watches.last(id);
    expect(last).toEqual({ ...receipt(id, 2), _id: `watch/${id}/00000002`, shape: 1, mode: 'watch', at: last?.at });
    expect(Object.is(last?.logE['a.b$c'], -0)).toBe(true);
    const page = await store.watches.receipts(id, { first: 1 });
    expect([page.items.map(({ seq }) => seq), (await store.watches.receipts(id, { first: 5, after: page.next ?? '' })).items.map(({ seq }) => seq)]).toEqual([[2], [1]]);
  });
  test('who asks for a release\'s receipts does not get them, nor another release\'s', async () => {
    const [id, other] = [await promoted(), await promoted()];
    await store.watches.append(receipt(id, 1));
    expect([await store.releases.lastReceipt(id), (await store.releases.receipts(id, { first: 5 })).items, await store.watches.last(other)]).toEqual([null, [], null]);
  });
});
