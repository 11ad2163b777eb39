/**
 * The beta function and what rests on it, and Lambert's W: statistics.md 2.4, 2.7, 2.10. In logarithms, and without the cancellation of
 * log-gammas of large arguments (2.14).
 */
import { logGamma, normalQuantile, stirlingRest } from './special.js';

const LOG_TWO_PI_HALF = 0.9189385332046728; // ½ log 2π
const LARGE = 15;

/** log Γ(x) - log Γ(x+d) for x >= 15, d > 0: the large parts are taken from each other before they are rounded. */
const logGammaGap = (x: number, d: number): number =>
  (x - 0.5) * Math.log1p(-d / (x + d)) - d * Math.log(x + d) + d + stirlingRest(x) - stirlingRest(x + d);

/**
 * log B(a,b).
 *
 * @returns NaN unless both are positive
 */
export function logBeta(a: number, b: number): number {
  if (!(a > 0 && b > 0)) return NaN;
  const [small, large] = a <= b ? [a, b] : [b, a];
  if (large < LARGE) return logGamma(small) + logGamma(large) - logGamma(small + large);
  if (small < LARGE) return logGamma(small) + logGammaGap(large, small);
  const sum = small + large;
  return LOG_TWO_PI_HALF + (small - 0.5) * Math.log(small / sum) + (large - 0.5) * Math.log1p(-small / sum) - 0.5 * Math.log(sum)
    + stirlingRest(small) + stirlingRest(large) - stirlingRest(sum);
}

const TINY = 1e-300;
const STEPS_MAX = 200_000;

/** The continued fraction of the incomplete beta function by Lentz's method; it converges fast where x < (a+1)/(a+b+2). */
function betaFraction(x: number, a: number, b: number): number {
  const away = (value: number): number => Math.abs(value) < TINY ? TINY : value;
  let c = 1;
  let d = 1 / away(1 - (a + b) * x / (a + 1));
  let fraction = d;
  for (let m = 1; m <= STEPS_MAX; m += 1) {
    const even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / away(1 + even * d);
    c = away(1 + even / c);
    fraction *= d * c;
    const odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / away(1 + odd * d);
    c = away(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < 1e-16) break;
  }
  return fraction;
}

/**
 * log I_x(a,b), the regularised incomplete beta function: the log of the chance that a Beta(a,b) lies below x.
 *
 * @param y  1 - x, given apart by callers that know it exactly
 * @returns  NaN outside a > 0, b > 0, 0 <= x <= 1
 */
export function logIncompleteBeta(x: number, a: number, b: number, y = 1 - x): number {
  if (!(a > 0 && b > 0 && x >= 0 && x <= 1)) return NaN;
  if (x === 0) return -Infinity;
  if (y === 0) return 0;
  const front = a * Math.log(x) + b * Math.log(y) - logBeta(a, b);
  if (x <= (a + 1) / (a + b + 2)) return front - Math.log(a) + Math.log(betaFraction(x, a, b));
  return Math.log1p(-Math.min(1, Math.exp(front - Math.log(b)) * betaFraction(y, b, a)));
}

/** P(T >= t) of Student's t with `df` > 0 degrees of freedom. */
export function tUpper(t: number, df: number): number {
  if (!(df > 0) || Number.isNaN(t)) return NaN;
  const square = t * t;
  const tail = 0.5 * Math.exp(logIncompleteBeta(df / (df + square), df / 2, 0.5, square / (df + square)));
  return t >= 0 ? tail : 1 - tail;
}

/**
 * The t with P(T <= t) = p, by Newton's method from the normal's, kept inside a bracket.
 *
 * @returns NaN unless 0 < p < 1 and df > 0
 */
export function tQuantile(p: number, df: number): number {
  if (!(p > 0 && p < 1 && df > 0)) return NaN;
  if (p === 0.5) return 0;
  if (p < 0.5) return -tQuantile(1 - p, df);
  const wanted = 1 - p;
  let low = 0;
  let high = 1;
  while (tUpper(high, df) > wanted) { low = high; high *= 2; }
  const logScale = -logBeta(df / 2, 0.5) - 0.5 * Math.log(df);
  let t = Math.min(Math.max(normalQuantile(p), low), high);
  for (let step = 0; step < 100; step += 1) {
    const gap = tUpper(t, df) - wanted;
    if (gap > 0) low = t; else high = t;
    const density = Math.exp(logScale - (df + 1) / 2 * Math.log1p(t * t / df));
    const newton = t + gap / density;
    const next = newton > low && newton < high ? newton : (low + high) / 2;
    if (Math.abs(next - t) <= 4e-16 * t) return next;
    t = next;
  }
  return t;
}

/**
 * The lower branch of Lambert's W: the w <= -1 with w exp(w) = x.
 *
 * @returns NaN outside [-1/e, 0)
 */
export function lambertWm1(x: number): number {
  const fromBranch = 2 * (1 + Math.E * x);
  if (!(x < 0) || fromBranch < -1e-15) return NaN;
  if (fromBranch <= 0) return -1;
  const log = Math.log(-x);
  // Near the branch point a series in the root; far from it the two leading terms.
  let w = x < -0.25 ? -1 - Math.sqrt(fromBranch) - fromBranch / 3 : log - Math.log(-log);
  for (let step = 0; step < 50; step += 1) {
    // Newton's method for w + log(-w) = log(-x), which is not steep anywhere near the root.
    const next = w - (w + Math.log(-w) - log) / (1 + 1 / w);
    if (!(next < -1)) { w = (w - 1) / 2; continue; }
    if (Math.abs(next - w) <= 4e-16 * Math.abs(w)) return next;
    w = next;
  }
  return w;
}
