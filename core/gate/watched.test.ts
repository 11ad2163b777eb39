import { describe, expect, it } from 'vitest';
import { policyOf } from '../release/index.js';
import { seeded } from '../../test/seeded.js';
import { breachesOf, nextWatched, objectivesOf, replayWatched, startWatched, watchedThrough } from './watched.js';
import type { Watched, WatchedLook } from './watched.js';
import type { WatchBlock } from './watch.js';

const policy = policyOf({ name: 'p', evaluation: { dataset: 'd', evaluators: [] }, blockSec: 10, metrics: [{ name: 'error' }, { name: 'toxic', from: 'guardrail:toxic' }], topline: [{ metric: 'toxic', max: 0.02 }, { metric: 'error', max: 0.05 }] }, 'LOW');
const objectives = objectivesOf(policy);
const random = seeded(7);
const block = (metric: string, i: number, rate: number, n = 100): WatchBlock => ({ metric, i, n, k: Array.from({ length: n }, () => random()).filter((x) => x < rate).length });
const blocks = (from: number, count: number, toxic: number, error: number): readonly WatchBlock[] =>
  Array.from({ length: count }, (_, at) => [block('error', from + at, error), block('toxic', from + at, toxic)]).flat();

describe('R-910 a watch acts on the first block that brings an alarm, and says what was bad since when', () => {
  it('the objectives are the toplines, with a false alarm a month at most whatever the length of a block', () => {
    expect(objectives).toEqual([{ metric: 'toxic', p0: 0.02, blocksToFalseAlarm: 259_200 }, { metric: 'error', p0: 0.05, blocksToFalseAlarm: 259_200 }]);
    expect(objectivesOf({ ...policy, blockSec: 60 })[0]?.blocksToFalseAlarm).toBe(43_200);
  });
  it('below every objective it goes through all blocks and finds nothing', () => {
    const all = blocks(0, 300, 0.01, 0.03);
    const { lines, state } = nextWatched(objectives, startWatched(objectives), all);
    expect([lines.length, breachesOf(objectives, state), watchedThrough(state)]).toEqual([600, [], { toxic: 299, error: 299 }]);
  });
  it('it stops at the alarm, and counts from where the objective began to be missed', () => {
    const { state: well } = nextWatched(objectives, startWatched(objectives), blocks(0, 100, 0.01, 0.03));
    const after = blocks(100, 60, 0.06, 0.03);
    const { lines, state } = nextWatched(objectives, well, after);
    expect(lines.length).toBeLessThan(after.length);
    expect(lines.at(-1)?.metric).toBe('toxic');
    const [breach, ...others] = breachesOf(objectives, state);
    expect([breach?.metric, breach?.max, others]).toEqual(['toxic', 0.02, []]);
    expect(breach?.from).toBeGreaterThanOrEqual(95);
    expect(breach?.from).toBeLessThanOrEqual(101);
    expect((breach?.k ?? 0) / (breach?.n ?? 1)).toBeGreaterThan(0.04);
    // What was left lies before the next look.
    expect(nextWatched(objectives, state, after.filter((one) => !lines.includes(one))).lines.length).toBeGreaterThan(0);
  });
  it('in the order of time, whatever the order they are read in', () => {
    const all = blocks(0, 40, 0.01, 0.2);
    expect(nextWatched(objectives, startWatched(objectives), [...all].reverse())).toStrictEqual(nextWatched(objectives, startWatched(objectives), all));
  });
  it('a block that cannot be read is spent, and adds to no count', () => {
    const { state } = nextWatched(objectives, startWatched(objectives), blocks(0, 10, 0.5, 0.03));
    const { state: after } = nextWatched(objectives, state, [{ metric: 'toxic', i: 10, n: Number.NaN, k: 1 }]);
    expect(after.runs).toEqual(state.runs);
    expect(watchedThrough(after)['toxic']).toBe(10);
  });
});

describe('R-911 every look of a watch follows from its lines and the look before, bit for bit', () => {
  const looks: WatchedLook[] = [];
  let state: Watched = startWatched(objectives);
  for (let i = 0; i < 30; i += 1) { const look = nextWatched(objectives, state, blocks(i, 1, 0.015, 0.04)); looks.push(JSON.parse(JSON.stringify(look)) as WatchedLook); state = look.state; }
  const all = looks.flatMap(({ lines }) => lines);
  it('also from what a store has kept, and cut elsewhere', () => {
    expect(replayWatched(objectives, looks)).toBe('same');
    expect(nextWatched(objectives, startWatched(objectives), all).state).toStrictEqual(state);
  });
  it.each<[string, (look: WatchedLook) => WatchedLook]>([
    ['another count', (look) => ({ ...look, lines: look.lines.map((line) => ({ ...line, k: line.k + 1 })) })], ['a block that is left out', (look) => ({ ...look, lines: look.lines.slice(1) })],
    ['a block twice', (look) => ({ ...look, lines: [...look.lines, ...look.lines] })], ['another state', (look) => ({ ...look, state: { ...look.state, runs: [] } })],
    ['a block of no objective', (look) => ({ ...look, lines: [{ metric: 'slow', i: 900, n: 1, k: 0 }] })],
  ])('%s is found', (_name, change) => {
    expect(replayWatched(objectives, looks.map((look, i) => (i === 17 ? change(look) : look)))).toBe(17);
  });
});
