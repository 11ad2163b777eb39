import { z } from 'zod';
import type { ApplicationKey, BundleDigest } from '../core/ids.js';

/** The few shapes that inputs are made of. Whatever can grow has a named maximum. */

export const application = z.string().regex(/^[a-z][a-z0-9-]{1,38}$/, 'an application key is 2 to 39 lower-case letters, digits and dashes').transform((text): ApplicationKey => text);
/** Of an environment, a prompt, a model, a dataset, an evaluator, a policy. */
export const name = z.string().regex(/^[a-z][a-z0-9-]{0,62}$/, 'a name is at most 63 lower-case letters, digits and dashes, beginning with a letter');
/** Of a metric, a check, a tool, a label: also what libraries and spans call things. */
export const term = z.string().regex(/^[A-Za-z0-9_.-]{1,64}$/, 'at most 64 letters, digits, dots, dashes and underscores');
export const bundleDigest = z.string().regex(/^sha256:[0-9a-f]{64}$/, 'a digest is sha256: and 64 hexadecimal digits').transform((text): BundleDigest => text);
export const version = z.int().min(1).max(1_000_000_000);
export const id = z.string().regex(/^[A-Za-z0-9/_.:-]{1,200}$/, 'an id has at most 200 letters, digits, dashes and slashes');

const LONE_SURROGATE = /\p{Cs}/u;
/** Half a character has no place in UTF-8: two different texts would be stored as one. */
export const text = (max: number) => z.string().max(max).refine((one) => !LONE_SURROGATE.test(one), 'holds half of a surrogate pair');
export const filled = (max: number) => text(max).refine((one) => one.trim() !== '', 'must not be empty');
export const reason = filled(2_000);
export const idempotencyKey = z.string().min(8).max(128).regex(/^[\x21-\x7e]+$/, 'printable ASCII without spaces');

export const share = z.number().min(0).max(1);
export const probability = z.number().gt(0).lt(1);

/** Name and value, each name once; read as an object. */
export const settings = (entriesMax: number, valueMax: number) => z.array(z.strictObject({ name: filled(100), value: text(valueMax) })).max(entriesMax)
  .refine((pairs) => new Set(pairs.map((pair) => pair.name)).size === pairs.length, 'a name is there twice')
  .transform((pairs): Record<string, string> => Object.fromEntries(pairs.map((pair) => [pair.name, pair.value])));

export const JSON_BYTES_MAX = 65_536;
const JSON_DEPTH_MAX = 32;
/** Somebody's JSON object, such as a schema. */
export const json = z.custom<Readonly<Record<string, unknown>>>((value) => typeof value === 'object' && value !== null && !Array.isArray(value), 'is a JSON object')
  .refine((value) => depthOf(value) <= JSON_DEPTH_MAX, `is nested at most ${JSON_DEPTH_MAX} deep`)
  .refine((value) => depthOf(value) > JSON_DEPTH_MAX || JSON.stringify(value).length <= JSON_BYTES_MAX, `has at most ${JSON_BYTES_MAX} characters`);

/** Stops counting where it is too deep already. */
function depthOf(value: unknown, depth = 0): number {
  if (typeof value !== 'object' || value === null || depth > JSON_DEPTH_MAX) return depth;
  return Object.values(value).reduce<number>((most, one) => Math.max(most, depthOf(one, depth + 1)), depth + 1);
}

/** A path that names the entry which is there twice. */
export const unique = <T>(keyOf: (one: T) => string, what: string) => (list: readonly T[], context: z.RefinementCtx): void => {
  const seen = new Map<string, number>();
  for (const [index, one] of list.entries()) {
    const key = keyOf(one);
    const first = seen.get(key);
    if (first === undefined) seen.set(key, index);
    else context.addIssue({ code: 'custom', path: [index], message: `${what} ${key} is there twice, first at ${first}` });
  }
};

export const first = z.int().min(1).max(100);
export const after = z.string().min(1).max(500);
