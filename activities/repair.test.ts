import { createHash } from 'node:crypto';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../core/errors.js';
import { digestOf } from '../core/canonical.js';
import type { ReleaseState } from '../core/release/index.js';
import type { SplitDoc } from '../store/index.js';
import { createMemory } from '../test/memory.js';
import { orderOf } from '../test/release-script.js';
import { createReleaseActivities } from './release.js';
import { createRepair } from './repair.js';
import type { RepairEvent } from './repair.js';

const logger = new DefaultLogger('ERROR', () => undefined);
const digest = (value: unknown): string => digestOf(value, (text) => createHash('sha256').update(text).digest('hex'));

/** A release in the given state, whose workflow is as `gone` says. */
async function lost(state: ReleaseState, weightBp = 0) {
  const memory = createMemory();
  const order = orderOf('LOW');
  const release = { ...order.release, environment: 'production' };
  const { openRelease } = createReleaseActivities({ releases: memory.releases, environments: memory.environments, blocks: memory.blocks, bundles: memory.bundles, digest, tell: () => undefined });
  await new MockActivityEnvironment({}, { logger }).run(() => openRelease({ ...order, release }));
  const doc = memory.release(release._id);
  doc.state = state;
  if (weightBp > 0) memory.environment.split = { stable: 'sha256:a', candidate: 'sha256:b', weightBp, leaseMs: 30_000, release: release._id };
  const world = { gone: true as boolean | Error, nowMs: 0, told: [] as RepairEvent[] };
  const { tick } = createRepair({
    releases: { ...memory.releases, list: async () => ({ items: doc.open ? [structuredClone(doc)] : [], next: null }) }, environments: memory.environments,
    isWorkflowGone: async () => { if (world.gone instanceof Error) throw world.gone; return world.gone; }, monotonicMs: () => world.nowMs, tell: (event) => { world.told.push(event); },
  });
  const after = async (seconds: number): Promise<void> => { world.nowMs += seconds * 1_000; await tick(); };
  return { memory, doc, world, tick, after };
}

describe('R-340 a release whose workflow is gone for a minute becomes FAILED, and its split goes to stable first', () => {
  test.each<ReleaseState>(['REQUESTED', 'EVALUATING', 'AWAITING_APPROVAL', 'CANARY', 'PAUSED', 'BAKING', 'ROLLING_BACK'])('%s', async (state) => {
    const { memory, doc, world, tick, after } = await lost(state, state === 'CANARY' || state === 'BAKING' ? 5_000 : 0);
    await tick();
    await after(59);
    expect(doc.state).toBe(state);
    await after(1);
    expect(doc).toMatchObject({ state: 'FAILED', open: false, holds: [] });
    expect(doc.timeline.at(-1)).toMatchObject({ type: 'release.failed', actor: { id: 'slipway:repair' }, reason: expect.stringContaining('workflow is gone') as string });
    expect(memory.environment).toMatchObject({ open: null, epoch: 5, split: { stable: 'sha256:a', weightBp: 0 }, quarantine: [] });
    expect(memory.environment.split?.candidate).toBeUndefined();
    expect(world.told).toEqual([{ event: 'release.repaired', level: 'error', release: doc._id, state: 'FAILED' }]);
    expect(memory.intents.slice(-2)).toEqual([`${doc._id}/repaired`, `${doc._id}/failed`]);
    await after(120);
    expect(world.told).toHaveLength(1);
  });
  test('one that runs is left alone, and a moment of absence is no loss', async () => {
    const { doc, world, tick, after } = await lost('CANARY', 5_000);
    await tick();
    world.gone = false;
    await after(59);
    world.gone = true;
    await after(2);
    await after(59);
    expect(doc.state).toBe('CANARY');
    await after(1);
    expect(doc.state).toBe('FAILED');
  });
  test('Temporal that does not answer says nothing: the minute begins anew', async () => {
    const { doc, world, tick, after } = await lost('CANARY', 5_000);
    await tick();
    world.gone = new UnavailableError('Temporal does not answer.');
    await after(300);
    world.gone = true;
    await after(1);
    expect(doc.state).toBe('CANARY');
    expect(world.told).toEqual([{ event: 'repair.failed', level: 'warn', message: 'Temporal does not answer.' }]);
  });
  test('what was promoted, and only not written down, is PROMOTED', async () => {
    const { memory, doc, tick, after } = await lost('BAKING');
    const at = new Date(memory.nowMs);
    memory.splits.push({ _id: 's', shape: 1, application: 'helpdesk', environment: 'production', rev: 9, epoch: 4, stable: doc.candidate, weightBp: 0, leaseMs: 1, release: doc._id, at } satisfies SplitDoc);
    memory.environment.open = null;
    memory.environment.split = { stable: doc.candidate, weightBp: 0, leaseMs: 30_000, release: doc._id };
    await tick();
    await after(60);
    expect(doc).toMatchObject({ state: 'PROMOTED', open: false });
    expect(memory.environment.split).toMatchObject({ stable: doc.candidate });
  });
});
