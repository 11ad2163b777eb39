import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Json } from '../harness.js';
import { reaches, until } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { LEASE_MS, LIMIT_MS, RECEIPT_WRITE, inCanary, lookAt, moment, startSettled, statesOf, takeBack } from './canary.js';
import type { Look } from './canary.js';

/** How long a look may take before another one begins (workflows/proxies.ts). */
const LOOK_MS = LEASE_MS / 4;

describe('R-835 whenever a worker dies or only stops for a while, what was acknowledged is counted once and the release ends as its content deserves', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { worker: 2 } }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    const kill = (...names: readonly string[]) => Promise.all(names.map((name) => plant.program(name).kill()));
    const start = (...names: readonly string[]) => Promise.all(names.map((name) => plant.program(name).start()));
    const ends = (release: Json): readonly string[] => statesOf(release).filter((state) => ['PROMOTED', 'ROLLED_BACK', 'FAILED', 'CANCELLED', 'REJECTED'].includes(state));

    test('all workers killed in a good canary: it is promoted', async () => {
      const { id, users } = await inCanary(plant, { policy: 'quick' });
      await moment(plant, 0, 3_000);
      await kill('worker-1', 'worker-2');
      await moment(plant, 0, 1_000);
      await start('worker-1', 'worker-2');
      const release = await reaches(plant, id, ['PROMOTED'], 150_000);
      await users.stop();
      expect([users.waiting(), ends(release)]).toEqual([0, ['PROMOTED']]);
    });

    test('one of two killed in a canary that is worse: it is taken back for cause', async () => {
      const { id, users } = await inCanary(plant, { kind: 'sloppy', policy: 'quick' });
      await moment(plant, 0, 1_500);
      await kill('worker-1');
      const release = await reaches(plant, id, ['ROLLED_BACK'], 150_000);
      await start('worker-1');
      await users.stop();
      expect([users.waiting(), ends(release), release.rollback.forCause]).toEqual([0, ['ROLLED_BACK'], true]);
    });

    test('stopped for longer than a look may take, one after the other: of two looks one writes the receipt', async () => {
      const { id, users } = await inCanary(plant);
      for (const name of ['worker-1', 'worker-2']) {
        const seen = (await look.receipts(id)).length;
        await moment(plant, 0, 1_000);
        plant.program(name).freeze();
        try { await moment(plant, LOOK_MS + 1_000, LOOK_MS + 2_500); } finally { plant.program(name).thaw(); }
        await until('further receipts', async () => (await look.receipts(id)).length > seen + 2, 60_000);
      }
      // The same for certain: what a look writes is on its way for longer than the look may take, and the next one reads what was there before.
      const seen = (await look.receipts(id)).length;
      const links = ['worker-1', 'worker-2'].map((name) => plant.link(name, 'mongodb'));
      for (const link of links) link.slow(LOOK_MS + 1_500, RECEIPT_WRITE);
      await until('two looks at once', async () => links.reduce((held, link) => held + link.held(), 0) > 1, 60_000, 5);
      await moment(plant, 0, LOOK_MS);
      for (const link of links) link.pass();
      await until('further receipts', async () => (await look.receipts(id)).length > seen + 2, 60_000);
      const receipts = await look.receipts(id);
      expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_receipt, index) => index + 1));
      await users.stop();
      await takeBack(plant, id);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
