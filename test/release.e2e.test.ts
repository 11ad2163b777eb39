import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createHash } from 'node:crypto';
import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { hostname, tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { UnavailableError } from '../core/errors.js';
import type { PolicyInput, ReleaseState, RiskTier } from '../core/release/index.js';
import type { Orders } from '../temporal/index.js';
import { createOrders } from '../temporal/index.js';
import type { Host } from '../worker/index.js';
import { bundleOf, createWorker, installRuntime } from '../worker/index.js';
import type { Act } from '../workflows/messages.js';
import { releaseWorkflowId } from '../workflows/names.js';
import { World, orderOf, scripted } from './release-script.js';

// The real server, the real workflow and the real client; the world behind the activities is a script.
const worlds = new Map<string, World>();
const worldOf = (release: string): World => {
  const world = worlds.get(release);
  if (world === undefined) throw new Error(`no world ${release}`);
  return world;
};
const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-release-'));
let worker: Host;
let orders: Orders;
let client: Client;

beforeAll(async () => {
  const address = inject('temporalAddress');
  installRuntime({ tell: () => undefined });
  const bundle = await bundleOf({ cacheDir: dataDir, digest: (text) => createHash('sha256').update(text).digest('hex') });
  worker = await createWorker({ address, namespace: 'default', activities: scripted(worldOf), bundle, graceMs: 100 });
  orders = createOrders({ address, namespace: 'default', limitMs: 20_000 });
  client = new Client({ connection: await Connection.connect({ address }) });
});
afterAll(async () => {
  for (const { order } of worlds.values()) await handleOf(order.release).terminate('the tests are over').catch(() => undefined);
  await orders.close();
  await client.connection.close();
  await worker.shutdown();
  rmSync(dataDir, { recursive: true, force: true });
});

const handleOf = ({ application, environment }: { readonly application: string; readonly environment: string }) => client.workflow.getHandle(releaseWorkflowId(application, environment));
const worldFor = (tier: RiskTier = 'LOW', change: Partial<PolicyInput> = {}, hasBaseline = true): World => {
  const world = new World(orderOf(tier, change), hasBaseline);
  worlds.set(world.order.release._id, world);
  return world;
};
async function begin(world: World): Promise<void> { expect(await orders.startRelease(world.order)).toMatchObject({ kind: 'opened', release: world.order.release._id }); }
async function end(world: World): Promise<ReleaseState> { return handleOf(world.order.release).result() as Promise<ReleaseState>; }
async function until(what: string, holds: () => boolean): Promise<void> {
  for (const endMs = performance.now() + 60_000; !holds();) {
    if (performance.now() > endMs) throw new Error(`never ${what}`);
    await new Promise((resolve) => { setTimeout(resolve, 10); });
  }
}
const reaches = (world: World, state: ReleaseState): Promise<void> => until(`${world.order.release._id} ${state}, but ${world.state}: ${world.did.join(', ')}`, () => world.state === state);

let acts = 0;
const actOf = (world: World, change: Partial<Act> = {}): Act => ({
  release: world.order.release._id, actor: { id: 'person:ann', kind: 'person', authMethod: 'dev' }, name: 'Ann', team: 'risk', reason: 'because', id: `act-${process.pid}-${++acts}`, ...change,
});
const to = (world: World): [string, string] => [world.order.release.application, world.order.release.environment];

/** `RECORD_HISTORIES=1` writes what test/replay.test.ts replays: one history for each way a release can end. */
async function record(world: World, name: string): Promise<void> {
  if (process.env['RECORD_HISTORIES'] === undefined) return;
  const folder = path.join(import.meta.dirname, 'histories');
  mkdirSync(folder, { recursive: true });
  const text = historyToJSON(await handleOf(world.order.release).fetchHistory());
  // Nothing of the machine that recorded it: neither its name nor its paths.
  writeFileSync(path.join(folder, `${name}.json`), `${text.replaceAll(`${process.pid}@${hostname()}`, 'worker').replaceAll(`-${process.pid}`, '').replace(/"identity": *"[^"]*"/g, '"identity": "worker"').replace(/"stackTrace": *"(\\.|[^"\\])*"/g, '"stackTrace": ""')}\n`);
}

describe('R-308 a release climbs by evidence, stage by stage, bakes, and is promoted', () => {
  test('two stages', async () => {
    const world = worldFor();
    world.looks = { climb: ['HOLD', 'ADVANCE', 'HOLD', 'PROMOTE'], paused: [], bake: ['HOLD', 'PROMOTE'] };
    world.joined = ['RUNNING', 'RUNNING', 'PASS'];
    await begin(world);
    expect(await end(world)).toBe('PROMOTED');
    expect(world.did).toEqual(['EVALUATING', 'CANARY', '1000 bp', 'CANARY', '5000 bp', 'BAKING', '9500 bp', 'promote', 'PROMOTED']);
    await record(world, 'promoted');
  });

  test('while nothing is decided the history does not grow', async () => {
    const world = worldFor();
    world.looks.climb = [...Array.from({ length: 20 }, () => 'HOLD' as const), 'HARM'];
    await begin(world);
    expect(await end(world)).toBe('ROLLED_BACK');
    expect((await handleOf(world.order.release).describe()).historyLength).toBeLessThan(70);
  });

  test('the first release into an environment has nothing to be compared with: it needs its approvals, and no canary', async () => {
    const world = worldFor('LIMITED', {}, false);
    await begin(world);
    await reaches(world, 'AWAITING_APPROVAL');
    expect(await orders.approve(...to(world), actOf(world))).toMatchObject({ kind: 'done' });
    expect(await end(world)).toBe('PROMOTED');
    expect(world.did).toEqual(['EVALUATING', 'AWAITING_APPROVAL', 'approve', 'promote', 'PROMOTED']);
    await record(world, 'promoted-first');
  });

  test('a second approval is waited for', async () => {
    const world = worldFor('LIMITED', { approvals: { count: 2 } });
    await begin(world);
    await reaches(world, 'AWAITING_APPROVAL');
    await orders.approve(...to(world), actOf(world));
    expect(world.state).toBe('AWAITING_APPROVAL');
    await orders.approve(...to(world), actOf(world));
    await reaches(world, 'CANARY');
  });
});

describe('R-309 a decision against the candidate takes it back', () => {
  test.each<[string, World['looks'], string]>([
    ['harm in a stage', { climb: ['HARM'], paused: [], bake: [] }, 'HARM'],
    ['a stage that reached its maximum', { climb: ['ADVANCE', 'STAGE_MAX'], paused: [], bake: [] }, 'STAGE_MAX'],
    ['harm in the bake', { climb: ['ADVANCE', 'PROMOTE'], paused: [], bake: ['HOLD', 'HARM'] }, 'HARM'],
  ])('%s', async (name, looks, reason) => {
    const world = worldFor();
    world.looks = looks;
    await begin(world);
    expect(await end(world)).toBe('ROLLED_BACK');
    expect(world.did.slice(-3)).toEqual(['ROLLING_BACK', `back: ${reason}`, 'ROLLED_BACK']);
    expect(world.weightBp).toBe(0);
    if (name === 'harm in a stage') await record(world, 'rolled-back-by-decision');
  });

  test('harm in a pause', async () => {
    const world = worldFor();
    await begin(world);
    await reaches(world, 'CANARY');
    world.looks.paused = ['HOLD', 'HARM'];
    expect(await orders.pause(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'PAUSED' });
    expect(await end(world)).toBe('ROLLED_BACK');
    expect(world.did.slice(-4)).toEqual(['PAUSED', 'ROLLING_BACK', 'back: HARM', 'ROLLED_BACK']);
  });

  test('a ticket that no longer admits the digests', async () => {
    const world = worldFor();
    world.isTicketGone = true;
    await begin(world);
    expect(await end(world)).toBe('ROLLED_BACK');
    expect(world.did).not.toContain('1000 bp');
  });
});

describe('R-003 a rollback wins in every state, and its workflow follows', () => {
  test.each<[ReleaseState, RiskTier, (world: World) => void, ReleaseState]>([
    ['EVALUATING', 'LOW', (world) => { world.joined = ['RUNNING']; }, 'CANCELLED'],
    ['AWAITING_APPROVAL', 'LIMITED', () => undefined, 'CANCELLED'],
    ['CANARY', 'LOW', () => undefined, 'ROLLED_BACK'],
    ['BAKING', 'LOW', (world) => { world.looks.climb = ['ADVANCE', 'PROMOTE']; }, 'ROLLED_BACK'],
  ])('in %s', async (state, tier, prepare, ended) => {
    const world = worldFor(tier);
    prepare(world);
    await begin(world);
    await reaches(world, state);
    const note = world.rollBack();
    await orders.noteRolledBack(releaseWorkflowId(...to(world)), note);
    expect(await end(world)).toBe(ended);
    expect(world.did.at(ended === 'CANCELLED' ? -1 : -2)).toBe(ended === 'CANCELLED' ? 'because people complain' : 'back: people complain');
    if (state === 'CANARY') await record(world, 'rolled-back-by-note');
    if (state === 'EVALUATING') await record(world, 'cancelled-by-note');
  });

  test('in PAUSED', async () => {
    const world = worldFor();
    await begin(world);
    await reaches(world, 'CANARY');
    await orders.pause(...to(world), actOf(world));
    await orders.noteRolledBack(releaseWorkflowId(...to(world)), world.rollBack());
    expect(await end(world)).toBe('ROLLED_BACK');
  });

  test('a look that finds the epoch gone waits for the note, and ends under its reason', async () => {
    const world = worldFor();
    await begin(world);
    await reaches(world, 'CANARY');
    const note = world.rollBack('seen on the dashboard');
    await reaches(world, 'ROLLING_BACK');
    await orders.noteRolledBack(releaseWorkflowId(...to(world)), note);
    expect(await end(world)).toBe('ROLLED_BACK');
    expect(world.did.at(-2)).toBe('back: seen on the dashboard');
  });

  test('a note about another release changes nothing', async () => {
    const world = worldFor();
    await begin(world);
    await reaches(world, 'CANARY');
    await orders.noteRolledBack(releaseWorkflowId(...to(world)), { ...world.rollBack(), release: 'R999' });
    world.epoch -= 1;   // it was not this one that was taken back
    world.looks.climb = ['ADVANCE', 'PROMOTE'];
    world.looks.bake = ['PROMOTE'];
    expect(await end(world)).toBe('PROMOTED');
  });

  test('a note for a workflow that has ended is nobody\'s', async () => {
    const world = worldFor();
    world.joined = ['FAIL'];
    await begin(world);
    await end(world);
    await expect(orders.noteRolledBack(releaseWorkflowId(...to(world)), world.rollBack())).resolves.toBeUndefined();
  });
});

describe('R-310 people pause, resume, reject and cancel', () => {
  test('a pause keeps the weight, and a resume goes on with the stage', async () => {
    const world = worldFor();
    world.looks.climb = ['ADVANCE', 'HOLD'];
    await begin(world);
    await until('at 50 %', () => world.weightBp === 5_000);
    expect(await orders.pause(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'PAUSED' });
    expect(world.weightBp).toBe(5_000);
    expect(await orders.resume(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'CANARY' });
    world.looks.climb = ['PROMOTE'];
    await until('in the bake', () => world.weightBp === 9_500);
    await orders.pause(...to(world), actOf(world));
    world.looks.bake = ['PROMOTE'];
    expect(await orders.resume(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'BAKING' });
    expect(await end(world)).toBe('PROMOTED');
    expect(world.did).toEqual(['EVALUATING', 'CANARY', '1000 bp', 'CANARY', '5000 bp', 'PAUSED', 'CANARY', 'BAKING', '9500 bp', 'PAUSED', 'BAKING', 'promote', 'PROMOTED']);
    await record(world, 'promoted-after-pauses');
  });

  test('a reject ends it', async () => {
    const world = worldFor('LIMITED');
    await begin(world);
    await reaches(world, 'AWAITING_APPROVAL');
    expect(await orders.reject(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'REJECTED' });
    expect(await end(world)).toBe('REJECTED');
    await record(world, 'rejected');
  });

  test('a cancel ends it, also while the evaluation runs', async () => {
    const world = worldFor();
    world.joined = ['RUNNING'];
    await begin(world);
    await reaches(world, 'EVALUATING');
    expect(await orders.cancel(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'CANCELLED' });
    expect(await end(world)).toBe('CANCELLED');
    await record(world, 'cancelled');
  });

  test('approvals that do not come in time end it', async () => {
    const world = worldFor('LIMITED', { approvals: { expireSec: 1 } });
    await begin(world);
    expect(await end(world)).toBe('CANCELLED');
    expect(world.did.at(-1)).toBe('because Not approved within 1 s.');
    await record(world, 'cancelled-by-expiry');
  });

  test('the same act twice has one effect', async () => {
    const world = worldFor('LIMITED', { approvals: { count: 2 } });
    await begin(world);
    await reaches(world, 'AWAITING_APPROVAL');
    const act = actOf(world);
    expect(await Promise.all([orders.approve(...to(world), act), orders.approve(...to(world), act)])).toEqual([{ kind: 'done', state: 'AWAITING_APPROVAL' }, { kind: 'done', state: 'AWAITING_APPROVAL' }]);
    expect(world.approvals).toBe(1);
  });
});

describe('R-311 an act that does not belong here is refused and changes nothing', () => {
  test('in a state that does not allow it, or for another release', async () => {
    const world = worldFor();
    await begin(world);
    await until('at 10 %', () => world.weightBp === 1_000);
    const before = [...world.did];
    for (const verb of ['approve', 'reject', 'resume', 'cancel'] as const) expect(await orders[verb](...to(world), actOf(world))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(await orders.pause(...to(world), actOf(world, { release: 'R999' }))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
    expect(world.state).toBe('CANARY');
    expect(world.did).toEqual(before);
  });

  test('where no release is open', async () => {
    expect(await orders.pause('helpdesk', 'nowhere', actOf(worldFor()))).toMatchObject({ kind: 'refused', code: 'CONFLICT' });
  });
});

describe('R-312 a lapsed lease takes the weight away; it comes back only after a clean look, or by a person', () => {
  test('tier LOW returns by itself to the weight of its stage', async () => {
    const world = worldFor();
    world.looks = { climb: ['ADVANCE', 'LEASE_LOST', 'PROMOTE'], paused: ['HOLD', 'CLEAN'], bake: ['PROMOTE'] };
    await begin(world);
    expect(await end(world)).toBe('PROMOTED');
    expect(world.did).toEqual(['EVALUATING', 'CANARY', '1000 bp', 'CANARY', '5000 bp', '0 bp', 'PAUSED', 'CANARY', '5000 bp', 'BAKING', '9500 bp', 'promote', 'PROMOTED']);
    await record(world, 'promoted-after-lapse');
  });

  test('tier HIGH waits for a person', async () => {
    const world = worldFor('HIGH', { approvals: { count: 0 } });
    world.looks = { climb: ['LEASE_LOST', 'HOLD'], paused: ['CLEAN'], bake: [] };
    await begin(world);
    await reaches(world, 'PAUSED');
    await until('looked at', () => world.weightBp === 0);
    expect(await orders.resume(...to(world), actOf(world))).toEqual({ kind: 'done', state: 'CANARY' });
    await until('at its weight again', () => world.weightBp === 1_000);
  });

  test('a lease that lapsed unseen is not mended by the next write', async () => {
    const world = worldFor();
    world.lapsesAt = 5_000;
    world.looks = { climb: ['ADVANCE', 'PROMOTE'], paused: ['CLEAN'], bake: ['PROMOTE'] };
    await begin(world);
    expect(await end(world)).toBe('PROMOTED');
    expect(world.did.slice(0, 8)).toEqual(['EVALUATING', 'CANARY', '1000 bp', 'CANARY', '0 bp', 'PAUSED', 'CANARY', '5000 bp']);
  });

  test('in a person\'s pause it takes the weight and waits for the person', async () => {
    const world = worldFor();
    world.looks.paused = ['LEASE_LOST', 'CLEAN'];
    await begin(world);
    await until('at 10 %', () => world.weightBp === 1_000);
    await orders.pause(...to(world), actOf(world));
    await until('without weight', () => world.did.includes('MANUAL_PAUSE+LEASE_LOST'));
    expect(world.state).toBe('PAUSED');
    await orders.resume(...to(world), actOf(world));
    await until('at 10 % again', () => world.weightBp === 1_000);
  });
});

describe('R-313 an evaluation that does not pass ends the release before any traffic', () => {
  test.each(['FAIL', 'INCONCLUSIVE', 'FAILED'] as const)('%s rejects', async (kind) => {
    const world = worldFor();
    world.joined = ['RUNNING', kind];
    await begin(world);
    expect(await end(world)).toBe('REJECTED');
    expect(world.did).toEqual(['EVALUATING', 'REJECTED', `because evaluation: ${kind}`]);
    if (kind === 'FAIL') await record(world, 'rejected-by-evaluation');
  });
  test('one that was cancelled cancels', async () => {
    const world = worldFor();
    world.joined = ['CANCELLED'];
    await begin(world);
    expect(await end(world)).toBe('CANCELLED');
  });
});

describe('R-338 orders find Temporal again by themselves', () => {
  test('down, up, down and up again', async () => {
    const [host = '', port = ''] = inject('temporalAddress').split(':');
    const sockets = new Set<net.Socket>();
    const gate = net.createServer((socket) => {
      const upstream = net.connect(Number(port), host);
      for (const one of [socket, upstream]) { sockets.add(one); one.on('error', () => undefined).on('close', () => { socket.destroy(); upstream.destroy(); }); }
      socket.pipe(upstream).pipe(socket);
    });
    const listen = (at: number): Promise<void> => new Promise((resolve) => { gate.listen(at, '127.0.0.1', resolve); });
    const close = (): Promise<unknown> => new Promise((resolve) => { gate.close(resolve); for (const one of sockets) one.destroy(); });
    await listen(0);
    const { port: at } = gate.address() as AddressInfo;
    await close();
    const far = createOrders({ address: `127.0.0.1:${at}`, namespace: 'default', limitMs: 1_000 });
    const answers = async (): Promise<boolean> => { try { await far.ping(); return true; } catch (error) { if (error instanceof UnavailableError) return false; throw error; } };
    const back = async (): Promise<void> => { for (let tries = 0; !await answers(); tries += 1) if (tries > 30) throw new Error('never back'); };
    expect(await answers()).toBe(false);
    await listen(at);
    await back();
    await close();
    expect(await answers()).toBe(false);
    await listen(at);
    await back();
    await far.close();
    await close();
  });
});

describe('R-005 one open release to an environment', () => {
  test('a second start of another release finds one running; the same key finds its own', async () => {
    const world = worldFor();
    await begin(world);
    const other = { ...world.order, release: { ...world.order.release, _id: 'R998', once: { key: `${world.order.release.once.key}-other`, args: 'sha256:args' } } };
    expect(await orders.startRelease(other)).toEqual({ kind: 'running' });
    expect(await orders.startRelease({ ...world.order, release: { ...world.order.release, _id: 'R997' } })).toMatchObject({ kind: 'opened', release: world.order.release._id });
  });

  test.each<[string, World['opening'], ReleaseState]>([
    ['a refusal', { kind: 'refused', code: 'QUARANTINED', message: 'It was taken back.', hint: 'Fix it.' }, 'REJECTED'],
    ['a repeat', { kind: 'repeated', release: 'R000', state: 'ROLLED_BACK' }, 'ROLLED_BACK'],
  ])('%s is told and ends the run', async (_name, opening, ended) => {
    const world = worldFor();
    world.opening = opening;
    expect(await orders.startRelease(world.order)).toEqual(opening);
    expect(await end(world)).toBe(ended);
    expect(world.did).toEqual([]);
  });
});
