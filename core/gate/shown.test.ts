import { describe, expect, test } from 'vitest';
import { marginGrid, randomOf } from '../stats/index.js';
import type { Random } from '../stats/index.js';
import { decisionOf } from './decision.js';
import { consume, startGate } from './online.js';
import type { GateLine, GatePlan } from './policy.js';
import { armShown, differenceShown, show, startShown } from './shown.js';
import { progressOf, standingOf } from './standing.js';
import { assignmentWords, harmWords, notWorseWords, oddsOf } from './words.js';

const plan: GatePlan = {
  format: 1, errorBudget: 5, metrics: [
    { id: 'error', type: 'binary', role: 'guardrail', share: 0.5, excessWeight: 1, prior: { p0: 0.05 }, ni: { margins: marginGrid(0.05), act: 0.05 } },
    { id: 'quality', type: 'histogram', role: 'signal', share: 0.5, prior: { mean: 0.2, variance: 0.04 } },
    { id: 'assignment', type: 'units' },
  ],
};
const rates = (i: number, stable: readonly [number, number], candidate: readonly [number, number]): GateLine => ({ block: { metric: 'error', i, stable: { n: stable[0], k: stable[1] }, candidate: { n: candidate[0], k: candidate[1] } } });
const seen = (lines: readonly GateLine[], of = plan) => lines.reduce((state, line) => consume(of, state, line), startGate(of));
const binomial = (random: Random, n: number, p: number): number => Array.from({ length: n }, () => random.unit()).filter((u) => u < p).length;

describe('R-920 the difference of the arms is shown with an interval that may be read at any time, on a ramp too', () => {
  interface Course { readonly base: number; readonly rise: number; readonly effect: number; readonly weights: readonly number[] }
  /** Over a base rate that rises with the weight: pooled, the candidate would look far worse. */
  const course = (seed: number, { base, rise, effect, weights }: Course): readonly GateLine[] => {
    const random = randomOf(seed);
    return Array.from({ length: 180 }, (_, i) => {
      const [weight, now] = [weights[Math.floor(i * weights.length / 180)] ?? 0, base + rise * i / 180];
      const candidate = binomial(random, 100, weight);
      return rates(i, [100 - candidate, binomial(random, 100 - candidate, now)], [candidate, binomial(random, candidate, now + effect)]);
    });
  };
  const ramp: Course = { base: 0.05, rise: 0.1, effect: 0.05, weights: [0.02, 0.1, 0.5] };
  test.each<[string, Course]>([
    ['no effect on a ramp', { ...ramp, effect: 0 }], ['an effect on a ramp', ramp], ['errors so rare that a small candidate sees two or three', { base: 0.004, rise: 0, effect: 0, weights: [0.05] }],
  ])('%s lies outside, at any look at all, in at most 5 of 100 releases, within chance', (_name, one) => {
    const missed = Array.from({ length: 100 }, (_, seed) => {
      let shown = startShown(plan);
      return course(seed + 1, one).some((line) => {
        shown = show(plan, shown, [line]);
        const found = differenceShown(plan, shown, 'error');
        return found !== null && (found.lower > one.effect || found.upper < one.effect);
      });
    }).filter(Boolean).length;
    expect(missed).toBeLessThanOrEqual(11);   // the upper 99 % end of 5 in 100
  });
  test('it closes in: at the end of the ramp the estimate is near, and no difference lies outside an effect of 5 points', () => {
    const found = differenceShown(plan, show(plan, startShown(plan), course(7, ramp)), 'error');
    expect(found?.estimate).toBeGreaterThan(0.02);
    expect(found?.estimate).toBeLessThan(0.08);
    expect(found?.lower).toBeGreaterThan(0);
  });
  test('one block by hand: the estimate is the difference of the means', () => {
    expect(differenceShown(plan, show(plan, startShown(plan), [rates(0, [200, 10], [100, 20])]), 'error')?.estimate).toBeCloseTo(0.15, 12);
  });
  test.each<[string, readonly GateLine[], string]>([
    ['before the first block', [], 'error'], ['with one arm alone', [rates(0, [500, 1], [0, 0])], 'error'], ['with too few units to know their spread', [rates(0, [500, 1], [99, 0])], 'error'], ['of the assignment', [{ block: { metric: 'assignment', i: 0, stable: { n: 500 }, candidate: { n: 500 } } }], 'assignment'],
    ['of a block that cannot be read', [rates(0, [500, 501], [500, 0])], 'error'], ['of no metric', [], 'other'],
  ])('%s there is none', (_name, lines, metric) => { expect(differenceShown(plan, show(plan, startShown(plan), lines), metric)).toBeNull(); });
});

describe("R-921 each arm's mean is shown with an interval that holds what was seen and stays within what can be", () => {
  test('a rate, and a score as badness', () => {
    const lines: GateLine[] = [rates(0, [200, 2], [100, 0]), { block: { metric: 'quality', i: 0, stable: { h: [[0, 50], [0.5, 50]] }, candidate: { h: [[1, 3]] } } }];
    const shown = show(plan, startShown(plan), lines);
    for (const [metric, arm, mean] of [['error', 'stable', 0.01], ['error', 'candidate', 0], ['quality', 'stable', 0.25], ['quality', 'candidate', 1]] as const) {
      const found = armShown(plan, shown, metric, arm);
      expect(found?.mean).toBeCloseTo(mean, 12);
      expect(found?.lower).toBeGreaterThanOrEqual(0);
      expect(found?.lower).toBeLessThanOrEqual(mean);
      expect(found?.upper).toBeGreaterThanOrEqual(mean);
      expect(found?.upper).toBeLessThanOrEqual(1);
    }
    expect(armShown(plan, shown, 'error', 'candidate')?.upper).toBeLessThan(0.3);
    expect(armShown(plan, startShown(plan), 'error', 'stable')).toBeNull();
  });
});

describe('R-922 evidence is told in words, and never as more than it is', () => {
  test.each([[0, '1 : 1'], [Math.log(1_234), '1,200 : 1'], [Math.log(3.14), '3.1 : 1'], [Math.log(2_500_000), '2,500,000 : 1'], [-0.1, 'less than 1 : 1'], [12 * Math.LN10, '1,000,000,000,000 : 1'], [27.7, 'more than 10^12 : 1'], [Infinity, 'more than 10^12 : 1'], [NaN, 'unknown']])('log E %f: %s', (logE, odds) => { expect(oddsOf(logE)).toBe(odds); });
  const error = { name: 'error', kind: 'rate', tolerance: 0, margin: 0.01 } as const;
  test.each([
    [harmWords(error, Math.log(1_200)), "1,200 : 1 that the candidate's error rate is higher"],
    [harmWords(error, -2), "No evidence that the candidate's error rate is higher."],
    [harmWords({ ...error, tolerance: 0.005 }, 1), "2.7 : 1 that the candidate's error rate is higher by more than 0.5 pp"],
    [harmWords({ name: 'quality', kind: 'score', tolerance: 0, margin: 0.02 }, 1), "2.7 : 1 that the candidate's quality is lower"],
    [harmWords({ name: 'cost', kind: 'mean', tolerance: 0.05, margin: 0.1, relative: true }, 1), "2.7 : 1 that the candidate's mean cost is higher by more than 5 %"],
    [notWorseWords(error, 3), "20 : 1 that the candidate's error rate is not higher by 1 pp or more"],
    [notWorseWords({ name: 'quality', kind: 'score', tolerance: 0, margin: 0 }, 3), "20 : 1 that the candidate's quality is higher"],
    [notWorseWords({ ...error, margin: 0 }, 3), "20 : 1 that the candidate's error rate is lower"],
    [assignmentWords(3), "20 : 1 that the arms' shares are not those of the plan"],
  ])('%s', (words, wanted) => { expect(words).toBe(wanted); });
});

describe('R-923 a metric says how far it is from the next decision, and what it waits for', () => {
  const standing = (lines: readonly GateLine[]) => standingOf(plan, seen(lines))[0];
  test('without data, then with too few blocks', () => {
    expect(standing([])).toMatchObject({ metric: 'error', harm: 0, next: 0, waiting: [{ reason: 'NO_DATA', sentence: 'No unit of stable has been counted yet.' }, { reason: 'EVIDENCE_PENDING' }] });
    expect(standing([rates(0, [10, 0], [10, 0])])?.waiting[0]).toEqual({ reason: 'TOO_FEW', sentence: '1 of 2 blocks have units in both arms.' });
  });
  test('in the last stage the way to its margin; it never falls back once it has passed', () => {
    const half = standing([rates(0, [40, 2], [40, 2]), rates(1, [40, 2], [40, 2])]);
    expect(half?.next).toBeGreaterThan(0);
    expect(half?.next).toBeLessThan(1);
    expect(half?.waiting).toMatchObject([{ reason: 'EVIDENCE_PENDING', sentence: expect.stringMatching(/^That it is not worse is [\d.]+ : 1; 20 : 1 is needed\.$/) as string }]);
    const passed = Array.from({ length: 20 }, (_, i) => rates(i, [100, 5], [100, 5]));
    expect(standing(passed)).toMatchObject({ next: 1, waiting: [] });
    expect(standing([...passed, rates(20, [100, 5], [100, 30])])).toMatchObject({ next: 1 });
  });
  test('before it the way to the error budget, with its numbers', () => {
    const stage: GateLine = { stage: { last: false, nextUnits: 100 } };
    const open = standing([stage, rates(0, [20, 1], [20, 1]), rates(1, [20, 1], [20, 1])]);
    expect(open?.next).toBeGreaterThan(0);
    expect(open?.next).toBeLessThan(1);
    expect(open?.waiting).toEqual([{ reason: 'ERROR_BUDGET', sentence: expect.stringMatching(/^It may be worse by up to [\d.]+: [\d.]+ bad responses more in the next stage's 100 candidate units; the budget is 5\.$/) as string }]);
    expect(standing([stage, ...Array.from({ length: 20 }, (_, i) => rates(i, [200, 10], [200, 10]))])).toMatchObject({ next: 1, waiting: [] });
    expect(standing([{ stage: { last: false, nextUnits: 0 } }, rates(0, [20, 1], [20, 1]), rates(1, [20, 1], [20, 1])])).toMatchObject({ next: 1, waiting: [] });
  });
  test('the gate holds for exactly the reasons its metrics name, as long as none is the caller\'s', () => {
    for (const lines of [[], [rates(0, [10, 0], [10, 0])], [{ stage: { last: false, nextUnits: 100 } }, rates(0, [20, 1], [20, 1]), rates(1, [20, 1], [20, 1])], [rates(0, [9, 10], [9, 1])]] as GateLine[][]) {
      const state = seen(lines);
      const named = new Set(standingOf(plan, state).flatMap(({ waiting }) => waiting.map(({ reason }) => reason)));
      const held = new Set(reasons(lines));
      if (named.has('NO_DATA')) held.delete('TOO_FEW');   // who has none has too few
      expect(named).toEqual(held);
    }
  });
  test('harm, and an alarm of a signal and of the assignment', () => {
    const harmed = seen(Array.from({ length: 6 }, (_, i) => rates(i, [100, 5], [100, 60])));
    expect(standingOf(plan, harmed)[0]).toMatchObject({ harm: 1 });
    expect(progressOf(plan, harmed)).toBe(1);   // decided, against it
    const odd = seen(Array.from({ length: 6 }, (_, i): GateLine[] => [
      { block: { metric: 'quality', i, stable: { h: [[0, 100]] }, candidate: { h: [[1, 100]] } } }, { block: { metric: 'assignment', i, stable: { n: 900 }, candidate: { n: 100 } } }]).flat());
    expect(standingOf(plan, odd).map(({ waiting }) => waiting[0]?.reason)).toEqual(['NO_DATA', 'SIGNAL_ALARM', 'SRM']);
    expect(standingOf(plan, seen([{ acknowledge: { metric: 'assignment' } }]))[2]).toMatchObject({ next: null, waiting: [] });
    expect(progressOf(plan, odd)).toBe(0);
  });
});

function reasons(lines: readonly GateLine[]): readonly string[] {
  const decision = decisionOf(plan, seen(lines));
  return decision.decision === 'HOLD' ? decision.reasons : [];
}
