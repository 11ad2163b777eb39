import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches } from '../harness.js';
import type { Json } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { putPolicy } from '../world.js';
import { LONG, again, inCanary, lookAt, refusal, startSettled, statesOf } from './canary.js';
import type { Look } from './canary.js';

describe('R-351 a repeat of a write changes nothing and answers as the first', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { api: 2, edge: 2 } }); look = await lookAt(plant); await putPolicy(plant, { ...LONG, policy: 'held', leaseMs: 20_000 }); });
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    let calls = 0;
    const call = (who: keyof Plant['people'], name: string, input: Record<string, unknown>): Promise<Json> =>
      again(() => plant.ledger.mutate(plant.apis[calls % 2] ?? '', plant.people[who], name, { ...input, idempotencyKey: `${name}-${calls++}-${seed}` }, '{ id state kind }'));
    const standing = async () => { const { rev, epoch, split, open, quarantine } = await look.environment(); return { rev, epoch, split, open, quarantine: quarantine.map(({ digest }) => digest) }; };

    test('many roll back at once, and again while it is under way: one revision, one answer, and nothing else is undone', async () => {
      const { id, users } = await inCanary(plant, { policy: 'held' });
      await users.stop();
      const before = await standing();
      // A reader that does not come holds the release in ROLLING_BACK, as long as its lease may last.
      plant.program('edge-2').freeze();
      try {
        const environment = { application: 'helpdesk', environment: 'production' };
        const first = await Promise.all([
          ...(['onCall', 'approver', 'releaseManager'] as const).map((who) => call(who, 'rollbackRelease', { id })), call('onCall', 'rollbackEnvironment', environment), call('admin', 'rollbackEnvironment', environment),
        ]);
        for (const answer of first) expect([answer.id, answer.kind, answer.state]).toEqual([id, 'RELEASE', 'ROLLING_BACK']);
        const after = await standing();
        expect([after.rev, after.epoch, after.open, after.split?.candidate, after.quarantine]).toEqual([before.rev + 1, before.epoch + 1, null, undefined, before.quarantine]);

        await reaches(plant, id, ['ROLLING_BACK']);
        for (const answer of await Promise.all([call('onCall', 'rollbackRelease', { id }), call('approver', 'rollbackEnvironment', environment)])) expect([answer.id, answer.kind]).toEqual([id, 'RELEASE']);
        const refused = await Promise.all([
          refusal(call('onCall', 'rejectRelease', { id, reason: 'no' })), refusal(call('onCall', 'cancelRelease', { id, reason: 'no' })), refusal(call('onCall', 'pauseRelease', { id, reason: 'wait' })),
          refusal(call('approver', 'approveRelease', { id })), refusal(call('releaseManager', 'resumeRelease', { id, reason: 'go on' })),
        ]);
        expect(refused).toEqual(refused.map(() => 'CONFLICT'));
        expect(await standing()).toEqual(after);
        // The second time for cause: now it is barred as well, and that is all.
        expect((await call('onCall', 'rollbackRelease', { id, reason: 'it lies' })).id).toBe(id);
        expect(await standing()).toEqual({ ...after, quarantine: [...before.quarantine, (await look.release(id)).candidate] });
        expect((await look.release(id)).state).toBe('ROLLING_BACK');
      } finally { plant.program('edge-2').thaw(); }
      const ended = await reaches(plant, id, ['ROLLED_BACK'], 60_000);
      expect(statesOf(ended).filter((state) => state === 'ROLLED_BACK' || state === 'ROLLING_BACK')).toEqual(['ROLLING_BACK', 'ROLLED_BACK']);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
