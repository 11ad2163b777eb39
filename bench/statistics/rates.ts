/** Streams of a binary metric in the setting of statistics.md section 7, and the shipped harm test on them. */
import {
  HARM_ODDS, bearRate, rateLogE, startRate, stepRate, thresholdOf,
} from '../../core/stats/index.js';
import type { ArmCounts, Random, RateProcess, RateProcessConfig } from '../../core/stats/index.js';
import { binomialSampler } from './draw.js';

export const REQUESTS = 200;
export const BIRTH_LOOKS = 30;
export const ALPHAS = [0.05, 0.01, 0.001] as const;
export const THRESHOLDS = ALPHAS.map((alpha) => thresholdOf(alpha));

/** Harm as shipped: odds mixture with the learned component, restart mixture. */
export const shippedHarm = (p0: number): RateProcessConfig =>
  ({ test: { direction: 'harm', rho: 1, line: 0, p0, kappa: 50, odds: HARM_ODDS, learned: true }, restart: { v0: 0.75 }, halfLifeBlocks: null });

/** The same without restarts. */
export const plainHarm = (p0: number): RateProcessConfig => ({ ...shippedHarm(p0), restart: null });

/** One block of requests, split at random. */
export function blockSampler(stable: number, candidate: number, weight: number, requests = REQUESTS): (random: Random) => ArmCounts {
  const split = binomialSampler(weight);
  const [ofStable, ofCandidate] = [binomialSampler(stable), binomialSampler(candidate)];
  return (random) => {
    const n = split(random, requests);
    return { stable: { n: requests - n, k: ofStable(random, requests - n) }, candidate: { n, k: ofCandidate(random, n) } };
  };
}

/** Whether the evidence has reached a threshold. Looks at the largest component first: the average cannot be above it by more than v_s. */
export function hasReached(config: RateProcessConfig, process: RateProcess, threshold: number): boolean {
  let largest = -Infinity;
  for (const log of process.mixture.logs) if (log > largest) largest = log;
  return largest >= threshold - 0.1 && rateLogE(config, process) >= threshold;
}

/** Steps a process along its blocks, with births at look 0 and every 30; reports each threshold's look the first time it is reached. */
export class HarmRun {
  readonly config: RateProcessConfig;
  readonly thresholds: readonly number[];
  process: RateProcess;
  look = 0;
  reached = 0;
  constructor(config: RateProcessConfig, thresholds: readonly number[] = THRESHOLDS) {
    this.config = config;
    this.thresholds = thresholds;
    this.process = startRate(config);
  }

  /** @returns how many thresholds, ascending, have been reached by now */
  step(block: ArmCounts): number {
    if (this.look % BIRTH_LOOKS === 0) this.process = bearRate(this.config, this.process);
    this.process = stepRate(this.config, this.process, block);
    this.look += 1;
    while (this.reached < this.thresholds.length && hasReached(this.config, this.process, this.thresholds[this.reached] ?? Infinity)) this.reached += 1;
    return this.reached;
  }
}
