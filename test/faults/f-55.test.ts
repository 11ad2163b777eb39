import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import { ask } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { putPolicy } from '../world.js';
import { LIMIT_MS, LONG, again, inCanary, lookAt, read, stableEverywhere, startSettled, takeBack, typesOf } from './canary.js';
import type { Look } from './canary.js';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** Long enough that only a clock could end it while a test looks elsewhere. */
const CALM = { ...LONG, policy: 'calm', leaseMs: 15_000 };

describe('R-836 a wall clock that jumps changes no verdict, no lease, no block and no order of revisions', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed }); await again(() => putPolicy(plant, CALM)); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    const databaseMs = async (): Promise<number> => ((await look.db.aggregate([{ $documents: [{ _id: 0 }] }, { $project: { now: '$$NOW' } }]).toArray())[0]?.['now'] as Date).getTime();

    test('of api, worker and edge, one at a time, an hour and a year, forwards and back, in a canary that goes on', async () => {
      const { id, users, key } = await inCanary(plant, { policy: 'calm' });
      const before = await look.environment();
      for (const name of ['api-1', 'worker-1', 'edge-1']) {
        for (const shiftMs of [HOUR_MS, -HOUR_MS, YEAR_MS, -YEAR_MS]) {
          const { lease: { seq } } = await look.environment();
          plant.program(name).shiftClock(shiftMs);
          await until(`renewals with ${name} at ${shiftMs} ms`, async () => (await look.environment()).lease.seq > seq, 30_000, 50);
          const answer = await ask(plant, plant.edge, key);
          const aheadMs = (answer.token?.sec ?? 0) * 1_000 - await databaseMs();
          expect([name, shiftMs, answer.arm, Math.abs(aheadMs) < 10_000]).toEqual([name, shiftMs, 'candidate', true]);
          expect((await read(plant, id)).state).toBe('CANARY');
        }
        plant.program(name).shiftClock(0);
      }
      const now = await look.environment();
      expect([now.rev, now.epoch, now.split]).toEqual([before.rev, before.epoch, before.split]);
      expect(typesOf(await read(plant, id))).not.toContain('release.lease_lost');
      // Nothing was late, early or unreadable for the fold either: both arms go on being counted.
      const seen = (await look.receipts(id)).length;
      await until('further receipts', async () => (await look.receipts(id)).length > seen + 2, 30_000);

      // The lease ends when it is over, whatever the edge's clock says: neither at once nor never.
      plant.program('edge-1').shiftClock(YEAR_MS);
      expect((await ask(plant, plant.edge, key)).arm).toBe('candidate');
      await plant.program('worker-1').kill();
      plant.program('edge-1').shiftClock(-YEAR_MS);
      await stableEverywhere(plant, key, plant.edges, CALM.leaseMs + 20_000);
      await plant.program('worker-1').start();
      await users.stop();
      await takeBack(plant, id);
      plant.program('edge-1').shiftClock(0);
    });

    test('a good release is promoted with its worker a year ahead and its API a year behind', async () => {
      plant.program('worker-1').shiftClock(YEAR_MS);
      plant.program('api-1').shiftClock(-YEAR_MS);
      const { id, users } = await inCanary(plant, { policy: 'quick' });
      const release = await reaches(plant, id, ['PROMOTED'], 120_000);
      await users.stop();
      expect([release.evaluation.verdict.kind, users.waiting()]).toEqual(['PASS', 0]);
    });

    test('one that is worse is taken back with its API a year ahead and its edge an hour behind', async () => {
      plant.program('worker-1').shiftClock(-HOUR_MS);
      plant.program('api-1').shiftClock(YEAR_MS);
      plant.program('edge-1').shiftClock(-HOUR_MS);
      const { id, users } = await inCanary(plant, { kind: 'sloppy', policy: 'quick' });
      const release = await reaches(plant, id, ['ROLLED_BACK'], 120_000);
      await users.stop();
      expect([release.rollback.forCause, users.waiting()]).toEqual([true, 0]);
      for (const name of ['api-1', 'worker-1', 'edge-1']) plant.program(name).shiftClock(0);
      await checked(plant);
    });
  });
});
