import type { Digest, Sha256 } from './ids.js';

/** Deeper than anything we make; what comes from outside and is deeper is refused rather than overflowing a stack. */
const DEPTH_MAX = 200;

/**
 * The one text of a JSON value: RFC 8785. No white space, members in the order of their names' UTF-16 code units, numbers as ECMAScript
 * writes them. What is hashed or signed is this text as UTF-8.
 *
 * @param value  plain JSON; a member that is `undefined` is left out, as JSON has no such value
 * @throws RangeError for NaN, an infinity, a lone surrogate, or nesting beyond 200
 * @throws TypeError for anything that JSON cannot say: a function, a big integer, a date, `undefined` in a list
 * @see RFC 8785, section 3.2
 */
export function canonical(value: unknown): string { return textOf(value, 0); }

/** `sha256:` + the hash of the canonical form. */
export const digestOf = (value: unknown, sha256: Sha256): Digest => `sha256:${sha256(canonical(value))}`;

function textOf(value: unknown, depth: number): string {
  if (depth > DEPTH_MAX) throw new RangeError(`nested more than ${DEPTH_MAX} deep`);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return quoted(value);
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new RangeError(`${value} is not a JSON number`);
    return JSON.stringify(value);   // ECMAScript's own form, and 0 for -0
  }
  if (Array.isArray(value)) return `[${value.map((one) => textOf(one, depth + 1)).join(',')}]`;
  if (typeof value === 'object' && isPlain(value)) {
    const members = Object.entries(value as Readonly<Record<string, unknown>>).filter(([, member]) => member !== undefined);
    members.sort(([a], [b]) => (a < b ? -1 : 1));   // `<` on strings compares UTF-16 code units; names are distinct
    return `{${members.map(([name, member]) => `${quoted(name)}:${textOf(member, depth + 1)}`).join(',')}}`;
  }
  throw new TypeError(`${Object.prototype.toString.call(value)} is not JSON`);
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}

const LONE_SURROGATE = /\p{Cs}/u;
function quoted(text: string): string {
  if (LONE_SURROGATE.test(text)) throw new RangeError('a text with half a surrogate pair has no UTF-8 form');
  return JSON.stringify(text);
}
