import { describe, expect, test } from 'vitest';
import { seeded } from '../../test/seeded.js';
import { addItem, faultsOfVerdictPlan, startVerdict, verdictOf, sentenceOfBreach } from './index.js';
import type { VerdictPlan, VerdictState } from './index.js';

const planOf = (more: Partial<VerdictPlan> = {}): VerdictPlan => ({ hasBaseline: true, evaluators: [{ name: 'right', role: 'guardrail', margin: 0.05 }], ...more });
interface Seen { readonly candidate: number | null; readonly baseline?: number | null; readonly tags?: readonly string[] }
function after(plan: VerdictPlan, n: number, item: (i: number) => Seen): VerdictState {
  let state = startVerdict(plan);
  for (let i = 0; i < n && state.decided === null; i += 1) {
    const { candidate, baseline = null, tags } = item(i);
    state = addItem(plan, state, { position: i, scores: Object.fromEntries(plan.evaluators.map(({ name }) => [name, { candidate, baseline }])), ...(tags === undefined ? {} : { tags }) });
  }
  return state;
}
const end = (plan: VerdictPlan, state: VerdictState) => verdictOf(plan, state, { spent: 'items' });

describe('R-986 a part of the dataset that collapses fails the whole, with its name', () => {
  const plan = planOf({ slices: ['refunds', 'greetings'] });
  // One case in ten is of refunds, where the candidate answers nothing any more; everywhere else it is better, so that the mean is the same.
  const hidden = (i: number): Seen => (i % 10 === 0 ? { candidate: 0, baseline: 0.9, tags: ['refunds'] } : { candidate: 0.95, baseline: 0.85, tags: ['greetings'] });
  test('behind a mean that is as good as before', () => {
    const verdict = end(plan, after(plan, 400, hidden));
    expect(verdict).toMatchObject({ kind: 'FAIL', breaches: [{ evaluator: 'right', test: 'MARGIN', slice: 'refunds', limit: -0.05 }] });
    if (verdict.kind !== 'FAIL') throw new Error('no breach');
    expect(verdict.breaches).toHaveLength(1);
    expect(verdict.breaches[0].observed).toBeCloseTo(-0.9, 12);
    expect(sentenceOfBreach(verdict.breaches[0])).toBe('right, slice refunds: worse than the baseline by 0.90, tolerated is 0.05');
    expect(end(planOf(), after(planOf(), 400, hidden)).kind).not.toBe('FAIL');
  });
  test('swapped, the slice is the better one and nothing fails', () => {
    expect(end(plan, after(plan, 400, (i) => { const { candidate, baseline, tags } = hidden(i); return { candidate: baseline ?? null, baseline: candidate, tags: tags ?? [] }; }))).not.toMatchObject({ breaches: [{ slice: 'refunds' }] });
  });
  test('below the floor, where there is no baseline', () => {
    const floors = planOf({ hasBaseline: false, slices: ['refunds'], evaluators: [{ name: 'right', role: 'guardrail', floor: 0.6 }] });
    const verdict = end(floors, after(floors, 300, (i) => (i % 5 === 0 ? { candidate: 0.1, tags: ['refunds'] } : { candidate: 0.95 })));
    expect(verdict).toMatchObject({ kind: 'FAIL', breaches: [{ test: 'FLOOR', slice: 'refunds', limit: 0.6 }] });
  });
  test('a good mean passes nothing before twenty cases of each part were seen, or all there are', () => {
    const items = planOf({ slices: ['rare'], datasetItems: 200 });
    const rare = (i: number): Seen => ({ candidate: 0.9, baseline: 0.9, tags: i % 10 === 0 ? ['rare'] : [] });
    expect(end(items, after(items, 190, rare))).toMatchObject({ kind: 'INCONCLUSIVE', holds: ['TOO_FEW'] });
    expect(after(items, 200, rare)).toMatchObject({ decided: 'PASS', items: 191 });
    const few = planOf({ slices: ['rare'], datasetItems: 150 });
    expect(after(few, 150, rare)).toMatchObject({ decided: 'PASS', items: 150 });
  });
  test('what each part has shown is in the evidence, also where nothing of it was seen', () => {
    const wide = planOf({ slices: ['refunds', 'never'] });
    const { evidence } = end(wide, after(wide, 40, (i) => ({ candidate: 0.9, baseline: 0.9, tags: i % 2 === 0 ? ['refunds', 'other'] : [] })));
    expect(evidence.evaluators[0]?.slices).toMatchObject([{ slice: 'refunds', n: 20, logE: 0 }, { slice: 'never', n: 0, meanCandidate: null, meanBaseline: null }]);
    expect(evidence.evaluators[0]?.slices?.[0]?.meanCandidate).toBeCloseTo(0.9, 12);
  });
  test('a signal and an advisory judge show their slices and fail nothing', () => {
    for (const evaluator of [{ name: 'right', role: 'signal', margin: 0.05 }, { name: 'right', role: 'guardrail', margin: 0.05, mayFail: false, mayPass: false }] as const) {
      const shown = planOf({ slices: ['refunds'], evaluators: [evaluator, { name: 'other', role: 'guardrail', floor: 0.1 }] });
      const verdict = end(shown, after(shown, 100, (i) => ({ candidate: i % 2 === 0 ? 0.4 : 1, baseline: 1, tags: i % 2 === 0 ? ['refunds'] : [] })));
      expect(verdict.kind).not.toBe('FAIL');
      expect(verdict.evidence.evaluators[0]?.slices?.[0]?.n).toBeGreaterThan(0);
    }
  });
  test('equal arms are failed by no more than alpha, all slices together', () => {
    const parts = ['a', 'b', 'c', 'd', 'e'];
    const many = planOf({ slices: parts });
    let failed = 0;
    for (let run = 0; run < 300; run += 1) {
      const random = seeded(5_000 + run);
      // The truth lies on the line in every slice: as much worse as is tolerated.
      const state = after(many, 400, () => ({ candidate: Math.min(1, Math.max(0, 0.75 + (random() - 0.5) * 0.5 - 0.05)), baseline: 0.75, tags: [parts[Math.floor(random() * 5)] ?? 'a'] }));
      if (end(many, state).kind === 'FAIL' && state.breaches.some(({ slice }) => slice !== undefined)) failed += 1;
    }
    expect(failed).toBeLessThanOrEqual(15);
  });
  test('too many, and one that is named twice, are faults', () => {
    expect(faultsOfVerdictPlan(planOf({ slices: ['a', 'a'] }))).toEqual(['a slice is there twice']);
    expect(faultsOfVerdictPlan(planOf({ slices: Array.from({ length: 21 }, (_, i) => `s${i}`) }))).toEqual([expect.stringContaining('there are 21 slices')]);
  });
  test('the state goes on bit for bit', () => {
    const half = after(plan, 37, hidden);
    const again = JSON.parse(JSON.stringify(half)) as VerdictState;
    const item = { position: half.items, scores: { right: { candidate: 0.3, baseline: 0.7 } }, tags: ['refunds'] };
    expect(addItem(plan, again, item)).toEqual(addItem(plan, half, item));
  });
});

describe('R-987 what every case has to pass, every case is asked, and one that does not fails the whole', () => {
  const plan = planOf({ datasetItems: 200, evaluators: [{ name: 'right', role: 'guardrail', margin: 0.05 }, { name: 'safe', role: 'guardrail', mustPass: true }] });
  const run = (n: number, safe: (i: number) => number | null) => {
    let state = startVerdict(plan);
    for (let i = 0; i < n && state.decided === null; i += 1) state = addItem(plan, state, { position: i, scores: { right: { candidate: 0.9, baseline: 0.9 }, safe: { candidate: safe(i), baseline: 1 } } });
    return state;
  };
  test('the first that does not pass ends it, and says where', () => {
    const state = run(200, (i) => (i === 17 ? 0.5 : 1));
    expect(state.items).toBe(18);
    expect(end(plan, state)).toMatchObject({ kind: 'FAIL', breaches: [{ evaluator: 'safe', test: 'MUST_PASS', position: 17, observed: 0.5, limit: 1 }] });
  });
  test('it passes when all cases were seen, and not before, whatever the margin says', () => {
    expect(end(plan, run(199, () => 1))).toMatchObject({ kind: 'INCONCLUSIVE', holds: ['TOO_FEW'] });
    expect(end(plan, run(200, () => 1)).kind).toBe('PASS');
  });
  test('an error is no case that failed; too many of them keep it from passing', () => {
    expect(end(plan, run(200, (i) => (i % 100 === 0 ? null : 1))).kind).toBe('PASS');
    expect(end(plan, run(200, (i) => (i % 2 === 0 ? null : 1)))).toMatchObject({ kind: 'INCONCLUSIVE', holds: expect.arrayContaining(['ERROR_SHARE']) as unknown });
  });
  test('an advisory judge can neither fail a case nor let all of them pass', () => {
    const judged = planOf({ datasetItems: 100, evaluators: [{ name: 'right', role: 'guardrail', margin: 0.05 }, { name: 'safe', role: 'guardrail', mustPass: true, mayFail: false, mayPass: false }] });
    let state = startVerdict(judged);
    for (let i = 0; i < 100; i += 1) state = addItem(judged, state, { position: i, scores: { right: { candidate: 0.9, baseline: 0.9 }, safe: { candidate: 0, baseline: 0 } } });
    expect(end(judged, state)).toMatchObject({ kind: 'INCONCLUSIVE', holds: expect.arrayContaining(['JUDGE_UNQUALIFIED']) as unknown });
  });
  test('of a signal it is a fault', () => {
    expect(faultsOfVerdictPlan(planOf({ evaluators: [{ name: 'right', role: 'guardrail', margin: 0.05 }, { name: 'safe', role: 'signal', mustPass: true }] }))).toEqual([expect.stringContaining('safe is a signal')]);
  });
});
