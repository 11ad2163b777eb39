import { ulid } from 'ulid';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { Refused, until } from '../harness.js';
import type { Json } from '../harness.js';
import { check } from '../harness/invariants.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked, readStored } from '../harness/stored.js';
import { openStore } from '../../store/index.js';
import type { NewRelease, Store } from '../../store/index.js';
import { releaseDoc } from '../edge-world.js';
import { push } from '../world.js';
import { again, anotherText, lookAt, refusal, startInput, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';

/** Nothing here is about time: a slow machine makes it slow, and nothing else. */
const PATIENT = { maxTimeMs: 60_000, giveUpMs: 90_000, selectMs: 60_000, connectMs: 60_000, waitQueueMs: 60_000, socketMs: 90_000 };

describe('R-005 one open release per application and environment', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let version = 0;
    beforeAll(async () => { plant = await startSettled({ seed, count: { api: 2 } }); look = await lookAt(plant); version = await push(plant, anotherText()); });
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    const start = (caller: number, key: string, input = startInput(version, 'long')): Promise<Json> =>
      again(() => plant.ledger.mutate(plant.apis[caller % plant.apis.length] ?? '', plant.people.releaseManager, 'startRelease', { ...input, idempotencyKey: key }, '{ id state }'), 150_000);
    const born = async (): Promise<number> => look.db.collection('releases').countDocuments({});

    test.each([2, 8, 50])('%i callers at once: one starts, the others are told who it is', async (callers) => {
      const before = await born();
      const answers = await Promise.all(Array.from({ length: callers }, (_, i) => start(i, `at-once-${callers}-${i}-${seed}`).then((release: Json) => ({ id: String(release.id) }), (error: unknown) => {
        if (error instanceof Refused) return { code: error.code, message: error.message };
        throw error;
      })));
      const winners = answers.flatMap((answer) => ('id' in answer ? [answer.id] : []));
      expect(winners).toHaveLength(1);
      const [winner = ''] = winners;
      for (const answer of answers) if ('code' in answer) expect([answer.code, answer.message]).toEqual(['CONFLICT', expect.stringContaining(winner)]);
      expect(await born()).toBe(before + 1);
      await takeBack(plant, winner);
    });

    test('one key from many callers is one release, and still is after another has run', async () => {
      const key = `shared-start-${seed}`;
      const answers = await Promise.all(Array.from({ length: 20 }, (_, i) => start(i, key)));
      const first = String(answers[0].id);
      expect(new Set(answers.map(({ id }) => String(id)))).toEqual(new Set([first]));
      await takeBack(plant, first);
      const second = String((await start(0, `next-start-${seed}`)).id);
      expect(second).not.toBe(first);
      expect((await start(1, key)).id).toBe(first);
      expect(await refusal(start(1, key, startInput(version, 'quick')))).toBe('CONFLICT');
      await takeBack(plant, second);
      expect((await start(0, key)).id).toBe(first);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });

  // Temporal keeps a second workflow from starting while one runs. Where it has forgotten the first, the index has to keep the second release out.
  describe('where no workflow stands in the way', () => {
    const database = `f45_${process.pid}`;
    let store: Store;
    beforeAll(async () => { store = await openStore({ uri: inject('mongodbUri'), database, appName: 'f-45', role: 'control', timeouts: PATIENT }); });
    afterAll(async () => {
      await store?.close();
      const raw = await MongoClient.connect(inject('mongodbUri'));
      await raw.db(database).dropDatabase();
      await raw.close();
    });
    const { requestedBy, message, tier, ownerTeam, authors, policy, dataset, application, candidate, contents, evaluators } = releaseDoc();
    const fresh = (environment: string): NewRelease => {
      const _id = ulid();
      return { _id, application, environment, once: { key: `person:ann|startRelease|${_id}`, args: 'd' }, candidate, contents, requestedBy, message, tier, ownerTeam, authors, policy, dataset, evaluators, approvalsNeeded: 0 };
    };
    const insert = (release: NewRelease) => {
      const told = { id: `${release._id}/requested`, type: 'release.requested', actor: requestedBy };
      return store.releases.insert(release, told, { id: told.id, application, action: told.type, actor: requestedBy, subject: release._id });
    };

    test('8 callers write at once in each of 40 environments: one is written, the others hear of it', async () => {
      for (let round = 0; round < 40; round += 1) {
        const outcomes = await Promise.all(Array.from({ length: 8 }, () => insert(fresh(`round-${round}`))));
        const winner = await until('the winner', () => store.releases.openOf(application, `round-${round}`));
        expect(outcomes.map((one) => (one.kind === 'held' ? one.by?._id : one.kind === 'inserted' ? one.doc._id : one.kind)), 'I-05').toEqual(Array.from({ length: 8 }, () => winner._id));
      }
      const { store: stored, nowMs } = await readStored(inject('mongodbUri'), database);
      expect(stored.releases).toHaveLength(40);
      expect(check([], stored, stored.audit, nowMs).filter(({ invariant }) => invariant === 'I-05')).toEqual([]);
    });
  });
});
