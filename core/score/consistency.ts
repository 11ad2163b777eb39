import { faultsOfThreshold } from './texts.js';
import type { Answer, Checks, Others, ScoreResult } from './types.js';

/**
 * How much the repetitions of one case agree: for each answer the share of the others that say the same, so that their mean is the share of
 * pairs that agree. By text, or by meaning where the cosine reaches `threshold`.
 */
export interface ConsistencySpec { readonly kind: 'consistency'; readonly by: 'text' | 'meaning'; readonly threshold?: number }

/** MiniLM puts two wordings of one fact at 0.75 to 0.95 and two facts about one thing below. */
const SAME_MEANING = 0.85;

export function faultsOfConsistency({ by, threshold }: ConsistencySpec): string[] {
  if (!(['text', 'meaning'] as readonly string[]).includes(by)) return [`by is "text" or "meaning", not "${by}"`];
  return by === 'text' && threshold !== undefined ? ['a threshold says nothing where texts are compared as they are'] : faultsOfThreshold(threshold);
}

export const textsOfConsistency = ({ by }: ConsistencySpec, answer: Answer, { repetitions }: Others): string[] =>
  (by === 'meaning' ? [answer.text, ...repetitions.filter((one) => one !== null)].filter((text) => text.trim() !== '') : []);

/** An answer that is an error agrees with nothing: it stays in the denominator. */
export function scoreConsistency({ by, threshold = SAME_MEANING }: ConsistencySpec, answer: Answer, { repetitions }: Others, checks: Checks): ScoreResult {
  if (repetitions.length === 0) return { error: 'one repetition has nothing to agree with: the policy asks for at least 2' };
  const own = normalised(answer.text);
  let agreeing = 0;
  for (const other of repetitions) {
    if (other === null) continue;
    if (normalised(other) === own) { agreeing += 1; continue; }
    if (by === 'text' || own === '' || normalised(other) === '') continue;
    const cosine = checks.similarity(answer.text, other);
    if (cosine === undefined || !Number.isFinite(cosine)) return { error: 'a text was not embedded' };
    if (cosine >= threshold) agreeing += 1;
  }
  return { value: agreeing / repetitions.length, explanation: `${agreeing} of ${repetitions.length} other repetitions agree` };
}

/** Case, width, spaces and the punctuation around it are not what an answer says. */
export function normalised(text: string): string {
  const plain = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ');
  let from = 0;
  let to = plain.length;
  while (from < to && AROUND.test(plain.charAt(from))) from += 1;
  while (to > from && AROUND.test(plain.charAt(to - 1))) to -= 1;
  return plain.slice(from, to);
}
const AROUND = /[\s\p{P}]/u;
