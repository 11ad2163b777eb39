import { describe, expect, it } from 'vitest';
import { addItem, startVerdict, verdictOf } from './offline.js';
import type { Spent, VerdictState } from './offline.js';
import { faultsOfVerdictPlan } from './offline-plan.js';
import type { VerdictEvaluator, VerdictItem, VerdictPlan } from './offline-plan.js';
import type { Verdict } from './policy.js';
import { seeded } from '../../test/seeded.js';

const grounded: VerdictEvaluator = { name: 'grounded', role: 'guardrail', margin: 0.05 };
const planOf = (evaluators: readonly VerdictEvaluator[], fields: Partial<VerdictPlan> = {}): VerdictPlan => ({ hasBaseline: true, evaluators, ...fields });
type Pair = readonly [number | null, number | null];
const itemOf = (plan: VerdictPlan, position: number, pairs: readonly Pair[]): VerdictItem => ({
  position, scores: Object.fromEntries(plan.evaluators.map(({ name }, i) => [name, { candidate: pairs[i]?.[0] ?? null, baseline: pairs[i]?.[1] ?? null }])),
});
function seen(plan: VerdictPlan, n: number, pairsOf: (i: number) => readonly Pair[]): VerdictState {
  let state = startVerdict(plan);
  for (let i = 0; i < n; i += 1) state = addItem(plan, state, itemOf(plan, i, pairsOf(i)));
  return state;
}
const end = (plan: VerdictPlan, state: VerdictState, spent: Spent = 'items') => verdictOf(plan, state, { spent });
const holdsOf = (verdict: ReturnType<typeof end>): readonly string[] => verdict.kind === 'INCONCLUSIVE' ? verdict.holds : [verdict.kind];

describe('R-271 a verdict is PASS, FAIL or INCONCLUSIVE, with its evidence', () => {
  const plan = planOf([grounded]);
  it('identical outputs pass after 78 items, not after 77', () => {
    expect(end(plan, seen(plan, 77, () => [[0.9, 0.9]])).kind).toBe('INCONCLUSIVE');
    const passed = seen(plan, 78, () => [[0.9, 0.9]]);
    expect(end(plan, passed, null)).toMatchObject({ kind: 'PASS', evidence: { items: 78, evaluators: [{ evaluator: 'grounded', n: 78, dbar: 0, sd: 0 }] } });
  });
  it('a clearly worse candidate fails, early, and the breach says what was seen', () => {
    const failed = seen(plan, 200, () => [[0.4, 0.9]]);
    expect(failed.items).toBeLessThan(60);
    const verdict = end(plan, failed, null);
    expect(verdict).toMatchObject({ kind: 'FAIL', breaches: [{ evaluator: 'grounded', test: 'MARGIN', limit: 0 }] });
    expect(verdict.kind === 'FAIL' && verdict.breaches[0].observed).toBeCloseTo(-0.5, 12);
  });
  it('swapping candidate and baseline swaps the verdict', () => {
    const pair = (i: number): Pair => i % 2 === 0 ? [0.5, 0.9] : [0.7, 0.8];
    expect(end(plan, seen(plan, 300, (i) => [pair(i)])).kind).toBe('FAIL');
    expect(end(plan, seen(plan, 300, (i) => [[pair(i)[1], pair(i)[0]]])).kind).toBe('PASS');
  });
  it('is undecided while items may come', () => { expect(end(plan, seen(plan, 10, () => [[1, 1]]), null).kind).toBe('UNDECIDED'); });
  it.each<[Spent, readonly string[]]>([['items', ['TOO_FEW']], ['budget', ['TOO_FEW', 'BUDGET_SPENT']], ['deadline', ['TOO_FEW', 'DEADLINE']]])('%s spent: INCONCLUSIVE with %j', (spent, holds) => {
    expect(holdsOf(end(plan, seen(plan, 10, () => [[1, 1]]), spent))).toEqual(holds);
    expect(holdsOf(end(plan, startVerdict(plan), spent))).toEqual(holds);
  });
  it('tells how many more items would be needed, at what was seen', () => {
    const random = seeded(4);
    const verdict = end(plan, seen(plan, 60, () => { const x = random() * 0.5; return [[0.5 + (random() - 0.5) * 0.5, 0.25 + x]]; })) as Verdict;
    const [test] = verdict.evidence.evaluators[0]?.tests ?? [];
    expect(test?.needed).toBeGreaterThan(60);
    expect(test?.more).toBe((test?.needed ?? 0) - 60);
  });
  it('says that no number would do where the candidate is at the line', () => {
    expect((end(plan, seen(plan, 20, (i) => [[i % 2 === 0 ? 0.8 : 0.9, i % 2 === 0 ? 0.86 : 0.94]])) as Verdict).evidence.evaluators[0]?.tests[0]?.needed).toBeNull();
  });
  it('false passes at the boundary stay below alphaGate, equal candidates pass', () => {
    const runs = (shift: number): number => {
      let passes = 0;
      for (let r = 0; r < 200; r += 1) {
        const random = seeded(900 + r);
        // d in {-.4, 0, .4}: sd about .25, mean = shift.
        const state = seen(plan, 400, () => { const u = random(); return [[u < 0.2 + shift * 1.25 ? 0.9 : u < 0.4 ? 0.1 : 0.5, 0.5]]; });
        if (state.decided === 'PASS') passes += 1;
      }
      return passes;
    };
    expect(runs(-0.05)).toBeLessThanOrEqual(10);
    expect(runs(0)).toBeGreaterThanOrEqual(150);
  });
  it('is latched: later items change nothing', () => {
    const failed = seen(plan, 60, () => [[0.2, 0.9]]);
    expect(failed.decided).toBe('FAIL');
    expect(addItem(plan, failed, itemOf(plan, failed.items, [[1, 0]]))).toBe(failed);
  });
});

describe('R-272 every guardrail has to pass, any one may fail, signals only speak', () => {
  it('one that is not shown keeps all from passing', () => {
    const plan = planOf([grounded, { name: 'similar', role: 'guardrail', margin: 0.05 }]);
    const state = seen(plan, 120, (i) => [[0.9, 0.9], [i % 2 === 0 ? 0.3 : 0.6, i % 2 === 0 ? 0.6 : 0.3]]);
    expect(holdsOf(end(plan, state))).toEqual(['TOO_FEW']);
  });
  it('a signal that is worse does not fail, its evidence is there', () => {
    const plan = planOf([grounded, { name: 'tone', role: 'signal', margin: 0.05 }]);
    const verdict = end(plan, seen(plan, 120, () => [[0.9, 0.9], [0.1, 0.9]]));
    expect(verdict).toMatchObject({ kind: 'PASS' });
    const tone = verdict.evidence.evaluators[1]?.tests[0];
    expect(tone?.logEFail).toBeGreaterThan(tone?.failThreshold ?? Infinity);
  });
  it('shares make failing harder, never passing', () => {
    const two = planOf([{ ...grounded, share: 0.1 }]);
    const [test] = (end(two, startVerdict(two)) as Verdict).evidence.evaluators[0]?.tests ?? [];
    expect(test).toMatchObject({ passThreshold: -Math.log(0.05), failThreshold: -Math.log(0.05 * 0.1) });
  });
  it('a judge people do not agree with passes nothing, and fails nothing when it may not', () => {
    const unqualified = planOf([{ ...grounded, mayPass: false }]);
    expect(holdsOf(end(unqualified, seen(unqualified, 200, () => [[0.9, 0.9]])))).toEqual(['JUDGE_UNQUALIFIED']);
    const silent = planOf([{ ...grounded, mayPass: false, mayFail: false }]);
    expect(holdsOf(end(silent, seen(silent, 200, () => [[0.1, 0.9]])))).toEqual(['TOO_FEW', 'JUDGE_UNQUALIFIED']);
  });
});

describe('R-273 a floor is decided by evidence too, and a margin and a floor have both to hold', () => {
  const first = planOf([{ name: 'facts', role: 'guardrail', margin: 0.05, floor: 0.8 }], { hasBaseline: false });
  it.each<[string, number, string]>([['above', 0.95, 'PASS'], ['below', 0.5, 'FAIL'], ['at', 0.8, 'INCONCLUSIVE']])('%s it', (_name, score, kind) => {
    expect(end(first, seen(first, 150, () => [[score, null]])).kind).toBe(kind);
  });
  it('one-sided evidence that is missing is TOO_FEW', () => { expect(holdsOf(end(first, seen(first, 5, () => [[1, null]])))).toEqual(['TOO_FEW']); });
  it('without a baseline margins say nothing and the missing arm is no error', () => {
    const evidence = end(first, seen(first, 150, () => [[0.95, null]])).evidence.evaluators[0];
    expect(evidence).toMatchObject({ meanBaseline: null, dbar: null, errors: { candidate: 0, baseline: 0 }, tests: [{ test: 'FLOOR', limit: 0.8 }] });
  });
  const both = planOf([{ name: 'facts', role: 'guardrail', margin: 0.05, floor: 0.8 }]);
  it('as good as a bad baseline is not enough', () => {
    expect(end(both, seen(both, 200, () => [[0.5, 0.5]]))).toMatchObject({ kind: 'FAIL', breaches: [{ test: 'FLOOR', limit: 0.8 }] });
  });
  it('above the floor but worse than the baseline is not enough', () => {
    expect(end(both, seen(both, 200, () => [[0.85, 1]]))).toMatchObject({ kind: 'FAIL', breaches: [{ test: 'MARGIN' }] });
  });
  it('both shown is a PASS, and the two split the share', () => {
    const verdict = end(both, seen(both, 200, () => [[0.95, 0.95]]));
    expect(verdict.kind).toBe('PASS');
    expect(verdict.evidence.evaluators[0]?.tests.map(({ failThreshold }) => failThreshold)).toEqual([-Math.log(0.025), -Math.log(0.025)]);
  });
});

describe('R-008 errors stay in the denominator', () => {
  const plan = planOf([grounded]);
  it.each<[string, number | null]>([['a failed call', null], ['NaN', NaN], ['a score above 1', 1.2], ['a negative score', -0.1]])('%s counts as an error with its declared score', (_name, score) => {
    const state = seen(plan, 4, (i) => [i === 0 ? [score, 0.8] : [0.8, 0.8]]);
    expect(end(plan, state).evidence.evaluators[0]).toMatchObject({ n: 4, errors: { candidate: 1, baseline: 0 } });
    expect(end(plan, state).evidence.evaluators[0]?.meanCandidate).toBeCloseTo(0.6, 12);
  });
  it('a declared score is used instead of 0', () => {
    const kind = planOf([{ ...grounded, missingAs: 0.5 }]);
    expect(end(kind, seen(kind, 2, () => [[null, 0.5]])).evidence.evaluators[0]).toMatchObject({ dbar: 0, errors: { candidate: 2 } });
  });
  it('an item without a word about an evaluator is an error of both arms', () => {
    expect(end(plan, addItem(plan, startVerdict(plan), { position: 0, scores: {} })).evidence.evaluators[0]).toMatchObject({ n: 1, errors: { candidate: 1, baseline: 1 } });
  });
  it('a candidate that fails its calls while the baseline answers is worse', () => {
    expect(end(plan, seen(plan, 100, () => [[null, 0.9]])).kind).toBe('FAIL');
  });
  it('a baseline that fails its calls passes nothing', () => {
    const verdict = end(plan, seen(plan, 200, (i) => [[0.9, i % 5 === 0 ? null : 0.9]]));
    expect(holdsOf(verdict)).toEqual(['ERROR_SHARE']);
  });
  it('an outage of both is not a finding about the candidate', () => {
    const both = planOf([{ ...grounded, floor: 0.8 }]);
    expect(holdsOf(end(both, seen(both, 200, () => [[null, null]])))).toEqual(['TOO_FEW', 'ERROR_SHARE']);
  });
});

describe('R-274 an evaluation continues from its written state, and a repeated item is harmless', () => {
  const plan = planOf([grounded, { name: 'facts', role: 'guardrail', margin: 0.05, floor: 0.5 }]);
  it('bit for bit', () => {
    const random = seeded(8);
    let straight = startVerdict(plan);
    let written = straight;
    for (let i = 0; i < 60; i += 1) {
      const item = itemOf(plan, i, [[random(), random()], [random() < 0.1 ? null : random(), random()]]);
      straight = addItem(plan, straight, item);
      written = addItem(plan, JSON.parse(JSON.stringify(written)) as VerdictState, item);
    }
    expect(JSON.parse(JSON.stringify(written))).toStrictEqual(straight);
  });
  it('an item again changes nothing, an item too early is the caller\'s bug', () => {
    const state = seen(plan, 3, () => [[1, 1], [1, 1]]);
    expect(addItem(plan, state, itemOf(plan, 1, [[0, 1], [0, 1]]))).toBe(state);
    expect(() => addItem(plan, state, itemOf(plan, 4, [[1, 1], [1, 1]]))).toThrow(RangeError);
  });
});

describe('R-275 an evaluation that cannot decide is refused before it starts', () => {
  it.each<[string, VerdictPlan, RegExp]>([
    ['no evaluator', planOf([]), /at least one guardrail/], ['only signals', planOf([{ ...grounded, role: 'signal' }]), /at least one guardrail/],
    ['no floor without a baseline', planOf([grounded], { hasBaseline: false }), /needs a floor/], ['a floor of 1', planOf([{ ...grounded, floor: 1 }]), /floor must be in/],
    ['a margin of 0', planOf([{ ...grounded, margin: 0 }]), /margin must be in/], ['NaN as margin', planOf([{ ...grounded, margin: NaN }]), /margin must be in/], ['more tolerated than the margin', planOf([{ ...grounded, tau: 0.06 }]), /tolerates more/],
    ['neither margin nor floor', planOf([{ name: 'x', role: 'guardrail' }, grounded]), /neither margin nor floor/], ['an evaluator twice', planOf([grounded, grounded]), /there twice/],
    ['more than one alpha', planOf([{ ...grounded, share: 0.8 }, { ...grounded, name: 'y', share: 0.8 }]), /sum to 1\.6/], ['a level of 0', planOf([grounded], { alphaGate: 0 }), /alphaGate/],
    ['a dataset below the minimum', planOf([grounded], { datasetItems: 100, minimumItems: 150 }), /holds 100 items, at least 150/], ['an error worth 2', planOf([{ ...grounded, missingAs: 2 }]), /in \[0,1\]/],
  ])('%s', (_name, plan, message) => {
    expect(faultsOfVerdictPlan(plan).join('\n')).toMatch(message);
    expect(() => startVerdict(plan)).toThrow(RangeError);
  });
  it('the minimum is about the dataset, not about the items used', () => {
    const plan = planOf([grounded], { datasetItems: 400, minimumItems: 400 });
    expect(end(plan, seen(plan, 80, () => [[0.9, 0.9]]), null)).toMatchObject({ kind: 'PASS', evidence: { items: 78, available: 400 } });
  });
});
