import type { Item, ScoreResult } from './types.js';

/** Longer than any answer a model gives in one go; above it time and memory would be the answer's to decide. */
export const TEXT_LENGTH_MAX = 256 * 1024;
const LONE_SURROGATE = /\p{Cs}/u;

/** Why a text is not scored at all; `undefined` when it may be. Half a character and a NUL are looked for here, so that no library meets them. */
export function faultOfText(text: string, what = 'the answer'): string | undefined {
  if (text.length > TEXT_LENGTH_MAX) return `${what} is longer than ${TEXT_LENGTH_MAX} characters`;
  if (text.includes('\u0000')) return `${what} holds a NUL character`;
  return LONE_SURROGATE.test(text) ? `${what} holds half of a surrogate pair` : undefined;
}

/** One composed form, so that an accent written in two ways is one text. */
export const folded = (text: string, ignoresCase: boolean): string => (ignoresCase ? text.normalize('NFC').toLowerCase() : text.normalize('NFC'));

/** What the case expects, where comparing with nothing would say nothing. */
export function expectedOf(item: Item): { readonly text: string } | { readonly error: string } {
  if (item.expected === undefined || item.expected.trim() === '') return { error: 'the item has no expected answer' };
  const fault = faultOfText(item.expected, 'the expected answer');
  return fault === undefined ? { text: item.expected } : { error: fault };
}

/** A degree as a score: as it is, or 1 and 0 by a threshold. */
export function graded(value: number, threshold: number | undefined, explanation: string): ScoreResult {
  if (!Number.isFinite(value)) return { error: 'the value is not a number' };
  const inside = Math.min(1, Math.max(0, value));
  if (threshold === undefined) return { value: inside, explanation };
  return inside >= threshold ? { value: 1, label: 'pass', explanation } : { value: 0, label: 'fail', explanation };
}

/** A threshold of 0 could not fail. */
export const faultsOfThreshold = (threshold: number | undefined): string[] =>
  (threshold === undefined || (threshold > 0 && threshold <= 1) ? [] : [`threshold is above 0 and at most 1, not ${threshold}`]);
