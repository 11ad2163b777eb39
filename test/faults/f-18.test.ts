import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import type { Json } from '../harness.js';
import { grouped } from '../harness/invariants/world.js';
import type { Sent } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import { putPolicy } from '../world.js';
import { BATCH_WRITE, ENVIRONMENT_WRITE, LIMIT_MS, QUICK, RECEIPT_WRITE, again, anotherText, inCanary, lookAt, moment, refusal, startSettled, statesOf } from './canary.js';
import type { Look } from './canary.js';

/** Longer than a caller of the database waits for its answer (store/client.ts). */
const TOO_LATE_MS = 11_000;
/** A stage in which there is time to lose many answers. */
const UNHURRIED = { ...QUICK, policy: 'unhurried', stages: [{ weightBp: 5_000, durationMinSec: 5, durationMaxSec: 900 }] };
const VERSION_WRITE = /findAndModify\0[^]{4}promptVersions\0/;

describe('R-892 what MongoDB has done and could not say, or said too late, is done once when it is asked for again', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    beforeAll(async () => { plant = await startSettled({ seed }); await again(() => putPolicy(plant, UNHURRIED)); look = await lookAt(plant); }, LIMIT_MS);
    afterAll(async () => { await look?.close(); await plant?.stop(); });
    /** Entries of the chain. */
    const told = (of: Record<string, unknown>): Promise<number> => look.db.collection('audit').countDocuments(of);

    test.each([['lost', 'loseReplies'], ['too late', 'lateReplies']] as const)('answers to an API are %s: a mutation and its repeats are one effect and one entry', async (_what, mode) => {
      const { id, users } = await inCanary(plant, { perSec: 10 });
      await users.stop();
      const link = plant.link('api-1', 'mongodb');
      const before = await look.environment();
      const disturb = (when: RegExp): void => { if (mode === 'lateReplies') link.lateReplies(TOO_LATE_MS, when); else link.loseReplies(when); };
      const content = anotherText();
      const write = (): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.author, 'createPromptVersion', { application: 'helpdesk', prompt: 'other', messages: [{ role: 'USER', content }], variables: ['passage'], message: 'for a test', idempotencyKey: `${mode}-version-${seed}` }, '{ version }');
      const rollback = (): Promise<Json> => plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', { id, reason: 'to see it taken back once', idempotencyKey: `${mode}-back-${seed}` }, '{ id state }');
      const versions = async (): Promise<readonly Json[]> => (await look.db.collection('promptVersions').find({ prompt: 'other' }).toArray()).filter((row: Json) => row.messages[0].content === content);

      for (const [call, when, isDone] of [[write, VERSION_WRITE, async () => (await versions()).length > 0], [rollback, ENVIRONMENT_WRITE, async () => (await look.environment()).open === null]] as const) {
        disturb(when);
        const first = refusal(call());
        await until('it to be done', isDone, 30_000, 20);
        // Asked again while the first one still waits, and again when it was told that nothing is known.
        const [second] = await Promise.all([refusal(call()), moment(plant, 0, 300)]);
        expect([await first, ['answered', 'UNAVAILABLE'].includes(second)]).toEqual(['UNAVAILABLE', true]);
        link.pass();
        await Promise.all([again(call), again(call)]);
      }
      const [version, ...others] = await versions();
      expect([version.prompt, others]).toEqual(['other', []]);
      const release = await reaches(plant, id, ['ROLLED_BACK'], 60_000);
      const now = await look.environment();
      expect([now.epoch - before.epoch, now.rev - before.rev, now.open, now.split?.candidate, statesOf(release).filter((state) => state === 'ROLLED_BACK').length]).toEqual([1, 1, null, undefined, 1]);
      const entries = (): Promise<readonly number[]> => Promise.all([{ afterDigest: version.digest as string }, { intentId: { $regex: `${mode}-back-${seed}$` } }, { action: 'release.rolled_back', subject: id }].map(told));
      await until('each act to be told', async () => (await entries()).every((n) => n > 0), 30_000);
      expect(await entries()).toEqual([1, 1, 1]);
    });

    test('answers to an edge and a worker are lost, then too late: reports count once, and the release is promoted once', async () => {
      const { id, users } = await inCanary(plant, { policy: 'unhurried' });
      const [edge, worker] = [plant.link('edge-1', 'mongodb'), plant.link('worker-1', 'mongodb')];
      const sent = () => [...grouped(plant.ledger.lines().filter(({ op }) => op === 'ingest'), ({ argsDigest }) => argsDigest).values()];
      const resent = () => sent().filter((lines) => lines.length > 1);
      const seen = (await look.receipts(id)).length;
      await moment(plant, 0, 1_000);
      edge.loseReplies(BATCH_WRITE);
      worker.loseReplies(RECEIPT_WRITE);
      await until('answers to be lost on both ways', async () => edge.lost() > 2 && worker.lost() > 0 && (await look.receipts(id)).length > seen, 60_000, 20);
      edge.pass();
      worker.pass();
      await until('every report to be acknowledged', async () => users.waiting() === 0, 60_000);
      const lost = resent().length;
      expect(lost).toBeGreaterThan(0);

      edge.lateReplies(TOO_LATE_MS, BATCH_WRITE);
      worker.lateReplies(TOO_LATE_MS, ENVIRONMENT_WRITE);
      await until('reports to be turned away although they are stored', async () => resent().length > lost, 60_000, 50);
      edge.pass();
      worker.pass();
      const release = await reaches(plant, id, ['PROMOTED'], 150_000);
      await users.stop();
      expect([users.waiting(), statesOf(release).filter((state) => state === 'PROMOTED').length]).toEqual([0, 1]);
      await until('its promotion to be told', async () => await told({ action: 'release.promoted', subject: id }) > 0, 30_000);
      expect(await told({ action: 'release.promoted', subject: id })).toBe(1);
      const receipts = await look.receipts(id);
      expect(receipts.map(({ seq }) => seq)).toEqual(receipts.map((_receipt, index) => index + 1));
      // The same bytes, first in vain, then acknowledged: one batch.
      for (const lines of resent()) {
        expect(lines.map(({ outcome }) => outcome)).toEqual([...lines.slice(1).map(() => 'unknown'), 'ok']);
        for (const { result } of lines.slice(0, -1)) expect((result as Sent).status).toBe(503);
        const { batch } = lines[0]?.result as Sent;
        expect(await look.db.collection<{ _id: string }>('batches').countDocuments({ _id: `helpdesk/${String(batch)}` })).toBe(1);
      }
    });

    test('and every invariant holds', async () => { await checked(plant); });
  });
});
