import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Actor, Intent, OpenRelease, Promote, Revert, Rollback, SetWeight, Store } from './index.js';
import { openStore } from './index.js';

const database = `store_environments_${process.pid}`;
const application = 'helpdesk';
const alice: Actor = { id: 'person:alice', kind: 'person', authMethod: 'dev' };
let store: Store;
let serial = 0;
const fresh = (): string => `env-${(serial += 1)}`;

beforeAll(async () => { store = await openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'control' }); });
afterAll(async () => {
  await store.close();
  const raw = new MongoClient(inject('mongodbUri'));
  await raw.db(database).dropDatabase();
  await raw.close();
});

const intent = (id: string): Intent => ({ id, application, action: 'release.something', actor: alice, subject: id });
const digest = (name: string): string => `sha256:${name}`;
const contents = (name: string): string => `sha256:contents-${name}`;
const opening = (environment: string, release: string, bundle = release): OpenRelease => ({ application, environment, release, candidate: digest(bundle), contents: contents(bundle), intent: intent(`${environment}/${release}/open`) });
const weight = (environment: string, release: string, at: { epoch: number; rev: number }, weightBp = 500, more: Partial<SetWeight> = {}): SetWeight =>
  ({ application, environment, release, ...at, candidate: digest(release), weightBp, leaseMs: 60_000, intent: intent(`${environment}/${release}/weight/${at.rev}/${weightBp}`), ...more });
const promotion = (environment: string, release: string, at: { epoch: number; rev: number }): Promote => ({ application, environment, release, ...at, candidate: digest(release), leaseMs: 60_000, intent: intent(`${environment}/${release}/promote`) });
const rollback = (environment: string, release: string, forCause = false, more: Partial<Rollback> = {}): Rollback =>
  ({ application, environment, release, candidate: digest(release), contents: contents(release), forCause, reason: 'worse', intent: intent(`${environment}/${release}/rollback`), ...more });
const reversion = (environment: string, rev: number, key: string, more: Partial<Revert> = {}): Revert =>
  ({ application, environment, rev, contents: contents('taken'), actor: alice, once: { key, args: digest('args') }, intentId: `intent-${key}`, ...more });

async function open(environment: string, release: string, bundle = release) {
  const result = await store.environments.open(opening(environment, release, bundle));
  if (result.kind !== 'opened') throw new Error(result.kind);
  return result;
}
/** An environment whose stable bundle is that of `first`. */
async function stable(environment: string, first = `${environment}-one`) {
  const at = await open(environment, first);
  const result = await store.environments.promote(promotion(environment, first, at));
  expect(result.kind).toBe('written');
  return { epoch: result.epoch, rev: result.rev };
}
/** … with the candidate of `release` in it, at `weightBp`. */
async function exposed(environment: string, release: string, weightBp = 500, leaseMs = 60_000) {
  await stable(environment);
  const at = await open(environment, release);
  const result = await store.environments.setWeight(weight(environment, release, at, weightBp, { leaseMs }));
  expect(result.kind).toBe('written');
  return { epoch: result.epoch, rev: result.rev };
}
const find = async (environment: string) => {
  const doc = await store.environments.find(application, environment);
  if (doc === null) throw new Error(`no ${environment}`);
  return doc;
};

describe('R-003 rollback is one write, needs no epoch and wins every race', () => {
  test('promote and rollback at once: exactly one, and an acknowledged rollback is never undone', async () => {
    const ends = { promoted: 0, rolledBack: 0 };
    for (let round = 0; round < 200; round += 1) {
      const environment = fresh(), release = `${environment}-two`;
      const at = await exposed(environment, release);
      const orders = [() => store.environments.promote(promotion(environment, release, at)), () => store.environments.rollback(rollback(environment, release, true))] as const;
      const [promoted, rolledBack] = round % 2 === 0 ? await Promise.all([orders[0](), orders[1]()]) : (await Promise.all([orders[1](), orders[0]()])).reverse() as [Awaited<ReturnType<typeof orders[0]>>, Awaited<ReturnType<typeof orders[1]>>];
      expect([promoted.kind === 'written', rolledBack.kind === 'rolledBack'].filter(Boolean)).toHaveLength(1);
      if (rolledBack.kind === 'rolledBack') {
        expect((await store.environments.promote(promotion(environment, release, at))).kind).toBe('superseded');
        expect((await store.environments.setWeight(weight(environment, release, { epoch: at.epoch, rev: rolledBack.rev }, 1_000))).kind).toBe('superseded');
        const doc = await find(environment);
        expect(doc.split).toEqual({ stable: digest(`${environment}-one`), weightBp: 0, leaseMs: 60_000, release: `${environment}-one` });
        expect(doc).toMatchObject({ rev: at.rev + 1, epoch: at.epoch + 1, open: null });
      } else {
        expect(rolledBack).toEqual({ kind: 'notOpen' });
        expect((await find(environment)).split).toEqual({ stable: digest(release), weightBp: 0, leaseMs: 60_000, release });
      }
      ends[rolledBack.kind === 'rolledBack' ? 'rolledBack' : 'promoted'] += 1;
    }
    expect(ends.promoted + ends.rolledBack).toBe(200);
  }, 120_000);

  test('a rollback before there was weight raises rev and epoch, and leaves stable as it was', async () => {
    const environment = fresh(), at = await stable(environment);
    const opened = await open(environment, 'r2');
    expect(await store.environments.rollback(rollback(environment, 'r2'))).toMatchObject({ kind: 'rolledBack', rev: at.rev + 1, epoch: opened.epoch + 1 });
    expect((await find(environment)).quarantine).toEqual([]);
  });

  test('without a stable bundle the epoch alone rises', async () => {
    const environment = fresh(), at = await open(environment, 'r1');
    expect(await store.environments.rollback(rollback(environment, 'r1'))).toMatchObject({ kind: 'rolledBack', rev: 0, epoch: at.epoch + 1 });
    const doc = await find(environment);
    expect(doc).toMatchObject({ split: null, rev: 0, recent: [], open: null });
    expect(doc.intents.at(-1)).not.toHaveProperty('split');
  });

  test('a repeat, by the same or another person, finds the first and changes nothing', async () => {
    const environment = fresh();
    await exposed(environment, 'r2');
    const first = await store.environments.rollback(rollback(environment, 'r2'));
    const before = await find(environment);
    for (const again of [rollback(environment, 'r2'), rollback(environment, 'r2', false, { intent: intent('another') })]) {
      expect(await store.environments.rollback(again)).toEqual({ ...first, kind: 'repeated' });
    }
    expect(await find(environment)).toEqual(before);
  });

  test('a release that never was open here is not rolled back', async () => {
    const environment = fresh();
    expect(await store.environments.rollback(rollback(environment, 'r9'))).toEqual({ kind: 'notOpen' });
    await exposed(environment, 'r2');
    expect(await store.environments.rollback(rollback(environment, 'r9'))).toEqual({ kind: 'notOpen' });
    expect((await find(environment)).split?.candidate).toBe(digest('r2'));
  });

  test('the intent tells the split, the rev and the epoch that the write made, not what the caller thought', async () => {
    const environment = fresh(), at = await exposed(environment, 'r2');
    const note = { workflowId: `release/${application}/${environment}`, rolledBack: { release: 'r2', rev: -1, epoch: -1, forCause: true, reason: 'worse', actor: alice } };
    await store.environments.rollback(rollback(environment, 'r2', true, { intent: { ...intent('told'), note } }));
    const told = (await find(environment)).intents.find(({ id }) => id === 'told');
    expect(told).toMatchObject({ note: { rolledBack: { rev: at.rev + 1, epoch: at.epoch + 1, release: 'r2' } }, split: { rev: at.rev + 1, epoch: at.epoch + 1, weightBp: 0, stable: digest(`${environment}-one`) } });
    expect(told?.split).not.toHaveProperty('candidate');
    expect(told?.at).toBeInstanceOf(Date);
  });
});

describe('R-003 with nothing open, what was stable before comes back', () => {
  const twice = async (environment: string) => {
    const at = await exposed(environment, `${environment}-two`);
    return store.environments.promote(promotion(environment, `${environment}-two`, at));
  };

  test('revert writes the previous bundle back, raises rev and epoch, quarantines with a reason; there is no way further back', async () => {
    const environment = fresh(), { rev, epoch } = await twice(environment);
    const reverted = await store.environments.revert(reversion(environment, rev, `k-${environment}`, { reason: 'rude' }));
    expect(reverted).toMatchObject({ kind: 'reverted', rev: rev + 1, epoch: epoch + 1, stable: digest(`${environment}-one`), takenBack: digest(`${environment}-two`), release: `revert/${application}/${environment}/${rev + 1}` });
    const doc = await find(environment);
    expect(doc.quarantine).toMatchObject([{ digest: digest(`${environment}-two`), contents: contents('taken'), reason: 'rude', release: `${environment}-two` }]);
    expect(doc).toMatchObject({ previous: null, open: null });
    expect(doc).not.toHaveProperty('takenBack');
    expect(doc.intents.at(-1)).toMatchObject({ action: 'release.reverted', beforeDigest: digest(`${environment}-two`), afterDigest: digest(`${environment}-one`), split: { rev: rev + 1 }, revert: { rev: rev + 1, epoch: epoch + 1, candidate: digest(`${environment}-one`), baseline: digest(`${environment}-two`) } });
    expect(await store.environments.revert(reversion(environment, rev + 1, `k2-${environment}`))).toEqual({ kind: 'noPrevious' });
    expect(await store.environments.revert(reversion(environment, rev, `k-${environment}`, { reason: 'rude' }))).toEqual({ ...reverted, kind: 'repeated' });
    await expect(store.environments.revert(reversion(environment, rev, `k-${environment}`, { once: { key: `k-${environment}`, args: digest('others') } }))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await find(environment)).toEqual(doc);
  });

  test('of two at once one reverts; a release that is open stands before it; another rev is a lost race', async () => {
    const environment = fresh(), { rev } = await twice(environment);
    expect(await store.environments.revert(reversion(environment, rev - 1, `a-${environment}`))).toEqual({ kind: 'raced' });
    const both = await Promise.all(['b', 'c'].map((key) => store.environments.revert(reversion(environment, rev, `${key}-${environment}`))));
    expect(both.map(({ kind }) => kind).sort()).toEqual(['noPrevious', 'reverted']);
    const other = fresh(), at = await twice(other);
    await open(other, 'r3');
    expect(await store.environments.revert(reversion(other, at.rev, `d-${other}`))).toEqual({ kind: 'open', release: 'r3' });
    expect(await store.environments.revert(reversion(fresh(), 0, 'e'))).toEqual({ kind: 'noPrevious' });
  });
});

describe('R-005 one open release for each environment', () => {
  test('of eight callers one opens, the others are told by whom it is held', async () => {
    for (let round = 0; round < 20; round += 1) {
      const environment = fresh();
      const results = await Promise.all(Array.from({ length: 8 }, (_, i) => store.environments.open(opening(environment, `r${i}`))));
      const winner = results.findIndex(({ kind }) => kind === 'opened');
      expect(results.filter(({ kind }) => kind === 'opened')).toEqual([{ kind: 'opened', rev: 0, epoch: 1, stable: null }]);
      expect(results.filter(({ kind }) => kind === 'held')).toEqual(Array.from({ length: 7 }, () => ({ kind: 'held', release: `r${winner}` })));
    }
  });

  test('opening again is opened again under the same epoch; after its end it does not open a second time', async () => {
    const environment = fresh(), first = await open(environment, 'r1');
    expect(await open(environment, 'r1')).toEqual(first);
    const ended = await store.environments.close({ application, environment, release: 'r1', epoch: first.epoch, intent: null });
    expect(ended.kind).toBe('written');
    expect(await open(environment, 'r1')).toEqual(first);
    expect((await find(environment)).open).toBeNull();
    expect(await store.environments.setWeight(weight(environment, 'r1', first))).toMatchObject({ kind: 'superseded' });
  });
});

describe('R-007 a quarantined bundle stays out, by digest and by contents', () => {
  test('the same text registered again under another digest is refused, until both are lifted with a reason', async () => {
    const environment = fresh();
    await exposed(environment, 'bad');
    await store.environments.rollback(rollback(environment, 'bad', true));
    expect(await store.environments.open(opening(environment, 'again', 'bad'))).toEqual({ kind: 'quarantined', reason: 'worse' });
    expect(await store.environments.open({ ...opening(environment, 'again'), contents: contents('bad') })).toEqual({ kind: 'quarantined', reason: 'worse' });
    expect(await store.environments.open({ ...opening(environment, 'again', 'bad'), contents: contents('else') })).toEqual({ kind: 'quarantined', reason: 'worse' });
    expect((await find(environment)).open).toBeNull();
    expect(await store.environments.liftQuarantine({ application, environment, digest: digest('unknown'), intent: intent('lift-0') })).toBeNull();
    const lift = { application, environment, digest: digest('bad'), intent: intent('lift-1') };
    const lifted = await store.environments.liftQuarantine(lift);
    expect(lifted).toMatchObject({ quarantine: [] });
    expect(await store.environments.liftQuarantine(lift)).toEqual(lifted);
    expect(lifted?.intents.filter(({ id }) => id === 'lift-1')).toHaveLength(1);
    expect((await store.environments.open(opening(environment, 'again', 'bad'))).kind).toBe('opened');
  });
});

describe('R-342 what is taken back twice, the second time for cause, is quarantined', () => {
  test('once, and not again after a person has lifted it', async () => {
    const environment = fresh();
    await exposed(environment, 'r2');
    const first = await store.environments.rollback(rollback(environment, 'r2'));
    const harm = rollback(environment, 'r2', true, { reason: 'HARM', intent: intent(`${environment}/harm`) });
    for (let i = 0; i < 2; i += 1) expect(await store.environments.rollback(harm)).toEqual({ ...first, kind: 'repeated' });
    expect((await find(environment)).quarantine).toMatchObject([{ digest: digest('r2'), release: 'r2', reason: 'HARM' }]);
    expect((await find(environment)).intents.filter(({ id }) => id === `${environment}/harm`)).toHaveLength(1);
    await store.environments.liftQuarantine({ application, environment, digest: digest('r2'), intent: intent(`${environment}/lift`) });
    await store.environments.rollback(harm);
    expect((await find(environment)).quarantine).toEqual([]);
  });
  test('not once another release has been opened, and a promotion repeats after a revert as what it was', async () => {
    const environment = fresh();
    await exposed(environment, 'r2');
    await store.environments.rollback(rollback(environment, 'r2'));
    const at = await open(environment, 'r3');
    await store.environments.rollback(rollback(environment, 'r2', true, { intent: intent(`${environment}/late`) }));
    expect(await find(environment)).toMatchObject({ quarantine: [], open: { release: 'r3' } });
    const weighed = await store.environments.setWeight(weight(environment, 'r3', at));
    const promoted = await store.environments.promote(promotion(environment, 'r3', { epoch: weighed.epoch, rev: weighed.rev }));
    await store.environments.revert(reversion(environment, promoted.rev, `${environment}-back`));
    expect(await store.environments.promote(promotion(environment, 'r3', { epoch: weighed.epoch, rev: promoted.rev + 1 }))).toEqual({ ...promoted, kind: 'repeated' });
  });
});

describe('R-002 a candidate serves on a lease, and a lapsed lease is not renewed', () => {
  test('a renewal raises the lease alone; another rev or epoch is superseded', async () => {
    const environment = fresh(), at = await exposed(environment, 'r2');
    const before = await find(environment);
    expect(await store.environments.renew({ application, environment, ...at })).toEqual({ kind: 'renewed', seq: 1 });
    expect(await store.environments.renew({ application, environment, ...at })).toEqual({ kind: 'renewed', seq: 2 });
    const after = await find(environment);
    expect({ ...after, lease: null, touchedAt: null }).toEqual({ ...before, lease: null, touchedAt: null });
    expect(await store.environments.renew({ application, environment, epoch: at.epoch, rev: at.rev - 1 })).toEqual({ kind: 'superseded', ...at });
    expect(await store.environments.renew({ application, environment, epoch: at.epoch - 1, rev: at.rev })).toEqual({ kind: 'superseded', ...at });
    expect(await store.environments.renew({ application, environment: 'nowhere', ...at })).toEqual({ kind: 'superseded', rev: 0, epoch: 0 });
  });

  test('weight is not built on, nor promoted, over one that ran out between reading and writing; down it goes always', async () => {
    const environment = fresh();
    const at = await exposed(environment, 'r2', 500, 30);
    await new Promise((resolve) => { setTimeout(resolve, 60); });
    expect(await store.environments.setWeight(weight(environment, 'r2', at, 5_000))).toEqual({ kind: 'superseded', ...at });
    expect(await store.environments.promote(promotion(environment, 'r2', at))).toEqual({ kind: 'superseded', ...at });
    expect(await store.environments.setWeight(weight(environment, 'r2', at, 0))).toMatchObject({ kind: 'written' });
  });

  test('by the database clock: one that ran out is lapsed, and only a new revision starts another', async () => {
    const environment = fresh(), at = await exposed(environment, 'r2', 500, 1);
    await store.ping();
    await new Promise((resolve) => { setTimeout(resolve, 5); });
    expect(await store.environments.renew({ application, environment, ...at })).toEqual({ kind: 'lapsed' });
    expect((await store.environments.served(application, environment))?.leaseLeftMs).toBe(0);
    const again = await store.environments.setWeight(weight(environment, 'r2', at, 0));
    expect(again).toMatchObject({ kind: 'written', rev: at.rev + 1 });
    expect(await store.environments.renew({ application, environment, epoch: at.epoch, rev: at.rev + 1 })).toEqual({ kind: 'renewed', seq: 1 });
    const served = await store.environments.served(application, environment);
    expect(served?.leaseLeftMs).toBeGreaterThan(50_000);
    expect(served?.leaseLeftMs).toBeLessThanOrEqual(60_000);
    expect(served?.doc).toEqual(await find(environment));
  });

  test('whoever polls by touchedAt sees every write and no other environment', async () => {
    const environment = fresh();
    await exposed(environment, 'r2');
    const since = (await find(environment)).touchedAt;
    expect((await store.environments.touched(since)).map(({ doc }) => doc.name)).not.toContain(environment);
    const { rev, epoch } = await find(environment);
    await new Promise((resolve) => { setTimeout(resolve, 2); });
    await store.environments.renew({ application, environment, rev, epoch });
    expect((await store.environments.touched(since)).map(({ doc }) => doc.name)).toContain(environment);
    expect((await store.environments.touched(null)).length).toBeGreaterThan(1);
  });
});

describe('R-350 a write under a superseded epoch or revision writes nothing', () => {
  test('after a rollback neither weight, promotion nor close has an effect', async () => {
    const environment = fresh(), at = await exposed(environment, 'r2');
    await store.environments.rollback(rollback(environment, 'r2'));
    await open(environment, 'r3');
    const before = await find(environment);
    const late = [
      store.environments.setWeight(weight(environment, 'r2', at, 9_000)), store.environments.setWeight(weight(environment, 'r2', { epoch: before.epoch, rev: before.rev }, 9_000)),
      store.environments.promote(promotion(environment, 'r2', at)), store.environments.close({ application, environment, release: 'r2', epoch: at.epoch, intent: null }),
    ];
    expect((await Promise.all(late)).map(({ kind }) => kind)).toEqual(['superseded', 'superseded', 'superseded', 'superseded']);
    expect(await find(environment)).toEqual(before);
  });

  test('of two weights from one revision one is written', async () => {
    const environment = fresh(), at = await exposed(environment, 'r2');
    const both = await Promise.all([weight(environment, 'r2', at, 0), weight(environment, 'r2', at, 2_500)].map((order) => store.environments.setWeight(order)));
    expect(both.map(({ kind }) => kind).sort()).toEqual(['superseded', 'written']);
    expect((await find(environment)).rev).toBe(at.rev + 1);
  });

  test.each([[-1], [10_001], [0.5], [Number.NaN]])('a weight of %s bp is refused, not clamped', async (weightBp) => {
    await expect(store.environments.setWeight(weight(fresh(), 'r', { epoch: 1, rev: 0 }, weightBp))).rejects.toThrow(RangeError);
  });

  test('a candidate cannot be weighed against nothing, promoted unseen, nor closed away', async () => {
    const environment = fresh(), at = await open(environment, 'r1');
    await expect(store.environments.setWeight(weight(environment, 'r1', at))).rejects.toMatchObject({ code: 'CONFLICT' });
    const other = fresh(), seen = await exposed(other, 'r2');
    await expect(store.environments.promote({ ...promotion(other, 'r2', seen), candidate: digest('unseen') })).rejects.toMatchObject({ code: 'CONFLICT' });
    await expect(store.environments.close({ application, environment: other, release: 'r2', epoch: seen.epoch, intent: null })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await find(other)).split?.candidate).toBe(digest('r2'));
  });
});

describe('R-351 a repeat of a write changes nothing and answers as the first', () => {
  test('weight, promotion and close, also when others have written since', async () => {
    const environment = fresh(), base = await stable(environment), at = await open(environment, 'r2');
    const first = await store.environments.setWeight(weight(environment, 'r2', at));
    expect(await store.environments.setWeight(weight(environment, 'r2', at))).toEqual({ ...first, kind: 'repeated' });
    const promoted = await store.environments.promote(promotion(environment, 'r2', first));
    expect(promoted).toMatchObject({ kind: 'written', rev: base.rev + 2 });
    expect(await store.environments.setWeight(weight(environment, 'r2', at))).toEqual({ ...first, kind: 'repeated' });
    const next = await open(environment, 'r3'), before = await find(environment);
    expect(await store.environments.promote(promotion(environment, 'r2', first))).toEqual({ ...promoted, kind: 'repeated' });
    expect(await find(environment)).toEqual(before);
    const order = { application, environment, release: 'r3', epoch: next.epoch, intent: intent('closed') };
    const closed = await store.environments.close(order);
    expect(closed.kind).toBe('written');
    expect(await store.environments.close(order)).toEqual({ ...closed, kind: 'repeated' });
  });

  test('the last sixteen splits are kept, newest last; previous is the bundle before', async () => {
    const environment = fresh();
    let at: { epoch: number; rev: number } = await exposed(environment, 'r2', 0);
    for (let i = 1; i <= 20; i += 1) at = await store.environments.setWeight(weight(environment, 'r2', at, i));
    const doc = await find(environment);
    expect(doc.recent.map(({ rev }) => rev)).toEqual(Array.from({ length: 16 }, (_, i) => at.rev - 15 + i));
    expect(doc.recent.at(-1)).toEqual({ ...doc.split, rev: at.rev });
    await store.environments.promote(promotion(environment, 'r2', at));
    expect((await find(environment)).previous).toBe(digest(`${environment}-one`));
  });
});

describe('R-006 what a reader acknowledged is known, with its age', () => {
  test('the rev counts from when it was first said', async () => {
    const environment = fresh(), ack = { application, environment, reader: 'edge-1', epoch: 1, rev: 1, leaseSeq: 0 };
    await store.environments.acknowledge(ack);
    const [first] = await store.environments.readers(application, environment);
    await new Promise((resolve) => { setTimeout(resolve, 3); });
    await store.environments.acknowledge({ ...ack, leaseSeq: 4 });
    const [second] = await store.environments.readers(application, environment);
    expect(second).toMatchObject({ rev: 1, leaseSeq: 4, revAt: first?.revAt });
    expect(second?.at.getTime()).toBeGreaterThan(first?.at.getTime() ?? Infinity);
    await store.environments.acknowledge({ ...ack, rev: 2 });
    const [third] = await store.environments.readers(application, environment);
    expect(third?.revAt).toEqual(third?.at);
    expect(third?.ageMs).toBeGreaterThanOrEqual(0);
  });
});
