/**
 * One arm against a number, statistics.md 2.4: the beta-binomial mixture. For A/A checks, a single arm against its objective, quantiles.
 * @see Howard, Ramdas, McAuliffe, Sekhon, "Time-uniform, nonparametric, nonasymptotic confidence sequences", 1810.08240
 */
import { logBeta, logIncompleteBeta } from './beta.js';
import { needInside, needPositive, needRange } from './needs.js';

export interface OneSample {
  /** units so far and how many of them were bad, 0 <= k <= n; fractions are allowed, quantiles need them (2.8) */
  readonly k: number;
  readonly n: number;
  /** the rate under the null, in (0,1) */
  readonly p0: number;
  /** the mixture is Beta(g,h); 1 and 1 where nothing is said */
  readonly g?: number;
  readonly h?: number;
}

/**
 * log E of `p = p0` against any other rate, formula (11). A function of the totals alone, so blocks may come in any packing.
 *
 * @throws RangeError naming the field that is out of its range
 */
export function betaBinomialLogE({ k, n, p0, g = 1, h = 1 }: OneSample): number {
  needCounts({ k, n, p0, g, h });
  return logBeta(k + g, n - k + h) - logBeta(g, h) - k * Math.log(p0) - (n - k) * Math.log1p(-p0);
}

/** log E of `p <= p0`: the mixture is kept to the rates above p0. */
export function betaBinomialUpperLogE({ k, n, p0, g = 1, h = 1 }: OneSample): number {
  return betaBinomialLogE({ k, n, p0, g, h }) + logIncompleteBeta(1 - p0, n - k + h, k + g, p0) - logIncompleteBeta(1 - p0, h, g, p0);
}

/** log E of `p >= p0`: the mixture is kept to the rates below p0. */
export function betaBinomialLowerLogE({ k, n, p0, g = 1, h = 1 }: OneSample): number {
  return betaBinomialLogE({ k, n, p0, g, h }) + logIncompleteBeta(p0, k + g, n - k + h, 1 - p0) - logIncompleteBeta(p0, g, h, 1 - p0);
}

function needCounts({ k, n, p0, g, h }: Required<OneSample>): void {
  needRange('n', n, 0, Number.MAX_VALUE);
  needRange('k', k, 0, n);
  needInside('p0', p0);
  needPositive('g', g);
  needPositive('h', h);
}
