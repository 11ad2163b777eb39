/** What is drawn in the simulations: counts and values of finite laws, from a given stream of numbers. */
import { edgeOf, logIncompleteBeta, logPhi, normalQuantile, valueOf } from '../../core/stats/index.js';
import type { Law, Random } from '../../core/stats/index.js';

/** Draws from probabilities over 0..length-1, by inversion with a table of where to begin. */
export function indexSampler(probabilities: readonly number[]): (random: Random) => number {
  const count = probabilities.length;
  const upTo = new Float64Array(count);
  let sum = 0;
  probabilities.forEach((p, i) => { sum += p; upTo[i] = sum; });
  upTo[count - 1] = Infinity;
  const guide = new Int32Array(256);
  for (let g = 0, i = 0; g < 256; g += 1) {
    while ((upTo[i] ?? Infinity) <= g / 256) i += 1;
    guide[g] = i;
  }
  return (random) => {
    const u = random.unit();
    let i = guide[Math.floor(u * 256)] ?? 0;
    while ((upTo[i] ?? Infinity) <= u) i += 1;
    return i;
  };
}

/** Probabilities of 0..n successes; the recursion starts at the mode, where nothing underflows. */
export function binomialLaw(n: number, p: number): number[] {
  const mode = Math.min(n, Math.floor((n + 1) * p));
  const law = new Array<number>(n + 1).fill(0);
  law[mode] = 1;
  for (let k = mode; k < n; k += 1) law[k + 1] = (law[k] ?? 0) * (n - k) / (k + 1) * p / (1 - p);
  for (let k = mode; k > 0; k -= 1) law[k - 1] = (law[k] ?? 0) * k / (n - k + 1) * (1 - p) / p;
  const sum = law.reduce((a, b) => a + b, 0);
  return law.map((x) => x / sum);
}

/** Binomial counts with one probability; one table for every n that was asked. */
export function binomialSampler(p: number): (random: Random, n: number) => number {
  const tables: ((random: Random) => number)[] = [];
  return (random, n) => {
    if (n === 0 || p === 0) return 0;
    return (tables[n] ??= indexSampler(binomialLaw(n, p)))(random);
  };
}

/** A binomial count whose probability is another one each time; for small n p. */
export function smallBinomial(random: Random, n: number, p: number): number {
  let mass = (1 - p) ** n;
  let u = random.unit();
  let k = 0;
  while (u >= mass && k < n) {
    u -= mass;
    mass *= (n - k) / (k + 1) * p / (1 - p);
    k += 1;
  }
  return k;
}

/** A standard normal number. */
export const normal = (random: Random): number => normalQuantile((random.bits() + 0.5) / 2 ** 32);

/** The counts of `draws` values of a law, ascending, empty ones left out: a histogram as betting reads it. */
export function histogramSampler(law: Law): (random: Random, draws: number) => (readonly [value: number, count: number])[] {
  const draw = indexSampler(law.map(([, probability]) => probability));
  const counts = new Int32Array(law.length);
  return (random, draws) => {
    counts.fill(0);
    for (let i = 0; i < draws; i += 1) { const at = draw(random); counts[at] = (counts[at] ?? 0) + 1; }
    const rows: (readonly [number, number])[] = [];
    for (let i = 0; i < counts.length; i += 1) { const count = counts[i] ?? 0; if (count > 0) rows.push([law[i]?.[0] ?? 0, count]); }
    return rows;
  };
}

/** A score: Beta with this mean and deviation, rounded to hundredths (1.5). */
export function scoreLaw(mean: number, deviation: number): Law {
  const size = mean * (1 - mean) / deviation ** 2 - 1;
  const below = (x: number): number => x <= 0 ? 0 : x >= 1 ? 1 : Math.exp(logIncompleteBeta(x, mean * size, (1 - mean) * size));
  return Array.from({ length: 101 }, (_, i) => [i / 100, below((i + 0.5) / 100) - below((i - 0.5) / 100)] as const);
}

/** A cost: lognormal with this mean and coefficient of variation, in the buckets of 1.5, capped. */
export function costLaw(mean: number, variation: number, cap: number): Law {
  const variance = Math.log1p(variation ** 2);
  const below = (x: number): number => Math.exp(logPhi((Math.log(x / mean) + variance / 2) / Math.sqrt(variance)));
  const law: (readonly [number, number])[] = [];
  let sum = 0;
  for (let i = -300; ; i += 1) {
    const value = valueOf(i, cap);
    if (value >= cap) return [...law, [cap, 1 - sum]];
    const upTo = below(edgeOf(i));
    law.push([value, upTo - sum]);
    sum = upTo;
  }
}
