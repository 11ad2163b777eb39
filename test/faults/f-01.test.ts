import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../harness.js';
import { reaches, until } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { push } from '../world.js';
import { ENVIRONMENT_WRITE, LIMIT_MS, again, anotherText, inCanary, lookAt, moment, startInput, startSettled, statesOf, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-832 a call whose API died has one effect when it is repeated under its key, and nobody is told of a success that was none', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { api: 2 } }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    const born = async (key: string): Promise<readonly Json[]> => (await look.db.collection('releases').find({}).toArray()).filter((release: Json) => String(release.once.key).endsWith(`|startRelease|${key}`));
    const second = (): string => plant.apis[1] ?? '';
    /** The plant as one sees it who knows the second API alone: nobody has to wait until the first is back. */
    const there = (): Plant => ({ ...plant, api: second() });
    /** What a caller was told: the answer, or that nothing is known. */
    const told = (call: Promise<Json>): Promise<Json> => call.catch(() => null);

    /** The same call through the other API; then there is one release of this key, and nobody was told of another. */
    async function oneStart(key: string, input: Record<string, unknown>, first: Json): Promise<string> {
      const release = await again(() => plant.ledger.mutate(second(), plant.people.releaseManager, 'startRelease', { ...input, idempotencyKey: key }, '{ id state }'));
      const found = await born(key);
      expect(found.map(({ _id }) => String(_id))).toEqual([String(release.id)]);
      if (first !== null) expect(first.id).toBe(release.id);
      return String(release.id);
    }

    test('a start that was ordered, and whose API died before it said so', async () => {
      const key = `ordered-of-seed-${seed}`, input = startInput(await again(() => push(plant, anotherText())), 'long');
      plant.link('api-1', 'temporal').lateReplies(60_000);
      const call = told(plant.ledger.mutate(plant.api, plant.people.releaseManager, 'startRelease', { ...input, idempotencyKey: key }, '{ id state }'));
      await until('the release to be written', async () => (await born(key)).length > 0, 30_000, 10);
      await plant.program('api-1').kill();
      const first = await call;
      expect(first).toBeNull();
      plant.link('api-1', 'temporal').pass();
      const id = await oneStart(key, input, first);
      await Promise.all([plant.program('api-1').start(), takeBack(there(), id)]);
    });

    test('a start whose API dies at any moment', async () => {
      const key = `moment-of-seed-${seed}`, input = startInput(await again(() => push(plant, anotherText())), 'long');
      const call = told(plant.ledger.mutate(plant.api, plant.people.releaseManager, 'startRelease', { ...input, idempotencyKey: key }, '{ id state }'));
      await moment(plant, 0, 300);
      await plant.program('api-1').kill();
      const id = await oneStart(key, input, await call);
      await Promise.all([plant.program('api-1').start(), takeBack(there(), id)]);
    });

    test.each([['before the write', 'slow'], ['after the write, before the reply', 'lateReplies']] as const)('a rollback whose API died %s', async (_when, mode) => {
      const { id, users } = await inCanary(plant, { perSec: 10 });
      await users.stop();
      const link = plant.link('api-1', 'mongodb');
      const before = await look.environment();
      const input = { id, reason: 'to see it taken back once', idempotencyKey: `back-of-seed-${seed}-${mode}` };
      link[mode](60_000, ENVIRONMENT_WRITE);
      const call = told(plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', input, '{ id state }'));
      await until('the write to be on its way', async () => (mode === 'slow' ? link.held() > 0 : (await look.environment()).open === null), 20_000, 5);
      await plant.program('api-1').kill();
      expect(await call).toBeNull();
      expect((await look.environment()).open === null).toBe(mode === 'lateReplies');

      const release = await again(() => plant.ledger.mutate(second(), plant.people.onCall, 'rollbackRelease', input, '{ id state }'));
      expect([release.id, ['ROLLING_BACK', 'ROLLED_BACK'].includes(String(release.state))]).toEqual([id, true]);
      link.pass();   // what was still on its way comes after all
      const [ended] = await Promise.all([reaches(there(), id, ['ROLLED_BACK']), plant.program('api-1').start()]);
      const now = await look.environment();
      expect([now.epoch - before.epoch, now.rev - before.rev, now.open, now.split?.candidate]).toEqual([1, 1, null, undefined]);
      expect(statesOf(ended).filter((state) => state === 'ROLLED_BACK')).toHaveLength(1);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
