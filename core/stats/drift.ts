/**
 * Detectors that watch one arm for ever, statistics.md 2.12 (24): e-SR and e-CUSUM of a rate against its objective. They bound how often a false alarm
 * comes, not whether: at `log M >= log A` it takes at least A blocks on average. Blocks without units are no blocks.
 * @see Shin, Ramdas, Rinaldo, "E-detectors: a nonparametric framework for sequential change detection", 2203.03532
 */
import type { Counts } from './bernoulli.js';
import { needCount, needInside } from './needs.js';
import { logAddExp, logSumExp } from './special.js';

/** What is watched for, as multiples of the objective. */
export const WATCH_RATIOS: readonly number[] = [1.2, 1.5, 2, 3];
/** Mean blocks to a false alarm: with blocks of a minute one a month. */
export const WATCH_BLOCKS = 43_200;

/** A mixture of detectors, one an alternative. Plain JSON; continues bit for bit. */
export interface Detector {
  /** the rate under the null: an objective with its tolerance */
  readonly p0: number;
  readonly alternatives: readonly number[];
  /** blocks consumed; log M of each alternative, without meaning before the first */
  readonly blocks: number;
  readonly logs: readonly number[];
}

/** log M after one factor: M = (M+1)L, restarted with mass 1 before every block; M starts at 0. */
export const srLog = (before: number, isFirst: boolean, logFactor: number): number => (isFirst ? 0 : logAddExp(before, 0)) + logFactor;
/** log M after one factor: M = max(M,1)L. */
export const cusumLog = (before: number, isFirst: boolean, logFactor: number): number => (isFirst ? 0 : Math.max(before, 0)) + logFactor;

/**
 * Before the first block.
 *
 * @param p0      in (0,1)
 * @param ratios  > 1; where a multiple of p0 is no rate, the good rate is divided by it instead
 */
function startDetector(p0: number, ratios: readonly number[] = WATCH_RATIOS): Detector {
  needInside('p0', p0);
  if (ratios.length === 0) throw new RangeError('ratios must hold at least one number');
  const alternatives = ratios.map((ratio, i) => {
    if (!(ratio > 1 && ratio < Infinity)) throw new RangeError(`ratios[${i}] must be a number above 1, not ${ratio}`);
    return ratio * p0 < 1 ? ratio * p0 : 1 - (1 - p0) / ratio;
  });
  return { p0, alternatives, blocks: 0, logs: alternatives.map(() => 0) };
}

function stepDetector(detector: Detector, { n, k }: Counts, after: typeof srLog): Detector {
  needCount('n', n);
  needCount('k', k);
  if (k > n) throw new RangeError(`k must not be more than n: ${k} of ${n}`);
  if (n === 0) return detector;
  const { p0, alternatives, blocks } = detector;
  const logs = detector.logs.map((log, i) => {
    const p1 = alternatives[i] ?? p0;
    // The likelihood ratio rises with k, so its expectation is at most 1 at every rate up to p0.
    return after(log, blocks === 0, k * Math.log(p1 / p0) + (n - k) * Math.log1p(-(p1 - p0) / (1 - p0)));
  });
  return { ...detector, blocks: blocks + 1, logs };
}

const detectorLogM = ({ blocks, logs }: Detector): number => blocks === 0 ? -Infinity : logSumExp(logs) - Math.log(logs.length);

/** e-SR, the default: the quicker of the two where a change is small. */
export const startSr = startDetector;
export const stepSr = (detector: Detector, block: Counts): Detector => stepDetector(detector, block, srLog);
/** log M of the average of the alternatives' detectors; -Infinity before the first block. An alarm at `log A` or above. */
export const srLogM = detectorLogM;

/** e-CUSUM: never above e-SR, so its false alarms are rarer still, and it keeps no memory of what is long past. */
export const startCusum = startDetector;
export const stepCusum = (detector: Detector, block: Counts): Detector => stepDetector(detector, block, cusumLog);
export const cusumLogM = detectorLogM;
