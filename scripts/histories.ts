/** The histories that a Temporal server holds, as test/replay.test.ts reads them. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

/**
 * One file for each run of a workflow; what ran is the file's name. Nothing of the machine stays in it.
 *
 * @param checkout  whose paths stand in messages of the programs
 * @returns how many
 */
export async function histories(address: string, folder: string, checkout: string): Promise<number> {
  mkdirSync(folder, { recursive: true });
  const client = new Client({ connection: await Connection.connect({ address }) });
  const count = new Map<string, number>();
  for await (const { workflowId, runId, type, status } of client.workflow.list()) {
    const text = historyToJSON(await client.workflow.getHandle(workflowId, runId).fetchHistory());
    const [what = '', application = '', third = ''] = workflowId.split('/');
    const end = type === 'runRelease' || status.name !== 'COMPLETED' ? status.name.toLowerCase().replaceAll('_', '-') : String(await client.workflow.getHandle(workflowId, runId).result()).toLowerCase();
    const ended = type === 'runRelease' && status.name === 'COMPLETED' ? String(await client.workflow.getHandle(workflowId, runId).result()).toLowerCase().replaceAll('_', '-') : end;
    const name = [what, application, ...(type === 'runRelease' ? [third] : []), ended].join('-');
    const number = (count.get(name) ?? 0) + 1;
    count.set(name, number);
    const clean = JSON.stringify(JSON.parse(text), (key, value: unknown) => (key === 'identity' ? 'worker' : key === 'stackTrace' ? '' : value)).replaceAll(`@${hostname()}`, '@host').replaceAll(checkout, '');
    writeFileSync(path.join(folder, `${name}-${String(number)}.json.gz`), gzipSync(clean, { level: 9 }));
  }
  await client.connection.close();
  return [...count.values()].reduce((sum, one) => sum + one, 0);
}
