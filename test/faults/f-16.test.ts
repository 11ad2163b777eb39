import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import type { Json } from '../harness.js';
import { ask } from '../harness/ledger.js';
import type { Sent } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { putPolicy } from '../world.js';
import { LIMIT_MS, QUICK, again, anotherText, asked, inCanary, lookAt, moment, startSettled, statesOf } from './canary.js';
import type { Look } from './canary.js';

/** Whatever is asked of a collection; the greetings of a connection are none of it. */
const OPERATION = /(?:find|findAndModify|aggregate|update|insert|delete|getMore)\0[^]{4}\w+\0/;
/** A stage that is not over while the database is slow. */
const UNHURRIED = { ...QUICK, policy: 'unhurried', stages: [{ weightBp: 5_000, durationMinSec: 8, durationMaxSec: 900 }] };

describe('R-893 with a slow MongoDB edges serve as ever, mutations are slow but right, and what was turned away is counted once', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed, count: { edge: 2 } }); await again(() => putPolicy(plant, UNHURRIED)); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });

    test('every operation is answered seconds later, in mid-canary', async () => {
      const { id, users, key } = await inCanary(plant, { policy: 'unhurried' });
      await moment(plant, 0, 1_000);
      const lateMs = Math.floor(1_000 + plant.random() * 2_000);
      const links = ['api-1', 'worker-1', 'edge-1', 'edge-2'].map((name) => plant.link(name, 'mongodb'));
      for (const link of links) link.lateReplies(lateMs, OPERATION);
      const slowMs = performance.now();
      const during = (op: string) => plant.ledger.lines().filter((line) => line.op === op && line.startMono > slowMs);

      // More at once than a pool has connections; each is answered, and nobody at an edge notices.
      const reads = Array.from({ length: 40 }, () => asked(plant, '{ environment(application: "helpdesk", name: "production") { split { stable } } }').catch((error: unknown) => error as Json));
      const texts = [anotherText(), anotherText(), anotherText()];
      const write = (content: string): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.author, 'createPromptVersion', { application: 'helpdesk', prompt: 'other', messages: [{ role: 'USER', content }], variables: ['passage'], message: 'for a test', idempotencyKey: `slow-version-${texts.indexOf(content)}-${seed}` }, '{ version }');
      const pause = (): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'pauseRelease', { id, reason: 'it is slow', idempotencyKey: `slow-pause-${seed}` }, '{ id state }');
      // Each of them twice at once, as by an impatient client.
      const [paused, pausedToo, ...versions] = await Promise.all([pause, pause, ...[...texts, ...texts].map((text) => () => write(text))].map((call) => again(call, 120_000)));
      expect([paused?.id, pausedToo?.id]).toEqual([id, id]);
      expect(versions.slice(0, 3).map(({ version }: Json) => version as number)).toEqual(versions.slice(3).map(({ version }: Json) => version as number));
      expect(new Set(versions.map(({ version }: Json) => version as number)).size).toBe(3);
      for (const read of await Promise.all(reads)) expect([read.code ?? 'answered', typeof (read.environment?.split?.stable ?? '')]).toEqual([read.code === 'UNAVAILABLE' ? 'UNAVAILABLE' : 'answered', 'string']);
      for (const edge of plant.edges) expect((await ask(plant, edge, key)).status).toBe(200);
      await until('a report to be acknowledged all the same', async () => during('ingest').some(({ outcome }) => outcome === 'ok'), 60_000);
      for (const { result, outcome } of during('ingest')) if (outcome !== 'ok') expect([(result as Sent).status, ((result as Sent).retryAfterSec ?? 0) >= 1]).toEqual([503, true]);
      for (const { result } of during('serve')) expect((result as { status?: number }).status).toBe(200);

      for (const link of links) link.pass();
      await until('every report to be acknowledged', async () => users.waiting() === 0, 60_000);
      const acts = async (type: string): Promise<number> => (await look.release(id)).timeline.filter((entry) => entry.type === type && entry.actor.kind === 'person').length;
      expect(await acts('release.paused')).toBe(1);
      await again(() => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'resumeRelease', { id, reason: 'it is not', idempotencyKey: `slow-resume-${seed}` }, '{ id state }'));
      const release = await reaches(plant, id, ['PROMOTED'], 150_000);
      await users.stop();
      expect([users.waiting(), statesOf(release).filter((state) => ['PROMOTED', 'ROLLED_BACK', 'FAILED'].includes(state))]).toEqual([0, ['PROMOTED']]);
      await checked(plant);
    });
  });
});
