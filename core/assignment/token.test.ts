import { createHmac, hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createTokens, dayOf, openToken, readerKeyOf, sealToken } from './index.js';
import type { TokenFields } from './index.js';

const hmac = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac('sha256', key).update(data).digest();
const hkdf = (key: Uint8Array, info: string): Uint8Array => new Uint8Array(hkdfSync('sha256', key, new Uint8Array(0), info, 32));
const tokenKey = new Uint8Array(32).fill(7);
const tokens = createTokens({ tokenKey, hmac, hkdf });
const fields: TokenFields = { rev: 41, assignedAtSec: 1_795_255_783, bucket: 8_218, arm: 'candidate', unit: '0123456789abcdef', application: 'helpdesk', environment: 'production', release: '01HZXW5T8S9Q2M4N6P7R8V0ABC', reader: 'edge-1' };

const anyFields: fc.Arbitrary<TokenFields> = fc.record({
  rev: fc.integer({ min: 0, max: 0xffffffff }), assignedAtSec: fc.integer({ min: 0, max: 0xffffffff }), bucket: fc.integer({ min: 0, max: 9_999 }),
  arm: fc.constantFrom('stable', 'candidate'), unit: fc.uint8Array({ minLength: 8, maxLength: 8 }).map((bytes) => Buffer.from(bytes).toString('hex')),
  application: fc.stringMatching(/^[a-z][a-z0-9-]{1,38}$/), environment: fc.stringMatching(/^[a-z][a-z0-9-]{0,30}$/), release: fc.string({ unit: 'grapheme', maxLength: 20 }), reader: fc.string({ unit: 'grapheme', maxLength: 20 }),
});

describe('R-405 a token says what was sealed into it, and nothing else opens', () => {
  test('the layout, byte by byte', () => {
    const bytes = Buffer.from(tokens.seal(fields).slice(2), 'base64url');
    const payload = Buffer.concat([
      Buffer.from('00000029', 'hex'), Buffer.from([0x6b, 0x01, 0x65, 0xe7]), Buffer.from([0x20, 0x1a]), Buffer.from([1]), Buffer.from('0123456789abcdef', 'hex'),
      ...['helpdesk', 'production', fields.release, 'edge-1'].map((text) => Buffer.concat([Buffer.from([text.length]), Buffer.from(text)])),
    ]);
    payload.writeUInt32BE(fields.assignedAtSec, 4);
    expect(bytes.subarray(0, -16)).toEqual(payload);
    const day = hkdf(tokenKey, 'assignment|helpdesk|production|2026-11-21');
    expect(bytes.subarray(-16)).toEqual(Buffer.from(hmac(hkdf(day, 'edge-1'), payload)).subarray(0, 16));
  });
  test('for any fields', () => {
    fc.assert(fc.property(anyFields, (any) => { expect(tokens.open(tokens.seal(any))).toEqual(any); }), { numRuns: 300 });
  });
  test('one flipped bit anywhere is refused', () => {
    const bytes = Buffer.from(tokens.seal(fields).slice(2), 'base64url');
    for (let i = 0; i < bytes.length * 8; i += 1) {
      const flipped = Buffer.from(bytes);
      flipped[i >> 3] = (flipped[i >> 3] ?? 0) ^ (1 << (i & 7));
      expect(tokens.open(`1.${flipped.toString('base64url')}`)).toBeNull();
    }
  });
  test('another spelling of the same bytes is refused', () => {
    const text = tokens.seal(fields);
    for (const other of [`${text}=`, ` ${text}`, text.replace('1.', '2.'), text.slice(2), `${text}A`, text.replace(/-|_/, '+')]) expect(tokens.open(other)).toBeNull();
    expect((text.length - 2) % 4).not.toBe(0);   // bits are left over in the last character, and they must be 0
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
    const last = alphabet.indexOf(text.at(-1) ?? '');
    expect(tokens.open(text.slice(0, -1) + (alphabet[last + 1] ?? ''))).toBeNull();
  });
  test.each([['nothing', ''], ['a head alone', '1.'], ['too short', '1.AAAA'], ['far too long', `1.${'A'.repeat(5_000)}`], ['a word', 'x'], ['another alphabet', '1.é'], ['a fox', '1.\u{1f98a}']])('%s is no token', (_name, text) => { expect(tokens.open(text)).toBeNull(); });
  test('any text is refused quietly', () => {
    fc.assert(fc.property(fc.oneof(fc.string(), fc.uint8Array({ maxLength: 120 }).map((bytes) => `1.${Buffer.from(bytes).toString('base64url')}`)), (text) => { expect(tokens.open(text)).toBeNull(); }), { numRuns: 1000 });
  });
  test('a key of another reader, environment, application or day does not open it', () => {
    for (const other of [{ reader: 'edge-2' }, { environment: 'staging' }, { application: 'other' }, { assignedAtSec: fields.assignedAtSec + 86_400 }]) {
      const forged = sealToken(fields, hmac, readerKeyOf(tokenKey, hkdf, { ...fields, ...other }));
      expect(tokens.open(forged)).toBeNull();
    }
    expect(openToken(tokens.seal(fields), () => null, hmac)).toBeNull();
  });
  test.each([{ rev: -1 }, { rev: 1.5 }, { bucket: 70_000 }, { unit: 'xyz' }, { reader: 'é'.repeat(128) }])('%j cannot be sealed', (wrong) => {
    expect(() => tokens.seal({ ...fields, ...wrong })).toThrow(RangeError);
  });
  test('derived keys are remembered within bounds', () => {
    const few = createTokens({ tokenKey, hmac, hkdf, keysMax: 2 });
    for (let i = 0; i < 9; i += 1) expect(few.open(few.seal({ ...fields, reader: `r${i}` }))?.reader).toBe(`r${i}`);
  });
});

describe('R-406 a unit names no user, and two applications cannot be joined by it', () => {
  test('it is stable within an application and differs between two', () => {
    expect(tokens.unitOf('helpdesk', 'user-1')).toBe(tokens.unitOf('helpdesk', 'user-1'));
    expect(tokens.unitOf('helpdesk', 'user-1')).not.toBe(tokens.unitOf('shop', 'user-1'));
    expect(tokens.unitOf('helpdesk', 'user-1')).not.toBe(tokens.unitOf('helpdesk', 'user-2'));
    expect(tokens.unitOf('helpdesk', 'user-1')).toBe(Buffer.from(hmac(hkdf(tokenKey, 'unit|helpdesk'), Buffer.from('user-1'))).subarray(0, 8).toString('hex'));
  });
});

describe('R-407 the day of a key is the UTC day of the assignment', () => {
  test('as the calendar has it', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: 0xffffffff }), (sec) => { expect(dayOf(sec)).toBe(new Date(sec * 1000).toISOString().slice(0, 10)); }), { numRuns: 1000 });
  });
});
