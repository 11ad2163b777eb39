/**
 * Parts of a dataset that must not collapse behind a good mean. Each slice is asked whether its candidate has lost more than the margin, or
 * lies below the floor, by the same paired e-test as the whole (statistics.md section 3); a slice passes nothing by itself. Slices together
 * spend half of an evaluator's part of alpha, the whole the other half, so that all false FAILs stay below alphaGate.
 */
import { startPaired, stepPaired } from '../stats/index.js';
import type { PairedTest } from '../stats/index.js';

/** What one slice has shown to one evaluator: plain sums and the fail test of each of its questions, in their order. */
export interface SliceState { readonly n: number; readonly candidate: number; readonly baseline: number; readonly fail: readonly PairedTest[] }

/** One question put to a slice: `x` is what is tested, `tolerated` what it may lose. */
export interface SliceQuestion { readonly test: 'MARGIN' | 'FLOOR'; readonly limit: number }

export const startSlices = (slices: readonly string[], questions: number): Readonly<Record<string, SliceState>> | undefined =>
  (slices.length === 0 ? undefined : Object.fromEntries(slices.map((name) => [name, { n: 0, candidate: 0, baseline: 0, fail: Array.from({ length: questions }, startPaired) }])));

/** One item into the slices whose tag it carries. */
export function stepSlices(states: Readonly<Record<string, SliceState>>, tags: readonly string[], questions: readonly SliceQuestion[], candidate: number, baseline: number): Readonly<Record<string, SliceState>> {
  return Object.fromEntries(Object.entries(states).map(([name, own]) => [name, !tags.includes(name) ? own : {
    n: own.n + 1, candidate: own.candidate + candidate, baseline: own.baseline + baseline,
    fail: questions.map(({ test, limit }, index) => {
      const before = own.fail[index] ?? startPaired();
      // A margin's limit is -delta: what a slice may lose is what the whole may, and no more.
      return test === 'MARGIN' ? stepPaired(before, -(candidate - baseline), limit) : stepPaired(before, -(candidate - limit), 0);
    }),
  }]));
}

/** Of an evaluator's part of alpha: what the whole keeps, and what each slice gets. */
export const partsOf = (part: number, slices: number): { readonly whole: number; readonly slice: number } => (slices === 0 ? { whole: part, slice: 0 } : { whole: part / 2, slice: part / (2 * slices) });
