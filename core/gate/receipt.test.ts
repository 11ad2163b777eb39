import { describe, expect, it } from 'vitest';
import { linesOfLook, startGate } from './index.js';
import type { BlockFields, GateLine, GatePlan } from './policy.js';
import { nextReceipt, replayReceipts, throughOf } from './receipt.js';
import type { LookMode, Receipt } from './receipt.js';
import { replay } from './replay.js';

const plan: GatePlan = {
  format: 1, alpha: 0.001, metrics: [
    { id: 'error', type: 'binary', role: 'guardrail', share: 0.5, prior: { p0: 0.02 }, ni: { margins: [0.05, 0.1], act: 0.1 } },
    { id: 'cost', type: 'binary', role: 'signal', share: 0.5, prior: { p0: 0.1 } },
  ],
};
const blocks = (i: number, k: number): BlockFields[] => ['error', 'cost'].map((metric) => ({ metric, i, stable: { n: 40, k: 1 }, candidate: { n: 10, k } }));
const draft = (mode: LookMode, lines: readonly GateLine[]) => ({ mode, lines, planDigest: 'sha256:plan', code: '0.1.0 node' });

/** Looks of a release, each on what the one before has left. */
function release(looks: readonly (readonly [LookMode, readonly GateLine[]])[]): Receipt[] {
  const receipts: Receipt[] = [];
  for (const [mode, lines] of looks) receipts.push(nextReceipt(plan, receipts.at(-1) ?? null, draft(mode, lines)));
  return receipts;
}
const climb = (i: number, k = 0): readonly [LookMode, readonly GateLine[]] => ['climb', linesOfLook(plan, { stage: { last: true, minMet: true }, blocks: blocks(i, k) })];
const whole = release([
  climb(0), climb(1), ['paused', linesOfLook(plan, { stage: { hold: ['MANUAL_PAUSE'] }, blocks: blocks(2, 1) })], ...Array.from({ length: 20 }, (_, j): readonly [LookMode, readonly GateLine[]] =>
    ['climb', linesOfLook(plan, { ...j === 5 ? { weightBp: 5_000 } : {}, stage: { hold: [] }, blocks: blocks(3 + j, 0) })]),
  ['bake', linesOfLook(plan, { stage: { minMet: false, hold: ['NO_DATA'] }, blocks: [] })], ['bake', linesOfLook(plan, { stage: { minMet: true, hold: [] }, blocks: blocks(30, 0) })],
]);

describe('R-528 a receipt can be made again from the one before, bit for bit', () => {
  it('a whole release: climb, pause, bake', () => {
    expect(whole.map(({ decision }) => decision.decision)).toContain('HOLD');
    expect(whole.at(-2)?.decision).toEqual({ decision: 'HOLD', reasons: ['NO_DATA', 'MIN_DURATION'] });
    expect(whole.at(-1)?.decision).toEqual({ decision: 'PROMOTE' });
    expect(replayReceipts(plan, whole)).toBe('same');
  });
  it('after a store has had them, with fields of its own and keys in another order', () => {
    const stored = whole.map((receipt) => ({ shape: 1, through: throughOf(receipt.state), ...Object.fromEntries(Object.entries(JSON.parse(JSON.stringify(receipt)) as object).reverse()) })) as unknown as Receipt[];
    expect(replayReceipts(plan, stored)).toBe('same');
  });
  it('its lines, joined, are a replay file that decides the same', () => {
    const climbing = whole.slice(0, -2);
    expect(replay(plan, climbing.flatMap(({ lines }) => lines)).decision?.decision).toBe(climbing.at(-1)?.decision.decision);
  });
  it('names evidence before and after, and thresholds, by metric', () => {
    const [first, second] = whole;
    expect(first?.logE['error:harm:before']).toBeCloseTo(0, 15);
    expect(second?.logE['error:harm:before']).toBe(first?.logE['error:harm:after']);
    expect(first?.thresholds).toEqual({ 'error:harm': -Math.log(0.0005), 'error:ni': -Math.log(0.05), 'cost:harm': -Math.log(0.0005) });
    expect(throughOf(startGate(plan))).toEqual({});
    expect(throughOf(whole[1]?.state ?? startGate(plan))).toEqual({ error: 1, cost: 1 });
  });

  const tampered = (at: number, change: (receipt: Receipt) => Receipt): Receipt[] => whole.map((receipt, i) => i === at ? change(receipt) : receipt);
  it.each<[string, Receipt[], string]>([
    ['a decision', tampered(1, (r) => ({ ...r, decision: { decision: 'PROMOTE' } })), 'decision.decision'],
    ['reasons', tampered(0, (r) => ({ ...r, reasons: ['SRM'] })), 'reasons.0'],
    ['the last bit of the evidence', tampered(1, (r) => ({ ...r, logE: { ...r.logE, 'error:harm:after': (r.logE['error:harm:after'] ?? 0) * (1 + 2 ** -52) } })), 'logE.error:harm:after'],
    ['a threshold', tampered(0, (r) => ({ ...r, thresholds: { ...r.thresholds, 'error:harm': 3 } })), 'thresholds.error:harm'],
    ['the state', tampered(1, (r) => ({ ...r, state: { ...r.state, weightBp: 100 } })), 'state.weightBp'],
    ['a block less', tampered(1, (r) => ({ ...r, lines: r.lines.slice(0, -1) })), 'logE.cost:harm:after'],
    ['a block twice', tampered(1, (r) => ({ ...r, lines: whole[0]?.lines ?? [] })), 'lines.1'],
    ['the mode', tampered(whole.length - 1, (r) => ({ ...r, mode: 'paused' })), 'decision.decision'],
    ['another plan', tampered(3, (r) => ({ ...r, planDigest: 'sha256:other' })), 'planDigest'],
  ])('finds a change of %s', (_name, receipts, field) => {
    expect(replayReceipts(plan, receipts)).toMatchObject({ field });
  });
  it('finds one that is missing, and a first that is not the first', () => {
    expect(replayReceipts(plan, [...whole.slice(0, 2), ...whole.slice(3)])).toMatchObject({ seq: 4, field: 'seq' });
    expect(replayReceipts(plan, whole.slice(1))).toMatchObject({ seq: 2, field: 'seq' });
  });
  it('finds another plan behind the same digest', () => { expect(replayReceipts({ ...plan, alpha: 0.01 }, whole)).toMatchObject({ seq: 1 }); });
  it('within a tolerance the numbers of another engine are the same, decisions are not', () => {
    const near = tampered(whole.length - 1, (r) => ({ ...r, logE: { ...r.logE, 'error:harm:after': (r.logE['error:harm:after'] ?? 0) + 1e-12 } }));
    expect(replayReceipts(plan, near)).not.toBe('same');
    expect(replayReceipts(plan, near, 1e-9)).toBe('same');
    expect(replayReceipts(plan, tampered(1, (r) => ({ ...r, decision: { decision: 'ADVANCE' } })), 1e-9)).not.toBe('same');
  });
  it('no receipts are the same as none', () => { expect(replayReceipts(plan, [])).toBe('same'); });
});
