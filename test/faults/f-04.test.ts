import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { reaches, until } from '../harness.js';
import { programOf } from '../harness/group.js';
import { ledgeredTraffic } from '../harness/ledger.js';
import { seeds } from '../harness/plant.js';
import type { Plant } from '../harness/plant.js';
import { checked } from '../harness/stored.js';
import type { EvaluationDoc } from '../../store/index.js';
import { evaluationWorkflowId } from '../../workflows/names.js';
import { judge } from '../world.js';
import { LIMIT_MS, again, anotherText, lookAt, moment, startRelease, startSettled, typesOf } from './canary.js';
import type { Look } from './canary.js';

describe('R-835 whenever a worker dies or only stops for a while, what was acknowledged is counted once and the release ends as its content deserves', { timeout: LIMIT_MS }, () => {
  describe.each(seeds)('seed %i', (seed) => {
    let plant: Plant;
    let look: Look;
    let connection: Connection;
    beforeAll(async () => { plant = await startSettled({ seed, count: { worker: 2 } }); look = await lookAt(plant); connection = await Connection.connect({ address: plant.temporal }); }, LIMIT_MS);
    afterAll(async () => { await connection?.close(); await look?.close(); await plant?.stop(); });
    /** Which worker has the evaluation that runs, as Temporal says: by its process. */
    const evaluating = () => until('a worker to evaluate', async () => {
      const running = await look.db.collection<EvaluationDoc>('evaluations').findOne({ state: 'RUNNING' });
      if (running === null) return null;
      const { raw } = await new Client({ connection }).workflow.getHandle(evaluationWorkflowId(running.application, running.identity, running.attempt)).describe();
      const pid = Number(raw.pendingActivities?.[0]?.lastWorkerIdentity?.split('@')[0]);
      return ['worker-1', 'worker-2'].find((name) => programOf(plant.program(name).pid() ?? 0).includes(pid));
    }, 30_000, 20);

    test('killed while it evaluates, and while it takes an order: the other goes on, and nothing is done twice', async () => {
      const users = ledgeredTraffic(plant, { perSec: 25, guardrail: 'sloppy', judge });
      const answers = (): Promise<number> => look.db.collection('answers').countDocuments({});
      const before = await answers();
      const id = await startRelease(plant, anotherText(), { policy: 'long' });
      await until('answers of models', async () => await answers() > before + 5, 60_000, 10);
      const busy = await evaluating();
      await plant.program(busy).kill();
      await reaches(plant, id, ['CANARY'], 120_000);
      await plant.program(busy).start();

      // An order is a task of the workflow: whoever has it dies with it now and then.
      const pause = again(() => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'pauseRelease', { id, reason: 'to think about it', idempotencyKey: `pause-of-seed-${seed}` }, '{ id state }'));
      await moment(plant, 0, 200);
      await plant.program('worker-2').kill();
      expect((await pause).id).toBe(id);
      await again(() => plant.ledger.mutate(plant.api, plant.people.releaseManager, 'resumeRelease', { id, reason: 'thought about', idempotencyKey: `resume-of-seed-${seed}` }, '{ id state }'));
      const going = await reaches(plant, id, ['CANARY'], 30_000);
      for (const type of ['release.evaluating', 'release.evaluated', 'release.paused']) expect([type, typesOf(going).filter((one) => one === type).length]).toEqual([type, 1]);

      // One answer for each case, repetition and bundle, whoever asked for it.
      const [evaluation] = await look.db.collection('evaluations').find({ 'plan.bundle': (await look.release(id)).candidate }).toArray();
      expect([evaluation?.['state'], evaluation?.['verdict'] === null]).toEqual(['FINISHED', false]);
      await plant.program('worker-2').start();
      await again(() => plant.ledger.mutate(plant.api, plant.people.onCall, 'rollbackRelease', { id, idempotencyKey: `back-of-seed-${seed}` }, '{ id state }'));
      await reaches(plant, id, ['ROLLED_BACK'], 60_000);
      await users.stop();
      expect(users.waiting()).toBe(0);
      await checked(plant);
    });
  });
});
