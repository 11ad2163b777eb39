/**
 * The fewest units any test of this level can need, statistics.md 2.13 (25). Used before a release starts, and by the bench.
 */
import { project } from './bernoulli.js';
import type { Direction } from './bernoulli.js';
import { needFinite, needInside, needPositive, needRange } from './needs.js';

/** kl(p||q) of two Bernoulli laws in nats; `0 log` terms are 0. */
export function bernoulliDivergence(p: number, q: number): number {
  const bad = p === 0 ? 0 : p * Math.log(p / q);
  return bad + (p === 1 ? 0 : (1 - p) * Math.log((1 - p) / (1 - q)));
}

export interface BoundQuestion {
  /** the rates that are true */
  readonly stable: number;
  readonly candidate: number;
  /** the candidate's share of the units, in (0,1) */
  readonly weight: number;
  readonly alpha: number;
  readonly direction?: Direction;
  readonly rho?: number;
  /** tau or delta */
  readonly line?: number;
  /** probability of missing it, of a test that may also stop for the null; 0 = power one */
  readonly miss?: number;
  /** stable's rate is known exactly: only the candidate's units count */
  readonly knownBaseline?: boolean;
}

/** Expected counts, all at least; Infinity where the rates lie on the null's side and nothing is to be found. */
export interface Bound {
  /** nats per unit (per candidate unit with a known baseline) */
  readonly info: number;
  readonly requests: number;
  readonly candidate: number;
  readonly bad: number;
  readonly excessBad: number;
}

/** Wald's numerator: log(1/alpha), or with a miss probability that of his two-sided test. */
export const waldNumerator = (alpha: number, miss = 0): number =>
  miss === 0 ? -Math.log(alpha) : (1 - miss) * Math.log((1 - miss) / alpha) + miss * Math.log(miss / (1 - alpha));

/** Formula (25). */
export function boundOf(question: BoundQuestion): Bound {
  const { stable, candidate, weight, alpha, direction = 'harm', rho = 1, line = 0, miss = 0, knownBaseline = false } = question;
  const info = informationOf({ stable, candidate, weight, direction, rho, line, knownBaseline });
  const counted = waldNumerator(alpha, miss) / info;
  const ofCandidate = knownBaseline ? counted : weight * counted;
  return {
    info,
    requests: knownBaseline ? counted / weight : counted,
    candidate: ofCandidate,
    bad: ofCandidate * candidate,
    excessBad: ofCandidate * (candidate - stable),
  };
}

/** Nats per unit that a test of this line can gather, the denominator of (25); 0 when the rates are not on the alternative's side. */
export function informationOf(question: Omit<BoundQuestion, 'alpha' | 'miss'>): number {
  const { stable, candidate, weight, direction = 'harm', rho = 1, line = 0, knownBaseline = false } = question;
  const limit = rho * stable + line;
  if (direction === 'harm' ? candidate <= limit : candidate >= limit) return 0;
  if (knownBaseline) return bernoulliDivergence(candidate, limit);
  const q = project({ a: stable, b: candidate }, { a: 1 - weight, b: weight }, rho, line);
  if (q === null) return 0;
  return weight * bernoulliDivergence(candidate, q.b) + (1 - weight) * bernoulliDivergence(stable, q.a);
}

/** A law of finitely many values: each with its probability. */
export type Law = readonly (readonly [value: number, probability: number])[];

export interface BoundedQuestion {
  /** the laws that are true, within [0,cap] */
  readonly stable: Law;
  readonly candidate: Law;
  readonly cap: number;
  readonly weight: number;
  readonly direction?: Direction;
  readonly rho?: number;
  readonly line?: number;
}

/** The bet that gathers most, and how much it gathers: nats per unit of both arms. */
export interface BoundedInformation { readonly info: number; readonly lambda: number; readonly centre: number }

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const SEARCH_STEPS = 60;

/** Greatest value of a concave function between two ends, by golden section; where -Infinity stands for "not allowed". */
function peakOf(f: (x: number) => number, low: number, high: number): { readonly at: number; readonly value: number } {
  let [from, to] = [low, high];
  let [left, right] = [to - GOLDEN * (to - from), from + GOLDEN * (to - from)];
  let [fLeft, fRight] = [f(left), f(right)];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    if (fLeft >= fRight) { to = right; right = left; fRight = fLeft; left = to - GOLDEN * (to - from); fLeft = f(left); }
    else { from = left; left = right; fLeft = fRight; right = from + GOLDEN * (to - from); fRight = f(right); }
  }
  const at = (from + to) / 2;
  return { at, value: f(at) };
}

/**
 * I* of 2.13: what the best fixed bet of (2) gathers per unit when these laws are true and known. The least any betting test can need is
 * `log(1/alpha) / info` units. All factors stay >= 0 on the whole of [0,cap], as a test has to keep them.
 *
 * @throws RangeError naming the field: weight in (0,1), values within [0,cap], probabilities that sum to 1
 */
export function boundedInformationOf(question: BoundedQuestion): BoundedInformation {
  const { stable, candidate, cap, weight, direction = 'harm', rho = 1, line = 0 } = question;
  needInside('weight', weight);
  needPositive('cap', cap);
  needPositive('rho', rho);
  needFinite('line', line);
  needLaw('stable', stable, cap);
  needLaw('candidate', candidate, cap);
  const sign = direction === 'harm' ? 1 : -1;
  const ratio = rho * weight / (1 - weight);
  const expected = (law: Law, a: number, b: number): number => {
    let sum = 0;
    for (const [x, probability] of law) if (probability > 0) sum += probability * Math.log(a + b * x);
    return Number.isNaN(sum) ? -Infinity : sum;
  };
  // In l = lambda and m = lambda c all factors are linear, so the gain is concave in both together and so is its greatest value in l alone.
  const gain = (l: number, m: number): number =>
    (1 - weight) * expected(stable, 1 + sign * ratio * m, -sign * ratio * l) + weight * expected(candidate, 1 - sign * (rho * m + l * line), sign * l);
  const lowest = (l: number): number => Math.max(0, sign > 0 ? l * cap - 1 / ratio : (l * (cap - line) - 1) / rho);
  const highest = (l: number): number => Math.min(l * cap, sign > 0 ? (1 - l * line) / rho : 1 / ratio);
  const best = (l: number): { readonly at: number; readonly value: number } =>
    lowest(l) <= highest(l) ? peakOf((m) => gain(l, m), lowest(l), highest(l)) : { at: 0, value: -Infinity };
  // Where the two limits of m meet, no larger bet is allowed.
  let [most, none] = [0, 4 * (1 + rho + 1 / ratio) / cap];
  for (let step = 0; step < SEARCH_STEPS; step += 1) {
    const middle = (most + none) / 2;
    if (lowest(middle) <= highest(middle)) most = middle; else none = middle;
  }
  const { at: lambda, value: info } = peakOf((l) => best(l).value, 0, most);
  return info > 0 && lambda > 0 ? { info, lambda, centre: best(lambda).at / lambda } : { info: 0, lambda: 0, centre: 0 };
}

function needLaw(field: string, law: Law, cap: number): void {
  let sum = 0;
  law.forEach(([value, probability], i) => {
    needRange(`${field}[${i}] value`, value, 0, cap);
    needRange(`${field}[${i}] probability`, probability, 0, 1);
    sum += probability;
  });
  if (Math.abs(sum - 1) > 1e-6) throw new RangeError(`${field} must have probabilities that sum to 1, not ${sum}`);
}
