import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import type { Sent } from '../harness/ledger.js';
import { grouped } from '../harness/invariants/world.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { BATCH_WRITE, LIMIT_MS, inCanary, lookAt, moment, startSettled } from './canary.js';
import type { Look } from './canary.js';

describe('R-838 a report whose edge died before it answered is taken by another edge, and counts once', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { edge: 2 } }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test('killed under traffic, after it has stored what it never acknowledged', async () => {
      const { id, users } = await inCanary(plant, { policy: 'quick' });
      await moment(plant, 0, 2_000);
      const link = plant.link('edge-1', 'mongodb');
      link.lateReplies(60_000, BATCH_WRITE);
      await until('something to be stored without an answer', async () => link.held() > 0, 20_000, 5);
      await moment(plant, 0, 300);
      await plant.program('edge-1').kill();
      link.pass();
      await moment(plant, 0, 2_000);
      await plant.program('edge-1').start();
      const release = await reaches(plant, id, ['PROMOTED'], 150_000);
      expect(release.state).toBe('PROMOTED');
      await users.stop();
      expect(users.waiting()).toBe(0);

      // The same bytes, first without an answer, then acknowledged by the other: one batch.
      const sent = grouped(plant.ledger.lines().filter(({ op }) => op === 'ingest'), ({ argsDigest }) => argsDigest);
      const resent = [...sent.values()].filter((lines) => lines.length > 1);
      expect(resent.length).toBeGreaterThan(0);
      for (const lines of resent) {
        expect(lines.map(({ outcome }) => outcome)).toEqual([...lines.slice(1).map(() => 'unknown'), 'ok']);
        const { batch } = lines[0]?.result as Sent;
        expect(await look.db.collection<{ _id: string }>('batches').countDocuments({ _id: `helpdesk/${String(batch)}` })).toBe(1);
      }
      await checked(plant);
    });
  });
});
