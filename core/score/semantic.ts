import type { Answer, Checks, Item, ScoreResult } from './types.js';

/** Similarity of meaning to the expected answer. With a threshold the value becomes 1 or 0. */
export interface SemanticSpec { readonly kind: 'semantic'; readonly threshold?: number }

export function faultsOfSemantic(spec: SemanticSpec): string[] {
  const { threshold } = spec;
  if (threshold === undefined || (threshold > 0 && threshold <= 1)) return [];
  return [`threshold is above 0 and at most 1, not ${threshold}`];
}

/**
 * Cosine of answer and expected answer, where opposite and unrelated both count as 0. Sentence vectors of unrelated texts lie about 0, so
 * stretching [-1, 1] over [0, 1] would call nonsense half right.
 */
export function scoreSemantic(spec: SemanticSpec, answer: Answer, item: Item, checks: Checks): ScoreResult {
  if (item.expected === undefined || item.expected.trim() === '') return { error: 'the item has no expected answer' };
  if (answer.text.trim() === '') return { value: 0, label: 'fail', explanation: 'the answer is empty' };
  const cosine = checks.similarity(answer.text, item.expected);
  if (cosine === undefined) return { error: 'a text was not embedded' };
  if (!Number.isFinite(cosine)) return { error: 'the similarity is not a number' };
  const similarity = Math.min(1, Math.max(0, cosine));
  const explanation = `similarity ${similarity.toFixed(3)}`;
  if (spec.threshold === undefined) return { value: similarity, explanation };
  return similarity >= spec.threshold ? { value: 1, label: 'pass', explanation } : { value: 0, label: 'fail', explanation };
}
