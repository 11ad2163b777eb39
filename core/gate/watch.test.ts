import { describe, expect, it } from 'vitest';
import { guardsOf, startWatch, stepWatch, watchAlarms } from './watch.js';
import type { Objective, WatchBlock, WatchState } from './watch.js';
import { seeded } from '../../test/seeded.js';

const objectives: readonly Objective[] = [{ metric: 'error', p0: 0.05, blocksToFalseAlarm: 1_000 }, { metric: 'ungrounded', p0: 0.02 }];
const run = (state: WatchState, metric: string, rate: number, count: number, from = 0, seed = 1): WatchState => {
  const random = seeded(seed);
  let next = state;
  for (let i = from; i < from + count; i += 1) {
    let k = 0;
    for (let unit = 0; unit < 100; unit += 1) if (random() < rate) k += 1;
    next = stepWatch(objectives, next, { metric, i, n: 100, k });
  }
  return next;
};
const alarmed = (state: WatchState): readonly string[] => watchAlarms(objectives, state).filter(({ isInAlarm }) => isInAlarm).map(({ metric }) => metric);

describe('R-550 an arm is held against its absolute objectives, whatever the other does', () => {
  it('below the objective nothing happens, above it an alarm with the block that brought it', () => {
    expect(alarmed(run(startWatch(objectives), 'error', 0.03, 200))).toEqual([]);
    const bad = run(startWatch(objectives), 'error', 0.12, 60);
    expect(alarmed(bad)).toEqual(['error']);
    expect(watchAlarms(objectives, bad)[0]?.since).toBeLessThan(20);
  });
  it('it clears when the rate is well again, and the first block stays on record', () => {
    const bad = run(startWatch(objectives), 'error', 0.12, 20);
    const well = run(bad, 'error', 0, 400, 20);
    expect(alarmed(well)).toEqual([]);
    expect(watchAlarms(objectives, well)[0]?.since).toBe(watchAlarms(objectives, bad)[0]?.since);
  });
  it('at the objective a false alarm within 50 blocks is about as rare as it is said to be', () => {
    let alarms = 0;
    for (let r = 0; r < 200; r += 1) if (watchAlarms(objectives, run(startWatch(objectives), 'error', 0.05, 50, 0, 100 + r))[0]?.since != null) alarms += 1;
    // At most 50 / 1,000 of 200; twice that would be chance one in a thousand.
    expect(alarms).toBeLessThanOrEqual(20);
  });
  it('no units say nothing; unreadable counts are spent and say nothing', () => {
    const start = startWatch(objectives);
    expect(watchAlarms(objectives, start)[0]).toMatchObject({ logM: null, isInAlarm: false, unreadable: false });
    const idle = stepWatch(objectives, start, { metric: 'error', i: 0, n: 0, k: 0 });
    expect(watchAlarms(objectives, idle)[0]?.logM).toBeNull();
    const seen = run(start, 'error', 0.05, 5);
    for (const broken of [{ n: NaN, k: 0 }, { n: 3, k: 4 }, { n: 1.5, k: 0 }, { n: 3, k: -1 }, { n: Infinity, k: 0 }]) {
      const after = stepWatch(objectives, seen, { metric: 'error', i: 9, ...broken });
      expect(watchAlarms(objectives, after)[0]).toEqual({ ...watchAlarms(objectives, seen)[0], unreadable: true });
    }
  });
  it.each<[string, WatchBlock]>([['an unknown metric', { metric: 'slow', i: 0, n: 1, k: 0 }], ['a block twice', { metric: 'error', i: 4, n: 1, k: 0 }], ['a negative index', { metric: 'ungrounded', i: -1, n: 1, k: 0 }]])('%s is the caller\'s bug', (_name, block) => {
    expect(() => stepWatch(objectives, run(startWatch(objectives), 'error', 0.05, 5), block)).toThrow(RangeError);
  });
  it.each<[string, readonly Objective[]]>([['a metric twice', [...objectives, ...objectives]], ['an objective of 0', [{ metric: 'a', p0: 0 }]], ['an objective of 1', [{ metric: 'a', p0: 1 }]], ['alarms all the time', [{ metric: 'a', p0: 0.1, blocksToFalseAlarm: 1 }]]])('%s is refused', (_name, wrong) => {
    expect(() => startWatch(wrong)).toThrow(RangeError);
  });
  it('continues from its written state bit for bit', () => {
    let straight = startWatch(objectives);
    let written = straight;
    for (let i = 0; i < 50; i += 1) {
      straight = run(straight, 'error', 0.06, 1, i, i);
      written = JSON.parse(JSON.stringify(run(written, 'error', 0.06, 1, i, i))) as WatchState;
    }
    expect(written).toStrictEqual(straight);
  });
});

describe('R-551 an objective that only the candidate misses takes it back; one that both miss is an incident and holds', () => {
  const well = run(startWatch(objectives), 'error', 0.02, 60);
  const bad = run(startWatch(objectives), 'error', 0.2, 60);
  it('by arm', () => {
    expect(guardsOf(objectives, well, well)).toEqual({ kind: 'QUIET' });
    expect(guardsOf(objectives, bad, bad)).toEqual({ kind: 'BREACH', metrics: ['error'] });
    expect(guardsOf(objectives, well, bad)).toMatchObject({ kind: 'ROLLBACK', metric: 'error' });
    expect(guardsOf(objectives, bad, well)).toEqual({ kind: 'QUIET' });
  });
  it('metric by metric: an incident of one does not cover the other', () => {
    expect(guardsOf(objectives, bad, run(bad, 'ungrounded', 0.2, 60))).toMatchObject({ kind: 'ROLLBACK', metric: 'ungrounded' });
  });
});
