import { createHash } from 'node:crypto';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Actor, AuditDoc, Intent, PendingIntent, Store } from './index.js';
import { openStore } from './index.js';

const database = `store_intents_${process.pid}`;
const alice: Actor = { id: 'person:alice', kind: 'person', authMethod: 'dev' };
let store: Store;
let raw: MongoClient;
beforeAll(async () => {
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'control' });
  raw = new MongoClient(inject('mongodbUri'));
});
afterAll(async () => {
  await store.close();
  await raw.db(database).dropDatabase();
  await raw.close();
});

const linkOf = (event: object): string => createHash('sha256').update(JSON.stringify(event)).digest('hex');
const intent = (application: string, id: string, more: Partial<Intent> = {}): Intent => ({ id, application, action: 'person.put', actor: alice, subject: id, ...more });
const person = (application: string, id: string, more: Partial<Intent> = {}) => store.people.put({ _id: id, name: id, team: 't' }, intent(application, id, more));
async function relay(): Promise<number> {
  const pending = await store.intents.pending(1_000);
  for (const one of pending) { await store.intents.carryOut(one, linkOf); await store.intents.done(one); }
  return pending.length;
}
function expectChain(events: readonly AuditDoc[]): void {
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(new Set(events.map(({ intentId }) => intentId)).size).toBe(events.length);
  events.forEach(({ _id, shape: _shape, hash, ...event }, i) => {
    expect(_id).toBe(`${event.application}/${String(event.seq).padStart(10, '0')}`);
    expect(event.previousHash).toBe(events[i - 1]?.hash ?? '0'.repeat(64));
    const { seq, previousHash, ...rest } = event;
    const ordered = { application: rest.application, intentId: rest.intentId, at: rest.at, actor: rest.actor, actorKind: rest.actorKind, authMethod: rest.authMethod, action: rest.action, subject: rest.subject, beforeDigest: rest.beforeDigest, afterDigest: rest.afterDigest, reason: rest.reason, seq, previousHash };
    expect(hash).toBe(linkOf(ordered));
  });
}

describe('R-750 the chain of an application is contiguous, each intent in it once, also under two relays', () => {
  test('three relays carry the same forty intents of two applications at once', async () => {
    await relay();
    for (let i = 0; i < 40; i += 1) await person(i % 2 === 0 ? 'even' : 'odd', `p${i}`);
    const pending = (await store.intents.pending(1_000)).filter(({ collection }) => collection === 'people');
    expect(pending).toHaveLength(40);
    expect(pending.map(({ documentId }) => documentId)).toEqual(Array.from({ length: 40 }, (_, i) => `p${i}`));
    const shuffled = (one: readonly PendingIntent[]) => [...one].sort((a, b) => linkOf(a).localeCompare(linkOf(b)));
    await Promise.all([pending, [...pending].reverse(), shuffled(pending)].map(async (order) => { for (const one of order) await store.intents.carryOut(one, linkOf); }));
    for (const one of pending) { await store.intents.done(one); await store.intents.done(one); }
    for (const application of ['even', 'odd']) {
      const events = await store.audit.list(application, 0, 100);
      expect(events).toHaveLength(20);
      expectChain(events);
    }
    expect(await store.audit.list('even', 18, 100)).toHaveLength(2);
    expect(await store.intents.pending(10)).toEqual([]);
    expect(await store.audit.lagSec()).toBe(0);
  });

  test('six relays at the same intent: one event', async () => {
    for (let round = 0; round < 30; round += 1) {
      await person('same', `s${round}`);
      const [one] = await store.intents.pending(9);
      if (one === undefined) throw new Error('none');
      await Promise.all(Array.from({ length: 6 }, () => store.intents.carryOut(one, linkOf)));
      await store.intents.done(one);
    }
    const events = await store.audit.list('same', 0, 100);
    expect(events).toHaveLength(30);
    expectChain(events);
  });

  test('one id for two things: both are in the chain, each once', async () => {
    const told = intent('shared', 'one-key');
    await store.people.put({ _id: 'shared-1', name: 'n', team: 't' }, { ...told, subject: 'first' });
    await store.people.put({ _id: 'shared-2', name: 'n', team: 't' }, { ...told, subject: 'second' });
    const pending = (await store.intents.pending(9)).filter((one) => one.intent.application === 'shared');
    for (const one of [...pending, ...pending]) await store.intents.carryOut(one, linkOf);
    for (const one of pending) await store.intents.done(one);
    const events = await store.audit.list('shared', 0, 10);
    expect(events.map(({ intentId, subject }) => [intentId, subject])).toEqual([['one-key', 'first'], ['one-key|second', 'second']]);
    expectChain(events);
  });

  test('an event keeps the time of the act, and what it was about', async () => {
    const at = (await person('kept', 'x', { reason: 'why', beforeDigest: 'sha256:b', afterDigest: 'sha256:a' })).intents[0]?.at;
    expect(await store.audit.lagSec()).toBeGreaterThanOrEqual(0);
    expect(await relay()).toBe(1);
    expect(await store.audit.list('kept', 0, 9)).toMatchObject([{ at, actor: 'person:alice', actorKind: 'person', authMethod: 'dev', action: 'person.put', subject: 'x', reason: 'why', beforeDigest: 'sha256:b', afterDigest: 'sha256:a' }]);
    await person('*', 'y');
    await relay();
    expect(await store.audit.list('*', 0, 9)).toMatchObject([{ seq: 1, reason: null, beforeDigest: null, afterDigest: null }]);
  });

  test('an intent that was carried out and not removed is carried out again without effect', async () => {
    await person('again', 'z');
    const [one] = (await store.intents.pending(9));
    if (one === undefined) throw new Error('none');
    await store.intents.carryOut(one, linkOf);
    await store.intents.carryOut(one, () => 'another');
    expect(await store.audit.list('again', 0, 9)).toHaveLength(1);
    await expect(store.intents.done({ ...one, collection: 'blocks' })).rejects.toThrow(RangeError);
    await store.intents.done(one);
  });

  test('pending is oldest first over all collections, and keeps to its limit', async () => {
    await person('order', 'o1');
    const told = { id: 'o2', application: 'order', action: 'prompt.created', actor: alice };
    await store.prompts.insert({ application: 'order', prompt: 'p', digest: 'd', messages: [], variables: [], message: '', author: 'a', source: null, once: { key: 'o2', args: 'a' } }, told);
    await new Promise((resolve) => { setTimeout(resolve, 3); });
    await person('order', 'o3');
    expect((await store.intents.pending(100)).map(({ collection, intent: { id } }) => [collection, id])).toEqual([['people', 'o1'], ['promptVersions', 'o2'], ['people', 'o3']]);
    expect((await store.intents.pending(2)).map(({ intent: { id } }) => id)).toEqual(['o1', 'o2']);
    await relay();
  });

  test('the relay reads the partial indexes, not the collections', async () => {
    const plan = JSON.stringify(await raw.db(database).collection('people').find({ 'intents.at': { $gte: new Date(0) }, 'intents.0': { $exists: true } }).sort({ 'intents.at': 1 }).explain('queryPlanner'));
    expect(plan).toContain('intents_waiting');
    expect(plan).not.toContain('COLLSCAN');
  });
});

describe('R-751 what an intent names is written once: the split, and a release of kind REVERT', () => {
  const application = 'helpdesk', environment = 'production';
  const at = (id: string) => intent(application, id, { subject: 'helpdesk/production' });
  test('two releases, then back: four splits, one REVERT, born terminal', async () => {
    for (const [i, name] of ['one', 'two'].entries()) {
      const opened = await store.environments.open({ application, environment, release: name, candidate: `sha256:${name}`, contents: `c-${name}`, intent: at(`open-${name}`) });
      if (opened.kind !== 'opened') throw new Error(opened.kind);
      let rev = opened.rev;
      if (i === 1) rev = (await store.environments.setWeight({ application, environment, release: name, epoch: opened.epoch, rev, candidate: `sha256:${name}`, weightBp: 500, leaseMs: 9_000, intent: at('weight') })).rev;
      await store.environments.promote({ application, environment, release: name, epoch: opened.epoch, rev, candidate: `sha256:${name}`, leaseMs: 9_000, intent: at(`promote-${name}`) });
    }
    const order = { application, environment, rev: 3, contents: 'c-two', reason: 'rude', actor: alice, once: { key: 'alice|rollbackEnvironment|k', args: 'a' }, intentId: 'back' };
    const reverted = await store.environments.revert(order);
    const pending = await store.intents.pending(100);
    await Promise.all([pending, pending].map(async (list) => { for (const one of list) await store.intents.carryOut(one, linkOf); }));
    for (const one of pending) await store.intents.done(one);
    const splits = await store.environments.splits(application, environment, { first: 10 });
    expect(splits.items.map(({ rev, stable, candidate, weightBp, release }) => [rev, stable, candidate, weightBp, release])).toEqual([
      [4, 'sha256:one', undefined, 0, 'revert/helpdesk/production/4'], [3, 'sha256:two', undefined, 0, 'two'], [2, 'sha256:one', 'sha256:two', 500, 'two'], [1, 'sha256:one', undefined, 0, 'one'],
    ]);
    const doc = await store.releases.find('revert/helpdesk/production/4');
    expect(doc).toMatchObject({ kind: 'REVERT', state: 'PROMOTED', open: false, candidate: 'sha256:one', baseline: 'sha256:two', message: 'rude', once: order.once, intents: [], timeline: [{ type: 'release.reverted', reason: 'rude', seq: 1 }] });
    expect(doc?.terminalAt).toEqual(doc?.createdAt);
    expect((await store.releases.list({ application }, { first: 9 })).items).toHaveLength(1);
    expect(await store.environments.revert(order)).toEqual({ ...reverted, kind: 'repeated' });
    await expect(store.environments.revert({ ...order, once: { ...order.once, args: 'b' } })).rejects.toMatchObject({ code: 'CONFLICT' });
    expectChain(await store.audit.list(application, 0, 100));
  });
});

describe('R-752 a duty has one holder, by the database clock', () => {
  test('of eight one gets it, renews it, and leaves it to the next', async () => {
    const tries = await Promise.all(Array.from({ length: 8 }, async (_, i) => ({ i, held: await store.duties.hold('relay', `h${i}`, 60_000) })));
    const holders = tries.filter(({ held }) => held);
    expect(holders).toHaveLength(1);
    const holder = `h${holders[0]?.i}`;
    expect(await store.duties.hold('relay', holder, 60_000)).toBe(true);
    expect(await store.duties.hold('relay', 'other', 60_000)).toBe(false);
    await store.duties.release('relay', 'other');
    expect(await store.duties.hold('relay', 'other', 60_000)).toBe(false);
    await store.duties.release('relay', holder);
    expect(await store.duties.hold('relay', 'other', 60_000)).toBe(true);
    expect(await store.duties.hold('fold', holder, 60_000)).toBe(true);
  });

  test('one that has lapsed is taken over, by one', async () => {
    await store.duties.hold('sweep', 'gone', 1);
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    const tries = await Promise.all(['a', 'b', 'c', 'd'].map((holder) => store.duties.hold('sweep', holder, 60_000)));
    expect(tries.filter(Boolean)).toHaveLength(1);
    expect(await store.duties.hold('sweep', 'gone', 60_000)).toBe(false);
  });
});
