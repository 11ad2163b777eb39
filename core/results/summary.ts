/** What an evaluation's rows say together: per evaluator, per arm, per tag. For display; what decides is in `core/gate`. */
import { asymptoticRadius } from '../stats/index.js';
import type { ArmName } from './keys.js';
import type { RowScore, ScoredRow } from './rows.js';

/** Level of each interval by itself: 1 - 0.05, whenever one looks. */
export const SHOWN_ALPHA = 0.05;
/** A tag is anything; of more than these the most frequent are shown. */
export const TAGS_SHOWN_MAX = 50;

export interface Shown { readonly estimate: number; readonly lower: number; readonly upper: number }
export interface Spread { readonly n: number; readonly mean: number; readonly sd: number | null }

/**
 * A mean with the asymptotic interval of statistics.md 2.7 (17), two-sided, valid whenever one looks, cut to what can be. The variance has one
 * unit of ¼ added, as in (18): a few equal scores do not show that all are equal.
 *
 * @param planned  cases of the dataset; there the interval is tightest
 * @param bounds   least and greatest value: [0, 1] of a score, [-1, 1] of a difference
 * @returns        `null` of fewer than two cases
 */
export function shownMean({ n, mean, sd }: Spread, planned: number, [least, most]: readonly [number, number]): Shown | null {
  if (n < 2 || sd === null) return null;
  const radius = asymptoticRadius({ alpha: SHOWN_ALPHA, sides: 2, tStar: Math.max(2, planned) }, n, Math.sqrt(((n - 1) * sd * sd + 0.25) / n));
  return { estimate: mean, lower: Math.max(least, mean - radius), upper: Math.min(most, mean + radius) };
}
export const shownDifference = (spread: Spread, planned: number): Shown | null => shownMean(spread, planned, [-1, 1]);
export const shownScore = (spread: Spread, planned: number): Shown | null => shownMean(spread, planned, [0, 1]);

export function spreadOf(values: readonly number[]): Spread | null {
  const n = values.length;
  if (n === 0) return null;
  const mean = values.reduce((sum, x) => sum + x, 0) / n;
  return { n, mean, sd: n < 2 ? null : Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (n - 1)) };
}

/** One evaluator's rows, counted; errors are among them, as 0. */
export interface Counted {
  readonly regressed: number; readonly improved: number; readonly same: number; readonly errors: number;
  readonly candidate: Spread | null; readonly baseline: Spread | null; readonly difference: Spread | null;
}
export function countedOf(rows: readonly ScoredRow[], evaluator: string): Counted {
  const own = rows.flatMap(({ scores }) => scores.filter((one) => one.evaluator === evaluator));
  const count = (outcome: RowScore['outcome']): number => own.filter((one) => one.outcome === outcome).length;
  // An arm whose answers are no longer kept is known for no row, or its mean would be that of some.
  const armOf = (pick: (one: RowScore) => RowScore['candidate'] | null): Spread | null => {
    const scores = own.map(pick);
    return scores.some((one) => one === null) || own.some(({ outcome, baseline }) => outcome === null && baseline !== null) ? null : spreadOf(scores.map((one) => one?.value ?? 0));
  };
  return {
    regressed: count('REGRESSED'), improved: count('IMPROVED'), same: count('SAME'), errors: count('ERROR'),
    candidate: armOf(({ candidate }) => candidate), baseline: armOf(({ baseline }) => baseline),
    difference: own.some(({ difference }) => difference === null) ? null : spreadOf(own.map(({ difference }) => difference ?? 0)),
  };
}

export interface Slice { readonly tag: string; readonly evaluator: string; readonly n: number; readonly candidate: number; readonly baseline: number | null; readonly difference: Shown | null; readonly regressed: number }
/** By tag, most frequent first. Hidden cases have no part in it: a slice of one would tell their score. */
export function slicesOf(rows: readonly ScoredRow[], evaluators: readonly string[], planned: number): readonly Slice[] {
  const open = rows.filter(({ hidden }) => !hidden);
  const byTag = new Map<string, ScoredRow[]>();
  for (const row of open) for (const tag of new Set(row.tags)) byTag.set(tag, [...byTag.get(tag) ?? [], row]);
  const tags = [...byTag].sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1)).slice(0, TAGS_SHOWN_MAX);
  return tags.flatMap(([tag, own]) => evaluators.flatMap((evaluator): Slice[] => {
    const { candidate, baseline, difference, regressed } = countedOf(own, evaluator);
    return candidate === null ? [] : [{ tag, evaluator, n: own.length, candidate: candidate.mean, baseline: baseline?.mean ?? null, difference: difference === null ? null : shownDifference(difference, planned), regressed }];
  }));
}

/** What is counted of an answer. Not its text, or thousands of them would be held at once. */
export interface MeasuredAnswer {
  readonly error: string | null; readonly inputTokens: number | null; readonly outputTokens: number | null; readonly costUsd: number | null; readonly durationMs: number;
  readonly length: number | null;
  /** the same number for answers to a case that say the same, word for word; `null` of an error, which agrees with nothing */
  readonly says: number | null;
}
/** @param answers  those of one arm to one case, in their repetitions */
export function measuredOf(answers: readonly (Omit<MeasuredAnswer, 'length' | 'says'> & { readonly text: string | null })[]): readonly MeasuredAnswer[] {
  const texts = answers.map(({ text }) => text?.trim() ?? null);
  return answers.map(({ text, error, inputTokens, outputTokens, costUsd, durationMs }, i) => ({ error, inputTokens, outputTokens, costUsd, durationMs, length: text?.length ?? null, says: texts[i] === null ? null : texts.indexOf(texts[i] ?? null) }));
}

/** All answers of an arm. What one of them does not say is unknown of the whole: null, never 0. */
export interface ArmTotals {
  readonly arm: ArmName; readonly answers: number; readonly errors: number; readonly costUsd: number | null; readonly inputTokens: number | null; readonly outputTokens: number | null;
  /** of answers that are no errors; by nearest rank */
  readonly latencyMs: { readonly p50: number; readonly p90: number; readonly p99: number } | null;
  /** mean length of the answers, in characters */
  readonly length: number | null;
  /** share of pairs of repetitions of a case that say the same, word for word; `null` with one repetition */
  readonly agreement: number | null;
}

/** @param cases  an arm's answers, case by case, each with its repetitions */
export function totalsOf(arm: ArmName, cases: readonly (readonly MeasuredAnswer[])[]): ArmTotals {
  const all = cases.flat();
  const good = all.filter(({ error }) => error === null);
  const sum = (pick: (one: MeasuredAnswer) => number | null): number | null => good.reduce<number | null>((total, one) => { const part = pick(one); return total === null || part === null ? null : total + part; }, good.length === 0 ? null : 0);
  const durations = good.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
  const quantile = (p: number): number => durations[Math.max(0, Math.ceil(p * durations.length) - 1)] ?? 0;
  const agreements = cases.flatMap(agreementOf);
  return {
    arm, answers: all.length, errors: all.length - good.length, costUsd: sum(({ costUsd }) => costUsd), inputTokens: sum(({ inputTokens }) => inputTokens), outputTokens: sum(({ outputTokens }) => outputTokens),
    latencyMs: durations.length === 0 ? null : { p50: quantile(0.5), p90: quantile(0.9), p99: quantile(0.99) },
    length: good.length === 0 ? null : good.reduce((total, { length }) => total + (length ?? 0), 0) / good.length,
    agreement: agreements.length === 0 ? null : agreements.reduce((total, one) => total + one, 0) / agreements.length,
  };
}

function agreementOf(answers: readonly MeasuredAnswer[]): readonly number[] {
  const pairs = answers.flatMap((one, i) => answers.slice(i + 1).map((other) => one.says !== null && one.says === other.says));
  return pairs.length === 0 ? [] : [pairs.filter(Boolean).length / pairs.length];
}
