import { describe, expect, test } from 'vitest';
import { row, split, withoutCandidate } from '../test/edge-world.js';
import type { ServedEnvironment } from '../store/index.js';
import type { WatchedRelease } from './release-watch.js';
import { createReleaseWatch } from './release-watch.js';

const NOW_MS = Date.UTC(2026, 10, 21, 12);
const ago = (sec: number): Date => new Date(NOW_MS - sec * 1_000);
const release = (more: Partial<WatchedRelease> = {}): WatchedRelease => ({
  application: 'helpdesk', environment: 'production', state: 'CANARY', open: true, holds: [], timeline: [], stage: { index: 0, weightBp: 100, since: ago(60), stillMs: 0, stillSince: null }, ...more,
});
function world(releases: readonly WatchedRelease[], served: ServedEnvironment | null = row()) {
  const state = { away: false, asked: 0 };
  const watch = createReleaseWatch({
    releases: { exposed: () => { state.asked += 1; return state.away ? Promise.reject(new Error('away')) : Promise.resolve(releases); } },
    environments: { served: () => Promise.resolve(served), now: () => Promise.resolve(new Date(NOW_MS)) },
  });
  return { state, watch };
}
const unknown = { exposed: Number.NaN, leaseLost: Number.NaN, stale: Number.NaN, lapsed: Number.NaN, stageMaxSec: Number.NaN, rollingBackMaxSec: Number.NaN };

describe('R-869 every metric that an alert or a panel names is one that the programs export', () => {
  test('before the first reading, and while the database is away, nothing is known: never 0', async () => {
    const { state, watch } = world([release()]);
    expect(watch.now()).toEqual(unknown);
    await watch.tick();
    expect(watch.now().exposed).toBe(1);
    state.away = true;
    await watch.tick();
    expect(watch.now()).toEqual(unknown);
  });
  test('no release is 0 of each', async () => {
    const { watch } = world([]);
    await watch.tick();
    expect(watch.now()).toEqual({ exposed: 0, leaseLost: 0, stale: 0, lapsed: 0, stageMaxSec: 0, rollingBackMaxSec: 0 });
  });
  test('what is held for what, and how long the longest has lasted', async () => {
    const entry = { id: 'a', seq: 1, type: 'release.rolling_back', actor: { id: 'slipway', kind: 'slipway' }, state: 'ROLLING_BACK' } as const;
    const { watch } = world([
      release({ holds: ['LEASE_LOST', 'NO_DATA'], state: 'PAUSED', stage: { index: 1, weightBp: 0, since: ago(7_200), stillMs: 0, stillSince: ago(10) } }),
      release({ holds: ['MIN_DURATION', 'STALE_DATA'] }),
      release({ state: 'ROLLING_BACK', timeline: [{ ...entry, at: ago(30) }, { ...entry, id: 'b', seq: 2, at: ago(5) }] }),
      release({ state: 'ROLLED_BACK', open: false, holds: ['LEASE_LOST'] }),
    ]);
    await watch.tick();
    expect(watch.now()).toEqual({ exposed: 3, leaseLost: 1, stale: 1, lapsed: 0, stageMaxSec: 7_200, rollingBackMaxSec: 30 });
  });
  test.each<[string, ServedEnvironment | null, number]>([
    ['a weight on a lease that has run out', row({ leaseLeftMs: 0 }), 1],
    ['a lease that runs', row({ leaseLeftMs: 1 }), 0],
    ['no weight', row({ leaseLeftMs: -5_000, split: split({ weightBp: 0 }) }), 0],
    ['no candidate', row({ leaseLeftMs: -5_000, split: withoutCandidate }), 0],
    ['nothing served yet', null, 0],
  ])('lapsed: %s', async (_name, served, lapsed) => {
    const { watch } = world([release()], served);
    await watch.tick();
    expect(watch.now().lapsed).toBe(lapsed);
  });
  test('calls do not overlap', async () => {
    const { state, watch } = world([]);
    await Promise.all([watch.tick(), watch.tick()]);
    expect(state.asked).toBe(1);
  });
});
