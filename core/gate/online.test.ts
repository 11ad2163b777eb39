import { describe, expect, it } from 'vitest';
import { bakeDecisionOf, consume, decisionOf, evidenceOf, linesOfLook, pausedDecisionOf, startGate } from './index.js';
import type { GateState } from './index.js';
import { HOLD_REASONS } from './policy.js';
import type { BinaryMetric, GateDecision, GateLine, GatePlan, StageFields } from './policy.js';
import { seeded } from '../../test/seeded.js';

const metric = (id: string, fields: Partial<BinaryMetric> = {}): BinaryMetric => ({
  id, type: 'binary', role: 'guardrail', share: 0.5, prior: { p0: 0.02 }, ni: { margins: [0.05, 0.1, 0.2], act: 0.1 }, ...fields,
});
const planOf = (metrics: readonly BinaryMetric[], fields: Partial<GatePlan> = {}): GatePlan => ({ format: 1, alpha: 0.001, metrics, ...fields });
const block = (id: string, i: number, [ka, na, kb, nb]: readonly [number, number, number, number]): GateLine =>
  ({ block: { metric: id, i, stable: { n: na, k: ka }, candidate: { n: nb, k: kb } } });
const after = (plan: GatePlan, lines: readonly GateLine[], from = startGate(plan)): GateState => lines.reduce((state, line) => consume(plan, state, line), from);
const reasonsOf = (decision: GateDecision): readonly string[] => decision.decision === 'HOLD' ? decision.reasons : [];
const good = (id: string, from: number, to: number): GateLine[] => Array.from({ length: to - from }, (_, j) => block(id, from + j, [1, 50, 1, 50]));
/** Two blocks: the metric is ready, and nothing is shown yet. */
const few = (id: string): GateLine[] => [block(id, 0, [1, 15, 0, 15]), block(id, 1, [0, 15, 0, 15])];
const awful = (id: string, from: number, to: number): GateLine[] => Array.from({ length: to - from }, (_, j) => block(id, from + j, [1, 50, 40, 50]));

/** Blocks of 15 units: three at 10 %, then 50 %, as the demo climbs. */
interface Course { readonly stableRate: number; readonly candidateRate: number; readonly seed: number; readonly blocks: number; readonly weights?: (i: number) => number }
const demo = planOf([metric('ungrounded', { share: 0.6, excessWeight: 1 }), metric('thumbsDown', { share: 0.4 })], { errorBudget: 50, weightBp: 1_000 });

function run(plan: GatePlan, { stableRate, candidateRate, seed, blocks, weights = (i) => i < 3 ? 0.1 : 0.5 }: Course): { state: GateState; blocks: number } {
  const random = seeded(seed);
  let state = startGate(plan);
  for (let i = 0; i < blocks; i += 1) {
    const lines: GateLine[] = i === 3 ? [{ weight: { bp: 5_000 } }, { birth: { note: 'weight' } }] : [];
    let nb = 0;
    for (let unit = 0; unit < 15; unit += 1) if (random() < weights(i)) nb += 1;
    for (const { id } of plan.metrics) {
      const bad = (n: number, rate: number): number => { let k = 0; for (let unit = 0; unit < n; unit += 1) if (random() < rate) k += 1; return k; };
      lines.push(block(id, i, [bad(15 - nb, stableRate), 15 - nb, bad(nb, candidateRate), nb]));
    }
    state = after(plan, lines, state);
    if (state.latch !== null) return { state, blocks: i + 1 };
  }
  return { state, blocks };
}

describe('R-512 identical arms are promoted, and not taken back', () => {
  it('at 2 % with the demo\'s settings: within about 40 blocks of 15 units, in nearly all of 200 runs', () => {
    const ends = Array.from({ length: 200 }, (_, r) => run(demo, { stableRate: 0.02, candidateRate: 0.02, seed: 1_000 + r, blocks: 60 }));
    const promoted = ends.filter(({ state }) => state.latch?.decision === 'PROMOTE');
    expect(ends.filter(({ state }) => state.latch?.decision === 'ROLLBACK').length).toBeLessThanOrEqual(2);
    expect(promoted.filter(({ blocks }) => blocks <= 40).length).toBeGreaterThanOrEqual(190);
    const mean = promoted.reduce((sum, { blocks }) => sum + blocks, 0) / promoted.length;
    expect(mean).toBeGreaterThan(10);
    expect(mean).toBeLessThan(25);
  });
});

describe('R-513 a clear regression is always taken back', () => {
  it.each([0.1, 0.25, 0.5])('2 % to 40 %% at weight %d: 200 of 200 runs', (weight) => {
    const ends = Array.from({ length: 200 }, (_, r) => run(demo, { stableRate: 0.02, candidateRate: 0.4, seed: 5_000 + r, blocks: 150, weights: () => weight }));
    expect(ends.filter(({ state }) => state.latch?.decision === 'ROLLBACK').length).toBe(200);
  });
  it('also when it comes late, after the candidate was healthy for long', () => {
    const plan = planOf([metric('error', { share: 1, ni: null })]);
    let state = after(plan, good('error', 0, 60));
    expect(state.latch).toBeNull();
    state = after(plan, [{ birth: {} }, ...awful('error', 60, 64)], state);
    expect(state.latch).toMatchObject({ decision: 'ROLLBACK', reason: 'HARM', metric: 'error' });
  });
  it('names the first block and metric that showed it', () => {
    const plan = planOf([metric('error'), metric('slow')]);
    const state = after(plan, [...good('error', 0, 2), ...awful('slow', 0, 2)]);
    expect(state.latch).toEqual({ decision: 'ROLLBACK', reason: 'HARM', metric: 'slow', block: 1 });
  });
});

describe('R-514 swapping the arms swaps the result', () => {
  it('what takes the candidate back, with the arms exchanged promotes it', () => {
    const plan = planOf([metric('error', { share: 1, prior: { p0: 0.2 } })]);
    const worse: GateLine[] = Array.from({ length: 40 }, (_, i) => block('error', i, [2, 20, 8, 20]));
    const better: GateLine[] = Array.from({ length: 40 }, (_, i) => block('error', i, [8, 20, 2, 20]));
    expect(after(plan, worse).latch?.decision).toBe('ROLLBACK');
    expect(after(plan, better).latch?.decision).toBe('PROMOTE');
  });
});

describe('R-004 time alone never promotes, and no data means hold', () => {
  const plan = planOf([metric('error', { share: 1 })]);
  it('with nothing seen it names what is missing', () => {
    expect(decisionOf(plan, startGate(plan))).toEqual({ decision: 'HOLD', reasons: ['NO_DATA', 'TOO_FEW', 'EVIDENCE_PENDING'] });
  });
  it('the minimum being over changes no decision without evidence', () => {
    const state = after(plan, [{ stage: { minMet: false } }, { stage: { minMet: true } }]);
    expect(decisionOf(plan, state).decision).toBe('HOLD');
  });
  it('full evidence does not promote before the minimum is over', () => {
    const early = after(plan, [{ stage: { minMet: false } }, ...good('error', 0, 30)]);
    expect(decisionOf(plan, early)).toEqual({ decision: 'HOLD', reasons: ['MIN_DURATION'] });
    expect(decisionOf(plan, after(plan, [{ stage: { minMet: true } }], early))).toEqual({ decision: 'PROMOTE' });
  });
  it('at the maximum a HOLD is rolled back, not for harm, and never promoted', () => {
    expect(after(plan, [{ stage: { maxMet: true } }]).latch).toEqual({ decision: 'ROLLBACK', reason: 'STAGE_MAX' });
    expect(after(planOf([metric('error')], { stage: { maxMet: true } }), []).latch).toEqual({ decision: 'ROLLBACK', reason: 'STAGE_MAX' });
  });
  it('one arm without units is no data', () => {
    const state = after(plan, Array.from({ length: 20 }, (_, i) => block('error', i, [1, 50, 0, 0])));
    expect(reasonsOf(decisionOf(plan, state))).toEqual(['NO_DATA', 'TOO_FEW', 'EVIDENCE_PENDING']);
  });
  it('a guardrail without a margin never passes', () => {
    const bare = planOf([metric('error', { share: 1, ni: null })]);
    expect(decisionOf(bare, after(bare, good('error', 0, 50)))).toEqual({ decision: 'HOLD', reasons: ['EVIDENCE_PENDING'] });
  });
  it('every guardrail has to pass, not one', () => {
    const two = planOf([metric('error'), metric('slow')]);
    expect(reasonsOf(decisionOf(two, after(two, good('error', 0, 50))))).toEqual(['NO_DATA', 'TOO_FEW', 'EVIDENCE_PENDING']);
  });
});

describe('R-515 what cannot be read or computed holds', () => {
  const plan = planOf([metric('error', { share: 1 })]);
  it.each([
    ['NaN', { n: 10, k: NaN }], ['Infinity', { n: Infinity, k: 1 }], ['more bad units than units', { n: 3, k: 4 }], ['a negative count', { n: 3, k: -1 }],
    ['half a unit', { n: 3.5, k: 1 }], ['no bad count at all', { n: 3 }],
  ])('%s: READ_FAILED, no evidence, until the next readable block', (_name, candidate) => {
    const before = after(plan, few('error'));
    const state = after(plan, [{ block: { metric: 'error', i: 3, stable: { n: 10, k: 0 }, candidate } }], before);
    expect(reasonsOf(decisionOf(plan, state))).toContain('READ_FAILED');
    expect(evidenceOf(plan, state)[0]?.logEHarm).toBe(evidenceOf(plan, before)[0]?.logEHarm);
    expect(reasonsOf(decisionOf(plan, after(plan, good('error', 4, 5), state)))).not.toContain('READ_FAILED');
  });
  it('holds even where the evidence would promote', () => {
    const state = after(plan, [{ stage: { minMet: false } }, ...good('error', 0, 30), { block: { metric: 'error', i: 30, stable: { n: NaN, k: 0 }, candidate: { n: 1, k: 0 } } }]);
    expect(decisionOf(plan, after(plan, [{ stage: { minMet: true } }], state))).toEqual({ decision: 'HOLD', reasons: ['READ_FAILED'] });
  });
  it('an observed metric that cannot be read decides nothing', () => {
    const { share: _share, ...observed } = metric('lengths', { role: 'observe', harm: null, ni: null });
    const two = planOf([metric('error', { share: 1 }), observed]);
    const state = after(two, [{ block: { metric: 'lengths', i: 0, stable: { n: NaN, k: 0 }, candidate: { n: 1, k: 0 } } }, ...good('error', 0, 30)]);
    expect(decisionOf(two, state)).toEqual({ decision: 'PROMOTE' });
  });
  it.each<[string, GateLine]>([
    ['an unknown metric', block('latency', 0, [0, 1, 0, 1])], ['a block twice', block('error', 1, [0, 1, 0, 1])], ['a block of the past', block('error', 0, [0, 1, 0, 1])],
    ['a weight of 0', { weight: { bp: 0 } }], ['a reason that does not exist', { stage: { hold: ['TIRED' as never] } }], ['acknowledging a guardrail', { acknowledge: { metric: 'error' } }],
    ['a birth in a metric that is not there', { birth: { metric: 'latency' } }],
  ])('%s is the caller\'s bug', (_name, line) => {
    expect(() => consume(plan, after(plan, good('error', 0, 2)), line)).toThrow(RangeError);
  });
});

describe('R-516 what has crossed never un-crosses', () => {
  const plan = planOf([metric('error', { share: 1 })]);
  it('a rollback is final, while later blocks are still counted', () => {
    const bad = after(plan, awful('error', 0, 4));
    const later = after(plan, good('error', 4, 200), bad);
    expect(later.latch).toEqual(bad.latch);
    expect(evidenceOf(plan, later)[0]?.blocksReady).toBe(200);
  });
  it('a promotion yields to harm', () => {
    const promoted = after(plan, good('error', 0, 30));
    expect(promoted.latch).toEqual({ decision: 'PROMOTE' });
    expect(after(plan, [{ birth: {} }, ...awful('error', 30, 36)], promoted).latch).toMatchObject({ decision: 'ROLLBACK', reason: 'HARM' });
  });
  it.each<StageFields>([{ maxMet: true }, { hold: ['SRM'] }, { minMet: false }])('a promotion does not yield to %j', (stage) => {
    expect(after(plan, [...good('error', 0, 30), { stage }]).latch).toEqual({ decision: 'PROMOTE' });
  });
  it('a stage\'s end stays its end', () => {
    const ended = after(plan, [{ stage: { maxMet: true } }]);
    expect(after(plan, awful('error', 0, 9), ended).latch).toEqual({ decision: 'ROLLBACK', reason: 'STAGE_MAX' });
  });
  it('an upper end never rises', () => {
    let state = startGate(plan);
    let upper = 1;
    const random = seeded(77);
    for (let i = 0; i < 80; i += 1) {
      state = consume(plan, state, block('error', i, [1, 30, random() < 0.3 ? 3 : 0, 30]));
      const now = evidenceOf(plan, state)[0]?.upper ?? NaN;
      expect(now).toBeLessThanOrEqual(upper);
      upper = now;
    }
    expect(upper).toBeLessThan(1);
  });
});

describe('R-517 only ready metrics decide', () => {
  it('one block, however bad, takes nothing back', () => {
    const plan = planOf([metric('error', { share: 1 })]);
    const one = after(plan, [block('error', 0, [0, 500, 500, 500])]);
    expect(evidenceOf(plan, one)[0]?.logEHarm).toBeGreaterThan(100);
    expect(reasonsOf(decisionOf(plan, one))).toContain('TOO_FEW');
    expect(after(plan, [block('error', 1, [1, 50, 1, 50])], one).latch?.decision).toBe('ROLLBACK');
  });
  it('neither do blocks in which one arm was empty, nor too few units', () => {
    const plan = planOf([metric('error', { share: 1, minUnits: 1_000 })], { minBlocks: 3 });
    const state = after(plan, [block('error', 0, [0, 900, 900, 900]), block('error', 1, [0, 900, 0, 0]), block('error', 2, [0, 900, 90, 90])]);
    expect(state.latch).toBeNull();
    expect(after(plan, [block('error', 3, [0, 900, 10, 10])], state).latch?.decision).toBe('ROLLBACK');
  });
});

describe('R-518 the next stage is entered only within the error budget', () => {
  const plan = planOf([metric('error', { share: 0.5, excessWeight: 1 }), metric('slow', { share: 0.5 })], { errorBudget: 10, stage: { last: false, nextUnits: 100 } });
  const seen = [...few('error'), ...few('slow')];
  it('holds while the upper end allows too many bad responses, then advances', () => {
    const state = after(plan, seen);
    expect(decisionOf(plan, state)).toEqual({ decision: 'HOLD', reasons: ['ERROR_BUDGET'] });
    const later = after(plan, [...good('error', 3, 40), ...good('slow', 3, 40)], state);
    expect(evidenceOf(plan, later)[0]?.upper).toBeLessThanOrEqual(0.1);
    expect(decisionOf(plan, later)).toEqual({ decision: 'ADVANCE' });
  });
  it('a metric without margins exceeds every budget', () => {
    const bare = planOf([metric('error', { share: 1, excessWeight: 1, ni: null })], { errorBudget: 1e9, stage: { last: false, nextUnits: 0 } });
    expect(decisionOf(bare, after(bare, good('error', 0, 40)))).toEqual({ decision: 'HOLD', reasons: ['ERROR_BUDGET'] });
  });
  it('metrics without weight do not count', () => {
    const free = planOf([metric('error', { share: 1 })], { stage: { last: false, nextUnits: 1e6 } });
    expect(decisionOf(free, after(free, few('error')))).toEqual({ decision: 'ADVANCE' });
  });
  it('does not hold the last stage, which has no next', () => {
    expect(after(plan, [...good('error', 0, 3), { stage: { last: true, nextUnits: 1e9 } }, ...good('error', 3, 40), ...good('slow', 0, 40)]).latch).toEqual({ decision: 'PROMOTE' });
  });
});

describe('R-519 a signal holds and never takes back', () => {
  const plan = planOf([metric('error'), metric('cost', { role: 'signal', ni: null })]);
  const alarmed = after(plan, [...awful('cost', 0, 5), ...good('error', 0, 30)]);
  it('holds promotion until a person acknowledges it', () => {
    expect(decisionOf(plan, alarmed)).toEqual({ decision: 'HOLD', reasons: ['SIGNAL_ALARM'] });
    expect(after(plan, [{ acknowledge: { metric: 'cost', note: 'longer answers' } }], alarmed).latch).toEqual({ decision: 'PROMOTE' });
  });
});

describe('R-520 reasons are a closed list, all that apply, in its order', () => {
  const plan = planOf([metric('error', { share: 1 })]);
  it('joins what the caller sets with what the blocks show', () => {
    const state = after(plan, [{ stage: { hold: ['AUDIT_LAG', 'SRM', 'NO_DATA', 'MANUAL_PAUSE'], minMet: false } }]);
    expect(reasonsOf(decisionOf(plan, state))).toEqual(['MANUAL_PAUSE', 'SRM', 'NO_DATA', 'TOO_FEW', 'MIN_DURATION', 'EVIDENCE_PENDING', 'AUDIT_LAG']);
  });
  it.each(HOLD_REASONS)('%s keeps full evidence from promoting', (reason) => {
    const state = after(plan, [{ stage: { hold: [reason] } }, ...good('error', 0, 30)]);
    expect(decisionOf(plan, state)).toEqual({ decision: 'HOLD', reasons: [reason] });
  });
  it('but not harm from taking back', () => {
    expect(after(plan, [{ stage: { hold: HOLD_REASONS } }, ...awful('error', 0, 5)]).latch).toMatchObject({ reason: 'HARM' });
  });
});

describe('R-521 a bake ends by evidence that is fresh, and rolls back at its maximum', () => {
  const plan = planOf([metric('error', { share: 1 })]);
  const promoted = after(plan, good('error', 0, 30));
  const over = { minMet: true, maxMet: false, freshInBothArms: true };
  it('ends when the minimum is over and both arms are fresh', () => { expect(bakeDecisionOf(plan, promoted, over)).toEqual({ decision: 'PROMOTE' }); });
  it('not before the minimum, not on stale blocks', () => {
    expect(bakeDecisionOf(plan, promoted, { ...over, minMet: false })).toEqual({ decision: 'HOLD', reasons: ['MIN_DURATION'] });
    expect(bakeDecisionOf(plan, promoted, { ...over, freshInBothArms: false })).toEqual({ decision: 'HOLD', reasons: ['NO_DATA'] });
  });
  it('harm takes it back, at any time', () => {
    const harmed = after(plan, [{ birth: {} }, ...awful('error', 30, 36)], promoted);
    expect(bakeDecisionOf(plan, harmed, over)).toMatchObject({ decision: 'ROLLBACK', reason: 'HARM' });
  });
  it('the maximum takes back what has not ended', () => {
    expect(bakeDecisionOf(plan, promoted, { minMet: true, maxMet: true, freshInBothArms: false })).toEqual({ decision: 'ROLLBACK', reason: 'STAGE_MAX' });
    expect(bakeDecisionOf(plan, promoted, { minMet: true, maxMet: true, freshInBothArms: true })).toEqual({ decision: 'PROMOTE' });
  });
  it.each(HOLD_REASONS)('%s holds it, unless it is one that does not matter any more', (reason) => {
    const state = after(plan, [{ stage: { hold: [reason] } }], promoted);
    const ends = ['TOO_FEW', 'IMMATURE', 'EVIDENCE_PENDING'].includes(reason);
    expect(bakeDecisionOf(plan, state, over).decision).toBe(ends ? 'PROMOTE' : 'HOLD');
  });
  it('never ends a release that the ramp has not promoted', () => {
    expect(bakeDecisionOf(plan, startGate(plan), over)).toMatchObject({ decision: 'HOLD' });
    expect(bakeDecisionOf(plan, after(plan, few('error')), over)).toEqual({ decision: 'HOLD', reasons: ['EVIDENCE_PENDING'] });
  });
  it('its clock may come from the stage lines', () => {
    expect(bakeDecisionOf(plan, after(plan, [{ stage: { minMet: false } }], promoted))).toEqual({ decision: 'HOLD', reasons: ['MIN_DURATION'] });
    expect(bakeDecisionOf(plan, promoted)).toEqual({ decision: 'PROMOTE' });
  });
});

describe('R-522 while paused only harm is decided', () => {
  const plan = planOf([metric('error', { share: 1 })]);
  it('full evidence stays a HOLD', () => {
    const state = after(plan, [{ stage: { hold: ['MANUAL_PAUSE'] } }, ...good('error', 0, 30)]);
    expect(pausedDecisionOf(plan, state)).toEqual({ decision: 'HOLD', reasons: ['MANUAL_PAUSE'] });
  });
  it('a promotion latched before the pause stays a HOLD too', () => {
    expect(pausedDecisionOf(plan, after(plan, good('error', 0, 30)))).toEqual({ decision: 'HOLD', reasons: ['MANUAL_PAUSE'] });
  });
  it('harm takes back', () => { expect(pausedDecisionOf(plan, after(plan, awful('error', 0, 5)))).toMatchObject({ decision: 'ROLLBACK', reason: 'HARM' }); });
});

describe('R-523 the gate continues from its written state bit for bit', () => {
  it('after every line', () => {
    const plan = planOf([metric('error', { halfLifeBlocks: 20 }), metric('slow')]);
    const random = seeded(3);
    let straight = startGate(plan);
    let written = straight;
    for (let i = 0; i < 40; i += 1) {
      const lines: GateLine[] = [...i % 10 === 9 ? [{ birth: {} }] : [], block('error', i, [1, 20, Math.floor(random() * 2), Math.floor(random() * 5) + 1]), block('slow', i, [0, 20, 0, 2])];
      straight = after(plan, lines, straight);
      written = JSON.parse(JSON.stringify(after(plan, lines, written))) as GateState;
    }
    expect(written).toStrictEqual(straight);
  });
});

describe('R-524 a look writes its lines in one order', () => {
  const plan = planOf([metric('error'), metric('slow')]);
  const fields = (id: string, i: number) => ({ metric: id, i, stable: { n: 1, k: 0 }, candidate: { n: 1, k: 0 } });
  it('births before blocks, metrics as in the plan, the maximum last', () => {
    const lines = linesOfLook(plan, { weightBp: 2_500, stage: { minMet: true, maxMet: true, hold: [] }, blocks: [fields('slow', 3), fields('error', 4), fields('error', 3)] });
    expect(lines).toEqual([
      { weight: { bp: 2_500 } }, { birth: { note: 'weight' } }, { stage: { minMet: true, maxMet: false, hold: [] } },
      { block: fields('error', 3) }, { block: fields('error', 4) }, { block: fields('slow', 3) }, { stage: { maxMet: true } },
    ]);
  });
  it('evidence that is there at the maximum is read before time runs out', () => {
    const one = planOf([metric('error', { share: 1 })]);
    const blocks = good('error', 0, 30).map((line) => 'block' in line ? line.block : expect.fail());
    expect(after(one, linesOfLook(one, { stage: { maxMet: true }, blocks })).latch).toEqual({ decision: 'PROMOTE' });
  });
  it('writes no birth that is not due', () => { expect(linesOfLook(plan, { stage: {}, blocks: [] })).toEqual([{ stage: { maxMet: false } }]); });
});
