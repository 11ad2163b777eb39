/**
 * Is the split what was asked for? Sequential sample-ratio tests, statistics.md 2.9. `tiltLogFactors` where the weight may change,
 * `dirichletLogE` where it is constant.
 * @see Lindon, Malek, "Anytime-valid inference for multinomial count data", 2011.03567
 */
import { logGamma } from './special.js';

/** Alternatives as shifts of the weight's log odds. */
export const TILTS: readonly number[] = [-0.4, -0.2, -0.1, -0.05, 0.05, 0.1, 0.2, 0.4];

/** log((1-w) + w exp(e)) without the loss of a sum near 1 or of a large exponential. */
const logSpread = (tilt: number, weight: number): number =>
  tilt > 0 ? tilt + Math.log1p((1 - weight) * Math.expm1(-tilt)) : Math.log1p(weight * Math.expm1(tilt));

/**
 * The log factors of one block, one per tilt, the inner sum of (19). An arm without units is evidence here: it should have had some.
 *
 * @param weight  what the units' tokens were assigned by, in (0,1): the same for all units of the block
 */
export function tiltLogFactors(tilts: readonly number[], units: { readonly stable: number; readonly candidate: number }, weight: number): readonly number[] {
  return tilts.map((tilt) => {
    const spread = logSpread(tilt, weight);
    // With logit(w^e) = logit(w) + e: w^e / w = exp(e) / spread and (1 - w^e) / (1 - w) = 1 / spread.
    return units.stable * -spread + units.candidate * (tilt - spread);
  });
}

export interface RatioQuestion {
  /** units per arm */
  readonly counts: readonly number[];
  /** what share of the units each arm should have; they sum to 1 */
  readonly shares: readonly number[];
  /** weight of the prior that the shares are right, in units; or the prior of each arm in its place */
  readonly prior?: number | readonly number[];
}

/** log E of constant shares (20): a Dirichlet mixture around them. A function of the totals alone. */
export function dirichletLogE({ counts, shares, prior = 100 }: RatioQuestion): number {
  const priors = typeof prior === 'number' ? shares.map((share) => prior * share) : prior;
  let n = 0;
  let weight = 0;
  let log = 0;
  for (const [i, count] of counts.entries()) {
    const a = priors[i] ?? NaN;
    n += count;
    weight += a;
    log += logGamma(a + count) - logGamma(a);
  }
  log += logGamma(weight) - logGamma(weight + n);
  for (const [i, count] of counts.entries()) log -= count === 0 ? 0 : count * Math.log(shares[i] ?? NaN);
  return log;
}
