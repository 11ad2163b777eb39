import { spawn, type ChildProcess } from 'node:child_process';
import http from 'node:http';
import { createInterface } from 'node:readline';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, reaches, root, send, startStack, until, type Stack, type Json } from './harness.js';
import { ALSO_GOOD, GOOD, push, settle, start } from './world.js';

let stack: Stack;
let second: ChildProcess;
const secondPort = 41_900 + (process.pid % 1000);
const streams: http.ClientRequest[] = [];
beforeAll(async () => {
  stack = await startStack();
  await settle(stack, { leaseMs: 6000, stages: [{ weightBp: 5000, durationMinSec: 900, durationMaxSec: 1800 }] });
  second = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'bin/edge.ts')], { cwd: root, stdio: 'ignore', env: { ...process.env, NODE_ENV: 'development', MONGODB_URI: stack.mongodb, SLIPWAY_DATA_DIR: stack.dataDir, SLIPWAY_EDGE_PORT: String(secondPort), SLIPWAY_READER: 'second' } });
  await until('the second edge', async () => (await send('GET', `http://127.0.0.1:${String(secondPort)}/readyz`, {})).status === 200, 40_000);
}, 180_000);
afterAll(async () => { for (const stream of streams) stream.destroy(); second?.kill('SIGTERM'); await stack?.stop(); });

const headers = (): Record<string, string> => ({ 'content-type': 'application/json', authorization: `Bearer ${stack.keys.app}` });
const environment = async (): Promise<Json> => (await gql(stack.api, stack.people.releaseManager, '{ environment(application: "helpdesk", name: "production") { split { rev epoch candidate } readers { reader rev epoch connected } } }')).environment;

/** A plain SSE client: it applies what it is told and says so; frozen, it keeps saying what it had. */
function reader(name: string, edge: string): { freeze(): void; stop(): void } {
  let held = { epoch: 0, rev: 0, leaseSeq: 0 };
  let frozen = false;
  const acknowledge = (): void => { void send('POST', `${edge}/v1/snapshot/ack`, headers(), JSON.stringify({ reader: name, ...held })).catch(() => undefined); };
  const request = http.get(`${edge}/v1/snapshot/stream`, { headers: { ...headers(), accept: 'text/event-stream' } }, (response) => {
    response.on('error', () => undefined);   // we end it ourselves
    createInterface({ input: response }).on('error', () => undefined).on('line', (line) => {
      const id = /^id: ?(\d+)\.(\d+)\.(\d+)/.exec(line);
      if (id === null || frozen) return;
      const told = { epoch: Number(id[1]), rev: Number(id[2]), leaseSeq: Number(id[3]) };
      const moved = told.rev !== held.rev || told.epoch !== held.epoch;
      held = told;
      if (moved) acknowledge();
    });
  });
  request.on('error', () => undefined);
  streams.push(request);
  const beat = setInterval(acknowledge, 1000);
  return { freeze() { frozen = true; }, stop() { clearInterval(beat); request.destroy(); } };
}

describe('R-006 a rollback is finished when every connected reader serves stable, or is named, or its lease has run out', () => {
  test('two edges and a plain client on the stream acknowledge it, and the time that took is measured', async () => {
    await reaches(stack, (await start(stack, await push(stack, GOOD))).id, ['PROMOTED']);
    const plain = reader('plain', `http://127.0.0.1:${String(secondPort)}`);
    const { id } = await start(stack, await push(stack, ALSO_GOOD));
    await reaches(stack, id, ['CANARY']);
    await until('all three to be at the canary', async () => { const env = await environment(); return env.split.candidate !== null && env.readers.filter((r: Json) => r.connected && r.rev === env.split.rev).length >= 3; }, 20_000);
    await mutate(stack.api, stack.people.onCall, 'rollbackRelease', { id, reason: 'to see it converge' }, '{ id }');
    const release = await reaches(stack, id, ['ROLLED_BACK']);
    plain.stop();
    expect(release.rollback).toMatchObject({ stragglers: [], leaseEnded: false });
    expect(release.rollback.convergeMs).toBeLessThan(5000);
    const env = await environment();
    expect(env.readers.filter((r: Json) => r.rev >= release.rollback.rev).length).toBeGreaterThanOrEqual(3);
  });

  test('a reader that never acknowledges is named, and is not waited for longer than its lease', async () => {
    const stuck = reader('stuck', stack.edge);
    const { id } = await start(stack, await push(stack, ALSO_GOOD.replace('kindly', 'warmly')));
    await reaches(stack, id, ['CANARY']);
    await until('it to be at the canary', async () => { const env = await environment(); return env.readers.some((r: Json) => String(r.reader).endsWith('stuck') && r.rev === env.split.rev); }, 20_000);
    stuck.freeze();
    const t0 = performance.now();
    await mutate(stack.api, stack.people.onCall, 'rollbackRelease', { id }, '{ id }');
    const release = await reaches(stack, id, ['ROLLED_BACK']);
    stuck.stop();
    expect(performance.now() - t0).toBeGreaterThan(4000);
    expect(release.rollback.leaseEnded).toBe(true);
    expect(release.rollback.stragglers).toContainEqual(expect.stringContaining('stuck'));
    expect(release.rollback.stragglers).not.toContain('second');
  });
});
