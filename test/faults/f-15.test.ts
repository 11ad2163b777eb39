import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../harness.js';
import { ask } from '../harness/ledger.js';
import type { Sent } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { LIMIT_MS, again, inCanary, lookAt, moment, refusal, stableEverywhere, startSettled, statesOf, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-839 with MongoDB away edges serve and nothing is acknowledged; what was acknowledged before is there afterwards', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test('killed in mid-canary, and started again', async () => {
      const { id, users, key } = await inCanary(plant);
      await moment(plant, 0, 2_000);
      const before = await look.environment();
      await plant.program('mongodb').kill();
      const downMs = performance.now();

      expect((await ask(plant, plant.edge, key)).status).toBe(200);
      const pause = plant.ledger.mutate(plant.api, plant.people.releaseManager, 'pauseRelease', { id, reason: 'try', idempotencyKey: `pause-of-seed-${seed}` }, '{ id }');
      expect(await refusal(pause)).toBe('UNAVAILABLE');
      const rollback = { id, reason: 'while the database is away', idempotencyKey: `back-of-seed-${seed}` };
      expect(await refusal(plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', rollback, '{ id }'))).toBe('UNAVAILABLE');
      for (const answer of await stableEverywhere(plant, key)) expect([answer.status, answer.isStale]).toEqual([200, true]);
      const meanwhile = () => plant.ledger.lines().filter(({ op, startMono }) => op === 'ingest' && startMono > downMs);
      await until('reports to be turned away', async () => meanwhile().length > 2, 30_000);
      expect(meanwhile().filter(({ outcome }) => outcome === 'ok')).toEqual([]);
      for (const { result } of meanwhile()) expect([(result as Sent).status, ((result as Sent).retryAfterSec ?? 0) >= 1]).toEqual([503, true]);

      await plant.program('mongodb').start();
      // What was turned away is taken now; the release goes on from a lease that was lost, or ends by the rollback that is repeated.
      await until('every report to be acknowledged', async () => users.waiting() === 0, 60_000);
      await until('the loss of the lease to be noticed', async () => (await look.release(id)).timeline.some(({ type }) => type === 'release.lease_lost'), 90_000);
      const env = await look.environment();
      expect([env.split?.stable, env.epoch, env.rev > before.rev]).toEqual([before.split?.stable, before.epoch, true]);
      await again(() => plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', rollback, '{ id state }'));
      const release = await takeBack(plant, id);
      await users.stop();
      expect([users.waiting(), statesOf(release).filter((state) => state === 'ROLLED_BACK').length]).toEqual([0, 1]);
      const after = await look.environment();
      expect([after.open, after.split?.stable, after.split?.candidate]).toEqual([null, before.split?.stable, undefined]);
      await checked(plant);
    });
  });
});
