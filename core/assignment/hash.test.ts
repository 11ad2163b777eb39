import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armOf, bucketOf, murmur3, saltOf } from './index.js';

const candidate = `sha256:${'0'.repeat(64)}`;
/** The same hash written plainly over bytes: an oracle that shares no line with the product. */
function plainMurmur3(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let hash = 0n;
  const mask = 0xffffffffn;
  const rotate = (x: bigint, by: bigint): bigint => ((x << by) | (x >> (32n - by))) & mask;
  const scramble = (k: bigint): bigint => (rotate((k * 0xcc9e2d51n) & mask, 15n) * 0x1b873593n) & mask;
  const blocks = Math.floor(bytes.length / 4);
  for (let i = 0; i < blocks; i += 1) hash = (rotate(hash ^ scramble(BigInt(view.getUint32(4 * i, true))), 13n) * 5n + 0xe6546b64n) & mask;
  let tail = 0n;
  for (let i = bytes.length - 1; i >= blocks * 4; i -= 1) tail = (tail << 8n) | BigInt(bytes[i] ?? 0);
  if (bytes.length % 4 !== 0) hash ^= scramble(tail);
  hash ^= BigInt(bytes.length);
  hash = ((hash ^ (hash >> 16n)) * 0x85ebca6bn) & mask;
  hash = ((hash ^ (hash >> 13n)) * 0xc2b2ae35n) & mask;
  return Number(hash ^ (hash >> 16n));
}

describe('R-401 the same salt and targetingKey give the same bucket on every reader and platform', () => {
  test.each([
    ['production', 'user-1', 3530010056, 8218],
    ['staging', 'user-1', 3110861764, 7243],
    ['production', 'Zo\u00eb', 1750078781, 4074],
    ['production', '用户-7', 1406395001, 3274],
    ['production', '🦊', 3450510738, 8033],
  ])('%s, %s', (environment, key, hash, bucket) => {
    const salt = saltOf('helpdesk', environment, candidate);
    expect(murmur3(`${salt}:${key}`)).toBe(hash);
    expect(bucketOf(salt, key)).toBe(bucket);
  });
  test.each([['', 0], ['test', 0xba6bd213], ['Hello, world!', 0xc0363e43], ['The quick brown fox jumps over the lazy dog', 0x2e4ff723]])('a published vector: %j', (text, hash) => {
    expect(murmur3(text)).toBe(hash);
  });
  test('for any text, lone surrogates included, it is the hash of the UTF-8', () => {
    fc.assert(fc.property(fc.oneof(fc.string({ unit: 'binary' }), fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units))), (text) => {
      expect(murmur3(text)).toBe(plainMurmur3(new TextEncoder().encode(text)));
    }), { numRuns: 2000 });
  });
  test('composed and decomposed spellings are different keys: a key is hashed as given', () => {
    expect(murmur3('Zo\u00eb')).not.toBe(murmur3('Zoe\u0308'));
  });
});

describe('R-402 raising the weight never moves anyone out of the candidate', () => {
  const weight = fc.integer({ min: 0, max: 10_000 });
  const splitAt = (weightBp: number) => ({ stable: 'sha256:a', candidate, weightBp, leaseMs: 60_000, release: 'r' });
  test('for any salt, any targetingKey and any two weights', () => {
    fc.assert(fc.property(fc.string(), fc.string(), weight, weight, (salt, key, a, b) => {
      const [low, high] = a <= b ? [a, b] : [b, a];
      const bucket = bucketOf(salt, key);
      fc.pre(armOf(splitAt(low), bucket, 1) === 'candidate');
      expect(armOf(splitAt(high), bucket, 1)).toBe('candidate');
    }), { numRuns: 1000 });
  });
  test('the share served is the weight', () => {
    for (const weightBp of [0, 100, 2_500, 10_000]) {
      const served = Array.from({ length: 20_000 }, (_, i) => armOf(splitAt(weightBp), bucketOf('s', `user-${i}`), 1)).filter((arm) => arm === 'candidate').length;
      expect(Math.abs(served / 20_000 - weightBp / 10_000)).toBeLessThan(0.01);
    }
  });
});
