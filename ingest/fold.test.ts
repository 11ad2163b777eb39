import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { BatchDoc, BlockDoc, Obs, ReleaseDoc } from '../store/index.js';
import { DATABASE_MS, RELEASE, metric, releaseDoc } from '../test/edge-world.js';
import { blocksOf } from './fold.js';
import { createFold } from './index.js';
import type { FoldEvent } from './index.js';

const SEC = DATABASE_MS / 1000;
const BLOCK = SEC / 10;
const obs = (over: Partial<Obs> = {}): Obs => ({ release: RELEASE, arm: 'stable', rev: 7, sec: SEC, unit: 'u1', feed: 'error', value: 0, reader: 'edge-1', ...over });
let next = 0;
const batch = (all: readonly Obs[], atMs = DATABASE_MS + 1_000): BatchDoc => { next += 1; return { _id: `helpdesk/${next}`, shape: 1, application: 'helpdesk', at: new Date(atMs), obs: all, uncounted: {} }; };
const counts = (release: ReleaseDoc, read: readonly BatchDoc[], from = BLOCK, to = BLOCK) => blocksOf(release, release.policy.plan.metrics[0] ?? metric(), from, to, read).map(({ block, stable, candidate }) => [block - BLOCK, stable.n, stable.k, candidate.n, candidate.k]);
const of = (over: Parameters<typeof metric>[0]) => releaseDoc([metric(over)]);

describe('R-630 a block counts distinct units with a value of any feed, and those that are bad for the metric', () => {
  const all = [obs({ unit: 'a' }), obs({ unit: 'a', value: 1 }), obs({ unit: 'b' }), obs({ unit: 'c', arm: 'candidate', value: 1 }), obs({ unit: 'd', feed: 'guardrail:pii', value: 1 }), obs({ unit: 'e', feed: 'feedback:thumbs_down', value: 1 })];
  test.each<[string, Parameters<typeof metric>[0], number[]]>([
    ['error', { from: 'error' }, [0, 4, 1, 1, 1]], ['error, silence is bad', { from: 'error', missingAs: 1 }, [0, 4, 3, 1, 1]],
    ['any guardrail', { from: 'guardrail' }, [0, 4, 1, 1, 0]], ['one guardrail', { from: 'guardrail:pii' }, [0, 4, 1, 1, 0]], ['another guardrail', { from: 'guardrail:toxic' }, [0, 4, 0, 1, 0]],
    ['feedback', { from: 'feedback:thumbs_down' }, [0, 4, 1, 1, 0]], ['another label', { from: 'feedback:thumbs_up' }, [0, 4, 0, 1, 0]],
  ])('%s', (_name, over, wanted) => { expect(counts(of(over), [batch(all)])).toEqual([wanted]); });
  test('of feedback the last value by arrival stands; of two at once the worse', () => {
    const say = (value: number, atMs: number) => batch([obs({ feed: 'feedback:x', value })], DATABASE_MS + atMs);
    const release = of({ from: 'feedback:x' });
    expect(counts(release, [say(1, 1), say(0, 2)])).toEqual([[0, 1, 0, 0, 0]]);
    expect(counts(release, [say(0, 2), say(1, 1)])).toEqual([[0, 1, 0, 0, 0]]);
    expect(counts(release, [say(0, 1), say(1, 2)])).toEqual([[0, 1, 1, 0, 0]]);
    expect(counts(release, [say(0, 2), say(1, 2)])).toEqual([[0, 1, 1, 0, 0]]);
    expect(counts(release, [say(-1, 2)])).toEqual([[0, 1, 0, 0, 0]]);
  });
  test('by the second of the assignment and the cut-off of the arrival, nothing else', () => {
    const release = of({ maturityMs: 30_000 });
    expect(counts(release, [batch([obs({ sec: SEC + 9 })], DATABASE_MS + 40_000)])).toEqual([[0, 1, 0, 0, 0]]);
    expect(counts(release, [batch([obs({ sec: SEC + 9 })], DATABASE_MS + 40_001)])).toEqual([]);
    expect(counts(release, [batch([obs({ sec: SEC + 10 })], DATABASE_MS + 40_001)], BLOCK, BLOCK + 1)).toEqual([[1, 1, 0, 0, 0]]);
    expect(counts(release, [batch([obs({ sec: SEC - 1 }), obs({ sec: SEC + 10 })])])).toEqual([]);
    expect(counts(release, [batch([obs({ release: 'another' })])])).toEqual([]);
  });
});

describe('R-631 order, repetition and packing change no count', () => {
  const anyObs = fc.record({ arm: fc.constantFrom('stable' as const, 'candidate' as const), sec: fc.integer({ min: SEC, max: SEC + 29 }), unit: fc.constantFrom('a', 'b', 'c', 'd'), feed: fc.constantFrom('error', 'guardrail:x', 'guardrail:y', 'feedback:l'), value: fc.constantFrom(0, 1) });
  const arrived = fc.record({ one: anyObs, atMs: fc.integer({ min: 0, max: 80_000 }) });
  test.each(['error', 'guardrail', 'guardrail:x', 'feedback:l'] as const)('for %s', (from) => {
    fc.assert(fc.property(fc.array(arrived, { maxLength: 30 }), fc.infiniteStream(fc.nat()), fc.constantFrom(0 as const, 1 as const), (all, chance, missingAs) => {
      const release = of({ from, missingAs });
      const plain = all.map(({ one, atMs }) => batch([obs(one)], DATABASE_MS + atMs));
      const pick = (n: number): number => Number(chance.next().value) % n;
      // The same observations at the same moments: shuffled, some twice, packed together where the moment is the same.
      const again = [...all, ...all.filter(() => pick(2) === 0)].map((entry) => ({ entry, key: pick(1_000) })).sort((a, b) => a.key - b.key).map(({ entry }) => entry);
      const packed = new Map<string, { at: number; obs: Obs[] }>();
      for (const { one, atMs } of again) {
        const name = `${atMs}/${pick(2)}`;
        const into = packed.get(name) ?? { at: atMs, obs: [] };
        into.obs.push(obs(one));
        packed.set(name, into);
      }
      const other = [...packed.values()].map((into) => batch(into.obs, DATABASE_MS + into.at));
      expect(counts(release, other, BLOCK, BLOCK + 2)).toEqual(counts(release, plain, BLOCK, BLOCK + 2));
    }), { numRuns: 300 });
  });
});

function world(release = releaseDoc()) {
  const state = { nowMs: DATABASE_MS, holds: true, isAway: false, batches: [] as BatchDoc[], blocks: new Map<string, Omit<BlockDoc, 'shape' | 'at'>>(), inserts: 0, through: {} as Record<string, number>, at: null as Date | null, reads: 0, told: [] as FoldEvent[], releases: [release], failInsert: false };
  const fold = createFold({
    releases: { exposed: async () => state.releases },
    batches: { now: async () => { if (state.isAway) throw new Error('away'); return new Date(state.nowMs); }, between: async (_application, _release, from, to) => { state.reads += 1; return state.batches.filter(({ at }) => at >= from && at <= to); } },
    blocks: {
      folded: async () => ({ through: state.through, at: state.at }),
      insert: async (blocks) => { if (state.failInsert) throw new Error('away'); state.inserts += 1; for (const block of blocks) if (!state.blocks.has(block._id)) state.blocks.set(block._id, block); },
      through: async (_release, through) => { state.through = { ...state.through, ...through }; state.at = new Date(state.nowMs); },
    },
    duties: { hold: async () => state.holds, release: async () => undefined }, holder: 'edge-1', tell: (event) => { state.told.push(event); },
  });
  return { state, fold };
}
const idOf = (block: number, name = 'errors') => `helpdesk/${RELEASE}/${name}/${String(block).padStart(12, '0')}`;

describe('R-632 a block is folded once, 250 ms after its cut-off, by whoever has the duty', () => {
  test('not before, then once, and never again', async () => {
    const { state, fold } = world();
    state.batches = [batch([obs()], DATABASE_MS + 39_999)];
    state.nowMs = DATABASE_MS + 40_249;
    await fold.tick();
    expect(state.blocks.size).toBe(0);
    state.nowMs += 1;
    await fold.tick();
    expect([...state.blocks.keys()]).toEqual([idOf(BLOCK)]);
    expect(state.through).toEqual({ errors: BLOCK });
    state.nowMs += 5_000;
    await fold.tick();
    expect(state.inserts).toBe(1);
  });
  test('without the duty nothing is read or written', async () => {
    const { state, fold } = world();
    state.holds = false;
    state.nowMs = DATABASE_MS + 600_000;
    await fold.tick();
    expect([state.reads, state.inserts, state.at]).toEqual([0, 0, null]);
  });
  test('an empty block is not written, and it is known that it was looked at', async () => {
    const { state, fold } = world();
    state.nowMs = DATABASE_MS + 60_250;
    await fold.tick();
    expect([state.blocks.size, state.through]).toEqual([0, { errors: BLOCK + 2 }]);
  });
  test('all metrics of a release from one reading, each with its own maturity', async () => {
    const { state, fold } = world(releaseDoc([metric(), metric({ name: 'thumbs', from: 'feedback:thumbs_down', maturityMs: 120_000 })]));
    state.batches = [batch([obs()]), batch([obs({ unit: 'u2', feed: 'feedback:thumbs_down', value: 1 })], DATABASE_MS + 100_000)];
    state.nowMs = DATABASE_MS + 40_250;
    await fold.tick();
    expect(state.through).toEqual({ errors: BLOCK });
    state.nowMs = DATABASE_MS + 130_250;
    await fold.tick();
    expect(state.reads).toBe(2);
    expect(state.blocks.get(idOf(BLOCK))?.stable).toEqual({ n: 1, k: 0 });
    expect(state.blocks.get(idOf(BLOCK, 'thumbs'))?.stable).toEqual({ n: 2, k: 1 });
  });
  test('it begins with the first stage, not with the present one', async () => {
    const release = releaseDoc([metric()], { stage: { index: 2, weightBp: 5_000, since: new Date(DATABASE_MS + 600_000), stillMs: 0, stillSince: null }, timeline: [{ id: '1', seq: 1, type: 'release.canary', at: new Date(DATABASE_MS), actor: { id: 'slipway:workflow', kind: 'slipway' }, state: 'CANARY' }] });
    const { state, fold } = world(release);
    state.batches = [batch([obs()]), batch([obs({ sec: SEC - 10 })])];
    state.nowMs = DATABASE_MS + 700_000;
    await fold.tick();
    expect([...state.blocks.keys()]).toEqual([idOf(BLOCK)]);
  });
  test('a release whose candidate never had weight has no blocks', async () => {
    const { state, fold } = world(releaseDoc([metric()], { stage: null }));
    state.batches = [batch([obs()])];
    state.nowMs = DATABASE_MS + 700_000;
    await fold.tick();
    expect(state.blocks.size).toBe(0);
  });
  test('after a long absence it catches up in steps', async () => {
    const { state, fold } = world();
    state.nowMs = DATABASE_MS + 2 * 3_600_000 + 40_250;
    await fold.tick();
    expect(state.through).toEqual({ errors: BLOCK + 359 });
    await fold.tick();
    expect(state.through).toEqual({ errors: BLOCK + 719 });
    await fold.tick();
    expect(state.through).toEqual({ errors: BLOCK + 720 });
  });
  test('what could not be written is folded again, the same', async () => {
    const { state, fold } = world();
    state.batches = [batch([obs()])];
    state.nowMs = DATABASE_MS + 40_250;
    state.failInsert = true;
    await fold.tick();
    expect([state.through, state.told[0]?.event]).toEqual([{}, 'fold.failed']);
    state.failInsert = false;
    await fold.tick();
    expect(state.blocks.get(idOf(BLOCK))?.stable).toEqual({ n: 1, k: 0 });
  });
  test('one faulty release holds up no other, ticks do not overlap, an absent database is told once', async () => {
    const { state, fold } = world();
    state.releases = [{ ...releaseDoc(), _id: 'broken', policy: null as never }, releaseDoc()];
    state.batches = [batch([obs()])];
    state.nowMs = DATABASE_MS + 40_250;
    await Promise.all([fold.tick(), fold.tick()]);
    expect([state.blocks.size, state.reads]).toEqual([1, 1]);
    state.isAway = true;
    await fold.tick();
    await fold.tick();
    expect(state.told.map(({ event }) => event)).toEqual(['fold.failed', 'fold.folded', 'fold.unreachable']);
    await fold.release();
  });
  test('while nothing closes it still gives a sign of life', async () => {
    const { state, fold } = world();
    await fold.tick();
    expect(state.at).toEqual(new Date(DATABASE_MS));
    state.nowMs += 4_000;
    await fold.tick();
    expect(state.at).toEqual(new Date(DATABASE_MS));
    state.nowMs += 2_000;
    await fold.tick();
    expect(state.at).toEqual(new Date(DATABASE_MS + 6_000));
  });
});
