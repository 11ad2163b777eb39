/**
 * Records what seldom happens: an evaluation whose history is too long after one batch, so that it goes on in a new run, and a release that
 * ends FAILED because its workflow was taken away.
 *
 *     npx tsx scripts/record-rare-histories.ts DIR
 */
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { mutate, reaches, root } from '../test/harness.js';
import { startPlant } from '../test/harness/plant.js';
import { ALSO_GOOD, GOOD, push, settle, start } from '../test/world.js';
import { histories } from './histories.js';

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error('DIR says where the histories go.');
const PATIENCE_MS = 600_000;

const plant = await startPlant({ temporal: ['--dynamic-config-value', 'limit.historyCount.suggestContinueAsNew=10'] });
try {
  await settle(plant);
  const stages = [{ weightBp: 5_000, durationMinSec: 600 }];
  const metrics = [{ name: 'sloppy', from: 'guardrail:sloppy', role: 'GUARDRAIL', maturityMs: 500, tolerance: 0, margin: 0.2 }];
  const evaluation = { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.05, floor: 0.5 }], callsMax: 600 };   // too narrow a margin for fifty cases
  await mutate(plant.api, plant.people.releaseManager, 'putRolloutPolicy', { application: 'helpdesk', name: 'narrow', evaluation, blockSec: 1, leaseMs: 30_000, stages, metrics, bake: { durationMinSec: 1, holdbackBp: 1_000 } }, '{ version }');
  const release = async (text: string, policy: string, state: string): Promise<string> => {
    const { id } = await start(plant, await push(plant, text), { policy }) as { readonly id: string };
    await reaches(plant, id, [state], PATIENCE_MS);
    return id;
  };
  await release(GOOD, 'quick', 'PROMOTED');
  const id = await release(ALSO_GOOD, 'narrow', 'CANARY');
  const connection = await Connection.connect({ address: plant.temporal });
  await new Client({ connection }).workflow.getHandle('release/helpdesk/production').terminate('to be recorded');
  await connection.close();
  await reaches(plant, id, ['FAILED'], PATIENCE_MS);
  process.stderr.write(`${String(await histories(plant.temporal, path.resolve(folder), root))} histories\n`);
} finally { await plant.stop(); }
process.kill(process.pid);   // Temporal's native part, loaded to make the bundle, keeps a process without workers from ending
