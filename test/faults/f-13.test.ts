import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, reaches, until } from '../harness.js';
import type { Json } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import type { RolledBackNote } from '../../store/index.js';
import { createOrders } from '../../temporal/index.js';
import type { Orders } from '../../temporal/index.js';
import type { Act } from '../../workflows/messages.js';
import { releaseWorkflowId } from '../../workflows/names.js';
import { push } from '../world.js';
import { again, anotherText, inCanary, lookAt, refusal, startRelease, startSettled, startVersion, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-311 an act that does not belong here is refused and changes nothing', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let orders: Orders;
    beforeAll(async () => { plant = await startSettled({ seed }); look = await lookAt(plant); orders = createOrders({ address: plant.temporal, namespace: 'default', limitMs: 20_000 }); });
    afterAll(async () => { await orders?.close(); await look?.close(); await plant?.stop(); });
    const [application, environment] = ['helpdesk', 'production'];
    const onCall = { id: 'person:olga', kind: 'person' as const };
    const standing = async (id: string): Promise<unknown> => {
      const [{ rev, epoch, split, open }, { state, timeline }] = await Promise.all([look.environment(), look.release(id)]);
      return { rev, epoch, split, open, state, people: timeline.filter(({ actor }) => actor.kind === 'person').map(({ type }) => type) };
    };

    test('an act whose answer was lost is done, and its repeat under the same key does nothing more', async () => {
      const { id, users } = await inCanary(plant);
      const another = await push(plant, anotherText());
      const link = plant.link('api-1', 'temporal');
      const done = async (type: string): Promise<number> => (await look.release(id)).timeline.filter((entry) => entry.type === type && entry.actor.kind === 'person').length;
      for (const [mutation, type, state] of [['pauseRelease', 'release.paused', 'PAUSED'], ['resumeRelease', 'release.resumed', 'CANARY']] as const) {
        const act = (): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.releaseManager, mutation, { id, reason: 'a look', idempotencyKey: `${mutation}-${seed}` }, '{ id state }');
        const before = await done(type);
        await until('orders to reach Temporal', async () => await refusal(startVersion(plant, another)) === 'CONFLICT', 60_000);
        // Held back, not cut off: HTTP/2 says "received" before it answers, and a connection that ends there takes the order with it.
        link.lateReplies(60_000);
        const first = refusal(act());
        await until(`${type}`, async () => await done(type) > before, 30_000, 20);
        expect(await first).toBe('UNAVAILABLE');   // the client has given up by now
        link.pass();
        const answers = await Promise.all([again(act), again(act)]);
        expect(answers.map((answer: Json) => answer.id)).toEqual([id, id]);
        expect([await done(type), (await look.release(id)).state]).toEqual([before + 1, state]);
        expect(await refusal(again(() => plant.ledger.mutate(plant.api, plant.people.releaseManager, mutation, { id, reason: 'another', idempotencyKey: `${mutation}-${seed}` }, '{ id }')))).toBe('CONFLICT');
      }
      await users.stop();
      await takeBack(plant, id);
    });

    test('a message for one release, delivered twice or late, never touches the next one', async () => {
      const former = await startRelease(plant, anotherText(), { policy: 'long' });
      await reaches(plant, former, ['CANARY']);
      await takeBack(plant, former);
      const { rollback, epoch } = await look.release(former);
      const note: RolledBackNote = { release: former, rev: rollback?.rev ?? 0, epoch: epoch ?? 0, forCause: true, reason: 'late', actor: onCall };
      const id = await startRelease(plant, anotherText(), { policy: 'long' });
      await reaches(plant, id, ['CANARY']);
      const weighed = await until('its weight', async () => { const { split } = await look.environment(); return split?.release === id ? split : null; }, 30_000, 50);
      expect(weighed.weightBp).toBe(5_000);
      const before = await standing(id);

      for (let times = 0; times < 3; times += 1) await orders.noteRolledBack(releaseWorkflowId(application, environment), note);
      const act: Act = { release: former, actor: onCall, name: 'Olga', team: 'ops', reason: 'late', id: `late-of-seed-${seed}` };
      // Updates come after the signals that were sent before them: what the notes would have done is done by now.
      const answers = await Promise.all((['pause', 'reject', 'cancel', 'approve'] as const).map((name) => orders[name](application, environment, { ...act, id: `${name}-${act.id}` })));
      for (const answer of answers) expect(answer).toMatchObject({ kind: 'refused', code: 'CONFLICT', message: expect.stringContaining(id) as string });
      for (const mutation of ['pauseRelease', 'rejectRelease', 'rollbackRelease']) expect(await refusal(plant.ledger.mutate(plant.api, plant.people.onCall, mutation, { id: former, reason: 'late', idempotencyKey: `${mutation}-late-${seed}` }, '{ id }'))).toBe(mutation === 'rollbackRelease' ? 'answered' : 'CONFLICT');
      expect(await standing(id)).toEqual(before);

      // Its own note, three times: taken back once.
      await again(() => plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', { id, idempotencyKey: `its-own-note-${seed}` }, '{ id state }'));
      const { rev, epoch: raised } = await look.environment();
      for (let times = 0; times < 3; times += 1) await orders.noteRolledBack(releaseWorkflowId(application, environment), { ...note, release: id, rev, epoch: raised, forCause: false });
      await reaches(plant, id, ['ROLLED_BACK'], 60_000);
      const after = await look.environment();
      expect([after.rev, after.epoch]).toEqual([rev, raised]);
      const { release } = await gql(plant.api, plant.people.releaseManager, 'query($id: ID!) { release(id: $id) { timeline { type } } }', { id });
      expect(release.timeline.filter(({ type }: Json) => type === 'release.rolled_back')).toHaveLength(1);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
