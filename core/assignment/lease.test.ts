import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armOf, countLease, leaseLeftMs } from './index.js';
import type { LeaseCount, Split } from './index.js';

const split: Split = { stable: 'sha256:a', candidate: 'sha256:b', weightBp: 10_000, leaseMs: 60_000, release: 'r' };
const grant = { epoch: 1, rev: 1, seq: 1, leftMs: 60_000, leaseMs: 60_000, readAtMs: 1_000 };

describe('R-403 a candidate is served only while something is left of its lease', () => {
  test.each([
    ['the lease is over', split, 0, 0],
    ['the lease is long over', split, 0, -5],
    ['what is left is not a number', split, 0, Number.NaN],
    ['there is no candidate', { stable: 'sha256:a', weightBp: 10_000, leaseMs: 60_000, release: 'r' }, 0, 1],
    ['the weight is 0', { ...split, weightBp: 0 }, 0, 1],
    ['the bucket is the first above the weight', { ...split, weightBp: 100 }, 100, 1],
  ] as const)('stable when %s', (_name, given, bucket, leftMs) => { expect(armOf(given, bucket, leftMs)).toBe('stable'); });
  test('the last bucket below the weight, with a lease', () => { expect(armOf({ ...split, weightBp: 100 }, 99, 1)).toBe('candidate'); });
  test('it ends by the monotonic clock alone', () => {
    const lease = countLease(null, grant);
    expect(leaseLeftMs(lease, 60_999)).toBe(1);
    expect(leaseLeftMs(lease, 61_000)).toBe(0);
  });
});

describe('R-404 a grant that was seen never restarts the count, and every hop can only shorten it', () => {
  const before = countLease(null, grant);
  test('read again later with the same remainder', () => { expect(countLease(before, { ...grant, readAtMs: 30_000 })).toBe(before); });
  test('read again with less left', () => { expect(countLease(before, { ...grant, leftMs: 10_000, readAtMs: 1_500 }).endsAtMs).toBe(11_500); });
  test('longer than the lease is', () => { expect(countLease(null, { ...grant, leftMs: 9e9 }).endsAtMs).toBe(61_000); });
  test.each([-1, Number.NaN, Number.NEGATIVE_INFINITY])('%d left is nothing left', (leftMs) => { expect(countLease(null, { ...grant, leftMs }).endsAtMs).toBe(1_000); });
  test('a renewal, a revision and an epoch start another', () => {
    for (const next of [{ seq: 2 }, { rev: 2 }, { epoch: 2 }]) expect(countLease(before, { ...grant, ...next, readAtMs: 30_000 }).endsAtMs).toBe(90_000);
  });
  test('for any sequence of readings of one grant the end never moves later', () => {
    fc.assert(fc.property(fc.array(fc.record({ leftMs: fc.double(), readAtMs: fc.integer({ min: 0, max: 1e9 }) }), { minLength: 1 }), (readings) => {
      let lease: LeaseCount | null = null;
      for (const reading of readings) {
        const next = countLease(lease, { ...grant, ...reading });
        if (lease !== null) expect(next.endsAtMs).toBeLessThanOrEqual(lease.endsAtMs);
        lease = next;
      }
    }));
  });
});
