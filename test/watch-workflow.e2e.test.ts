import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { ApplicationFailure } from '@temporalio/activity';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { WatchOrder, WatchOutcome } from '../activities/index.js';
import type { PolicyInput } from '../core/release/index.js';
import { createOrders } from '../temporal/index.js';
import type { Orders } from '../temporal/index.js';
import { bundleOf, createWorker, installRuntime } from '../worker/index.js';
import type { Host } from '../worker/index.js';
import { releaseWorkflowId, watchWorkflowId } from '../workflows/names.js';
import { until } from './harness.js';
import { World, orderOf, scripted } from './release-script.js';

// The real server and the real workflows; what a look finds is a script: by release, what it comes to, or undecided.
const worlds = new Map<string, World>();
const outcomes = new Map<string, WatchOutcome>();
const looks = new Map<string, number>();
const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-watch-'));
let worker: Host;
let orders: Orders;
let client: Client;

async function watchStable({ release }: WatchOrder): Promise<WatchOutcome> {
  looks.set(release, (looks.get(release) ?? 0) + 1);
  const outcome = outcomes.get(release);
  if (outcome === undefined) throw ApplicationFailure.create({ type: 'Undecided', message: 'undecided', nextRetryDelay: 30, category: 'BENIGN' });
  return Promise.resolve(outcome);
}
const worldOf = (release: string): World => { const world = worlds.get(release); if (world === undefined) throw new Error(`no world ${release}`); return world; };

beforeAll(async () => {
  const address = inject('temporalAddress');
  installRuntime({ tell: () => undefined });
  const bundle = await bundleOf({ cacheDir: dataDir, digest: (text) => createHash('sha256').update(text).digest('hex') });
  worker = await createWorker({ address, namespace: 'default', activities: { ...scripted(worldOf), watchStable }, bundle, graceMs: 100 });
  orders = createOrders({ address, namespace: 'default', limitMs: 20_000 });
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  for (const { order: { release } } of worlds.values()) await watchOf(release).terminate('the tests are over').catch(() => undefined);
  await orders.close();
  await client.connection.close();
  await worker.shutdown();
  rmSync(dataDir, { recursive: true, force: true });
});

const WATCHED: Partial<PolicyInput> = { topline: [{ metric: 'error', max: 0.05 }], watchSec: 600 };
const watchOf = ({ application, environment }: { readonly application: string; readonly environment: string }) => client.workflow.getHandle(watchWorkflowId(application, environment));
const releaseOf = ({ application, environment }: { readonly application: string; readonly environment: string }) => client.workflow.getHandle(releaseWorkflowId(application, environment));

/** A release that is promoted, into its own environment or into one that is there. */
async function promote(change: Partial<PolicyInput>, environment?: string): Promise<World> {
  const order = orderOf('LOW', change);
  const world = new World({ ...order, release: { ...order.release, environment: environment ?? `watched-${order.release.environment}` } });
  world.looks = { climb: ['PROMOTE'], paused: [], bake: ['PROMOTE'] };
  worlds.set(order.release._id, world);
  await orders.startRelease(world.order);
  expect(await releaseOf(world.order.release).result()).toBe('PROMOTED');
  return world;
}
const looked = (world: World, times: number): Promise<boolean> => until(`look ${String(times)}`, () => Promise.resolve((looks.get(world.order.release._id) ?? 0) >= times));

/** `RECORD_HISTORIES=1` writes what test/replay.test.ts replays. */
async function record(handle: { fetchHistory(): Promise<Parameters<typeof historyToJSON>[0]> }, name: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  const text = historyToJSON(await handle.fetchHistory());
  // Nothing of the machine that recorded it: neither its name nor its paths.
  writeFileSync(path.join(import.meta.dirname, 'histories', `${name}.json`), `${text.replaceAll(`${process.pid}@${hostname()}`, 'worker').replace(/"identity": *"[^"]*"/g, '"identity": "worker"').replace(/"stackTrace": *"(\\.|[^"\\])*"/g, '"stackTrace": ""')}\n`);
}

describe('R-916 the watch outlives the release that began it, and the next promotion\'s takes its place', () => {
  test('it runs on after the release has ended, its history does not grow, and it ends with what a look finds', async () => {
    const world = await promote(WATCHED);
    const { release } = world.order;
    await looked(world, 20);
    expect((await watchOf(release).describe()).status.name).toBe('RUNNING');
    outcomes.set(release._id, { kind: 'REVERTED', reason: 'error is above its objective' });
    expect(await watchOf(release).result()).toEqual({ kind: 'REVERTED', reason: 'error is above its objective' });
    expect((await watchOf(release).describe()).historyLength).toBeLessThan(15);
    await record(watchOf(release), 'watch-reverted');
    await record(releaseOf(release), 'promoted-and-watched');
  });

  test('another promotion ends it and begins its own', async () => {
    const former = await promote(WATCHED);
    await looked(former, 1);
    const run = (await watchOf(former.order.release).describe()).runId;
    const later = await promote(WATCHED, former.order.release.environment);
    await looked(later, 1);
    expect((await client.workflow.getHandle(watchWorkflowId('helpdesk', former.order.release.environment), run).describe()).status.name).toBe('TERMINATED');
    expect((await watchOf(later.order.release).describe()).status.name).toBe('RUNNING');
  });

  test.each<[string, Partial<PolicyInput>]>([['no objective', {}], ['a watch of no time', { ...WATCHED, watchSec: 0 }]])('%s: no watch', async (_name, change) => {
    const world = await promote(change);
    await expect(watchOf(world.order.release).describe()).rejects.toThrow(/not found/i);
  });
});
