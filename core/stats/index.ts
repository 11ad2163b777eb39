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
export { bernoulliDivergence, boundOf, boundedInformationOf, informationOf, waldNumerator } from './wald.js';
export type { Bound, BoundQuestion, BoundedInformation, BoundedQuestion, Law } from './wald.js';
export { averageLogE, closedLogE, marginGrid, redistributed, thresholdOf, upperEnd } from './combine.js';
export { lambertWm1, logBeta, logIncompleteBeta, tQuantile, tUpper } from './beta.js';
export { betaBinomialLogE, betaBinomialLowerLogE, betaBinomialUpperLogE } from './one-sample.js';
export type { OneSample } from './one-sample.js';
export { GAMMA, NO_SKETCH, SMALLEST, bucketOf, checkedSketch, countAbove, countOf, edgeOf, histogramOf, mergedSketch, sketchOf, sketchQuantile, valueOf } from './sketch.js';
export type { Sketch } from './sketch.js';
export { quantileBand, quantileInterval, quantilePValue } from './quantile.js';
export type { QuantileQuestion, Values } from './quantile.js';
export { bootstrap, clusterRobust, mcnemarLogE, pairedT, wilcoxonPratt } from './paired-fixed.js';
export type { Bootstrap, MeanQuestion, MeanTest, Wilcoxon } from './paired-fixed.js';
export { JUDGE_MAY_PROMOTE, JUDGE_MAY_ROLL_BACK, gwetAc1, judgeMay, kappa, positionBias, roganGladen } from './calibration.js';
export type { Agreement, AgreementWeights, Confusion, PositionBias, SwappedPair, Winner } from './calibration.js';
export { WATCH_BLOCKS, WATCH_RATIOS, cusumLog, cusumLogM, srLog, srLogM, startCusum, startSr, stepCusum, stepSr } from './drift.js';
export type { Detector } from './drift.js';
export { randomOf } from './random.js';
export type { Random } from './random.js';
export {
  BETTING_TRUNC, NO_SUMS, advanceSums, bettingEffects, bettingLogFactor, bettingLogFactors, lambdaOf, momentsLogFactor, shrunk, stakesOf, sumsOf,
} from './bounded.js';
export type { ArmHistograms, ArmSums, Bet, BettingTest, Histogram, MeanPrior, Stake, Sums } from './bounded.js';
export {
  NO_EFFECT, NO_SCORE, NO_WATCHED, asymptoticDifference, asymptoticRadius, bestRho, effectInterval, normalMixtureLogE, radiusParameter, scoreLogE, stepEffect, stepScore, stepWatched, watchedInterval,
} from './score-process.js';
export type { Effect, Interval, IntervalPlan, Score, ScoreTest, Sides, Watched } from './score-process.js';
export { TILTS, dirichletLogE, tiltLogFactors } from './srm.js';
export type { RatioQuestion } from './srm.js';
