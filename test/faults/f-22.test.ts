import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import { ask } from '../harness/ledger.js';
import type { Line, Sent } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { putPolicy } from '../world.js';
import { LIMIT_MS, QUICK, again, anotherText, inCanary, lookAt, moment, refusal, stableEverywhere, startSettled, statesOf } from './canary.js';
import type { Look } from './canary.js';

/** A stage that is not over before the silence begins, and soon after it. */
const UNHURRIED = { ...QUICK, policy: 'unhurried', stages: [{ weightBp: 5_000, durationMinSec: 8, durationMaxSec: 900 }] };

describe('R-891 a MongoDB that says nothing, or hangs up on everybody, is as one that is away: every call ends, edges serve, and what it did after all counts once', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { edge: 2 } }); await again(() => putPolicy(plant, UNHURRIED)); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    const links = () => ['api-1', 'worker-1', 'edge-1', 'edge-2'].map((name) => plant.link(name, 'mongodb'));

    test.each([
      ['stopped', 'its engine is', 'unhurried', 'PROMOTED', () => { plant.program('mongodb').freeze(); }, () => { plant.program('mongodb').thaw(); }],
      ['silent', 'every link to it is', 'long', 'ROLLED_BACK', () => { for (const link of links()) link.blackHole(); }, () => { for (const link of links()) link.pass(); }],
      ['cut', 'every link to it is', 'long', 'ROLLED_BACK', () => { for (const link of links()) link.cut(); }, () => { for (const link of links()) link.pass(); }],
    ] as const)('%s: %s so, in a canary of the policy %s, which ends %s', async (how, _what, policy, end, begin, over) => {
      const { id, users, key } = await inCanary(plant, { policy });
      const held = await look.environment();
      await moment(plant, 0, 1_000);
      const prompt = { application: 'helpdesk', prompt: 'other', messages: [{ role: 'USER', content: anotherText() }], variables: ['passage'], message: 'for a test' };
      const write = () => plant.ledger.mutate(plant.api, plant.people.author, 'createPromptVersion', { ...prompt, idempotencyKey: `${how}-version-${seed}` }, '{ version }');
      const rollback = () => plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', { id, idempotencyKey: `${how}-back-${seed}` }, '{ id state }');
      const early = refusal(write());   // on its way when the silence begins, or answered just before
      await moment(plant, 0, 60);
      begin();
      const downMs = performance.now();
      try {
        // What an edge holds is all it needs: as the split says while its lease runs, stable when it is over.
        for (const edge of plant.edges) expect((await ask(plant, edge, key)).status).toBe(200);
        expect(['answered', 'UNAVAILABLE']).toContain(await early);
        expect(await Promise.all([write(), rollback()].map((call) => refusal(call)))).toEqual(['UNAVAILABLE', 'UNAVAILABLE']);
        for (const answer of await stableEverywhere(plant, key)) expect([answer.status, answer.reason, answer.isStale]).toEqual([200, 'STATIC', true]);
        const meanwhile = (): readonly Line[] => plant.ledger.lines().filter(({ op, startMono }) => op === 'ingest' && startMono > downMs + 250);
        await until('reports to be turned away', async () => meanwhile().length > 2, 60_000);
        // A status of 0 would be a client that has given up first.
        for (const { result, outcome } of meanwhile()) expect([outcome, (result as Sent).status, ((result as Sent).retryAfterSec ?? 0) >= 1]).toEqual(['unknown', 503, true]);
      } finally { over(); }

      await until('every report to be acknowledged', async () => users.waiting() === 0, 60_000);
      // The same calls under their keys: each of them was, or is now, done once.
      const { version } = await again(write);
      expect((await again(write)).version).toBe(version);
      const versions = await look.db.collection<{ _id: string; prompt: string; messages: readonly { content: string }[] }>('promptVersions').find({ prompt: 'other' }).toArray();
      expect(versions.filter(({ messages }) => messages[0]?.content === prompt.messages[0]?.content)).toHaveLength(1);
      if (end === 'ROLLED_BACK') for (let times = 0; times < 2; times += 1) expect((await again(rollback)).id).toBe(id);
      const release = await reaches(plant, id, [end], 150_000);
      await users.stop();
      expect([users.waiting(), statesOf(release).filter((state) => ['PROMOTED', 'ROLLED_BACK', 'FAILED'].includes(state))]).toEqual([0, [end]]);
      const now = await look.environment();
      expect([now.open, now.split?.candidate, now.split?.stable === held.split?.stable, now.epoch - held.epoch]).toEqual([null, undefined, end === 'ROLLED_BACK', end === 'ROLLED_BACK' ? 1 : 0]);
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
