import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, reaches, releaseOf, send, startStack, traffic, until, type Ready, type Stack, type Json } from './harness.js';
import { ALSO_GOOD, GOOD, judge, push, settle, start } from './world.js';

const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-survive-'));
let stack: Stack;
beforeAll(async () => { stack = await startStack({ dataDir }); await settle(stack, { stages: [{ weightBp: 9000, durationMinSec: 900, durationMaxSec: 1800 }] }); }, 180_000);
afterAll(async () => { await stack?.stop(); rmSync(dataDir, { recursive: true, force: true }); });

const answers = (url: string): Promise<boolean> => new Promise((resolve) => {
  const { hostname, port } = new URL(url.includes('://') ? url : `tcp://${url}`);
  const socket = net.connect(Number(port), hostname, () => { socket.destroy(); resolve(true); });
  socket.on('error', () => { resolve(false); });
});
const text = async (key: string, at: Ready = stack): Promise<Json> => (await send('POST', `${at.edge}/ofrep/v1/evaluate/flags/answer`, { 'content-type': 'application/json', authorization: `Bearer ${at.keys.app}` }, JSON.stringify({ context: { targetingKey: key } }))).json;

describe('R-818 nothing is left behind when the launcher is killed, and what was open goes on', () => {
  test('SIGKILL in mid-canary, then the same data directory', async () => {
    await reaches(stack, (await start(stack, await push(stack, GOOD))).id, ['PROMOTED']);
    const users = traffic(stack, { perSec: 20, guardrail: 'sloppy', judge });
    const { id } = await start(stack, await push(stack, ALSO_GOOD));
    await reaches(stack, id, ['CANARY']);
    await until('the edge to serve the candidate', async () => (await text('anyone-3'))?.reason === 'SPLIT');
    await users.stop();
    const doors = [stack.api, stack.edge, stack.model, stack.temporal];
    await stack.stop('SIGKILL');
    await until('every program and engine to be gone', async () => (await Promise.all(doors.map(answers))).every((up) => !up), 20_000);

    stack = await startStack({ dataDir });
    expect(statSync(path.join(dataDir, 'dev.json')).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(path.join(dataDir, 'dev.json'), 'utf8'))).toMatchObject({ api: stack.api, keys: { app: stack.keys.app } });
    // The lease lapsed while everything was dead: the weight may come back only as a new revision, after a clean look.
    const release = await until('the release to have gone on', async () => {
      const now = await releaseOf(stack.api, stack.people.releaseManager, id);
      return now.timeline.some((e: Json) => e.type === 'release.lease_lost') && now.state === 'CANARY' ? now : null;
    });
    expect(release.timeline.map((e: Json) => e.state)).toContain('PAUSED');
    await mutate(stack.api, stack.people.onCall, 'rollbackRelease', { id, reason: 'enough' }, '{ id }');
    await reaches(stack, id, ['ROLLED_BACK']);
  });
});

describe('R-002 a candidate serves on a lease', () => {
  test('all workers and Temporal gone: the edge serves stable when the lease ends, without tokens for it', async () => {
    const { id } = await start(stack, await push(stack, ALSO_GOOD.replace('kindly', 'briskly')));
    await reaches(stack, id, ['CANARY']);
    const candidateFor = await until('someone to be served the candidate', async () => { const key = `k-${Math.random().toString(36)}`; return (await text(key))?.variant === 'candidate' ? key : null; });
    const pids = JSON.parse(readFileSync(path.join(dataDir, 'pids.json'), 'utf8')) as Record<string, number>;
    process.kill(-(pids['worker'] ?? NaN), 'SIGSTOP');
    try {
      await until('the lease to end', async () => (await text(candidateFor))?.variant === 'stable', 12_000, 50);
      expect((await text(candidateFor)).metadata['slipway.assignment']).toBeUndefined();
      const { environment } = await gql(stack.api, stack.people.onCall, '{ environment(application: "helpdesk", name: "production") { split { weightBp } leaseLeftMs } }');
      expect(environment).toEqual({ split: { weightBp: 9000 }, leaseLeftMs: 0 });
      // The way back needs no worker.
      await mutate(stack.api, stack.people.onCall, 'rollbackEnvironment', { application: 'helpdesk', environment: 'production', reason: 'worker stands still' }, '{ id }');
      expect((await gql(stack.api, stack.people.onCall, '{ environment(application: "helpdesk", name: "production") { split { candidate } } }')).environment.split.candidate).toBeNull();
    } finally { process.kill(-(pids['worker'] ?? NaN), 'SIGCONT'); }
    await reaches(stack, id, ['ROLLED_BACK']);
    expect(existsSync(path.join(dataDir, 'dev.json'))).toBe(true);
  });
});
