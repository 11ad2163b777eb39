/**
 * Special functions, statistics.md 2.14. Evidence stays in logarithms everywhere; these are the few functions that keep it there.
 * All are deterministic on one engine: the order of every sum is fixed by the order of its input.
 */

const LOG_TWO_PI_HALF = 0.9189385332046728; // ½ log 2π
const SQRT_HALF = Math.SQRT1_2;

/**
 * log Σ exp(x_i) by the largest term's shift, summed in the order given.
 *
 * @returns -Infinity for an empty list or one that holds only -Infinity; NaN when a term is NaN
 */
export function logSumExp(logs: readonly number[]): number {
  let largest = -Infinity;
  for (const x of logs) if (x > largest || Number.isNaN(x)) largest = x;
  if (!Number.isFinite(largest)) return largest;
  let sum = 0;
  for (const x of logs) sum += Math.exp(x - largest);
  return largest + Math.log(sum);
}

/** log(exp(a) + exp(b)); -Infinity stands for a term of 0. */
export function logAddExp(a: number, b: number): number {
  if (a === -Infinity) return b;
  if (b === -Infinity) return a;
  const larger = Math.max(a, b);
  return larger + Math.log1p(Math.exp(Math.min(a, b) - larger));
}

// Stirling: B_2k / (2k (2k-1)), k = 1..8.
const STIRLING = [1 / 12, -1 / 360, 1 / 1260, -1 / 1680, 1 / 1188, -691 / 360360, 1 / 156, -3617 / 122400];

/** What Stirling's formula leaves of log Γ(x): log Γ(x) - ((x-½) log x - x + ½ log 2π), for x >= 15. */
export function stirlingRest(x: number): number {
  const inverse = 1 / x;
  const square = inverse * inverse;
  let series = 0;
  for (let k = STIRLING.length - 1; k >= 0; k -= 1) series = series * square + (STIRLING[k] ?? 0);
  return series * inverse;
}

/**
 * log Γ(x) for x > 0, relative error about 1e-14: Stirling with eight terms from 15 upwards, shifted up below.
 *
 * @returns NaN for x <= 0
 */
export function logGamma(x: number): number {
  if (!(x > 0)) return NaN;
  let shifted = x;
  let product = 1;
  while (shifted < 15) { product *= shifted; shifted += 1; }
  return (shifted - 0.5) * Math.log(shifted) - shifted + LOG_TWO_PI_HALF + stirlingRest(shifted) - Math.log(product);
}

/** A polynomial by Horner's rule, the highest power first. */
const horner = (coefficients: readonly number[], x: number): number => coefficients.reduce((sum, c) => sum * x + c, 0);

// W. J. Cody, "Rational Chebyshev approximations for the error function", Math. Comp. 23 (1969): the coefficients of CALERF.
const ERF_TOP = [0.18577770618460315, 3.1611237438705655, 113.86415415105016, 377.485237685302, 3209.3775891384694];
const ERF_LOW = [1, 23.601290952344122, 244.02463793444417, 1282.6165260773723, 2844.236833439171];
const MID_TOP = [2.1531153547440383e-08, 0.5641884969886701, 8.883149794388377, 66.11919063714163, 298.6351381974001,
  881.952221241769, 1712.0476126340707, 2051.0783778260716, 1230.3393547979972];
const MID_LOW = [1, 15.744926110709835, 117.6939508913125, 537.1811018620099, 1621.3895745666903,
  3290.7992357334597, 4362.619090143247, 3439.3676741437216, 1230.3393548037495];
const TAIL_TOP = [0.016315387137302097, 0.30532663496123236, 0.36034489994980445, 0.12578172611122926,
  0.016083785148742275, 0.0006587491615298378];
const TAIL_LOW = [1, 2.568520192289822, 1.8729528499234673, 0.5279051029514285, 0.06051834131244132, 0.0023352049762686918];
const INVERSE_SQRT_PI = 0.5641895835477563;

/** exp(-y²) without the cancellation of a rounded square: y is split after four binary places. */
function expMinusSquare(y: number): number {
  const head = Math.trunc(y * 16) / 16;
  return Math.exp(-head * head) * Math.exp(-(y - head) * (y + head));
}

/** The complementary error function, accurate far into the tail (Cody's rational form, not 1 - erf). */
export function erfc(x: number): number {
  const y = Math.abs(x);
  if (y <= 0.46875) return 1 - x * horner(ERF_TOP, y * y) / horner(ERF_LOW, y * y);
  let tail: number;
  if (y <= 4) {
    tail = expMinusSquare(y) * horner(MID_TOP, y) / horner(MID_LOW, y);
  } else {
    const z = 1 / (y * y);
    tail = expMinusSquare(y) * (INVERSE_SQRT_PI - z * horner(TAIL_TOP, z) / horner(TAIL_LOW, z)) / y;
  }
  return x < 0 ? 2 - tail : tail;
}

/** log Φ(z), the standard normal's distribution function; below -20 by its asymptotic series (2.14). */
export function logPhi(z: number): number {
  if (z > 0) return Math.log1p(-0.5 * erfc(z * SQRT_HALF));
  if (z >= -20) return Math.log(0.5 * erfc(-z * SQRT_HALF));
  const w = 1 / (z * z);
  return -z * z / 2 - Math.log(-z) - LOG_TWO_PI_HALF + Math.log(1 - w * (1 - w * (3 - w * (15 - w * 105))));
}

// P. J. Acklam's rational approximation of the normal quantile, relative error 1.15e-9, refined once below.
const CENTRE_TOP = [-39.69683028665376, 220.9460984245205, -275.9285104469687, 138.3577518672690, -30.66479806614716, 2.506628277459239];
const CENTRE_LOW = [-54.47609879822406, 161.5858368580409, -155.6989798598866, 66.80131188771972, -13.28068155288572, 1];
const EDGE_TOP = [-0.007784894002430293, -0.3223964580411365, -2.400758277161838, -2.549732539343734, 4.374664141464968, 2.938163982698783];
const EDGE_LOW = [0.007784695709041462, 0.3224671290700398, 2.445134137142996, 3.754408661907416, 1];

function roughQuantile(p: number): number {
  if (p < 0.02425) {
    const r = Math.sqrt(-2 * Math.log(p));
    return horner(EDGE_TOP, r) / horner(EDGE_LOW, r);
  }
  const q = p - 0.5;
  return q * horner(CENTRE_TOP, q * q) / horner(CENTRE_LOW, q * q);
}

/**
 * The z with Φ(z) = p, by Acklam's approximation and one step of Halley's method.
 *
 * @returns -Infinity at 0, Infinity at 1, NaN outside [0,1]
 */
export function normalQuantile(p: number): number {
  if (!(p >= 0 && p <= 1)) return NaN;
  if (p === 0) return -Infinity;
  if (p === 1) return Infinity;
  if (p > 0.5) return -normalQuantile(1 - p);
  const z = roughQuantile(p);
  const error = 0.5 * erfc(-z * SQRT_HALF) - p;
  const step = error * Math.sqrt(2 * Math.PI) * Math.exp(z * z / 2);
  return z - step / (1 + z * step / 2) + 0;
}
