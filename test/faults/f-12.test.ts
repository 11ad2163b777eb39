import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches } from '../harness.js';
import type { Json } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { push } from '../world.js';
import { again, anotherText, asked, lookAt, refusal, startInput, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-382 one key is one start', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed }); look = await lookAt(plant); });
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test('every call to Temporal takes 5 s longer: no second start, no second effect, and what is read is answered from the store', async () => {
      const input = startInput(await push(plant, anotherText()), 'long');
      const start = (key: string): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'startRelease', { ...input, idempotencyKey: key }, '{ id state }');
      const before = await look.db.collection('releases').countDocuments({});
      const links = ['api-1', 'worker-1'].map((name) => plant.link(name, 'temporal'));
      for (const link of links) link.slow(5_000);
      const starts = [start(`slow-start-${seed}`), start(`slow-start-${seed}`), start(`other-start-${seed}`)].map((call) => refusal(call));
      // Meanwhile nothing that is read has to wait for them.
      let isOver = false;
      const all = Promise.all(starts).finally(() => { isOver = true; });
      const { environment, releases } = await asked(plant, '{ environment(application: "helpdesk", name: "production") { split { stable } } releases(application: "helpdesk", first: 10) { nodes { id } } }');
      expect([typeof environment.split.stable, releases.nodes.length > 0, isOver]).toEqual(['string', true, false]);
      for (const outcome of await all) expect(['UNAVAILABLE', 'CONFLICT', 'answered']).toContain(outcome);
      for (const link of links) link.pass();

      const outcomes = await Promise.all([`slow-start-${seed}`, `slow-start-${seed}`, `other-start-${seed}`].map((key) => again(() => start(key)).then((release: Json) => String(release.id), (error: unknown) => error)));
      const ids = new Set(outcomes.filter((one) => typeof one === 'string'));
      expect(ids.size).toBe(1);
      // Whoever was first has it under its own key, and the other key has nothing.
      expect(outcomes.filter((one) => typeof one === 'string')).toHaveLength(typeof outcomes[0] === 'string' ? 2 : 1);
      expect(outcomes[0]).toEqual(typeof outcomes[0] === 'string' ? outcomes[1] : expect.objectContaining({ code: 'CONFLICT' }));
      expect(await look.db.collection('releases').countDocuments({})).toBe(before + 1);
      const [id = ''] = ids;
      await reaches(plant, id, ['CANARY']);

      // The same for an act of a person on it.
      for (const link of links) link.slow(5_000);
      const pause = (key: string): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'pauseRelease', { id, reason: 'it is slow', idempotencyKey: key }, '{ id state }');
      await Promise.all([refusal(pause(`pause-of-seed-${seed}`)), refusal(pause(`pause-of-seed-${seed}`))]);
      for (const link of links) link.pass();
      await again(() => pause(`pause-of-seed-${seed}`));
      expect((await look.release(id)).timeline.filter(({ type, actor }) => type === 'release.paused' && actor.kind === 'person')).toHaveLength(1);
      await takeBack(plant, id);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
