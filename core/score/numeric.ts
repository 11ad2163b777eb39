import type { Answer, Item, ScoreResult } from './types.js';

/**
 * A number in a text against the expected one. It holds when they differ by at most `absolute`, or by at most `relative` of the expected
 * one, whichever allows more; with neither they must be equal.
 */
export interface NumericSpec {
  readonly kind: 'numeric';
  /** Which number of the answer counts: the only one (two are a wrong answer), the first, or the last. */
  readonly reads: 'only' | 'first' | 'last';
  /** What parts the fraction; the other mark may part thousands, in groups of three. */
  readonly decimal: 'point' | 'comma';
  readonly absolute?: number;
  readonly relative?: number;
}

export function faultsOfNumeric({ reads, decimal, absolute, relative }: NumericSpec): string[] {
  const isTolerance = (x: number | undefined): boolean => x === undefined || (x >= 0 && Number.isFinite(x));
  const places: readonly string[] = ['only', 'first', 'last'];
  return [
    ...(places.includes(reads) ? [] : [`reads is "only", "first" or "last", not "${reads}"`]),
    ...((['point', 'comma'] as readonly string[]).includes(decimal) ? [] : [`decimal is "point" or "comma", not "${decimal}"`]),
    ...(isTolerance(absolute) ? [] : [`absolute is 0 or more, not ${absolute}`]),
    ...(isTolerance(relative) && (relative ?? 0) < 1 ? [] : [`relative is a part below 1, not ${relative}`]),
  ];
}

/**
 * A run of digits and marks that no letter, digit or `_` stands directly before. Its sign counts where none of these stands before the sign
 * either, so a hyphen in a date is no minus. What stands after does not matter: `42km`, `42%` and `42.` are 42.
 */
const RUN = /(?:(?<![\p{L}\p{N}_])[-+\u2212])?(?<![\p{L}\p{N}_.,])[.,]?\d[\d.,]*(?:[eE][-+]?\d{1,9})?/gu;
const FORMS = {
  point: /^[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+)?(?:[eE][-+]?\d{1,9})?$/,
  comma: /^[-+]?(?:\d{1,3}(?:\.\d{3})+|\d+)?(?:,\d+)?(?:[eE][-+]?\d{1,9})?$/,
} as const;
/** A run longer than this is no number anybody meant. */
const RUN_LENGTH_MAX = 400;

/** Every number of a text in order. A run that is no number (`1.2.3`, `12,34` where a point parts the fraction) is left out. */
export function numbersIn(text: string, decimal: 'point' | 'comma'): number[] {
  const found: number[] = [];
  for (const [raw] of text.matchAll(RUN)) {
    const run = raw.replace(/[.,]{1,9}$/, '').replace('\u2212', '-');
    if (run.length > RUN_LENGTH_MAX || !FORMS[decimal].test(run)) continue;
    const value = Number(decimal === 'point' ? run.replaceAll(',', '') : run.replaceAll('.', '').replace(',', '.'));
    if (Number.isFinite(value)) found.push(value);
  }
  return found;
}

export function scoreNumeric({ reads, decimal, absolute = 0, relative = 0 }: NumericSpec, answer: Answer, item: Item): ScoreResult {
  if (item.expected === undefined) return { error: 'the item has no expected answer' };
  const wanted = numbersIn(item.expected, decimal);
  const [expected] = wanted;
  if (expected === undefined || wanted.length > 1) return { error: `the expected answer holds ${wanted.length === 0 ? 'no number' : 'more than one number'}` };
  const given = numbersIn(answer.text, decimal);
  const value = reads === 'last' ? given.at(-1) : given[0];
  if (value === undefined) return { value: 0, label: 'fail', explanation: 'the answer holds no number' };
  if (reads === 'only' && given.length > 1) return { value: 0, label: 'fail', explanation: `the answer holds ${given.length} numbers` };
  const allowed = Math.max(absolute, relative * Math.abs(expected));
  // 1.1 differs from 1 by 0.10000000000000009: a rounding in the last bits is not a difference, where any is allowed at all.
  const slack = allowed === 0 ? 0 : 4 * Number.EPSILON * Math.max(Math.abs(value), Math.abs(expected));
  const difference = Math.abs(value - expected);
  return difference <= allowed + slack ? { value: 1, label: 'pass' } : { value: 0, label: 'fail', explanation: `${value} differs from ${expected} by ${Number(difference.toPrecision(6))}, allowed is ${Number(allowed.toPrecision(6))}` };
}
