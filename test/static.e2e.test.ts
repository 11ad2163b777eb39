import { createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { composeKey } from '../core/access.js';
import { startMongoDb } from '../runtime/engines/mongodb.js';
import type { MongoDb } from '../runtime/engines/mongodb.js';
import { ROOT, programCommand } from '../runtime/engines/place.js';
import { waitUntil } from '../runtime/engines/port.js';
import { surroundings } from '../runtime/settings.js';
import { openStore } from '../store/index.js';
import type { Actor, Intent } from '../store/index.js';
import { createOrders } from '../temporal/index.js';

const application = 'helpdesk';
const environment = 'production';
const actor: Actor = { id: 'person:ann', kind: 'person', authMethod: 'dev' };
const secret = Buffer.alloc(32, 9).toString('base64url');
const KEY = composeKey('ap', 'K'.repeat(30));
const [OLD, NEW] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
const LEASE_MS = 3_000;
const intent = (id: string): Intent => ({ id, application, action: 'test.made', actor, subject: id });
const bare = (id: string): Omit<Intent, 'subject'> => ({ id, application, action: 'test.made', actor });
const once = (key: string) => ({ key, args: 'sha256:args' });

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-static-'));
let engine: MongoDb;
let edge: ChildProcess;
let url = '';

/** Stable, a candidate for half of everybody on a short lease, and a key. */
async function furnish(): Promise<void> {
  const store = await openStore({ uri: engine.uri, database: 'static', appName: 'static-test', role: 'control' });
  for (const [digest, content] of [[OLD, 'old'], [NEW, 'new']] as const) {
    const { doc } = await store.prompts.insert({ application, prompt: 'answer', digest: `${digest}p`, messages: [{ role: 'system', content }], variables: [], message: 'm', author: actor.id, source: null, once: once(content) }, bare(content));
    await store.bundles.insert({ application, digest, contents: `${digest}c`, parts: { prompts: { answer: { version: doc.version, digest: `${digest}p` } } }, authors: [actor.id], floatingModel: false, createdBy: actor.id }, intent(`${content}/bundle`));
  }
  await store.apiKeys.insert({ _id: KEY.id, kind: 'ap', hash: createHmac('sha256', Buffer.from(secret, 'base64url')).update(KEY.secret).digest('hex'), name: 'app', application, environment, scopes: ['serve', 'ingest', 'feedback'], once: once('key'), createdBy: actor.id, lifeSec: 3_600 }, intent('key'));
  const first = await store.environments.open({ application, environment, release: 'R1', candidate: OLD, contents: `${OLD}c`, intent: intent('open-1') });
  if (first.kind !== 'opened') throw new Error(first.kind);
  await store.environments.promote({ application, environment, release: 'R1', epoch: first.epoch, rev: first.rev, candidate: OLD, leaseMs: LEASE_MS, intent: intent('promote-1') });
  const second = await store.environments.open({ application, environment, release: 'R2', candidate: NEW, contents: `${NEW}c`, intent: intent('open-2') });
  if (second.kind !== 'opened') throw new Error(second.kind);
  await store.environments.setWeight({ application, environment, release: 'R2', epoch: second.epoch, rev: second.rev, candidate: NEW, weightBp: 5_000, leaseMs: LEASE_MS, intent: intent('weight-2') });
  await store.close();
}

beforeAll(async () => {
  engine = await startMongoDb({ given: undefined, env: surroundings(), dataDir: path.join(dir, 'mongodb'), logDir: path.join(dir, 'logs') });
  const [command, ...words] = programCommand('edge');
  // No TEMPORAL_ADDRESS: there is none.
  edge = spawn(command, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env: surroundings({ MONGODB_URI: engine.uri, SLIPWAY_DATABASE: 'static', SLIPWAY_EDGE_PORT: '0', SLIPWAY_HOST: '127.0.0.1', SLIPWAY_TOKEN_KEY: secret, SLIPWAY_PEPPER: secret, SLIPWAY_READER: 'edge-static', NODE_ENV: 'test', TEMPORAL_ADDRESS: '' }) });
  const port = await new Promise<number>((resolve, reject) => {
    edge.once('exit', (code) => { reject(new Error(`the edge ended with ${String(code)}`)); });
    createInterface({ input: edge.stdout ?? process.stdin }).on('line', (line) => {
      const told = JSON.parse(line) as { event?: string; port?: number };
      if (told.event === 'listening') resolve(told.port ?? 0);
    });
  });
  url = `http://127.0.0.1:${port}`;
  await furnish();
});
afterAll(async () => {
  edge.kill('SIGKILL');
  await engine.stop();
  rmSync(dir, { recursive: true, force: true });
});

interface Answer { readonly value: { readonly messages: readonly { readonly content: string }[] }; readonly variant: string; readonly reason: string; readonly metadata: Readonly<Record<string, unknown>> }
async function ask(targetingKey: string): Promise<{ readonly status: number; readonly body: Answer }> {
  const response = await fetch(`${url}/ofrep/v1/evaluate/flags/answer`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': KEY.secret }, body: JSON.stringify({ context: { targetingKey } }) });
  return { status: response.status, body: await response.json() as Answer };
}

describe('R-009 the data plane does not know that Temporal exists, and answers from its last good snapshot when MongoDB is away', () => {
  test.each(['serving', 'ingest', 'core/assignment'])('%s loads neither a database driver nor an orchestrator', (room) => {
    const loaded = readdirSync(path.join(ROOT, room)).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
      .flatMap((file) => [...readFileSync(path.join(ROOT, room, file), 'utf8').matchAll(/^(?:import|export) (?!type )[^;]*?from '([^']+)'/gm)].map(([, from]) => from ?? ''));
    expect(loaded.length).toBeGreaterThan(0);
    expect(loaded.filter((from) => /mongodb|temporal|\/store\/|\/workflows\/|\/activities\//.test(from))).toEqual([]);
  });

  test('with the engine stopped: the split while the lease lasts, then stable without tokens, and never an error', async () => {
    await waitUntil('the candidate', async () => (await ask('user-0').catch(() => null))?.body.reason === 'SPLIT', { limitMs: 10_000 });
    await engine.stop();
    const stoppedMs = performance.now();
    const seen = new Set<string>();
    while (performance.now() - stoppedMs < LEASE_MS + 1_000) {
      for (let user = 0; user < 20; user += 1) {
        const { status, body } = await ask(`user-${user}`);
        expect([status, body.value.messages[0]?.content]).toEqual([200, body.variant === 'candidate' ? 'new' : 'old']);
        seen.add(body.variant);
      }
      await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    for (let user = 0; user < 20; user += 1) {
      const { status, body } = await ask(`user-${user}`);
      expect([status, body.variant, body.metadata['slipway.stale'], body.metadata['slipway.assignment']]).toEqual([200, 'stable', true, undefined]);
    }
    expect(seen).toContain('stable');
    expect((await fetch(`${url}/v1/feedback`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': KEY.secret }, body: JSON.stringify({ token: 't', label: 'x', value: 1 }) })).status).toBe(503);
    expect(edge.exitCode).toBeNull();
  });
});

describe('R-343 Temporal is believed about a workflow only when it says so for certain', () => {
  test('one that nobody knows is gone', async () => {
    const orders = createOrders({ address: inject('temporalAddress'), namespace: 'default' });
    try { expect(await orders.isReleaseGone('nobody', `e${process.pid}`)).toBe(true); } finally { await orders.close(); }
  });
  test('in a namespace that does not exist nothing is known', async () => {
    const orders = createOrders({ address: inject('temporalAddress'), namespace: 'nowhere' });
    try { await expect(orders.isReleaseGone('nobody', `e${process.pid}`)).rejects.toThrow(); } finally { await orders.close(); }
  });
});
