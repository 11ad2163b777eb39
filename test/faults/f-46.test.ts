import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches } from '../harness.js';
import type { Json } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { push, putPolicy } from '../world.js';
import { LONG, again, anotherText, lookAt, moment, refusal, startInput, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';

const ROUNDS = 6;

describe('R-317 an act is committed once, by whom it may be', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let version = 0;
    let acts = 0;
    beforeAll(async () => {
      plant = await startSettled({ seed, count: { api: 2 } });
      look = await lookAt(plant);
      await putPolicy(plant, { ...LONG, policy: 'one', approvals: 1 });
      await putPolicy(plant, { ...LONG, policy: 'two', approvals: 2 });
      version = await push(plant, anotherText());
    });
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    /** Asked for by a machine, so that two people may say yes. */
    async function waiting(policy: string): Promise<string> {
      const release = await again(() => plant.ledger.mutate(plant.api, plant.keys.ci, 'startRelease', { ...startInput(version, policy), idempotencyKey: `waits-${acts++}-${seed}` }, '{ id state }'));
      await reaches(plant, String(release.id), ['AWAITING_APPROVAL']);
      return String(release.id);
    }
    const act = (door: number, who: keyof Plant['people'], name: 'approveRelease' | 'rejectRelease', id: string, key = `${name}-${acts++}-${seed}`): Promise<Json> =>
      again(() => plant.ledger.mutate(plant.apis[door] ?? '', plant.people[who], name, { id, ...(name === 'rejectRelease' ? { reason: 'not this one' } : {}), idempotencyKey: key }, '{ id state approvals { approver } }'));
    const approvers = async (id: string): Promise<readonly string[]> => (await look.release(id)).approvals.map(({ approver }) => approver);

    test('a double click on approve, and the same from two tabs, is one approval', async () => {
      const id = await waiting('two');
      const key = `double-click-${seed}`;
      for (const answer of await Promise.all([act(0, 'approver', 'approveRelease', id, key), act(1, 'approver', 'approveRelease', id, key), act(0, 'approver', 'approveRelease', id, key)])) expect([answer.id, answer.approvals]).toEqual([id, [{ approver: expect.any(String) }]]);
      expect(await approvers(id)).toHaveLength(1);
      expect((await look.release(id)).timeline.filter(({ type }) => type === 'release.approved')).toHaveLength(1);
      expect(await refusal(act(1, 'approver', 'approveRelease', id))).toBe('CONFLICT');

      const tabs = await Promise.all([0, 1].map((door) => refusal(act(door, 'releaseManager', 'approveRelease', id))));
      expect(tabs.toSorted()).toEqual(['CONFLICT', 'answered']);
      const approved = await approvers(id);
      expect([approved.length, new Set(approved).size]).toEqual([2, 2]);
      await reaches(plant, id, ['CANARY']);
      await takeBack(plant, id);
    });

    test('two people at once are two approvals', async () => {
      const id = await waiting('two');
      await Promise.all([act(0, 'approver', 'approveRelease', id), act(1, 'releaseManager', 'approveRelease', id)]);
      expect(new Set(await approvers(id)).size).toBe(2);
      await reaches(plant, id, ['CANARY']);
      await takeBack(plant, id);
    });

    test(`approve and reject at once, ${ROUNDS} times: whoever was first is followed, and a reject that was acknowledged stands`, async () => {
      for (let round = 0; round < ROUNDS; round += 1) {
        const id = await waiting('one');
        const late = async (call: () => Promise<Json>): Promise<string> => { await moment(plant, 0, 15); return refusal(call()); };
        const [approve, reject] = await Promise.all([late(() => act(0, 'approver', 'approveRelease', id)), late(() => act(1, 'onCall', 'rejectRelease', id))]);
        expect([approve, reject]).toSatisfy(([a, r]: string[]) => [a, r].every((one) => one === 'answered' || one === 'CONFLICT') && [a, r].includes('answered'));
        const ended = await reaches(plant, id, reject === 'answered' ? ['REJECTED'] : ['CANARY']);
        if (reject === 'answered') expect([ended.state, (await look.environment()).open, (await look.splits()).some(({ release }) => release === id)]).toEqual(['REJECTED', null, false]);
        else { expect([approve, await approvers(id)]).toEqual(['answered', [expect.any(String)]]); await takeBack(plant, id); }
      }
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
