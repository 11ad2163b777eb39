/** UTF-8 and base64url without a platform: the core has neither `TextEncoder` nor `Buffer`. */

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const VALUE = new Int8Array(128).fill(-1);
for (let i = 0; i < 64; i += 1) VALUE[ALPHABET.charCodeAt(i)] = i;

/** UTF-8 of a text; a lone surrogate becomes U+FFFD, as everywhere on the web. */
export function utf8Of(text: string): Uint8Array {
  const bytes: number[] = [];
  for (let i = 0; i < text.length; i += 1) {
    let point = text.charCodeAt(i);
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point < 0xdc00 ? text.charCodeAt(i + 1) : Number.NaN;
      if (low >= 0xdc00 && low <= 0xdfff) { point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00); i += 1; } else point = 0xfffd;
    }
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), 0x80 | (point & 0x3f));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
    else bytes.push(0xf0 | (point >> 18), 0x80 | ((point >> 12) & 0x3f), 0x80 | ((point >> 6) & 0x3f), 0x80 | (point & 0x3f));
  }
  return Uint8Array.from(bytes);
}

/** The text of well-formed UTF-8; null for anything else: over-long forms, surrogates, truncation. */
export function textOf(bytes: Uint8Array): string | null {
  let text = '';
  for (let i = 0; i < bytes.length;) {
    const first = bytes[i] ?? 0;
    const length = first < 0x80 ? 1 : first >= 0xc2 && first < 0xe0 ? 2 : first >= 0xe0 && first < 0xf0 ? 3 : first >= 0xf0 && first < 0xf5 ? 4 : 0;
    if (length === 0 || i + length > bytes.length) return null;
    let point = length === 1 ? first : first & (0x7f >> length);
    for (let k = 1; k < length; k += 1) {
      const next = bytes[i + k] ?? 0;
      if ((next & 0xc0) !== 0x80) return null;
      point = (point << 6) | (next & 0x3f);
    }
    if ((length === 3 && (point < 0x800 || (point >= 0xd800 && point <= 0xdfff))) || (length === 4 && (point < 0x10000 || point > 0x10ffff))) return null;
    text += String.fromCodePoint(point);
    i += length;
  }
  return text;
}

/** base64url without padding. */
export function base64UrlOf(bytes: Uint8Array): string {
  let text = '';
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += (ALPHABET[word >> 18] ?? '') + (ALPHABET[(word >> 12) & 63] ?? '');
    if (left > 1) text += ALPHABET[(word >> 6) & 63] ?? '';
    if (left > 2) text += ALPHABET[word & 63] ?? '';
  }
  return text;
}

/** The bytes of base64url from `start` on; null for another alphabet, padding, an impossible length, or bits that would be lost: one text per value. */
export function bytesOfBase64Url(text: string, start = 0): Uint8Array | null {
  const length = text.length - start;
  if (length < 0 || length % 4 === 1) return null;
  const bytes = new Uint8Array(Math.floor((length * 3) / 4));
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = start; i < text.length; i += 1) {
    const code = text.charCodeAt(i);
    const value = code < 128 ? VALUE[code] ?? -1 : -1;
    if (value < 0) return null;
    word = ((word << 6) | value) & 0xffffff;
    bits += 6;
    if (bits >= 8) { bits -= 8; bytes[at] = (word >> bits) & 0xff; at += 1; }
  }
  return (word & ((1 << bits) - 1)) === 0 ? bytes : null;
}

export function hexOf(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += (byte < 16 ? '0' : '') + byte.toString(16);
  return text;
}
