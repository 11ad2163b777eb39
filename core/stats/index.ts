/** The door of the methods. Everything is pure: no clock, no chance, state is plain JSON. */
export { erfc, logAddExp, logGamma, logPhi, logSumExp, normalQuantile } from './special.js';
export { bear, mixtureLogE, startMixture, stepMixture } from './mixture.js';
export type { Mixture, Restart } from './mixture.js';
export {
  HARM_ODDS, NI_ODDS, NO_COUNTS, advance, bearRate, betsOf, componentsOf, conditionalLogFactor, logFactor, logFactors, project, rateLogE,
  startRate, stepRate,
} from './bernoulli.js';
export type { ArmCounts, Counts, Direction, RateProcess, RateProcessConfig, RateTest } from './bernoulli.js';
export { itemVariance, mcnemar, minimumEffect, requiredCases, startPaired, steadyCases, stepFail, stepPaired, stepPass } from './paired.js';
export type { ItemVariance, PairedTest, Power } from './paired.js';
export { bernoulliDivergence, boundOf, informationOf, waldNumerator } from './wald.js';
export type { Bound, BoundQuestion } from './wald.js';
export { averageLogE, closedLogE, marginGrid, redistributed, thresholdOf, upperEnd } from './combine.js';
