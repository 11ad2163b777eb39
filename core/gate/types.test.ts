import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { assignmentOf, consume, decisionOf, differenceOf, evidenceOf, linesOfLook, nextReceipt, replay, replayFileOf, replayReceipts, replayText, startGate } from './index.js';
import type { BlockFields, GateDecision, GateLine, GatePlan, GateState, HistogramMetric, LookMode, MomentsMetric, Receipt } from './index.js';
import { seeded } from '../../test/seeded.js';

const prior = { mean: 0.2, variance: 0.02 };
const quality = (fields: Partial<HistogramMetric> = {}): HistogramMetric => ({ id: 'quality', type: 'histogram', role: 'guardrail', share: 0.4, prior, ni: { margins: [0.02, 0.05, 0.1], act: 0.05 }, ...fields });
const cost = (fields: Partial<HistogramMetric> = {}): HistogramMetric =>
  ({ id: 'cost', type: 'histogram', role: 'signal', share: 0.1, cap: 20, prior: { mean: 1, variance: 1 }, harm: { rho: 1.05 }, ni: { rho: 1.1, margins: [0], act: 0 }, ...fields });
const spend = (fields: Partial<MomentsMetric> = {}): MomentsMetric =>
  ({ id: 'spend', type: 'moments', role: 'guardrail', share: 0.2, prior: { mean: 1, variance: 1 }, harm: { scale: 0.2 }, ni: { margins: [0.3], act: 0.3, scale: 0.2 }, ...fields });
const assignment = { id: 'assignment', type: 'units' } as const;
const planOf = (metrics: GatePlan['metrics'], fields: Partial<GatePlan> = {}): GatePlan => ({ format: 1, metrics, ...fields });
const after = (plan: GatePlan, lines: readonly GateLine[], from = startGate(plan)): GateState => lines.reduce((state, line) => consume(plan, state, line), from);
const reasonsOf = (decision: GateDecision): readonly string[] => decision.decision === 'HOLD' ? decision.reasons : [];

/** An arm's statistics by type, of so many units around this mean (of a rate: with this rate). */
type Maker = (n: number, mean: number, random: () => number) => object;
const MAKERS: Readonly<Record<string, Maker>> = {
  quality: (n, mean, random) => histogram(Array.from({ length: n }, () => Math.min(1, Math.max(0, Math.round(100 * (mean + 0.3 * (random() - 0.5))) / 100)))),
  cost: (n, mean, random) => histogram(Array.from({ length: n }, () => Math.min(20, -mean * Math.log(1 - random())))),
  spend: (n, mean, random) => { const xs = Array.from({ length: n }, () => -mean * Math.log(1 - random())); return { n, sum: xs.reduce((s, x) => s + x, 0), sumsq: xs.reduce((s, x) => s + x * x, 0) }; },
  assignment: (n) => ({ n }),
  error: (n, mean, random) => { let k = 0; for (let unit = 0; unit < n; unit += 1) if (random() < mean) k += 1; return { n, k }; },
};
function histogram(values: readonly number[]): { h: [number, number][] } {
  const counts = new Map<number, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return { h: [...counts].sort(([x], [y]) => x - y) };
}
const BASE: Readonly<Record<string, number>> = { quality: 0.2, cost: 1, spend: 1, error: 0.02 };
/** Blocks of one metric; the candidate's mean is so many times stable's. */
function blocksOf(metric: string, { from = 0, count, na = 10, nb = 10, times = 1, seed = 1 }: { from?: number; count: number; na?: number; nb?: number; times?: number; seed?: number }): GateLine[] {
  const random = seeded(seed);
  const make = MAKERS[metric] ?? expect.fail(metric);
  const base = BASE[metric] ?? 0;
  return Array.from({ length: count }, (_, j) => ({ block: { metric, i: from + j, stable: make(na, base, random), candidate: make(nb, base * times, random) } as BlockFields }));
}

describe('R-543 means and scores take back and promote as rates do', () => {
  it.each([['quality', planOf([quality({ share: 1 })])], ['spend', planOf([spend({ share: 1 })])], ['cost', planOf([cost({ role: 'guardrail', share: 1 })])]] as const)('%s', (id, plan) => {
    expect(after(plan, blocksOf(id, { count: 200, times: 1.5, seed: 2 })).latch).toMatchObject({ decision: 'ROLLBACK', reason: 'HARM', metric: id });
    expect(after(plan, blocksOf(id, { count: 600, na: 20, nb: 20, times: 0.9, seed: 3 })).latch).toEqual({ decision: 'PROMOTE' });
    const equal = after(plan, blocksOf(id, { count: 60, seed: 4 }));
    expect(equal.latch?.decision).not.toBe('ROLLBACK');
  });
  it('in 60 runs with equal arms hardly any is taken back', () => {
    const plan = planOf([quality({ share: 0.5 }), spend({ share: 0.5 })], { alpha: 0.05 });
    let taken = 0;
    for (let run = 0; run < 60; run += 1) {
      const [a, b] = [blocksOf('quality', { count: 60, nb: 3, seed: 100 + run }), blocksOf('spend', { count: 60, nb: 8, seed: 900 + run })];
      if (after(plan, a.flatMap((line, i) => [line, b[i] ?? line])).latch?.decision === 'ROLLBACK') taken += 1;
    }
    expect(taken).toBeLessThanOrEqual(8);
  });
  it('a late regression is found by the copies that were born since; a score process has none', () => {
    const plan = planOf([quality({ share: 1, ni: null })]);
    const healthy = after(plan, blocksOf('quality', { count: 300, times: 0.9, seed: 5 }));
    const worse = blocksOf('quality', { from: 300, count: 12, times: 2, seed: 6 });
    const born = after(plan, [{ birth: {} }, ...worse], healthy);
    const [early, late] = [after(plan, worse, healthy), born].map((state) => evidenceOf(plan, state)[0]?.logEHarm ?? NaN);
    expect(late).toBeGreaterThan(early ?? NaN);
    const open = planOf([spend({ share: 1 })]);
    const before = after(open, blocksOf('spend', { count: 3 }));
    expect(after(open, [{ birth: {} }, { birth: { metric: 'spend' } }], before).metrics).toEqual(before.metrics);
  });
  it('a mean without a bound decides only from 100 units in each arm on', () => {
    const plan = planOf([spend({ share: 1, ni: null })]);
    const few = after(plan, blocksOf('spend', { count: 9, times: 9 }));
    expect(evidenceOf(plan, few)[0]?.logEHarm).toBeGreaterThan(10);
    expect(reasonsOf(decisionOf(plan, few))).toContain('TOO_FEW');
    expect(after(plan, blocksOf('spend', { from: 9, count: 1, times: 9 }), few).latch).toMatchObject({ reason: 'HARM', block: 9 });
  });
  it('an excess of a mean without an upper end exceeds every budget', () => {
    const plan = planOf([spend({ share: 1, excessWeight: 1 })], { errorBudget: 1e9, stage: { last: false, nextUnits: 0 } });
    expect(reasonsOf(decisionOf(plan, after(plan, blocksOf('spend', { count: 12 }))))).toEqual(['ERROR_BUDGET']);
  });
});

describe('R-515 what cannot be read or computed holds', () => {
  const plan = planOf([quality({ share: 0.5 }), spend({ share: 0.5 }), assignment]);
  const before = after(plan, [...blocksOf('quality', { count: 3 }), ...blocksOf('spend', { count: 3 }), ...blocksOf('assignment', { count: 3 })]);
  it.each<[string, string, object]>([
    ['a value that is NaN', 'quality', { h: [[NaN, 1]] }], ['an infinite value', 'quality', { h: [[Infinity, 1]] }], ['a value above the cap', 'quality', { h: [[2, 1]] }], ['descending values', 'quality', { h: [[0.2, 1], [0.1, 1]] }],
    ['half a unit', 'quality', { h: [[0.2, 0.5]] }], ['no histogram', 'quality', { n: 3 }], ['NaN as sum', 'spend', { n: 1, sum: NaN, sumsq: 1 }], ['a sum without units', 'spend', { n: 0, sum: 1, sumsq: 1 }],
    ['sums beyond all numbers', 'spend', { n: 1, sum: 1e300, sumsq: 1e308 }], ['a negative count', 'assignment', { n: -1 }],
  ])('%s: READ_FAILED, no evidence, until the next readable block', (_name, metric, candidate) => {
    const stable = MAKERS[metric]?.(10, 0.2, seeded(1)) ?? {};
    const state = after(plan, [{ block: { metric, i: 3, stable, candidate } as BlockFields }].map((line): GateLine => line), before);
    expect(reasonsOf(decisionOf(plan, state))).toContain('READ_FAILED');
    expect(evidenceOf(plan, state).map(({ logEHarm }) => logEHarm)).toEqual(evidenceOf(plan, before).map(({ logEHarm }) => logEHarm));
    expect(assignmentOf(plan, state)[0]?.logESrm).toBe(assignmentOf(plan, before)[0]?.logESrm);
    expect(JSON.parse(JSON.stringify(state))).toEqual(state);
    expect(reasonsOf(decisionOf(plan, after(plan, blocksOf(metric, { from: 4, count: 1 }), state)))).not.toContain('READ_FAILED');
  });
});

describe('R-544 a split that is not what was asked for holds, and takes nothing back', () => {
  const error = { id: 'error', type: 'binary', role: 'guardrail', share: 1, prior: { p0: 0.02 }, ni: { margins: [0.1], act: 0.1 } } as const;
  const plan = planOf([error, assignment], { weightBp: 1_000 });
  const skewed = blocksOf('assignment', { count: 10, na: 160, nb: 40 });
  const good = blocksOf('error', { count: 40, na: 90, nb: 40 });
  it('the alarm freezes promotion, in one block if that is enough', () => {
    const state = after(plan, [...blocksOf('assignment', { count: 1, na: 500, nb: 500 }), ...good]);
    expect(decisionOf(plan, state)).toEqual({ decision: 'HOLD', reasons: ['SRM'] });
    expect(assignmentOf(plan, state)[0]).toMatchObject({ alarmBlock: 0, threshold: -Math.log(0.001), acknowledged: false, units: { stable: 500, candidate: 500 } });
  });
  it('and the way to the next stage', () => {
    const ramp = planOf([error, assignment], { weightBp: 1_000, stage: { last: false } });
    expect(decisionOf(ramp, after(ramp, good))).toEqual({ decision: 'ADVANCE' });
    expect(decisionOf(ramp, after(ramp, [...good, ...skewed]))).toEqual({ decision: 'HOLD', reasons: ['SRM'] });
  });
  it('harm goes on', () => { expect(after(plan, [...skewed, ...blocksOf('error', { count: 10, times: 30 })]).latch).toMatchObject({ decision: 'ROLLBACK', reason: 'HARM', metric: 'error' }); });
  it('a person who names a cause lets it go on; the evidence stays', () => {
    const state = after(plan, [...skewed, ...good, { acknowledge: { metric: 'assignment', note: 'a crawler' } }]);
    expect(state.latch).toEqual({ decision: 'PROMOTE' });
    expect(assignmentOf(plan, state)[0]).toMatchObject({ alarmBlock: expect.any(Number) as number, acknowledged: true });
  });
  it('what fits its weight is no alarm, also after the weight has changed', () => {
    const lines: GateLine[] = [...blocksOf('assignment', { count: 200, na: 90, nb: 10 }), { weight: { bp: 5_000 } }, ...blocksOf('assignment', { from: 200, count: 200, na: 50, nb: 50 })];
    expect(reasonsOf(decisionOf(plan, after(plan, lines)))).not.toContain('SRM');
    expect(reasonsOf(decisionOf(plan, after(plan, lines.filter((line) => !('weight' in line)))))).toContain('SRM');
  });
  it('an arm that falls silent shows', () => { expect(reasonsOf(decisionOf(plan, after(plan, blocksOf('assignment', { count: 10, na: 100, nb: 0 }))))).toContain('SRM'); });
  it('a birth does not touch it', () => {
    const state = after(plan, skewed);
    expect(after(plan, [{ birth: {} }, { birth: { metric: 'assignment' } }], state).metrics[1]).toEqual(state.metrics[1]);
  });
});

describe('R-519 a signal holds and never takes back', () => {
  const error = { id: 'error', type: 'binary', role: 'guardrail', share: 0.5, prior: { p0: 0.02 }, ni: { margins: [0.1], act: 0.1 } } as const;
  it('a dearer candidate waits for a person; what is only observed decides nothing', () => {
    const plan = planOf([error, cost({ share: 0.5 })]);
    const lines = [...blocksOf('cost', { count: 200, times: 3 }), ...blocksOf('error', { count: 60, na: 40, nb: 40 })];
    expect(decisionOf(plan, after(plan, lines))).toEqual({ decision: 'HOLD', reasons: ['SIGNAL_ALARM'] });
    expect(after(plan, [...lines, { acknowledge: { metric: 'cost' } }]).latch).toEqual({ decision: 'PROMOTE' });
    const { share: _share, ...observed } = cost({ role: 'observe' });
    const seen = planOf([error, observed]);
    const state = after(seen, lines);
    expect(state.latch).toEqual({ decision: 'PROMOTE' });
    expect(evidenceOf(seen, state)[1]).toMatchObject({ harmThreshold: null, alarmBlock: null, logEHarm: expect.any(Number) as number });
  });
});

describe('R-545 better is shown by the same test at a margin of 0', () => {
  const plan = planOf([quality({ share: 1, ni: { margins: [-0.1, -0.05, 0, 0.05], act: 0 } })]);
  it('an equal candidate is not promoted, a better one is, a worse one ends it', () => {
    expect(after(plan, blocksOf('quality', { count: 300, na: 20, nb: 20, seed: 9 })).latch).toBeNull();
    expect(after(plan, blocksOf('quality', { count: 300, na: 20, nb: 20, times: 0.7, seed: 9 })).latch).toEqual({ decision: 'PROMOTE' });
    expect(after(plan, blocksOf('quality', { count: 300, na: 20, nb: 20, times: 1.3, seed: 9 })).latch).toMatchObject({ reason: 'HARM' });
  });
  it('it says how much better, at least and at most', () => {
    const state = after(plan, blocksOf('quality', { count: 300, na: 20, nb: 20, times: 0.7, seed: 9 }));
    expect(evidenceOf(plan, state)[0]?.upper).toBeLessThanOrEqual(0);
    const ends = differenceOf(plan, state, 'quality') ?? expect.fail();
    expect(ends.lower).toBeLessThan(-0.06);
    expect(ends.upper).toBeGreaterThan(-0.06);
    expect(ends.upper).toBeLessThan(0);
    expect(differenceOf(plan, state, 'nothing')).toBeNull();
    expect(differenceOf(plan, startGate(plan), 'quality')).toBeNull();
  });
});

/** All types in one release, with everything that can be on a line. */
const all = planOf([
  { id: 'error', type: 'binary', role: 'guardrail', share: 0.3, excessWeight: 1, halfLifeBlocks: 50, prior: { p0: 0.02 }, ni: { margins: [0.05, 0.1], act: 0.1 } },
  quality(), spend(), cost(), assignment,
], { alpha: 0.05, weightBp: 2_000, stage: { last: false, minMet: false, nextUnits: 10 }, errorBudget: 50 });
const linesAt = (from: number, count: number, times: number, seed: number): BlockFields[] => ['error', 'quality', 'spend', 'cost', 'assignment']
  .flatMap((metric, m) => blocksOf(metric, { from, count, na: 80, nb: metric === 'assignment' || seed % 7 !== 0 ? 20 : 0, times, seed: 10 * seed + m }))
  .map((line) => 'block' in line ? line.block : expect.fail());
function releaseOf(times: number): Receipt[] {
  const receipts: Receipt[] = [];
  const look = (mode: LookMode, lines: readonly GateLine[]): void => { receipts.push(nextReceipt(all, receipts.at(-1) ?? null, { mode, lines, planDigest: 'sha256:plan', code: 'test' })); };
  for (let l = 0; l < 6; l += 1) look('climb', linesOfLook(all, { stage: { minMet: l > 1 }, isBirthDue: l % 2 === 1, blocks: linesAt(5 * l, 5, 1, l + 1) }));
  look('paused', linesOfLook(all, { stage: { hold: ['MANUAL_PAUSE'] }, blocks: linesAt(30, 1, 1, 40) }));
  look('climb', linesOfLook(all, { weightBp: 2_100, stage: { last: true, hold: [] }, blocks: linesAt(31, 5, times, 41) }));
  look('climb', [{ acknowledge: { metric: 'assignment' } }, { acknowledge: { metric: 'cost' } }, ...linesOfLook(all, { stage: { hold: [] }, blocks: linesAt(36, 40, times, 42) })]);
  look('bake', linesOfLook(all, { weightBp: 9_500, stage: { minMet: false, hold: ['NO_DATA'] }, blocks: [] }));
  look('bake', linesOfLook(all, { stage: { minMet: true, hold: [] }, blocks: linesAt(76, 3, times, 43).filter(({ metric }) => metric !== 'assignment') }));
  return receipts;
}

describe('R-546 receipts of every type are a replay file that decides the same', () => {
  it.each([['promoted', 1, 'PROMOTE'], ['taken back', 2, 'ROLLBACK']] as const)('%s', (_name, times, end) => {
    const receipts = releaseOf(times);
    expect(receipts.at(-1)?.decision.decision).toBe(end);
    expect(new Set(receipts.map(({ decision }) => decision.decision)).size).toBeGreaterThan(2);
    const file = replayFileOf(all, receipts).map((line) => JSON.stringify(line));
    const result = replayText(file.join('\n'));
    expect(result.error).toBeNull();
    expect(result.outputs.length).toBe(receipts.reduce((sum, { lines }) => sum + lines.filter((line) => 'block' in line).length, 0));
    expect(result.decision?.decision).toBe(end);
    // Without what was recorded it is the same file: receipts print nothing.
    expect(replayText(file.filter((line) => !line.startsWith('{"receipt"')).join('\n')).outputs).toEqual(result.outputs);
    expect(replayReceipts(all, JSON.parse(JSON.stringify(receipts)) as Receipt[])).toBe('same');
  });
  it.each([['error', 'harm'], ['quality', 'ni'], ['spend', 'harm'], ['assignment', 'srm']] as const)('a last bit of %s in its %s is found', (metric, test) => {
    const file = replayFileOf(all, releaseOf(1)).map((line) => JSON.parse(JSON.stringify(line)) as Record<string, { logE?: Record<string, Record<string, number | Record<string, number>>> }>);
    const logE = file.find((line) => 'receipt' in line)?.['receipt']?.logE?.[metric] ?? expect.fail();
    const next = (x: unknown): number => Number(x) * (1 + 2 ** -51);
    const was = logE[test];
    logE[test] = typeof was === 'object' ? Object.fromEntries(Object.entries(was).map(([margin, x]) => [margin, next(x)])) : next(was);
    const text = file.map((line) => JSON.stringify(line)).join('\n');
    expect(replayText(text).error).toMatchObject({ code: 'RECEIPT_MISMATCH' });
    expect(replayText(text).error?.message).toContain(metric);
    expect(replayText(text, 1e-9).error).toBeNull();
  });
  it.each([['srm', 'error'], ['harm', 'assignment']] as const)('a recorded %s of %s, which has none, is found', (test, metric) => {
    expect(replay(all, [{ receipt: { decision: 'HOLD', logE: { [metric]: { [test]: 0 } } } }]).error).toMatchObject({ code: 'RECEIPT_MISMATCH' });
  });
});

describe('R-523 the gate continues from its written state bit for bit', () => {
  it('with every type, after every line', () => {
    let straight = startGate(all);
    let written = straight;
    for (const line of releaseOf(1).flatMap(({ lines }) => lines)) {
      straight = consume(all, straight, line);
      written = JSON.parse(JSON.stringify(consume(all, written, line))) as GateState;
    }
    expect(written).toStrictEqual(straight);
    expect(straight.metrics.every(({ harm }) => JSON.stringify(harm).includes('null'))).toBe(false);
  });
});

describe('R-547 receipts that version 0.1 stored are made again bit for bit', () => {
  const stored = JSON.parse(readFileSync(new URL('./receipts-0.1.json', import.meta.url), 'utf8')) as { plan: GatePlan; good: Receipt[]; bad: Receipt[] };
  it.each(['good', 'bad'] as const)('a %s release', (which) => {
    const receipts = stored[which];
    expect(receipts.length).toBeGreaterThan(4);
    expect(replayReceipts(stored.plan, receipts)).toBe('same');
    const text = replayFileOf(stored.plan, receipts).map((line) => JSON.stringify(line)).join('\n');
    expect(replayText(text)).toMatchObject({ error: null, decision: { decision: which === 'good' ? 'PROMOTE' : 'ROLLBACK' } });
  });
  it('and go on from there: a release that was open at the change of version', () => {
    const open = stored.good.slice(0, 4).map((receipt) => JSON.parse(JSON.stringify(receipt)) as Receipt);
    const { mode, lines, planDigest, code } = stored.good[4] ?? expect.fail();
    expect(nextReceipt(stored.plan, open.at(-1) ?? null, { mode, lines, planDigest, code })).toEqual(stored.good[4]);
  });
});

describe('R-524 a look writes its lines in one order', () => {
  const plan = planOf([quality(), assignment]);
  const units = (i: number, weightBp?: number) => ({ metric: 'assignment', i, stable: { n: 9, rev: 4 }, candidate: { n: 1, rev: 4 }, ...(weightBp === undefined ? {} : { weightBp }) });
  it('an assignment\'s block is held against the weight it was made by, and the weight that holds comes back', () => {
    const lines = linesOfLook(plan, { weightBp: 5_000, stage: {}, blocks: [units(2, 1_000), units(1, 1_000), units(3, 5_000)] });
    expect(lines.filter((line) => 'weight' in line || 'block' in line).map((line) => 'weight' in line ? line.weight.bp : 'block' in line ? line.block.i : null)).toEqual([5_000, 1_000, 1, 2, 5_000, 3]);
    const again = linesOfLook(plan, { heldBp: 5_000, stage: {}, blocks: [units(2, 1_000)] });
    expect(again.filter((line) => 'weight' in line).map((line) => 'weight' in line ? line.weight.bp : null)).toEqual([1_000, 5_000]);
    expect(again.some((line) => 'birth' in line)).toBe(false);
  });
  it('what a store keeps beside the statistics is not on the line', () => {
    const stable = { n: 3, h: [[0.1, 3]] } as unknown as BlockFields['stable'];
    const lines = linesOfLook(plan, { stage: {}, blocks: [{ metric: 'quality', i: 0, stable, candidate: { h: [] } }, units(0)] });
    expect(lines.slice(1)).toEqual([{ block: { metric: 'quality', i: 0, stable: { h: [[0.1, 3]] }, candidate: { h: [] } } }, { block: { metric: 'assignment', i: 0, stable: { n: 9 }, candidate: { n: 1 } } }]);
    expect(reasonsOf(decisionOf(plan, after(plan, lines)))).not.toContain('READ_FAILED');
  });
});
