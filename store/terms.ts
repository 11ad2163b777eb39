/** The few terms all pipelines and filters are made of. */
import { BadInputError } from '../core/errors.js';
import type { Intent } from './documents.js';

export type Term = unknown;
export type Filter = Readonly<Record<string, unknown>>;
export type Stage = Readonly<Record<string, unknown>>;

/** The one clock that must be agreed on. Never in the filter of an upsert: the server refuses it there. */
export const NOW = '$$NOW';

const LONE_SURROGATE = /\p{Surrogate}/u;
/** BSON would write U+FFFD for half a character, and two strings would become one. */
const isText = (value: unknown): boolean => typeof value !== 'string' || !LONE_SURROGATE.test(value);

/** Equal to a value from outside, whatever it is made of. Half a character equals nothing. */
export const eq = (value: unknown): Filter => (isText(value) ? { $eq: value } : { $in: [] });
/** One of these strings from outside; none, when there are none. `$in` would take a pattern for one: strings only. */
export const among = (values: readonly string[]): Filter => ({ $in: values.filter((value) => typeof value === 'string' && isText(value)) });
/** @throws BadInputError on an id that BSON cannot hold as it is */
export function assertText(id: string): string {
  if (!isText(id)) throw new BadInputError('An id holds half a character (a lone surrogate).');
  return id;
}

/** A value that no part of is taken for an expression. */
export const literal = (value: unknown): Term => ({ $literal: value });
/** The value, with what the database adds. Later parts win. */
export const merged = (...parts: readonly Term[]): Term => ({ $mergeObjects: parts });
/** The intent as it is stored. */
export const stamped = (intent: Intent): Term => merged(literal(intent), { at: NOW });
/** The array field with one more element, the last `keep` of them when given. */
export const pushed = (field: string, element: Term, keep?: number): Term => {
  const all = { $concatArrays: [{ $ifNull: [field, []] }, [element]] };
  return keep === undefined ? all : { $slice: [all, -keep] };
};
/** Pushes the intent unless it waits there already. */
export const intended = (intent: Intent): Term => ({ $cond: [{ $in: [literal(intent.id), '$intents.id'] }, '$intents', pushed('$intents', stamped(intent))] });
/** Milliseconds since a field's time. */
export const sinceMs = (field: string): Term => ({ $subtract: [NOW, field] });
/** The time this many milliseconds from now; negative is past. */
export const fromNow = (ms: number): Term => ({ $add: [NOW, ms] });
/** Writes the document where there is none, and leaves alone what is there. */
export const onlyIfMissing = (fresh: Term): readonly Stage[] => [{ $replaceWith: { $cond: [{ $eq: [{ $type: '$shape' }, 'missing'] }, fresh, '$$ROOT'] } }];
