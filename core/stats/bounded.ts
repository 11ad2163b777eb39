/**
 * Two-sample e-processes for means of values in [0,C], statistics.md 2.5 (histograms) and 2.6 (sums only). Larger is worse; stable is the
 * arm `a`, the candidate `b` of the formulas.
 * @see Waudby-Smith, Ramdas, "Estimating means of bounded random variables by betting", 2010.09686
 */
import type { Direction } from './bernoulli.js';

/** Units of one arm by value: [value, count], values strictly ascending in [0,C], counts whole. */
export type Histogram = readonly (readonly [number, number])[];
export interface ArmHistograms { readonly stable: Histogram; readonly candidate: Histogram }

/** Units of one arm, the sum of their values and of their squares. Whole units in a block, faded ones in decaying sums. */
export interface Sums { readonly n: number; readonly sum: number; readonly sumsq: number }
export interface ArmSums { readonly stable: Sums; readonly candidate: Sums }

/** Stable's mean and variance as last known, and their weight in units. */
export interface MeanPrior { readonly mean: number; readonly variance: number; readonly kappa: number }

/** One test of a bounded mean. All of it is fixed before the first block. */
export interface BettingTest {
  readonly direction: Direction;
  /** factor on stable's mean, > 0 */
  readonly rho: number;
  /** tau for harm, delta for non-inferiority; a difference of means */
  readonly line: number;
  /** C, > 0: no value lies above it */
  readonly cap: number;
  readonly prior: MeanPrior;
  /** alternatives as distances from the line, away from the null, in units of the metric; > 0 */
  readonly effects: readonly number[];
  /** how much of a unit's stake may be lost at most, in (0,1) */
  readonly trunc: number;
}

/** What is staked in one block. `ca` and `lambdaB` are functions of the past and of the counts only. */
export interface Bet { readonly direction: Direction; readonly rho: number; readonly line: number; readonly ca: number; readonly lambdaB: number }

export const NO_SUMS: ArmSums = { stable: { n: 0, sum: 0, sumsq: 0 }, candidate: { n: 0, sum: 0, sumsq: 0 } };
export const BETTING_TRUNC = 0.75;
const SCORE_EFFECTS: readonly number[] = [0.01, 0.02, 0.04, 0.08, 0.16];
const SHARES_OF_MEAN: readonly number[] = [0.05, 0.1, 0.2, 0.4, 0.8];
const VARIANCE_LEAST = 1e-9;

/** The default alternatives: fixed steps for scores in [0,1], else shares of stable's mean. */
export const bettingEffects = (cap: number, mean: number): readonly number[] => cap === 1 ? SCORE_EFFECTS : SHARES_OF_MEAN.map((share) => share * mean);

/** The sums of a histogram, buckets ascending. */
export function sumsOf(histogram: Histogram): Sums {
  let n = 0;
  let sum = 0;
  let sumsq = 0;
  for (const [value, count] of histogram) {
    n += count;
    sum += count * value;
    sumsq += count * value * value;
  }
  return { n, sum, sumsq };
}

/** The sums after a block. With a half-life (in blocks) old ones fade, as the counters of rates do; an arm with units advances alone. */
export function advanceSums(before: ArmSums, block: ArmSums, halfLifeBlocks: number | null): ArmSums {
  const keep = halfLifeBlocks === null ? 1 : 2 ** (-1 / halfLifeBlocks);
  const after = (old: Sums, now: Sums): Sums => ({ n: keep * old.n + now.n, sum: keep * old.sum + now.sum, sumsq: keep * old.sumsq + now.sumsq });
  return { stable: after(before.stable, block.stable), candidate: after(before.candidate, block.candidate) };
}

/** An arm's mean and variance as far as they are known before a block, shrunk to the prior (12). */
export function shrunk({ mean: m0, variance: v0, kappa }: MeanPrior, { n, sum, sumsq }: Sums): { readonly mean: number; readonly variance: number } {
  const mean = (kappa * m0 + sum) / (kappa + n);
  return { mean, variance: Math.max((kappa * (v0 + m0 * m0) + sumsq) / (kappa + n) - mean * mean, VARIANCE_LEAST * v0) };
}

/** What a stake is made from: the arms' counts in the block, and what the past says of them. */
export interface Stake {
  readonly direction: Direction; readonly rho: number; readonly line: number; readonly cap: number; readonly trunc: number;
  readonly ca: number; readonly va: number; readonly vb: number; readonly na: number; readonly nb: number;
}

/** lambda_b of (13) for one effect: near the growth-optimal stake, and never more than `trunc` of what a unit may lose. */
export function lambdaOf(effect: number, { direction, rho, line, cap, trunc, ca, va, vb, na, nb }: Stake): number {
  const ratio = nb / na;
  const cb = rho * ca + line;
  // The largest distance a value may lie on the losing side; one that is not above 0 limits nothing.
  const [lossB, lossA] = direction === 'harm' ? [cb, cap - ca] : [cap - cb, ca];
  let lambda = effect / (vb + effect * effect + rho * rho * va * ratio);
  if (lossB > 0) lambda = Math.min(lambda, trunc / lossB);
  if (lossA > 0) lambda = Math.min(lambda, trunc / (lossA * rho * ratio));
  return lambda;
}

const signOf = (direction: Direction): number => direction === 'harm' ? 1 : -1;

/**
 * The block's log factor of one stake (14): stable before the candidate, buckets ascending.
 *
 * @returns exactly 0 when an arm has no units
 */
export function bettingLogFactor(block: ArmHistograms, { direction, rho, line, ca, lambdaB }: Bet): number {
  const na = sumsOf(block.stable).n;
  const nb = sumsOf(block.candidate).n;
  if (na === 0 || nb === 0) return 0;
  const sign = signOf(direction);
  const lambdaA = rho * lambdaB * nb / na;
  const cb = rho * ca + line;
  let log = 0;
  for (const [value, count] of block.stable) log += count * Math.log1p(-sign * lambdaA * (value - ca));
  for (const [value, count] of block.candidate) log += count * Math.log1p(sign * lambdaB * (value - cb));
  return log;
}

/** (-log(1-l) - l) / l², which is ½ at 0 and where nothing can be lost. */
function fanOf(l: number): number {
  if (!(l > 0)) return 0.5;
  return l < 1e-3 ? 0.5 + l * (1 / 3 + l * (1 / 4 + l / 5)) : (-Math.log1p(-l) - l) / (l * l);
}

/**
 * A lower bound of `bettingLogFactor` from sums alone (15), by Fan's inequality; an e-variable as well. For histories that kept no
 * histogram: it costs about half as many units again.
 *
 * @param cap  C of the test; a stake of more than 1 / (largest possible loss) has no bound
 */
export function momentsLogFactor({ stable, candidate }: ArmSums, { direction, rho, line, ca, lambdaB }: Bet, cap: number): number {
  if (stable.n === 0 || candidate.n === 0) return 0;
  const sign = signOf(direction);
  const lambdaA = rho * lambdaB * candidate.n / stable.n;
  const cb = rho * ca + line;
  const boundOf = ({ n, sum, sumsq }: Sums, lambda: number, centre: number, towards: number): number => {
    const loss = towards > 0 ? centre : cap - centre;
    return towards * lambda * (sum - n * centre) - lambda * lambda * fanOf(lambda * loss) * (sumsq - 2 * centre * sum + n * centre * centre);
  };
  return boundOf(candidate, lambdaB, cb, sign) + boundOf(stable, lambdaA, ca, -sign);
}

/**
 * The log factors of one block, one per effect in their order.
 *
 * @param before  sums of all earlier blocks, see `advanceSums`
 */
export function bettingLogFactors(test: BettingTest, before: ArmSums, block: ArmHistograms): readonly number[] {
  const na = sumsOf(block.stable).n;
  const nb = sumsOf(block.candidate).n;
  if (na === 0 || nb === 0) return test.effects.map(() => 0);
  return stakesOf(test, before, { na, nb }).map((bet) => bettingLogFactor(block, bet));
}

/** The stakes of a block, from what was seen before it and its counts only. */
export function stakesOf(test: BettingTest, before: ArmSums, { na, nb }: { readonly na: number; readonly nb: number }): readonly Bet[] {
  const { direction, rho, line, cap, trunc, prior, effects } = test;
  const { mean: ca, variance: va } = shrunk(prior, before.stable);
  const { variance: vb } = shrunk(prior, before.candidate);
  return effects.map((effect) => ({ direction, rho, line, ca, lambdaB: lambdaOf(effect, { direction, rho, line, cap, trunc, ca, va, vb, na, nb }) }));
}
