/**
 * Means without a bound, statistics.md 2.7: the score process that decides, and intervals for display. Guarantees are asymptotic.
 * @see Howard, Ramdas, McAuliffe, Sekhon 1810.08240; Waudby-Smith et al. 2103.06476; Waudby-Smith, Ramdas 2010.09686
 */
import type { Direction } from './bernoulli.js';
import { lambertWm1 } from './beta.js';
import { shrunk } from './bounded.js';
import type { ArmSums, MeanPrior, Sums } from './bounded.js';
import { logPhi } from './special.js';

/** One test of a mean. All of it is fixed before the first block. */
export interface ScoreTest {
  readonly direction: Direction;
  readonly rho: number;
  /** tau for harm, delta for non-inferiority */
  readonly line: number;
  /** s: the regression one cares about, in units of the metric, > 0. Never a function of what is running */
  readonly scale: number;
  readonly prior: MeanPrior;
}

/** The score S and its information I (16). */
export interface Score { readonly score: number; readonly info: number }
export const NO_SCORE: Score = { score: 0, info: 0 };

/**
 * Takes in one block.
 *
 * @param before  sums of all earlier blocks: the variances are taken from them
 * @returns       the same score when an arm has no units
 */
export function stepScore({ direction, rho, line, prior }: ScoreTest, score: Score, before: ArmSums, { stable, candidate }: ArmSums): Score {
  if (stable.n === 0 || candidate.n === 0) return score;
  const variance = shrunk(prior, before.candidate).variance / candidate.n + rho * rho * shrunk(prior, before.stable).variance / stable.n;
  const distance = candidate.sum / candidate.n - rho * (stable.sum / stable.n) - line;
  return { score: score.score + (direction === 'harm' ? distance : -distance) / variance, info: score.info + 1 / variance };
}

const LOG_TWO_PI_HALF = 0.9189385332046728; // ½ log 2π

/** m²/2 + log Φ(m); far in the tail the squares cancel, so there its series is taken without them. */
function logMills(m: number): number {
  if (m >= -20) return m * m / 2 + logPhi(m);
  const w = 1 / (m * m);
  return -Math.log(-m) - LOG_TWO_PI_HALF + Math.log1p(-w * (1 - w * (3 - w * (15 - w * 105))));
}

/** log E of the one-sided normal mixture (16); exactly 0 before there is any information. */
export function scoreLogE({ score, info }: Score, scale: number): number {
  if (info === 0) return 0;
  const spread = 1 + scale * scale * info;
  return Math.LN2 - 0.5 * Math.log(spread) + logMills(scale * score / Math.sqrt(spread));
}

/** How many sides an interval has. */
export type Sides = 1 | 2;

/** The mixture's precision that is tightest at the intrinsic time `vOpt`. */
export function bestRho(vOpt: number, alpha: number, sides: Sides): number {
  const log = -2 * Math.log(sides === 2 ? alpha : 2 * alpha);
  return vOpt / (log + Math.log1p(log));
}

/** log E of the two-sided normal mixture at the sum `s` and intrinsic time `v`. */
export const normalMixtureLogE = (s: number, v: number, rho: number): number => 0.5 * Math.log(rho / (v + rho)) + s * s / (2 * (v + rho));

export interface IntervalPlan {
  readonly alpha: number;
  readonly sides: Sides;
  /** observations at which the interval is to be tightest */
  readonly tStar: number;
}

/** r² of (17), or its exact form. */
export function radiusParameter({ alpha, sides, tStar }: IntervalPlan, isExact = false): number {
  const a = sides === 2 ? alpha : 2 * alpha;
  if (isExact) return (-lambertWm1(-a * a / Math.E) - 1) / tStar;
  return (-2 * Math.log(a) + Math.log1p(-2 * Math.log(a))) / tStar;
}

/** Half the width (two sides), or the whole distance (one side), after `t` observations of standard deviation `s` (17). */
export function asymptoticRadius(plan: IntervalPlan, t: number, s: number): number {
  const r2 = radiusParameter(plan);
  const spread = t * r2 + 1;
  const log = plan.sides === 2 ? Math.log(Math.sqrt(spread) / plan.alpha) : Math.log1p(Math.sqrt(spread) / (2 * plan.alpha));
  return s * Math.sqrt(2 * spread / (t * t * r2) * log);
}

/** The ends; one that a one-sided interval does not have is null. */
export interface Interval { readonly lower: number; readonly upper: number | null }

/**
 * The difference of means, candidate less stable, from sums: valid at every time under a split that does not change. For display, (17).
 *
 * @param isRelative  as a share of stable's mean, by the delta method
 * @returns           `null` where an arm has fewer than two units, or stable's mean is 0 and a share of it is asked for
 */
export function asymptoticDifference({ stable, candidate }: ArmSums, plan: IntervalPlan, isRelative = false): Interval | null {
  if (stable.n < 2 || candidate.n < 2) return null;
  const ma = stable.sum / stable.n;
  const mb = candidate.sum / candidate.n;
  if (isRelative && ma === 0) return null;
  const va = unbiased(stable) / stable.n;
  const vb = unbiased(candidate) / candidate.n;
  const t = stable.n + candidate.n;
  const estimate = isRelative ? (mb - ma) / ma : mb - ma;
  const variance = isRelative ? vb / (ma * ma) + va * mb * mb / ma ** 4 : vb + va;
  const radius = asymptoticRadius(plan, t, Math.sqrt(t * variance));
  return { lower: estimate - radius, upper: plan.sides === 2 ? estimate + radius : null };
}

const unbiased = ({ n, sum, sumsq }: Sums): number => Math.max(0, (sumsq - sum * sum / n) / (n - 1));

/** One arm's score in [0,1] watched over time (18). */
export interface Watched {
  readonly n: number;
  readonly sum: number;
  /** Σ (x - mu)² about the running mean */
  readonly around: number;
  readonly stakes: number;
  readonly staked: number;
  readonly paid: number;
}
export const NO_WATCHED: Watched = { n: 0, sum: 0, around: 0, stakes: 0, staked: 0, paid: 0 };

/**
 * Takes in the sums of some observations, with one stake for all of them that only the past has set; given one at a time it is the
 * form of the paper.
 *
 * @param most  the largest stake, in (0,1)
 */
export function stepWatched(watched: Watched, { n, sum, sumsq }: Sums, alpha: number, most = 0.5): Watched {
  if (n === 0) return watched;
  const before = (0.5 + watched.sum) / (watched.n + 1);
  const variance = (0.25 + watched.around) / (watched.n + 1);
  const index = watched.n + 1;
  const stake = Math.min(Math.sqrt(2 * Math.log(2 / alpha) / (variance * index * Math.log(1 + index))), most);
  const squares = (mean: number): number => sumsq - 2 * mean * sum + n * mean * mean;
  const after = (0.5 + watched.sum + sum) / (watched.n + n + 1);
  return {
    n: watched.n + n, sum: watched.sum + sum, around: watched.around + squares(after),
    stakes: watched.stakes + n * stake, staked: watched.staked + stake * sum,
    // 4 (x - mu)² psi(l) / 4
    paid: watched.paid + squares(before) * (-Math.log1p(-stake) - stake),
  };
}

/** The interval of (18), not cut to [0,1]; `null` before the first observation. */
export function watchedInterval({ n, stakes, staked, paid }: Watched, alpha: number): Interval | null {
  if (n === 0) return null;
  const radius = (Math.log(2 / alpha) + paid) / stakes;
  return { lower: staked / stakes - radius, upper: staked / stakes + radius };
}

/** What blocks have shown of the difference of means: its score and information as in (16), and how far one unit can have moved the score at most. */
export interface Effect extends Score {
  /** of the candidate, upwards */
  readonly up: number;
  /** of stable, downwards */
  readonly down: number;
}
export const NO_EFFECT: Effect = { ...NO_SCORE, up: 0, down: 0 };

/**
 * Takes in one block: its difference, candidate less stable, weighed by what it knows, the inverse of its variance. Blocks are never pooled,
 * so the weight of the arms may move between them. The smaller arm knows little of its own spread: it is taken to be at least the other's.
 *
 * @param before  sums of all earlier blocks: the variances are taken from them
 * @param cap     what a unit counts at most; `null` = no bound
 */
export function stepEffect(prior: MeanPrior, effect: Effect, before: ArmSums, { stable, candidate }: ArmSums, cap: number | null): Effect {
  if (stable.n === 0 || candidate.n === 0) return effect;
  const spread = Math.max(shrunk(prior, before.stable).variance, shrunk(prior, before.candidate).variance);
  const weight = 1 / (spread / stable.n + spread / candidate.n);
  const jump = (was: number, n: number): number => cap === null ? 0 : Math.max(was, weight * cap / n);
  return {
    score: effect.score + weight * (candidate.sum / candidate.n - stable.sum / stable.n), info: effect.info + weight,
    up: jump(effect.up, candidate.n), down: jump(effect.down, stable.n),
  };
}

/**
 * The mean difference over the blocks, with an interval that may be read at any time: the two-sided normal mixture, and, while single units make a
 * large part of the score as rare errors do, their jumps as in Bernstein's inequality. Its guarantee is asymptotic. For display.
 *
 * @param scale  the difference at which it is to be tight, in units of the metric, > 0; fixed before the first block
 * @returns      `null` before there is any information
 */
export function effectInterval({ score, info, up, down }: Effect, scale: number, alpha: number): { readonly estimate: number; readonly lower: number; readonly upper: number } | null {
  if (info === 0) return null;
  const rho = 1 / (scale * scale);
  const log = 0.5 * Math.log1p(info / rho) - Math.log(alpha);
  const radius = Math.sqrt(2 * (info + rho) * log);
  const estimate = score / info;
  return { estimate, lower: estimate - (radius + up * log / 3) / info, upper: estimate + (radius + down * log / 3) / info };
}
