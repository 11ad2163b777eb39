import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { LimitRules, Take } from '../core/limit/index.js';
import type { Store } from './index.js';
import { openStore } from './index.js';

const database = `store_limits_${process.pid}`;
const application = 'helpdesk';
let stores: Store[] = [];
let raw: MongoClient;

beforeAll(async () => {
  stores = await Promise.all(['a', 'b', 'c', 'd'].map(() => openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'control' })));
  raw = new MongoClient(inject('mongodbUri'));
});
afterAll(async () => {
  await Promise.all(stores.map((store) => store.close()));
  await raw.db(database).dropDatabase();
  await raw.close();
});
const take = (holder: string, more: Partial<Take> = {}): Take => ({ holder, slots: 4, underway: 0, tokens: 0, leaseMs: 60_000, report: { passed: 0, refused: 0, retryAfterMs: null }, ...more });
const all = (connection: string, rules: LimitRules, of: (holder: string) => Take) =>
  Promise.all(stores.map((store, index) => store.limits.take(application, connection, rules, of(`worker-${index}`))));

describe('R-293 the rate of a connection is one for all workers: hardly a call is refused, hardly a chance is missed', () => {
  test('workers that ask at once make one document, and no token is given twice', async () => {
    const due: number[] = [];
    const nowMs = async (): Promise<number> => (await stores[0]?.environments.now() ?? new Date(0)).getTime();
    for (let round = 0; round < 5; round += 1) {
      const fromMs = await nowMs();
      // 20 s apart, so that what was given can be told from when it was asked.
      for (const { tokens } of await all('rate', { ratePerSec: 0.05, concurrencyMax: null }, (holder) => take(holder, { tokens: 3 }))) if (tokens !== null && tokens.count > 0) due.push(fromMs + tokens.firstInMs);
    }
    expect(await raw.db(database).collection('limits').countDocuments({ connection: 'rate' })).toBe(1);
    expect(due.length).toBeGreaterThanOrEqual(2);   // one now, one in 20 s; nobody plans further
    due.sort((a, b) => a - b).forEach((ms, index) => { if (index > 0) expect(ms - (due[index - 1] ?? 0)).toBeGreaterThan(10_000); });
  });
  test('a rest that one was asked for is everybody’s, by the database’s clock', async () => {
    const rules = { ratePerSec: 100, concurrencyMax: null };
    await stores[0]?.limits.take(application, 'rest', rules, take('worker-0', { report: { passed: 1, refused: 1, retryAfterMs: 3_600_000 } }));
    for (const { pausedMs } of await all('rest', rules, (holder) => take(holder))) { expect(pausedMs).toBeGreaterThan(3_000_000); expect(pausedMs).toBeLessThanOrEqual(3_600_000); }
  });
  test('connections of the same name in two applications, and of two names, have nothing in common', async () => {
    const rules = { ratePerSec: 100, concurrencyMax: null };
    expect((await stores[0]?.limits.take('shop', 'rest', rules, take('worker-0')))?.pausedMs).toBe(0);
    expect((await stores[0]?.limits.take(application, 'a.$b', rules, take('worker-0')))?.pausedMs).toBe(0);
  });
});

describe('R-294 slots are lent: not held while a call waits for another try, given back when nobody calls, and taken back from the dead', () => {
  const rules = { ratePerSec: null, concurrencyMax: 6 };
  test('asked by all at once, again and again, what is lent is never more than there is', async () => {
    const lent = new Map<string, number>();
    for (let round = 0; round < 6; round += 1) {
      const allotments = await all('slots', rules, (holder) => take(holder, { underway: 0 }));
      allotments.forEach(({ slots }, index) => lent.set(`worker-${index}`, slots ?? Infinity));
      expect([...lent.values()].reduce((sum, slots) => sum + slots, 0)).toBeLessThanOrEqual(6);
    }
    expect(Math.max(...lent.values())).toBeGreaterThan(0);
  });
  test('what a dead worker holds comes back when its lease has run out', async () => {
    const [store] = stores;
    expect((await store?.limits.take(application, 'dead', rules, take('dead', { slots: 6, leaseMs: 60_000 })))?.slots).toBe(6);
    expect((await store?.limits.take(application, 'dead', rules, take('alive', { slots: 6 })))?.slots).toBe(0);
    // As if a minute had gone by.
    const rows = raw.db(database).collection<{ _id: string; state: string }>('limits');
    const row = await rows.findOne({ _id: `${application}/dead` });
    const state = JSON.parse(row?.state ?? '{}') as { holders: { id: string; untilMs: number }[] };
    await rows.updateOne({ _id: `${application}/dead` }, { $set: { state: JSON.stringify({ ...state, holders: state.holders.map((one) => ({ ...one, untilMs: one.untilMs - 120_000 })) }) } });
    expect((await store?.limits.take(application, 'dead', rules, take('alive', { slots: 6 })))?.slots).toBe(6);
  });
});
