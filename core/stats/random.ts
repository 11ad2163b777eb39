/**
 * One small generator for what resamples and for the simulations: xoshiro128** (Blackman, Vigna 2018), seeded by splitmix32. The same seeds give
 * the same numbers on every engine: only 32-bit integer arithmetic is used. Not for secrets.
 */
export interface Random {
  /** 32 random bits as a whole number */
  readonly bits: () => number;
  /** in [0,1), 32 bits of it */
  readonly unit: () => number;
  /** a whole number in [0, count), every one as likely as the others; 1 <= count <= 2^32 */
  readonly below: (count: number) => number;
}

const rotated = (x: number, by: number): number => (x << by) | (x >>> (32 - by));

/** A stream of its own for every list of seeds, e.g. (scenario, replicate): results do not depend on who runs which. */
export function randomOf(...seeds: readonly number[]): Random {
  let mix = 0;
  const split = (): number => {
    mix = (mix + 0x9e3779b9) | 0;
    let z = Math.imul(mix ^ (mix >>> 16), 0x21f0aaad);
    z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
    return z ^ (z >>> 15);
  };
  for (const seed of seeds) mix = split() ^ Math.imul(seed | 0, 0x85ebca6b) ^ Math.trunc(seed / 2 ** 32);
  let [a, b, c, d] = [split(), split(), split(), split() | 1];
  const bits = (): number => {
    const result = Math.imul(rotated(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a; d ^= b; b ^= c; a ^= d; c ^= shifted;
    d = rotated(d, 11);
    return result;
  };
  const below = (count: number): number => {
    // The uneven rest of the range is thrown away, so that nothing is more likely than the rest.
    const limit = 2 ** 32 - 2 ** 32 % count;
    for (;;) { const x = bits(); if (x < limit) return x % count; }
  };
  return { bits, unit: () => bits() / 2 ** 32, below };
}
