import { expectedOf, faultOfText, faultsOfThreshold, graded } from './texts.js';
import type { Answer, Checks, Item, ScoreResult } from './types.js';

/** Similarity of meaning to the expected answer. With a threshold the value becomes 1 or 0. */
export interface SemanticSpec { readonly kind: 'semantic'; readonly threshold?: number }

export const faultsOfSemantic = ({ threshold }: SemanticSpec): string[] => faultsOfThreshold(threshold);

/**
 * Cosine of answer and expected answer, where opposite and unrelated both count as 0. Sentence vectors of unrelated texts lie about 0, so
 * stretching [-1, 1] over [0, 1] would call nonsense half right.
 */
export function scoreSemantic(spec: SemanticSpec, answer: Answer, item: Item, checks: Checks): ScoreResult {
  const expected = expectedOf(item);
  if ('error' in expected) return expected;
  const fault = faultOfText(answer.text);
  if (fault !== undefined) return { error: fault };
  if (answer.text.trim() === '') return { value: 0, label: 'fail', explanation: 'the answer is empty' };
  const cosine = checks.similarity(answer.text, expected.text);
  if (cosine === undefined) return { error: 'a text was not embedded' };
  if (!Number.isFinite(cosine)) return { error: 'the similarity is not a number' };
  return graded(cosine, spec.threshold, `similarity ${Math.min(1, Math.max(0, cosine)).toFixed(3)}`);
}
