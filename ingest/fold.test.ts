import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { MetricPlan } from '../core/release/index.js';
import type { ArmCounts, BatchDoc, NewBlock, Obs, ReleaseDoc } from '../store/index.js';
import { DATABASE_MS, RELEASE, bundleContent, metric, releaseDoc } from '../test/edge-world.js';
import { assignmentBlocksOf, blocksOf } from './fold-block.js';
import type { Prices } from './fold-block.js';
import { createFold } from './index.js';
import type { FoldEvent } from './index.js';

const SEC = DATABASE_MS / 1000;
const BLOCK = SEC / 10;
const obs = (over: Partial<Obs> = {}): Obs => ({ release: RELEASE, arm: 'stable', rev: 7, sec: SEC, unit: 'u1', feed: 'error', value: 0, reader: 'edge-1', ...over });
let next = 0;
const batch = (all: readonly Obs[], atMs = DATABASE_MS + 1_000): BatchDoc => { next += 1; return { _id: `helpdesk/${next}`, shape: 1, application: 'helpdesk', at: new Date(atMs), obs: all, uncounted: {} }; };
const PRICES: Prices = { stable: { input: 1, output: 10 }, candidate: { input: 2, output: 20 } };
const blocks = (release: ReleaseDoc, read: readonly BatchDoc[], from = BLOCK, to = BLOCK, prices = PRICES): readonly NewBlock[] => blocksOf(release, release.policy.plan.metrics[0] ?? metric(), { from, to }, read, prices);
const bad = (arm: NewBlock['stable']): number => (arm as ArmCounts).k;
const counts = (release: ReleaseDoc, read: readonly BatchDoc[], from = BLOCK, to = BLOCK) => blocks(release, read, from, to).map(({ block, stable, candidate }) => [block - BLOCK, stable.n, bad(stable), candidate.n, bad(candidate)]);
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

const mean = (over: Partial<MetricPlan>): Partial<MetricPlan> => ({ kind: 'mean', relative: true, missingAs: null, ...over });
const score = (over: Partial<MetricPlan> = {}): Partial<MetricPlan> => ({ from: 'evaluation:helpful', kind: 'score', missingAs: null, ...over });
/** As the bucket of a value counts it: within 1 %. */
const near = (value: number): unknown => expect.closeTo(value, Math.floor(-Math.log10(0.0202 * value)));

describe('R-624 a slow call, a cost, a score and an attribute are counted as their kind says, each unit once', () => {
  test('a unit is slow when one of its calls took longer than the objective; silence is slow', () => {
    const all = [obs({ unit: 'a', feed: 'slow', value: 4_000 }), obs({ unit: 'a', feed: 'slow', value: 10 }), obs({ unit: 'b', feed: 'slow', value: 4_000.5 }), obs({ unit: 'c', feed: 'error' }), obs({ unit: 'd', arm: 'candidate', feed: 'slow', value: 1 })];
    expect(counts(of({ from: 'slow', objectiveMs: 4_000, missingAs: 1 }), [batch(all)])).toEqual([[0, 3, 2, 1, 0]]);
  });
  test('a boolean attribute is bad where it is true', () => {
    const all = [obs({ unit: 'a', feed: 'attribute:fallback', value: 1 }), obs({ unit: 'b', feed: 'attribute:fallback', value: 0 }), obs({ unit: 'c', feed: 'attribute:other', value: 1 })];
    expect(counts(of({ from: 'attribute:fallback' }), [batch(all)])).toEqual([[0, 3, 1, 0, 0]]);
  });
  test('a score is kept as badness in hundredths, the mean of a unit\'s answers; who was not judged is no unit', () => {
    const all = [obs({ unit: 'a', feed: 'evaluation:helpful', value: 1, call: '1' }), obs({ unit: 'a', feed: 'evaluation:helpful', value: 0.5, call: '2' }), obs({ unit: 'b', feed: 'evaluation:helpful', value: 0.75, call: '3' }), obs({ unit: 'c' }), obs({ unit: 'd', feed: 'evaluation:other', value: 0 })];
    expect(blocks(of(score()), [batch(all)])).toMatchObject([{ stable: { n: 2, h: [[0.25, 2]] }, candidate: { n: 0, h: [] } }]);
    expect(blocks(of(score({ missingAs: 1 })), [batch(all)])).toMatchObject([{ stable: { n: 4, h: [[0.25, 2], [1, 2]] } }]);
  });
  test('the ends of a score are 0 and 1, and 101 values are all there are', () => {
    const all = Array.from({ length: 1_001 }, (_, i) => obs({ unit: `u${i}`, feed: 'evaluation:helpful', value: i / 1_000, call: '1' }));
    const [block] = blocks(of(score()), [batch(all)]);
    const h = block !== undefined && 'h' in block.stable ? block.stable.h : [];
    expect([h.length, h[0], h.at(-1)]).toEqual([101, [0, 5], [1, 6]]);
    expect(h.reduce((sum, [, count]) => sum + count, 0)).toBe(1_001);
  });
  test('a cost is the tokens at the price of the arm\'s own bundle; of several calls the mean', () => {
    const call = { feed: 'cost', value: 1_000, output: 100 };
    const all = [obs({ unit: 'a', ...call, call: '1' }), obs({ unit: 'a', ...call, output: 300, call: '2' }), obs({ unit: 'b', arm: 'candidate', ...call, call: '3' }), obs({ unit: 'c', arm: 'candidate', feed: 'error' })];
    expect(blocks(of(mean({ from: 'cost' })), [batch(all)])).toMatchObject([{ stable: { n: 1, h: [[near(0.003), 1]] }, candidate: { n: 1, h: [[near(0.004), 1]] } }]);
  });
  test('without a price there is no cost, not a cost of 0; for nothing there is', () => {
    const all = [obs({ feed: 'cost', value: 10, output: 1, call: '1' })];
    expect(blocks(of(mean({ from: 'cost' })), [batch(all)], BLOCK, BLOCK, { stable: null, candidate: null })).toMatchObject([{ stable: { n: 0, h: [] } }]);
    expect(blocks(of(mean({ from: 'cost' })), [batch(all)], BLOCK, BLOCK, { ...PRICES, stable: { input: 0, output: 0 } })).toMatchObject([{ stable: { n: 1, h: [[0, 1]] } }]);
  });
  test('what lies above the cap counts as the cap; the one pinned with the release goes before the policy\'s', () => {
    const all = [7, 50, 900, 5_000].map((value, i) => obs({ unit: `u${i}`, feed: 'attribute:steps', value, call: '1' }));
    const release = of(mean({ from: 'attribute:steps', cap: 100 }));
    expect(blocks(release, [batch(all)])).toMatchObject([{ stable: { n: 4, h: [[near(7), 1], [near(50), 1], [100, 2]] } }]);
    const gate = { format: 1, metrics: [{ id: 'errors', type: 'histogram', cap: 40 }] } as unknown as ReleaseDoc['gate'];
    expect(blocks({ ...release, gate }, [batch(all)])).toMatchObject([{ stable: { n: 4, h: [[near(7), 1], [40, 3]] } }]);
  });
  test('a negative amount and a score outside [0, 1] are no observation of the metric; the unit was there', () => {
    expect(blocks(of(mean({ from: 'attribute:steps', cap: 9 })), [batch([obs({ feed: 'attribute:steps', value: -1, call: '1' })])])).toMatchObject([{ stable: { n: 0, h: [] } }]);
    expect(blocks(of(score({ from: 'attribute:fit', missingAs: 1 })), [batch([obs({ feed: 'attribute:fit', value: 1.5, call: '1' })])])).toMatchObject([{ stable: { n: 1, h: [[1, 1]] } }]);
  });
});

describe('R-625 the assignment counts the units of both arms against one weight', () => {
  const units = (read: readonly BatchDoc[]) => assignmentBlocksOf(releaseDoc(), { name: 'assignment', maturityMs: 30_000 }, { from: BLOCK, to: BLOCK + 1 }, read);
  test('whatever they reported, once; with the rev, those in both arms, and the readers by their units', () => {
    const all = [obs({ unit: 'a' }), obs({ unit: 'a', feed: 'slow', value: 9 }), obs({ unit: 'b', feed: 'feedback:x', value: 1 }), obs({ unit: 'c', arm: 'candidate', reader: 'edge-2' }), obs({ unit: 'b', arm: 'candidate', reader: 'edge-2' }), obs({ unit: 'd', reader: 'edge-2' })];
    expect(units([batch(all)])).toEqual([{
      _id: `helpdesk/${RELEASE}/assignment/${String(BLOCK).padStart(12, '0')}`, application: 'helpdesk', release: RELEASE, metric: 'assignment', block: BLOCK,
      stable: { n: 3 }, candidate: { n: 2 }, rev: 7, both: 1, readers: [{ reader: 'edge-2', stable: 1, candidate: 2 }, { reader: 'edge-1', stable: 2, candidate: 0 }],
    }]);
  });
  test('a block with more than one rev has none; another block keeps its own', () => {
    const all = [obs({ unit: 'a', rev: 7 }), obs({ unit: 'b', rev: 8 }), obs({ unit: 'c', rev: 8, sec: SEC + 10 })];
    expect(units([batch(all)]).map(({ block, ...rest }) => [block - BLOCK, 'rev' in rest ? rest.rev : null])).toEqual([[1, 8]]);
  });
  test('five readers at most, the loudest', () => {
    const all = Array.from({ length: 28 }, (_, i) => obs({ unit: `u${i}`, reader: `edge-${Math.floor(Math.sqrt(i))}` }));
    const [block] = units([batch(all)]);
    expect(block !== undefined && 'readers' in block ? block.readers.map(({ reader, stable }) => [reader, stable]) : []).toEqual([['edge-4', 9], ['edge-3', 7], ['edge-2', 5], ['edge-1', 3], ['edge-5', 3]]);
  });
  test('a reader is named as it is, slashes and all', () => {
    const [block] = units([batch([obs({ reader: 'pod/7/edge' })])]);
    expect(block).toMatchObject({ rev: 7, readers: [{ reader: 'pod/7/edge' }] });
  });
});

describe('R-631 order, repetition and packing change no count', () => {
  const anyObs = fc.record({
    arm: fc.constantFrom('stable' as const, 'candidate' as const), sec: fc.integer({ min: SEC, max: SEC + 29 }), unit: fc.constantFrom('a', 'b', 'c', 'd'), call: fc.constantFrom('1', '2', '3'), rev: fc.constantFrom(7, 7, 7, 8), reader: fc.constantFrom('edge-1', 'edge-2'),
    feed: fc.constantFrom('error', 'guardrail:x', 'guardrail:y', 'feedback:l', 'slow', 'cost', 'evaluation:helpful', 'attribute:k'), value: fc.constantFrom(0, 1, 0.1, 0.7, 5, 1 / 3), output: fc.constantFrom(0, 3, 11),
  });
  const arrived = fc.record({ one: anyObs, atMs: fc.integer({ min: 0, max: 80_000 }) });
  /** The same observations at the same moments: shuffled, some twice, packed together where the moment is the same. */
  const bothWays = (read: (batches: readonly BatchDoc[]) => unknown): void => {
    fc.assert(fc.property(fc.array(arrived, { maxLength: 30 }), fc.infiniteStream(fc.nat()), (all, chance) => {
      const plain = all.map(({ one, atMs }) => batch([obs(one)], DATABASE_MS + atMs));
      const pick = (n: number): number => Number(chance.next().value) % n;
      const again = [...all, ...all.filter(() => pick(2) === 0)].map((entry) => ({ entry, key: pick(1_000) })).sort((a, b) => a.key - b.key).map(({ entry }) => entry);
      const packed = new Map<string, { at: number; obs: Obs[] }>();
      for (const { one, atMs } of again) {
        const name = `${atMs}/${pick(2)}`;
        const into = packed.get(name) ?? { at: atMs, obs: [] };
        into.obs.push(obs(one));
        packed.set(name, into);
      }
      expect(read([...packed.values()].map((into) => batch(into.obs, DATABASE_MS + into.at)))).toEqual(read(plain));
    }), { numRuns: 200 });
  };
  test.each<[string, Partial<MetricPlan>]>([
    ...(['error', 'guardrail', 'guardrail:x', 'feedback:l', 'attribute:k'] as const).flatMap((from): [string, Partial<MetricPlan>][] => [[from, { from, missingAs: 0 }], [`${from}, silence is bad`, { from, missingAs: 1 }]]),
    ['slow', { from: 'slow', objectiveMs: 0.5, missingAs: 1 }], ['cost', mean({ from: 'cost' })], ['a capped mean', mean({ from: 'attribute:k', cap: 2 })], ['a score', score()], ['a score, silence is bad', score({ missingAs: 1 })],
  ])('for %s', (_name, over) => { bothWays((batches) => blocks(of(over), batches, BLOCK, BLOCK + 2)); });
  test('for the assignment', () => { bothWays((batches) => assignmentBlocksOf(releaseDoc(), { name: 'assignment', maturityMs: 30_000 }, { from: BLOCK, to: BLOCK + 2 }, batches)); });
  test('a request that is attributed at once or in parts ends in the same observations that count', () => {
    const one = { unit: 'a', feed: 'evaluation:helpful', call: '1' };
    const [high, low] = [obs({ ...one, value: 0.9 }), obs({ ...one, value: 0.2 })];
    for (const read of [[batch([high, low])], [batch([low, high])], [batch([high]), batch([low])], [batch([low])]]) expect(blocks(of(score()), read)).toMatchObject([{ stable: { h: [[0.8, 1]] } }]);
  });
});

function world(release = releaseDoc()) {
  const state = { nowMs: DATABASE_MS, holds: true, isAway: false, batches: [] as BatchDoc[], blocks: new Map<string, NewBlock>(), priced: 0, inserts: 0, through: {} as Record<string, number>, at: null as Date | null, reads: 0, told: [] as FoldEvent[], releases: [release], failInsert: false };
  const fold = createFold({
    releases: { exposed: async () => state.releases },
    batches: { now: async () => { if (state.isAway) throw new Error('away'); return new Date(state.nowMs); }, between: async (_application, _release, from, to) => { state.reads += 1; return state.batches.filter(({ at }) => at >= from && at <= to); } },
    blocks: {
      folded: async () => ({ through: state.through, at: state.at }),
      insert: async (blocks) => { if (state.failInsert) throw new Error('away'); state.inserts += 1; for (const block of blocks) if (!state.blocks.has(block._id)) state.blocks.set(block._id, block); },
      through: async (_release, through) => { state.through = { ...state.through, ...through }; state.at = new Date(state.nowMs); },
    },
    bundles: { content: async (_application, bundle) => { state.priced += 1; return bundleContent(bundle, 'text'); } },
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

describe('R-626 what the release has pinned decides what is folded, and at which price', () => {
  const gate = { format: 1, metrics: [{ id: 'errors', type: 'binary' }, { id: 'assignment', type: 'units' }] } as unknown as ReleaseDoc['gate'];
  test('the assignment where the gate reads it, when the last metric fed by calls is counted', async () => {
    const { state, fold } = world(releaseDoc([metric({ maturityMs: 10_000 }), metric({ name: 'thumbs', from: 'feedback:thumbs_down', maturityMs: 600_000 })], { gate }));
    state.batches = [batch([obs()])];
    state.nowMs = DATABASE_MS + 20_250;
    await fold.tick();
    expect(state.through).toEqual({ errors: BLOCK, assignment: BLOCK });
    expect(state.blocks.get(idOf(BLOCK, 'assignment'))).toMatchObject({ stable: { n: 1 }, candidate: { n: 0 }, rev: 7 });
  });
  test('a block of two revs is looked at, and not written', async () => {
    const { state, fold } = world(releaseDoc([metric()], { gate }));
    state.batches = [batch([obs(), obs({ unit: 'u2', rev: 8 })])];
    state.nowMs = DATABASE_MS + 40_250;
    await fold.tick();
    expect([state.through['assignment'], state.blocks.has(idOf(BLOCK, 'assignment')), state.blocks.has(idOf(BLOCK))]).toEqual([BLOCK, false, true]);
  });
  test('the price of a bundle is asked for once, and only where a metric reads the cost', async () => {
    const { state, fold } = world(releaseDoc([metric(mean({ name: 'cost', from: 'cost' }))]));
    state.batches = [batch([obs({ feed: 'cost', value: 1, output: 1, call: '1' })])];
    for (const [after, asked] of [[40_250, 2], [50_250, 2]] as const) {
      state.nowMs = DATABASE_MS + after;
      await fold.tick();
      expect(state.priced).toBe(asked);
    }
    const other = world();
    other.state.nowMs = DATABASE_MS + 40_250;
    await other.fold.tick();
    expect(other.state.priced).toBe(0);
  });
});
