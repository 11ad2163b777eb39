import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import { ask } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { LIMIT_MS, again, inCanary, lookAt, moment, refusal, startSettled, statesOf } from './canary.js';
import type { Look } from './canary.js';

describe('R-003 there is always a way back; rollback is one write and wins every race', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed }); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test.each([
      ['rollbackRelease', (id: string) => ({ id })],
      ['rollbackEnvironment', () => ({ application: 'helpdesk', environment: 'production', reason: 'the orchestrator is away' })],
    ] as const)('Temporal killed in mid-canary: %s works at once, other acts are refused, and the workflow learns of it later', async (mutation, inputOf) => {
      const { id, users, key } = await inCanary(plant);
      await moment(plant, 0, 2_000);
      await plant.program('temporal').kill();
      const act = (name: string) => refusal(plant.ledger.mutate(plant.api, plant.people.releaseManager, name, { id, reason: 'try', idempotencyKey: `${name}-${mutation}-${seed}` }, '{ id }'));
      const before = await look.release(id);
      expect(await act('pauseRelease')).toBe('UNAVAILABLE');

      const told = await again(() => plant.ledger.mutate(plant.api, plant.people.onCall, mutation, { ...inputOf(id), idempotencyKey: `${mutation}-${seed}` }, '{ id state }'));
      expect([told.id, told.state]).toEqual([id, 'ROLLING_BACK']);
      const env = await look.environment();
      expect([env.open, env.split?.candidate, env.split?.weightBp, env.quarantine.some(({ release }) => release === id)]).toEqual([null, undefined, 0, mutation === 'rollbackEnvironment']);
      await until('the edge to serve stable by the new split', async () => { const answer = await ask(plant, plant.edge, key); return answer.arm === 'stable' && answer.rev === env.rev; }, 20_000, 20);
      // The refused act wrote nothing, and the release itself is as Temporal left it.
      const meanwhile = await look.release(id);
      expect([meanwhile.state, meanwhile.timeline.filter(({ actor }) => actor.kind === 'person')]).toEqual([before.state, before.timeline.filter(({ actor }) => actor.kind === 'person')]);

      await plant.program('temporal').start();
      const release = await reaches(plant, id, ['ROLLED_BACK'], 120_000);
      expect(statesOf(release).filter((state) => state === 'ROLLED_BACK')).toHaveLength(1);
      const after = await look.environment();
      expect([after.rev, after.epoch]).toEqual([env.rev, env.epoch]);
      await users.stop();
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
