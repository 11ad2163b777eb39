import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { until } from '../harness.js';
import { ask } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { LIMIT_MS, asked, inCanary, lookAt, moment, stableEverywhere, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-837 with all workers gone the lease ends the exposure on every reader, and weight comes back only as a new revision', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { edge: 2 } }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test('in mid-canary', async () => {
      const { id, users, key } = await inCanary(plant);
      await moment(plant, 0, 2_000);
      await plant.program('worker-1').kill();
      const left = await look.environment();
      for (const answer of await stableEverywhere(plant, key)) expect([answer.status, answer.reason, answer.isStale]).toEqual([200, 'STATIC', true]);
      // It stays so: nobody else renews, and the split is as the dead left it.
      await moment(plant, 1_000, 2_000);
      for (const edge of plant.edges) expect((await ask(plant, edge, key)).arm).toBe('stable');
      const { rev, epoch, lease: { seq }, split } = await look.environment();
      expect([rev, epoch, seq, split?.weightBp]).toEqual([left.rev, left.epoch, left.lease.seq, left.split?.weightBp]);
      expect((await asked(plant, '{ environment(application: "helpdesk", name: "production") { leaseLeftMs } }')).environment.leaseLeftMs).toBe(0);

      await plant.program('worker-1').start();
      const back = await until('the weight to be back', async () => { const after = (await look.splits()).filter((one) => one.rev > rev); return after.length >= 2 ? after : null; }, 60_000);
      expect(back.slice(0, 2).map((one) => [one.rev, one.weightBp, one.candidate])).toEqual([[rev + 1, 0, split?.candidate], [rev + 2, split?.weightBp, split?.candidate]]);
      const { timeline } = await look.release(id);
      const lost = timeline.findIndex(({ type }) => type === 'release.lease_lost');
      expect([timeline[lost]?.state, timeline.slice(lost).find(({ state }) => state === 'CANARY')?.type]).toEqual(['PAUSED', 'release.resumed']);
      const served = await until('the candidate to be served again', async () => { const answer = await ask(plant, plant.edge, key); return answer.arm === 'candidate' ? answer : null; }, 30_000, 50);
      expect(served.rev).toBeGreaterThanOrEqual(rev + 2);

      await users.stop();
      expect(users.waiting()).toBe(0);
      await takeBack(plant, id);
      await checked(plant);
    });
  });
});
