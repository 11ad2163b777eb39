/**
 * Two-sample e-processes for rates, statistics.md 2.1 and 2.3. Larger is worse; stable is the arm `a`, the candidate `b` of the formulas.
 * @see Turner, Ly, Grünwald, "Generic E-variables for exact sequential k-sample tests that allow for optional stopping", JSPI 230 (2024)
 */
import { bear, mixtureLogE, startMixture, stepMixture } from './mixture.js';
import type { Mixture, Restart } from './mixture.js';

/** Units of one arm, and how many of them were bad; k <= n. Whole numbers in a block, halved over time in decaying counters. */
export interface Counts { readonly n: number; readonly k: number }
/** What was seen of both arms: of one block, or of all blocks before the present one. */
export interface ArmCounts { readonly stable: Counts; readonly candidate: Counts }

/** `harm` tests m_b <= rho m_a + line, `ni` (non-inferiority) tests m_b >= rho m_a + line; rejecting speaks for the other side (1.2). */
export type Direction = 'harm' | 'ni';

/** One test of a rate. All of it is fixed before the first block. */
export interface RateTest {
  readonly direction: Direction;
  /** factor on stable's rate, > 0 */
  readonly rho: number;
  /** tau for harm, delta for non-inferiority; a difference of rates */
  readonly line: number;
  /** stable's rate as last known, and its weight in units */
  readonly p0: number;
  readonly kappa: number;
  /** alternatives as odds ratios > 1 from the line, away from the null; then, if `learned`, the rate the candidate has shown */
  readonly odds: readonly number[];
  readonly learned: boolean;
}

export const HARM_ODDS: readonly number[] = [1.2, 1.5, 2, 3, 5, 10];
export const NI_ODDS: readonly number[] = [1.1, 1.25, 1.5, 2, 3];
export const NO_COUNTS: ArmCounts = { stable: { n: 0, k: 0 }, candidate: { n: 0, k: 0 } };

const EDGE = 1e-9;
const PROJECTION_EDGE = 1e-12;
const LEARNED_PRIOR_UNITS = 5;
const clamp = (p: number): number => Math.min(Math.max(p, EDGE), 1 - EDGE);

/**
 * The point of the line q_b = rho q_a + line nearest to (p_a, p_b) in weighted Kullback-Leibler distance, formula (6).
 *
 * @param n      weights of the arms: units, or shares of the traffic
 * @returns      `null` when the line does not pass through the inside of the unit square
 */
export function project(p: { readonly a: number; readonly b: number }, n: { readonly a: number; readonly b: number },
  rho: number, line: number): { readonly a: number; readonly b: number } | null {
  if (rho === 1 && line === 0) {
    const q = (n.a * p.a + n.b * p.b) / (n.a + n.b);
    return { a: q, b: q };
  }
  let low = Math.max(PROJECTION_EDGE, (PROJECTION_EDGE - line) / rho);
  let high = Math.min(1 - PROJECTION_EDGE, (1 - PROJECTION_EDGE - line) / rho);
  if (!(low < high)) return null;
  // The distance is convex along the line, so its derivative is monotone and bisection finds the one root.
  for (let step = 0; step < 200; step += 1) {
    const qa = (low + high) / 2;
    if (qa === low || qa === high) break;
    const qb = rho * qa + line;
    const slope = -n.a * (p.a - qa) / (qa * (1 - qa)) - n.b * rho * (p.b - qb) / (qb * (1 - qb));
    if (slope > 0) high = qa; else low = qa;
  }
  const qa = (low + high) / 2;
  return { a: qa, b: rho * qa + line };
}

/** k log(p/q) + (n-k) log((1-p)/(1-q)); `0 log` terms are 0, and log1p keeps the digits where p and q nearly agree. */
function logLikelihoodRatio({ n, k }: Counts, p: number, q: number): number {
  const bad = k === 0 ? 0 : k * Math.log(p / q);
  if (n === k) return bad;
  return bad + (n - k) * (Math.abs(p - q) < 1e-3 ? Math.log1p((q - p) / (1 - q)) : Math.log((1 - p) / (1 - q)));
}

/**
 * The block's log factor for one alternative (p_a, p_b) against the line, formulas (6) and (7).
 *
 * @returns exactly 0 when an arm has no units, or when no point of the line can be the null
 */
export function logFactor(block: ArmCounts, p: { readonly a: number; readonly b: number }, rho: number, line: number): number {
  const { stable, candidate } = block;
  if (stable.n === 0 || candidate.n === 0) return 0;
  const q = project(p, { a: stable.n, b: candidate.n }, rho, line);
  if (q === null) return 0;
  return logLikelihoodRatio(stable, p.a, q.a) + logLikelihoodRatio(candidate, p.b, q.b);
}

/** How many e-processes a test mixes. */
export const componentsOf = (test: RateTest): number => test.odds.length + (test.learned ? 1 : 0);

/**
 * The alternatives bet on in a block, from what was seen before it only, formulas (3) to (5). `null` where the alternative would not
 * lie strictly on its own side of the unclamped line: there its factor is 1, or the lemma of 1.4 would not hold.
 */
export function betsOf(test: RateTest, before: ArmCounts): readonly ({ readonly a: number; readonly b: number } | null)[] {
  const sign = test.direction === 'harm' ? 1 : -1;
  const a = clamp((before.stable.k + test.kappa * test.p0) / (before.stable.n + test.kappa));
  const limit = test.rho * a + test.line;
  const line = clamp(limit);
  const rates = test.odds.map((ratio) => {
    const odds = line / (1 - line) * (sign > 0 ? ratio : 1 / ratio);
    return clamp(odds / (1 + odds));
  });
  if (test.learned) {
    rates.push(clamp((before.candidate.k + LEARNED_PRIOR_UNITS * line) / (before.candidate.n + LEARNED_PRIOR_UNITS)));
  }
  return rates.map((b) => sign * (b - limit) > 0 ? { a, b } : null);
}

/**
 * The log factors of one block, one per component: the odds in their order, the learned one last.
 *
 * @param before  counts of all earlier blocks, see `advance`
 * @param block   whole numbers, k <= n
 */
export function logFactors(test: RateTest, before: ArmCounts, block: ArmCounts): readonly number[] {
  return betsOf(test, before).map((bet) => bet === null ? 0 : logFactor(block, bet, test.rho, test.line));
}

/**
 * The counters after a block. With a half-life (in blocks) old counts fade, so that bets follow a drifting base rate; the bets stay
 * functions of the past. The arm that has units advances also where the other has none.
 */
export function advance(before: ArmCounts, block: ArmCounts, halfLifeBlocks: number | null): ArmCounts {
  const keep = halfLifeBlocks === null ? 1 : 2 ** (-1 / halfLifeBlocks);
  const after = (old: Counts, now: Counts): Counts => ({ n: keep * old.n + now.n, k: keep * old.k + now.k });
  return { stable: after(before.stable, block.stable), candidate: after(before.candidate, block.candidate) };
}

/** A test with its own memory, for callers that run one test alone. The gate shares the counters between its tests instead. */
export interface RateProcess { readonly seen: ArmCounts; readonly mixture: Mixture }
export interface RateProcessConfig { readonly test: RateTest; readonly restart: Restart; readonly halfLifeBlocks: number | null }

/** Before the first block. With restart nothing is born yet: call `bearRate` first. */
export const startRate = ({ test }: RateProcessConfig): RateProcess => ({ seen: NO_COUNTS, mixture: startMixture(componentsOf(test)) });

/** One more copy of the restart mixture (2.2). */
export const bearRate = ({ restart }: RateProcessConfig, process: RateProcess): RateProcess =>
  ({ ...process, mixture: bear(process.mixture, restart) });

/** Consumes one block: factors from the past state, then the counters. */
export const stepRate = ({ test, restart, halfLifeBlocks }: RateProcessConfig, process: RateProcess, block: ArmCounts): RateProcess => ({
  seen: advance(process.seen, block, halfLifeBlocks),
  mixture: stepMixture(process.mixture, logFactors(test, process.seen, block), restart),
});

/** The evidence so far. */
export const rateLogE = ({ restart }: RateProcessConfig, process: RateProcess): number => mixtureLogE(process.mixture, restart);

/** log Z(psi) relative to a common largest term is all that (10) needs; terms by their ratio, no log-gamma. */
function logWeights(ratios: readonly number[], psi: number): number {
  let log = 0;
  let largest = 0;
  const logs = [0];
  for (const ratio of ratios) {
    log += Math.log(psi * ratio);
    logs.push(log);
    if (log > largest) largest = log;
  }
  let sum = 0;
  for (const term of logs) sum += Math.exp(term - largest);
  return largest + Math.log(sum);
}

/**
 * The conditional factor (10): given the block's total of bad units, the candidate's share follows Fisher's noncentral hypergeometric
 * law, whatever the base rate. An e-variable for an odds ratio <= psi0 when psi1 > psi0, and the other way round.
 */
export function conditionalLogFactor({ stable, candidate }: ArmCounts, psi1: number, psi0: number): number {
  const total = stable.k + candidate.k;
  const low = Math.max(0, total - stable.n);
  const high = Math.min(total, candidate.n);
  const ratios: number[] = [];
  for (let x = low; x < high; x += 1) ratios.push((candidate.n - x) * (total - x) / ((x + 1) * (stable.n - total + x + 1)));
  return (candidate.k - low) * (Math.log(psi1) - Math.log(psi0)) - logWeights(ratios, psi1) + logWeights(ratios, psi0);
}
