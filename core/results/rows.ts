/** What an evaluation found on each case: both arms' scores, and which way they differ. */
import { answerId, scoreId, valueFor, type ArmAt, type EvaluatorAt } from './keys.js';

export const ROW_OUTCOMES = ['REGRESSED', 'IMPROVED', 'SAME', 'ERROR'] as const;
export type RowOutcome = (typeof ROW_OUTCOMES)[number];

/** An arm's score of a case: the mean of its repetitions, in which an error is a 0 as in the verdict; the words are those of the worst one. */
export interface ArmScore { readonly value: number | null; readonly error: string | null; readonly label: string | null; readonly explanation: string | null }
export interface RowScore {
  readonly evaluator: string; readonly candidate: ArmScore; readonly baseline: ArmScore | null;
  /** candidate less baseline, an error counted as 0; `null` without a baseline, or where an answer is no longer kept */
  readonly difference: number | null;
  /** `null` where there is nothing to compare with */
  readonly outcome: RowOutcome | null;
}
/** Of a hidden case nobody is told more than its id and its tags: whoever shows a row leaves its scores out, and neither filter nor order tells them. */
export interface ScoredRow { readonly position: number; readonly item: string; readonly tags: readonly string[]; readonly hidden: boolean; readonly scores: readonly RowScore[] }

export interface KeptAnswer { readonly text: string | null; readonly error: string | null }
export interface KeptScore { readonly value: number | null; readonly error: string | null; readonly label: string | null; readonly explanation: string | null }
/** What was asked of each case. The candidate comes first; without a baseline it is alone. */
export interface Asked { readonly evaluators: readonly EvaluatorAt[]; readonly arms: readonly ArmAt[]; readonly repetitions: number }
/** What is kept of it, by id. */
export interface Kept { readonly answers: ReadonlyMap<string, KeptAnswer>; readonly scores: ReadonlyMap<string, KeptScore> }

/** Ids under which the answers and scores of some cases are kept, each once. */
export function idsOf({ evaluators, arms, repetitions }: Asked, items: readonly { readonly itemDigest: string }[]): { readonly answers: readonly string[]; readonly scores: readonly string[] } {
  const each = items.flatMap((item) => arms.flatMap((arm) => Array.from({ length: repetitions }, (_, repetition) => ({ item, arm, repetition }))));
  return {
    answers: [...new Set(each.map(({ item, arm, repetition }) => answerId(arm.content.application, arm.content.digest, item.itemDigest, repetition)))],
    scores: [...new Set(each.flatMap(({ item, arm, repetition }) => evaluators.map((evaluator) => scoreId(evaluator, arms, arm, item, repetition, repetitions))))],
  };
}

/** The scores of one case. What is no longer kept is an error that says so, never a number. */
export function scoresOfCase(asked: Asked, item: { readonly itemDigest: string }, kept: Kept): readonly RowScore[] {
  const [candidate, baseline] = [asked.arms.find(({ name }) => name === 'candidate'), asked.arms.find(({ name }) => name === 'baseline')];
  if (candidate === undefined) return [];
  return asked.evaluators.map((evaluator): RowScore => {
    const own = armScore(asked, evaluator, candidate, item, kept);
    const other = baseline === undefined ? null : armScore(asked, evaluator, baseline, item, kept);
    const isGone = own.isGone || other?.isGone === true;
    const difference = other === null || isGone ? null : (own.score.value ?? 0) - (other.score.value ?? 0);
    return { evaluator: evaluator.name, candidate: own.score, baseline: other?.score ?? null, difference, outcome: isGone ? null : outcomeOf(own.score, other?.score ?? null, difference) };
  });
}

const GONE = 'the answer is no longer kept';
/** Two means of the same numbers may differ in their last bit. */
const EQUAL = 1e-9;

function outcomeOf(candidate: ArmScore, baseline: ArmScore | null, difference: number | null): RowOutcome | null {
  if (candidate.error !== null || (baseline?.error ?? null) !== null) return 'ERROR';
  if (difference === null) return null;
  return difference < -EQUAL ? 'REGRESSED' : difference > EQUAL ? 'IMPROVED' : 'SAME';
}

function armScore({ arms, repetitions }: Asked, evaluator: EvaluatorAt, arm: ArmAt, item: { readonly itemDigest: string }, { answers, scores }: Kept): { readonly score: ArmScore; readonly isGone: boolean } {
  const all = Array.from({ length: repetitions }, (_, repetition): ArmScore & { readonly isGone: boolean } => {
    const none = { value: null, label: null, explanation: null, isGone: false };
    const answer = answers.get(answerId(arm.content.application, arm.content.digest, item.itemDigest, repetition));
    if (answer === undefined) return { ...none, error: GONE, isGone: true };
    if (answer.error !== null) return { ...none, error: answer.error };
    const score = scores.get(scoreId(evaluator, arms, arm, item, repetition, repetitions));
    if (score === undefined) return { ...none, error: 'no score is kept' };
    if (score.error !== null) return { ...none, error: score.error };
    // A pair's words are said of the candidate.
    const words = evaluator.spec.kind === 'pairwise' && arm.name === 'baseline' ? { label: null, explanation: null } : { label: score.label, explanation: score.explanation };
    return { value: valueFor(evaluator, arm, score.value), error: null, ...words, isGone: false };
  });
  const isGone = all.some((one) => one.isGone);
  const worst = all.reduce<ArmScore | undefined>((least, one) => (least === undefined || (one.value ?? -1) < (least.value ?? -1) ? one : least), undefined);
  const value = isGone || all.every((one) => one.value === null) ? null : all.reduce((sum, one) => sum + (one.value ?? 0), 0) / repetitions;
  return { score: { value, error: all.find(({ error }) => error !== null)?.error ?? null, label: worst?.label ?? null, explanation: worst?.explanation ?? null }, isGone };
}

export interface RowFilter { readonly evaluator?: string | undefined; readonly outcome?: RowOutcome | undefined; readonly tag?: string | undefined }

/** With an outcome: that evaluator's, or any one's where none is named. A hidden case is found by its tags alone, or the filter would tell its scores. */
export function matches({ scores, tags, hidden }: ScoredRow, { evaluator, outcome, tag }: RowFilter): boolean {
  if (tag !== undefined && !tags.includes(tag)) return false;
  if (hidden) return evaluator === undefined && outcome === undefined;
  const asked = evaluator === undefined ? scores : scores.filter((one) => one.evaluator === evaluator);
  return evaluator !== undefined && asked.length === 0 ? false : outcome === undefined || asked.some((one) => one.outcome === outcome);
}

/** Worst first: the largest loss of the evaluator, or of any; without a baseline the lowest score. What nothing is known of, and what is hidden, comes last. */
export function worstFirst(rows: readonly ScoredRow[], evaluator?: string): readonly ScoredRow[] {
  const keyOf = ({ scores, hidden }: ScoredRow): number => (hidden ? Infinity : Math.min(...scores.filter((one) => evaluator === undefined || one.evaluator === evaluator)
    .map(({ difference, candidate, baseline, outcome }) => difference ?? (baseline === null && (outcome === 'ERROR' || candidate.value !== null) ? (candidate.value ?? 0) : Infinity))));
  const keys = new Map(rows.map((row) => [row, keyOf(row)]));
  return [...rows].sort((a, b) => { const [x, y] = [keys.get(a) ?? 0, keys.get(b) ?? 0]; return x === y ? a.position - b.position : x - y; });
}
