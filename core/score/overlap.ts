import { expectedOf, faultsOfThreshold, folded, graded } from './texts.js';
import type { Answer, Checks, Item, ScoreResult } from './types.js';

/** How much of the wording agrees with the expected answer. With a threshold the value becomes 1 or 0. */
export type OverlapSpec =
  | { readonly kind: 'rougeL'; readonly threshold?: number }
  | { readonly kind: 'bleu'; readonly threshold?: number }
  | { readonly kind: 'editDistance'; readonly threshold?: number; readonly ignoreCase?: boolean; readonly trim?: boolean };

/** Longest texts: the work grows with the product of both lengths. */
const TOKENS_MAX = 10_000;
const EDITED_LENGTH_MAX = 20_000;
const ORDER_MAX = 4;

export const faultsOfOverlap = ({ threshold }: OverlapSpec): string[] => faultsOfThreshold(threshold);

export function scoreOverlap(spec: OverlapSpec, answer: Answer, item: Item, checks: Pick<Checks, 'editDistance'>): ScoreResult {
  const expected = expectedOf(item);
  if ('error' in expected) return expected;
  if (spec.kind === 'editDistance') return scoreEdits(spec, answer.text, expected.text, checks);
  const candidate = tokensOf(answer.text);
  const reference = tokensOf(expected.text);
  if (reference.length === 0) return { error: 'the expected answer holds no word' };
  if (Math.max(candidate.length, reference.length) > TOKENS_MAX) return { error: `a text has more than ${TOKENS_MAX} words` };
  if (candidate.length === 0) return graded(0, spec.threshold, 'the answer holds no word');
  const value = spec.kind === 'rougeL' ? rougeL(candidate, reference) : bleu(candidate, reference);
  return graded(value, spec.threshold, `${spec.kind === 'rougeL' ? 'ROUGE-L' : 'BLEU'} ${value.toFixed(3)}`);
}

function scoreEdits({ threshold, ignoreCase, trim }: OverlapSpec & { kind: 'editDistance' }, text: string, expected: string, checks: Pick<Checks, 'editDistance'>): ScoreResult {
  const [a, b] = [text, expected].map((one) => folded(trim === true ? one.trim() : one, ignoreCase === true)) as [string, string];
  const longest = Math.max(a.length, b.length);
  if (longest > EDITED_LENGTH_MAX) return { error: `a text is longer than ${EDITED_LENGTH_MAX} characters` };
  const edits = checks.editDistance(a, b);
  return graded(1 - edits / longest, threshold, `${edits} edits in ${longest} characters`);
}

/**
 * Words in lower case, of any script; punctuation is left out. Scripts that write without spaces give one token a character, so that a
 * Chinese sentence is not one word.
 */
export const tokensOf = (text: string): string[] => text.normalize('NFKC').toLowerCase().match(WORDS) ?? [];
const WORDS = /[\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}]|(?:(?![\p{sc=Han}\p{sc=Hiragana}\p{sc=Katakana}\p{sc=Thai}\p{sc=Lao}\p{sc=Khmer}\p{sc=Myanmar}])[\p{L}\p{M}\p{N}])+/gu;

/** ROUGE-L: harmonic mean of the shares of both texts that their longest common subsequence covers. @see Lin (2004) */
export function rougeL(candidate: readonly string[], reference: readonly string[]): number {
  return 2 * commonLength(candidate, reference) / (candidate.length + reference.length);
}

/** Length of the longest common subsequence, 32 places of `b` at a time. @see Hyyrö, "Bit-parallel LCS-length computation revisited" (2004) */
export function commonLength(a: readonly string[], b: readonly string[]): number {
  const words = Math.ceil(b.length / 32);
  const inA = new Set(a);
  const places = new Map<string, Uint32Array>();
  b.forEach((token, i) => {
    if (!inA.has(token)) return;
    const mask = places.get(token) ?? new Uint32Array(words);
    mask[i >>> 5] = (mask[i >>> 5] ?? 0) | (1 << (i & 31));
    places.set(token, mask);
  });
  const row = new Uint32Array(words).fill(0xffffffff);
  for (const token of a) {
    const mask = places.get(token);
    if (mask === undefined) continue;
    let carry = 0;
    for (let w = 0; w < words; w++) {
      const v = row[w] ?? 0; const m = mask[w] ?? 0;
      const sum = v + ((v & m) >>> 0) + carry;
      carry = sum > 0xffffffff ? 1 : 0;
      row[w] = (sum >>> 0) | (v & ~m);
    }
  }
  let common = 0;
  for (let i = 0; i < b.length; i++) if (((row[i >>> 5] ?? 0) & (1 << (i & 31))) === 0) common += 1;
  return common;
}

/**
 * BLEU of one sentence: geometric mean of the clipped shares of its 1- to 4-grams (fewer where the reference is shorter), times the
 * penalty for being short. Above single words one match is added to numerator and denominator, or most sentences would be 0.
 *
 * @see Papineni et al. (2002); Lin, Och, "ORANGE" (2004) for the smoothing
 */
export function bleu(candidate: readonly string[], reference: readonly string[]): number {
  const order = Math.min(ORDER_MAX, reference.length);
  let logs = 0;
  for (let n = 1; n <= order; n++) {
    const known = gramsOf(reference, n);
    let matches = 0;
    for (const [gram, count] of gramsOf(candidate, n)) matches += Math.min(count, known.get(gram) ?? 0);
    const total = Math.max(1, candidate.length - n + 1);
    if (n === 1 && matches === 0) return 0;
    logs += Math.log(n === 1 ? matches / total : (matches + 1) / (total + 1));
  }
  const brevity = candidate.length >= reference.length ? 1 : Math.exp(1 - reference.length / candidate.length);
  return brevity * Math.exp(logs / order);
}

function gramsOf(tokens: readonly string[], n: number): Map<string, number> {
  const counts = new Map<string, number>();
  for (let i = 0; i + n <= tokens.length; i++) {
    const gram = tokens.slice(i, i + n).join(' ');
    counts.set(gram, (counts.get(gram) ?? 0) + 1);
  }
  return counts;
}
