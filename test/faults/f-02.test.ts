import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import { ask } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { ENVIRONMENT_WRITE, LEASE_MS, LIMIT_MS, again, anotherText, candidateKey, inCanary, lookAt, moment, startRelease, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-834 who wakes from a pause that was longer than the lease serves stable before anything else, and writes nothing late', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { api: 2 } }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    const second = (): string => plant.apis[1] ?? '';

    test('an edge: nobody is served the candidate until it has read again', async () => {
      const { id, users, key } = await inCanary(plant);
      await users.stop();
      const edge = plant.program('edge-1');
      edge.freeze();
      const queued = Array.from({ length: 8 }, () => ask(plant, plant.edge, key));   // they wait at its door
      await moment(plant, LEASE_MS + 200, LEASE_MS + 1_500);
      plant.link('edge-1', 'mongodb').blackHole();   // what it has is all it has
      edge.thaw();
      const first = await Promise.all(queued);
      for (const answer of [...first, await ask(plant, plant.edge, key)]) expect([answer.status, answer.arm, answer.token, answer.isStale]).toEqual([200, 'stable', null, true]);

      plant.link('edge-1', 'mongodb').pass();
      // Others have renewed meanwhile: with a fresh grant the candidate is served again.
      await until('the candidate', async () => { const answer = await ask(plant, plant.edge, key); return answer.arm === 'candidate' && answer.token !== null; }, 60_000, 50);
      await takeBack(plant, id);
    });

    test('an API: its rollback of a release that has ended meanwhile touches neither the next release nor the split', async () => {
      const { id, users } = await inCanary(plant);
      const link = plant.link('api-1', 'mongodb');
      const input = { id, idempotencyKey: `late-of-seed-${seed}` };
      link.slow(120_000, ENVIRONMENT_WRITE);
      const late = plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', input, '{ id state }').catch(() => null);
      await until('the write to be on its way', async () => link.held() > 0, 20_000, 5);
      const api = plant.program('api-1');
      api.freeze();
      await again(() => plant.ledger.mutate(second(), plant.people.onCall, 'rollbackRelease', { id, idempotencyKey: `early-of-seed-${seed}` }, '{ id state }'));
      const there = { ...plant, api: second() };
      await reaches(there, id, ['ROLLED_BACK'], 60_000);
      const next = await startRelease(there, anotherText(), { policy: 'long', api: second() });
      await reaches(there, next, ['CANARY']);
      await candidateKey(plant);

      const before = await look.environment();
      link.pass();
      api.thaw();
      const answer = await late;
      if (answer !== null) expect(answer.id).toBe(id);
      await until('the API to be back', async () => (await reaches(plant, next, ['CANARY', 'PAUSED', 'BAKING'])) !== null, 30_000);
      const now = await look.environment();
      expect([now.epoch, now.open?.release, now.split?.release, now.split?.candidate]).toEqual([before.epoch, next, next, before.split?.candidate]);
      expect(now.split?.candidate).toBeDefined();
      await users.stop();
      await takeBack(plant, next);
      await checked(plant);
    });
  });
});
