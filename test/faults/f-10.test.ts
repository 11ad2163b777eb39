import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches } from '../harness.js';
import type { Json } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { push } from '../world.js';
import { again, anotherText, lookAt, refusal, startInput, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';

describe('R-337 with Temporal away every order says UNAVAILABLE, in bounded time', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let input: Record<string, unknown> = {};
    beforeAll(async () => { plant = await startSettled({ seed }); look = await lookAt(plant); input = startInput(await push(plant, anotherText()), 'long'); });
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    const start = (key: string): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'startRelease', { ...input, idempotencyKey: key }, '{ id state }');
    /** All that a start would leave behind. The bundle is made before the order and stands for itself. */
    const written = async (): Promise<unknown> => {
      const [{ rev, epoch, open, acts }, releases, evaluations] = await Promise.all([look.environment() as Promise<Json>, look.db.collection('releases').countDocuments({}), look.db.collection('evaluations').countDocuments({})]);
      return { rev, epoch, open, acts: acts.length, releases, evaluations };
    };

    test.each([
      ['killed', () => plant.program('temporal').kill(), () => plant.program('temporal').start()],
      ['out of reach of the API', () => { plant.link('api-1', 'temporal').cut(); }, () => { plant.link('api-1', 'temporal').pass(); }],
    ] as const)('a release is started while Temporal is %s: nothing is written, and the same key starts it once later', async (how, takeAway, giveBack) => {
      const key = `start-${how.length}-${seed}`;
      await takeAway();
      const before = await written();
      expect(await Promise.all([refusal(start(key)), refusal(start(key)), refusal(start(`other-${key}`))])).toEqual(['UNAVAILABLE', 'UNAVAILABLE', 'UNAVAILABLE']);
      expect(await written()).toEqual(before);
      await giveBack();
      const answers = await Promise.all(Array.from({ length: 4 }, () => again(() => start(key))));
      const id = String(answers[0].id);
      expect(answers.map((answer: Json) => String(answer.id))).toEqual([id, id, id, id]);
      expect(await refusal(again(() => start(`other-${key}`)))).toBe('CONFLICT');
      await reaches(plant, id, ['CANARY']);
      await takeBack(plant, id);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
