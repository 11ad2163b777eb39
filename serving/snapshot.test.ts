import { describe, expect, test } from 'vitest';
import { armOf, leaseLeftMs } from '../core/assignment/index.js';
import type { BundleContent, ServedEnvironment } from '../store/index.js';
import { CANDIDATE, DATABASE_MS, STABLE, bundleContent, row, split, withoutCandidate } from '../test/edge-world.js';
import { createDatabaseClock, createSnapshot } from './index.js';
import type { SnapshotEvent } from './index.js';

function world() {
  const state = {
    monotonicMs: 50_000, rows: [row()] as ServedEnvironment[], isAway: false, asked: [] as (Date | null)[], told: [] as SnapshotEvent[], acks: [] as string[],
    bundles: new Map<string, BundleContent | null | Error>([[STABLE, bundleContent(STABLE, 'old')], [CANDIDATE, bundleContent(CANDIDATE, 'new')]]),
  };
  const monotonicMs = () => state.monotonicMs;
  const clock = createDatabaseClock(monotonicMs);
  const snapshot = createSnapshot({
    environments: {
      now: async () => { if (state.isAway) throw new Error('away'); return new Date(DATABASE_MS + state.monotonicMs - 50_000); },
      touched: async (since) => { state.asked.push(since); if (state.isAway) throw new Error('away'); return state.rows; },
    },
    bundles: { content: async (_application, digest) => { const found = state.bundles.get(digest) ?? null; if (found instanceof Error) throw found; return found; } },
    readers: { acknowledge: async ({ reader, epoch, rev, leaseSeq }) => { if (state.isAway) throw new Error('away'); state.acks.push(`${reader} ${epoch}.${rev}.${leaseSeq}`); } },
    reader: 'edge-1', clock, monotonicMs, tell: (event) => { state.told.push(event); },
  });
  const held = () => snapshot.find('helpdesk', 'production');
  const arm = () => { const now = held(); return now?.split ? armOf(now.split, 0, leaseLeftMs(now.lease, state.monotonicMs)) : null; };
  return { state, snapshot, clock, held, arm };
}
const events = (told: readonly SnapshotEvent[]) => told.map(({ event }) => event);

describe('R-420 an edge polls by touchedAt, with an overlap, and sweeps everything each 30 s', () => {
  test('the first look reads everything, the next what was touched since, less 2 s', async () => {
    const { state, snapshot, held } = world();
    expect(snapshot.isLoaded()).toBe(false);
    await snapshot.poll();
    expect(snapshot.isLoaded()).toBe(true);
    expect(held()?.rev).toBe(7);
    state.monotonicMs += 200;
    await snapshot.poll();
    state.monotonicMs += 200;
    await snapshot.poll();
    expect(state.asked).toEqual([null, new Date(DATABASE_MS - 2_000), new Date(DATABASE_MS - 1_800)]);
    state.monotonicMs += 30_000;
    await snapshot.poll();
    expect(state.asked.at(-1)).toBeNull();
  });
  test('after failures it reads from the last look that succeeded', async () => {
    const { state, snapshot } = world();
    await snapshot.poll();
    state.isAway = true;
    for (let i = 0; i < 5; i += 1) { state.monotonicMs += 1_000; await snapshot.poll(); }
    state.isAway = false;
    await snapshot.poll();
    expect(state.asked.at(-1)).toEqual(new Date(DATABASE_MS - 2_000));
    expect(events(state.told).filter((event) => event !== 'snapshot.applied')).toEqual(['snapshot.loaded', 'snapshot.failed', 'snapshot.recovered']);
  });
  test('two looks at once are one', async () => {
    const { state, snapshot } = world();
    await Promise.all([snapshot.poll(), snapshot.poll()]);
    expect(state.asked.length).toBe(1);
    state.monotonicMs += 50;
    await snapshot.refresh();   // ten a second
    expect(state.asked.length).toBe(1);
    state.monotonicMs += 50;
    await snapshot.refresh();
    expect(state.asked.length).toBe(2);
  });
});

describe('R-421 a lower (epoch, rev, lease seq) is never applied', () => {
  test.each([
    ['an older revision', { rev: 6 }], ['an older epoch with a newer revision', { epoch: 1, rev: 9 }], ['an older lease', { seq: 0 }],
  ])('%s', async (_name, older) => {
    const { state, snapshot, held } = world();
    await snapshot.poll();
    const before = held();
    state.rows = [row({ ...older, split: withoutCandidate })];
    await snapshot.poll();
    expect(held()).toBe(before);
    expect(held()?.leaseSeq).toBe(1);
    expect(events(state.told)).toContain('snapshot.regressed');
  });
  test.each([['a newer revision', { rev: 8 }], ['a newer epoch with an older revision, as after a restore', { epoch: 3, rev: 2 }]])('%s is', async (_name, newer) => {
    const { state, snapshot, held } = world();
    await snapshot.poll();
    state.rows = [row({ ...newer, split: withoutCandidate })];
    await snapshot.poll();
    expect(held()).toMatchObject({ ...newer, split: withoutCandidate });
  });
});

describe('R-422 a reader never dies of bad data: it keeps the last good and says so', () => {
  const good = row({ rev: 8 });
  test.each([
    ['no document', { leaseLeftMs: 1, now: new Date() }], ['another id', { ...good, doc: { ...good.doc, _id: 'helpdesk/other' } }], ['a weight above all traffic', row({ rev: 8, split: split({ weightBp: 10_001 }) })],
    ['a weight that is no number', row({ rev: 8, split: split({ weightBp: Number.NaN }) })], ['no stable', row({ rev: 8, split: split({ stable: '' }) })], ['an endless lease', row({ rev: 8, split: split({ leaseMs: 9e9 }) })],
    ['a revision in words', { ...good, doc: { ...good.doc, rev: '8' } }], ['no lease', { ...good, doc: { ...good.doc, lease: null } }], ['null', null],
  ])('%s', async (_name, bad) => {
    const { state, snapshot, held } = world();
    await snapshot.poll();
    state.rows = [bad as ServedEnvironment, row({ name: 'staging' })];
    state.monotonicMs += 200;
    await snapshot.poll();
    expect(held()?.rev).toBe(7);
    expect(snapshot.find('helpdesk', 'staging')?.rev).toBe(7);   // the others are not held up by it
    expect(events(state.told)).toContain('snapshot.refused');
  });
  test.each([
    ['is not there', null], ['cannot be read', new Error('away')], ['is another', bundleContent(STABLE, 'x')],
    ['is too large', { ...bundleContent(CANDIDATE, 'x'.repeat(9_000_000)) }],
  ])('a bundle that %s keeps the revision before; it is tried again', async (_name, content) => {
    const { state, snapshot, held } = world();
    state.rows = [row({ split: withoutCandidate })];
    await snapshot.poll();
    state.bundles.set(CANDIDATE, content);
    state.rows = [row({ rev: 8 })];
    await snapshot.poll();
    await snapshot.settle();
    expect(held()?.rev).toBe(7);
    expect(events(state.told)).toContain('snapshot.refused');
    state.bundles.set(CANDIDATE, bundleContent(CANDIDATE, 'new'));
    state.rows = [];   // touched is over; what waited is not forgotten
    await snapshot.poll();
    await snapshot.settle();
    expect(held()?.rev).toBe(8);
  });
  test('a rollback does not wait for a bundle that cannot be read', async () => {
    const { state, snapshot, held } = world();
    await snapshot.poll();
    const next = `sha256:${'e'.repeat(64)}`;
    state.rows = [row({ rev: 8, split: split({ candidate: next }) })];
    await snapshot.poll();
    state.rows = [row({ rev: 9, epoch: 3, split: withoutCandidate })];
    await snapshot.poll();
    await snapshot.settle();
    expect(held()).toMatchObject({ rev: 9, epoch: 3, split: withoutCandidate });
  });
});

describe('R-423 the lease runs on the monotonic clock and is never restarted by reading it again', () => {
  test('it ends although the same grant is read again and again', async () => {
    const { state, snapshot, arm } = world();
    await snapshot.poll();
    expect(arm()).toBe('candidate');
    for (let i = 0; i < 60; i += 1) { state.monotonicMs += 1_000; await snapshot.poll(); }
    expect(arm()).toBe('stable');
  });
  test('a renewal goes on, a shorter reading shortens', async () => {
    const { state, snapshot, arm } = world();
    await snapshot.poll();
    state.monotonicMs += 59_000;
    state.rows = [row({ seq: 2 })];
    await snapshot.poll();
    state.monotonicMs += 59_000;
    expect(arm()).toBe('candidate');
    state.rows = [row({ seq: 2, leaseLeftMs: 0 })];
    await snapshot.poll();
    expect(arm()).toBe('stable');
  });
  test('with the database away it ends all the same, and the environment is still served', async () => {
    const { state, snapshot, arm, held } = world();
    await snapshot.poll();
    state.isAway = true;
    state.monotonicMs += 60_000;
    await snapshot.poll();
    expect(arm()).toBe('stable');
    expect(held()?.stable?.flags.get('answer')?.json).toContain('old');
    expect(snapshot.isFresh()).toBe(false);
    expect(snapshot.ageMs()).toBe(60_000);
  });
  test('a revision that waited for its bundle has used up its lease meanwhile', async () => {
    const { state, snapshot, arm } = world();
    state.rows = [row({ rev: 6, split: withoutCandidate })];
    await snapshot.poll();
    state.bundles.set(CANDIDATE, new Error('away'));
    state.rows = [row()];
    await snapshot.poll();
    await snapshot.settle();
    state.monotonicMs += 60_000;
    state.rows = [];
    state.bundles.set(CANDIDATE, bundleContent(CANDIDATE, 'new'));
    await snapshot.poll();
    await snapshot.settle();
    expect(snapshot.find('helpdesk', 'production')?.rev).toBe(7);
    expect(arm()).toBe('stable');
  });
});

describe('R-424 the edge is a reader: it acknowledges what it applied, at once and again', () => {
  test('after a revision, after a renewal, and for everything it serves', async () => {
    const { state, snapshot } = world();
    await snapshot.poll();
    state.rows = [row({ seq: 2 })];
    await snapshot.poll();
    state.rows = [row({ seq: 2 })];
    await snapshot.poll();
    await snapshot.acknowledge();
    expect(state.acks).toEqual(['edge-1 2.7.1', 'edge-1 2.7.2', 'edge-1 2.7.2']);
  });
  test('an acknowledgement that cannot be stored harms nothing', async () => {
    const { state, snapshot, held } = world();
    await snapshot.poll();
    state.isAway = true;
    await snapshot.acknowledge();
    expect(held()?.rev).toBe(7);
    expect(events(state.told)).toContain('snapshot.ackFailed');
  });
  test('what is waited for is not acknowledged', async () => {
    const { state, snapshot } = world();
    await snapshot.poll();
    state.acks.length = 0;
    state.rows = [row({ rev: 8, split: split({ candidate: `sha256:${'e'.repeat(64)}` }) })];
    await snapshot.poll();
    await snapshot.settle();
    await snapshot.acknowledge();
    expect(state.acks).toEqual(['edge-1 2.7.1']);
  });
});

describe('R-425 the time in a token is the database\'s, carried on the monotonic clock, and never ahead of it', () => {
  test('it is read as if at the end of the query, and a slow reading is not believed', () => {
    let monotonicMs = 1_000;
    const clock = createDatabaseClock(() => monotonicMs);
    expect(clock.nowMs()).toBeNull();
    monotonicMs = 1_300;
    clock.observe(new Date(DATABASE_MS), 1_000, 1_300);
    expect(clock.nowMs()).toBe(DATABASE_MS);
    monotonicMs = 4_300;
    expect(clock.nowMs()).toBe(DATABASE_MS + 3_000);
    clock.observe(new Date(DATABASE_MS), 1_300, 4_300);
    expect(clock.nowMs()).toBe(DATABASE_MS + 3_000);
  });
});
