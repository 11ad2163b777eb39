/**
 * The fewest units any test of this level can need, statistics.md 2.13 (25). Used before a release starts, and by the bench.
 */
import { project } from './bernoulli.js';
import type { Direction } from './bernoulli.js';

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
