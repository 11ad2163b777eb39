/** Mulberry-sized generator (splitmix32): small, documented, the same everywhere; no secret depends on it. */
function* numbersFrom(seed: number): Generator<number, never> {
  let state = seed >>> 0;
  for (;;) {
    state = (state + 0x9e3779b9) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    yield (mixed ^ (mixed >>> 15)) >>> 0;
  }
}

/** One random order of 0 … n-1, the same for the same seed (Fisher and Yates). An evaluation's cases are asked in it, so stopping is free. */
export function permutationOf(n: number, seed: number): readonly number[] {
  const order = Array.from({ length: n }, (_, index) => index);
  const numbers = numbersFrom(seed);
  for (let last = n - 1; last > 0; last -= 1) {
    const chosen = Math.floor(numbers.next().value / 2 ** 32 * (last + 1));
    [order[last], order[chosen]] = [order[chosen] ?? 0, order[last] ?? 0];
  }
  return order;
}
