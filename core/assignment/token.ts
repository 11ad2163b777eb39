import type { ApplicationKey, Hmac, ReleaseId } from '../ids.js';
import { base64UrlOf, bytesOfBase64Url, hexOf, textOf, utf8Of } from './bytes.js';
import type { Arm } from './lease.js';

/** HKDF-SHA256 without salt, 32 bytes. */
export type Hkdf = (key: Uint8Array, info: string) => Uint8Array;

/** Who was assigned what, when, by whom: what a token proves. */
export interface TokenFields {
  readonly rev: number;
  /** The database's second, carried on the minting reader's monotonic clock. */
  readonly assignedAtSec: number;
  /** 0 where the split has no candidate. */
  readonly bucket: number;
  readonly arm: Arm;
  /** 16 hex digits; see `unitOf`. */
  readonly unit: string;
  readonly application: ApplicationKey;
  readonly environment: string;
  readonly release: ReleaseId;
  readonly reader: string;
}
/** What decides which key a token is sealed with. */
export type TokenOrigin = Pick<TokenFields, 'application' | 'environment' | 'reader' | 'assignedAtSec'>;

const MAC_LENGTH = 16;
const HEAD_LENGTH = 19;   // rev 4, assignedAtSec 4, bucket 2, arm 1, unit 8
const TEXT_LENGTH_MAX = 1_600;
const UNIT = /^[0-9a-f]{16}$/;

/**
 * `"1." + base64url(payload ‖ mac)`: rev u32, assignedAtSec u32, bucket u16, arm u8, unit 8 bytes, then application, environment, release
 * and reader, each as one length byte and UTF-8; integers big-endian; mac = HMAC-SHA256(reader key, payload)[0..16].
 *
 * @throws RangeError for a field that has no place in the layout: the caller's bug
 */
export function sealToken(fields: TokenFields, hmac: Hmac, readerKey: Uint8Array): string {
  if (!isUint(fields.rev, 0xffffffff) || !isUint(fields.assignedAtSec, 0xffffffff) || !isUint(fields.bucket, 0xffff) || !UNIT.test(fields.unit)) {
    throw new RangeError('rev, assignedAtSec, bucket or unit is out of the bounds of a token');
  }
  const texts = [fields.application, fields.environment, fields.release, fields.reader].map(utf8Of);
  const payload = new Uint8Array(HEAD_LENGTH + texts.reduce((sum, bytes) => sum + 1 + bytes.length, 0));
  const view = new DataView(payload.buffer);
  view.setUint32(0, fields.rev);
  view.setUint32(4, fields.assignedAtSec);
  view.setUint16(8, fields.bucket);
  view.setUint8(10, fields.arm === 'candidate' ? 1 : 0);
  for (let i = 0; i < 8; i += 1) view.setUint8(11 + i, Number.parseInt(fields.unit.slice(2 * i, 2 * i + 2), 16));
  let at = HEAD_LENGTH;
  for (const bytes of texts) {
    if (bytes.length > 255) throw new RangeError('a name in a token has at most 255 bytes');
    view.setUint8(at, bytes.length);
    payload.set(bytes, at + 1);
    at += 1 + bytes.length;
  }
  const sealed = new Uint8Array(payload.length + MAC_LENGTH);
  sealed.set(payload);
  sealed.set(hmac(readerKey, payload).subarray(0, MAC_LENGTH), payload.length);
  return `1.${base64UrlOf(sealed)}`;
}

/**
 * What a token says, if its seal holds.
 *
 * @param keyOf  the reader key for an origin that nothing vouches for yet; null refuses it
 * @returns      null for anything that is not a token sealed with that key; there is one text per token
 */
export function openToken(text: string, keyOf: (origin: TokenOrigin) => Uint8Array | null, hmac: Hmac): TokenFields | null {
  if (text.length > TEXT_LENGTH_MAX || !text.startsWith('1.')) return null;
  const sealed = bytesOfBase64Url(text, 2);
  if (sealed === null || sealed.length < HEAD_LENGTH + 4 + MAC_LENGTH) return null;
  const payload = sealed.subarray(0, sealed.length - MAC_LENGTH);
  const fields = fieldsOf(payload);
  const key = fields === null ? null : keyOf(fields);
  if (key === null) return null;
  const mac = hmac(key, payload);
  let difference = 0;
  for (let i = 0; i < MAC_LENGTH; i += 1) difference |= (mac[i] ?? 0) ^ (sealed[payload.length + i] ?? 0);
  return difference === 0 ? fields : null;
}

function fieldsOf(payload: Uint8Array): TokenFields | null {
  const view = new DataView(payload.buffer, payload.byteOffset, payload.byteLength);
  const texts: string[] = [];
  let at = HEAD_LENGTH;
  while (texts.length < 4) {
    const length = payload[at];
    if (length === undefined || at + 1 + length > payload.length) return null;
    const text = textOf(payload.subarray(at + 1, at + 1 + length));
    if (text === null) return null;
    texts.push(text);
    at += 1 + length;
  }
  const arm = view.getUint8(10);
  if (at !== payload.length || arm > 1) return null;
  const [application = '', environment = '', release = '', reader = ''] = texts;
  return {
    rev: view.getUint32(0), assignedAtSec: view.getUint32(4), bucket: view.getUint16(8), arm: arm === 1 ? 'candidate' : 'stable',
    unit: hexOf(payload.subarray(11, 19)), application, environment, release, reader,
  };
}

/** reader key = HKDF(K, reader) with K = HKDF(token key, "assignment|" application "|" environment "|" YYYY-MM-DD), the UTC day of the assignment. */
export const readerKeyOf = (tokenKey: Uint8Array, hkdf: Hkdf, origin: TokenOrigin): Uint8Array =>
  hkdf(hkdf(tokenKey, `assignment|${origin.application}|${origin.environment}|${dayOf(origin.assignedAtSec)}`), origin.reader);

/** The application's key for units = HKDF(token key, "unit|" application). */
export const unitKeyOf = (tokenKey: Uint8Array, hkdf: Hkdf, application: ApplicationKey): Uint8Array => hkdf(tokenKey, `unit|${application}`);

/** The unit of a targetingKey: 8 bytes of HMAC under the application's key, as hex. It names no user, and two applications cannot be joined by it. */
export const unitOf = (unitKey: Uint8Array, hmac: Hmac, targetingKey: string): string => hexOf(hmac(unitKey, utf8Of(targetingKey)).subarray(0, 8));

/** What a program needs of tokens, with the key inside: rooms are handed this, never the key. */
export interface Tokens {
  seal(fields: TokenFields): string;
  open(text: string): TokenFields | null;
  unitOf(application: ApplicationKey, targetingKey: string): string;
}

/** @param keysMax  derived keys that are remembered; the origin of a token that is opened is a stranger's claim until its seal holds */
export function createTokens({ tokenKey, hmac, hkdf, keysMax = 2_000 }: { readonly tokenKey: Uint8Array; readonly hmac: Hmac; readonly hkdf: Hkdf; readonly keysMax?: number }): Tokens {
  const keys = new Map<string, Uint8Array>();
  const remembered = (name: string, make: () => Uint8Array): Uint8Array => {
    let key = keys.get(name);
    if (key !== undefined) return key;
    key = make();
    if (keys.size >= keysMax) keys.delete(keys.keys().next().value ?? '');
    keys.set(name, key);
    return key;
  };
  const readerKey = (origin: TokenOrigin): Uint8Array => remembered(
    `reader|${Math.floor(origin.assignedAtSec / 86_400)}|${origin.application}|${origin.environment}|${origin.reader}`, () => readerKeyOf(tokenKey, hkdf, origin));
  return {
    seal: (fields) => sealToken(fields, hmac, readerKey(fields)),
    open: (text) => openToken(text, readerKey, hmac),
    unitOf: (application, targetingKey) => unitOf(remembered(`unit|${application}`, () => unitKeyOf(tokenKey, hkdf, application)), hmac, targetingKey),
  };
}

/** YYYY-MM-DD, UTC. @see Howard Hinnant, "chrono-compatible low-level date algorithms" */
export function dayOf(sec: number): string {
  const days = Math.floor(sec / 86_400) + 719_468;
  const era = Math.floor(days / 146_097);
  const ofEra = days - era * 146_097;
  const yearOfEra = Math.floor((ofEra - Math.floor(ofEra / 1_460) + Math.floor(ofEra / 36_524) - Math.floor(ofEra / 146_096)) / 365);
  const ofYear = ofEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const fromMarch = Math.floor((5 * ofYear + 2) / 153);
  const day = ofYear - Math.floor((153 * fromMarch + 2) / 5) + 1;
  const month = fromMarch < 10 ? fromMarch + 3 : fromMarch - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

const isUint = (value: number, max: number): boolean => Number.isInteger(value) && value >= 0 && value <= max;
