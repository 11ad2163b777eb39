import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches } from '../harness.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { lookAt, startSettled, takeBack } from './canary.js';
import type { Look } from './canary.js';
import { batchesOf, blocksOf, bodyOf, callOf, expected, folded, heldInCanary, report, served } from './reports.js';
import type { Call } from './reports.js';

const PEOPLE = 48, BODIES = 6;

describe('R-631 order, repetition and packing change no count', () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let id = '';
    const calls: Call[] = [];
    const bodies: { readonly text: string; readonly calls: readonly Call[] }[] = [];
    beforeAll(async () => {
      plant = await startSettled({ seed, count: { edge: 2 } });
      look = await lookAt(plant);
      id = await heldInCanary(plant);
    });
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    const shuffled = <T>(all: readonly T[]): T[] => all.map((one) => [plant.random(), one] as const).sort(([a], [b]) => a - b).map(([, one]) => one);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(plant.random() * all.length)] as T;

    test('F-35 and F-37: each report several times, to either edge, at once, compressed or not, packed twice and in any order', async () => {
      for (const answer of await served(plant, PEOPLE)) calls.push(callOf(answer, plant.random() < 0.3));
      expect(calls.length).toBeGreaterThan(PEOPLE / 2);
      // Everybody is in two bodies at least, with another verdict now and then: bad once is bad.
      for (let i = 0; i < BODIES; i += 1) {
        const own = shuffled(calls.filter((_, n) => n % BODIES === i || n % (BODIES - 1) === i)).map((call) => (plant.random() < 0.1 ? { ...call, isBad: true, observed: call.observed.map((one) => ({ ...one, bad: true })) } : call));
        bodies.push({ text: bodyOf(own), calls: own });
      }
      const sendings = shuffled(bodies.flatMap((body) => [
        { ...body, edge: plant.edges[0] ?? '', isGzip: false }, { ...body, edge: plant.edges[0] ?? '', isGzip: true }, { ...body, edge: plant.edges[1] ?? '', isGzip: false }, { ...body, edge: pick(plant.edges), isGzip: pick([true, false]) },
      ]));
      const replies = await Promise.all(sendings.map(({ edge, text, calls: own, isGzip }) => report(plant, edge, text, own, { isGzip })));
      expect(new Set(replies.map(({ status }) => status))).toEqual(new Set([200]));

      expect(await batchesOf(look, bodies.map(({ text }) => text))).toEqual(bodies.map((body) => ({ units: distinct(body.calls), uncounted: {} })));
      const sent = bodies.flatMap((body) => body.calls);
      const blocks = await folded(look, id, sent);
      for (const [block, counts] of Object.entries(expected(sent, id))) expect([block, blocks[block]]).toEqual([block, counts]);
    });

    test('F-36: what comes after its block has closed, or after the release has ended, is kept and counted as late, in no block', async () => {
      const before = await blocksOf(look, id);
      const bad = calls.map((call) => ({ ...call, isBad: true }));
      const late = async (): Promise<void> => {
        const again = bodyOf(bad);
        for (const edge of plant.edges) expect((await report(plant, edge, again, [])).status).toBe(200);
        expect(await batchesOf(look, [again])).toEqual([{ units: 0, uncounted: { late: bad.length } }]);
      };
      await late();
      // The very same bytes as in time: still an acknowledgement, still nothing new.
      for (const { text } of bodies) expect((await report(plant, pick(plant.edges), text, [])).status).toBe(200);
      await takeBack(plant, id);
      await late();
      await reaches(plant, id, ['ROLLED_BACK']);
      const after = await blocksOf(look, id);
      for (const [block, counts] of Object.entries(before)) expect([block, after[block]]).toEqual([block, counts]);
      for (const [block, counts] of Object.entries(expected(bodies.flatMap((body) => body.calls), id))) expect([block, after[block]]).toEqual([block, counts]);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
/** Distinct units in one body. */
const distinct = (calls: readonly Call[]): number => new Set(calls.flatMap(({ observed }) => observed.map(({ unit, arm, sec }) => `${unit} ${arm} ${sec}`))).size;
