/** Means: of values in [0, cap] from histograms, by betting (statistics.md 2.5, 2.2); without a bound from sums, by the score process (2.7). */
import { BETTING_TRUNC, NO_SCORE, NO_SUMS, advanceSums, bettingEffects, bettingLogFactors, scoreLogE, stepScore, sumsOf, waldNumerator } from '../stats/index.js';
import type { ArmSums, BettingTest, Histogram, MeanPrior, Restart, Score, ScoreTest, Sums } from '../stats/index.js';
import { ANY_NUMBER, COUNT, LEVEL, NOT_NEGATIVE, POSITIVE, faultsOfFields, isFields, listOf, number } from './fields.js';
import type { Fields } from './fields.js';
import { MARGINS } from './metric-binary.js';
import { faultsOfMargins, faultsOfTested, marginTests, mixtureProcess, testedPlan } from './metric.js';
import type { Expectation, MetricPlan, MetricType, Process } from './metric.js';
import { GATE_DEFAULTS } from './policy.js';
import type { HistogramMetric, MeanPriorFields, MomentsMetric } from './policy.js';

const EFFECTS = listOf('a list of at least one number > 0', POSITIVE, 1);
const NI_FIELDS = { margins: MARGINS, act: ANY_NUMBER };

export const HISTOGRAM: MetricType<HistogramMetric> = {
  faultsOf: (where, metric) => {
    const cap = capOf(metric);
    return faultsOfTested(where, metric, {
      own: { cap: POSITIVE }, prior: { mean: number(`a number in [0, ${cap}]`, (x) => x >= 0 && x <= cap), variance: POSITIVE },
      both: [{}, { effects: EFFECTS, trunc: LEVEL }], harm: { tolerance: ANY_NUMBER }, ni: NI_FIELDS,
    });
  },
  contradictionsOf: (metric) => {
    const { id, cap = 1, prior: { mean }, harm, ni } = metric;
    const isSilent = bettingEffects(cap, mean).includes(0) && ((harm !== null && harm?.effects === undefined) || (!!ni && ni.effects === undefined));
    return [...isSilent ? [`metric ${id}: the default effects are shares of the prior's mean, which is 0; name effects > 0`] : [], ...faultsOfMargins(metric, [0, cap], 'mean')];
  },
  planOf(metric, { alpha, restart }) {
    const { cap = 1, ni } = metric;
    const prior = priorOf(metric.prior);
    const usual = bettingEffects(cap, prior.mean);
    const { rho = 1, tolerance: line = 0, effects = usual, trunc = BETTING_TRUNC } = metric.harm ?? {};
    const harm: BettingTest | null = metric.harm === null ? null : { direction: 'harm', rho, line, cap, prior, effects, trunc };
    const niTest = (margin: number): BettingTest => ({ direction: 'ni', rho: ni?.rho ?? 1, line: margin, cap, prior, effects: ni?.effects ?? usual, trunc: ni?.trunc ?? BETTING_TRUNC });
    return {
      ...testedPlan(metric, alpha, harm && bettingOf(harm, restart)), ni: marginTests(ni, (margin) => bettingOf(niTest(margin), null)), whenOpen: cap,
      ...MEANS, statistics: ['h'], faultOf: (where, arm) => faultOfHistogram(where, arm, cap), totalsOf: (arm) => sumsOf((arm as { h: Histogram }).h),
      expects: expectationOf(prior, ni?.rho ?? 1, harm && { ...harm, largest: Math.max(...harm.effects) }, cap),
    };
  },
};

export const MOMENTS: MetricType<MomentsMetric> = {
  faultsOf: (where, metric) => faultsOfTested(where, metric, {
    prior: { mean: ANY_NUMBER, variance: POSITIVE }, both: [{ scale: POSITIVE }, {}], harm: { tolerance: ANY_NUMBER }, ni: NI_FIELDS, isHarmNeeded: true,
  }),
  contradictionsOf: (metric) => {
    const { id, harm, ni } = metric;
    // Without a cap the lines may not cross anywhere: neither their slopes nor their ends.
    const isSteeper = harm !== null && ni && (harm.rho ?? 1) > (ni.rho ?? 1);
    return [...faultsOfMargins(metric, [0], 'mean'), ...isSteeper ? [`metric ${id}: the harm test tolerates ${harm.rho} times stable's mean, the margin allows only ${ni.rho ?? 1} times`] : []];
  },
  planOf(metric, { alpha }) {
    const { ni } = metric;
    const prior = priorOf(metric.prior);
    const harm: ScoreTest | null = metric.harm && { direction: 'harm', rho: metric.harm.rho ?? 1, line: metric.harm.tolerance ?? 0, scale: metric.harm.scale, prior };
    return {
      ...testedPlan(metric, alpha, harm && scoreOf(harm), GATE_DEFAULTS.minUnitsOfMoments),
      ni: marginTests(ni, (line) => scoreOf({ direction: 'ni', rho: ni?.rho ?? 1, line, scale: ni?.scale ?? NaN, prior })), whenOpen: null,
      ...MEANS, statistics: ['n', 'sum', 'sumsq'], faultOf: faultOfMoments, totalsOf: (arm) => { const { n, sum, sumsq } = arm as Sums; return { n, sum, sumsq }; },
      expects: expectationOf(prior, ni?.rho ?? 1, harm && { ...harm, largest: harm.scale }, null),
    };
  },
};

const MEANS: Pick<MetricPlan, 'none' | 'advance' | 'badOf'> = {
  none: NO_SUMS, advance: (before, block, halfLife) => advanceSums(before as ArmSums, block as ArmSums, halfLife), badOf: (totals) => (totals as Sums).sum,
};

const capOf = (metric: Fields): number => typeof metric['cap'] === 'number' && metric['cap'] > 0 ? metric['cap'] : 1;
const priorOf = ({ mean, variance, kappa = GATE_DEFAULTS.kappa }: MeanPriorFields): MeanPrior => ({ mean, variance, kappa });

const bettingOf = (test: BettingTest, restart: Restart): Process =>
  mixtureProcess(test.effects.length, restart, (seen, { stable, candidate }) =>
    bettingLogFactors(test, seen as ArmSums, { stable: (stable as { h: Histogram }).h, candidate: (candidate as { h: Histogram }).h }));

/** It has no restart (2.7), so nothing is born. */
const scoreOf = (test: ScoreTest): Process => ({
  start: NO_SCORE,
  bear: (evidence) => evidence,
  step: (evidence, seen, block) => stepScore(test, evidence as Score, seen as ArmSums, block as unknown as ArmSums),
  logE: (evidence) => scoreLogE(evidence as Score, test.scale),
});

function faultOfHistogram(where: string, arm: unknown, cap: number): string | null {
  const [fault] = faultsOfFields(where, arm, { h: { wants: 'a list of [value, count]', holds: Array.isArray } });
  if (fault !== undefined || !isFields(arm)) return fault ?? null;
  let last = -Infinity;
  for (const [i, bucket] of (arm['h'] as readonly unknown[]).entries()) {
    if (!Array.isArray(bucket) || bucket.length !== 2) return `${where}.h[${i}] must be [value, count]`;
    const [value, count] = bucket as readonly unknown[];
    if (typeof value !== 'number' || !(value >= 0 && value <= cap)) return `${where}.h[${i}] must have a value in [0, ${cap}]`;
    if (!COUNT.holds(count)) return `${where}.h[${i}] must have as count ${COUNT.wants}`;
    if (value <= last) return `${where}.h[${i}] has value ${value} after ${last}; values must strictly ascend`;
    last = value;
  }
  return null;
}

function faultOfMoments(where: string, arm: unknown): string | null {
  const [fault] = faultsOfFields(where, arm, { n: COUNT, sum: ANY_NUMBER, sumsq: NOT_NEGATIVE });
  if (fault !== undefined || !isFields(arm)) return fault ?? null;
  return arm['n'] === 0 && (arm['sum'] !== 0 || arm['sumsq'] !== 0) ? `${where}: without units sum and sumsq must be 0` : null;
}

/** The bound (25) of a normal mean: D² / (2 (v_b/w + rho² v_a/(1-w))) nats a unit, with the prior's mean and variance in both arms. */
const expectationOf = ({ mean, variance }: MeanPrior, niRho: number, harm: { readonly rho: number; readonly line: number; readonly largest: number } | null, cap: number | null): Expectation => {
  const infoOf = (distance: number, rho: number, weight: number): number => distance <= 0 ? 0 : distance * distance / (2 * variance * (1 / weight + rho * rho / (1 - weight)));
  return {
    infoAt: (margin, weight) => infoOf(niRho * mean + margin - mean, niRho, weight),
    harmInfoAt: (distance, weight) => harm === null ? 0 : infoOf(mean + distance - harm.rho * mean - harm.line, harm.rho, weight),
    distanceMax: cap === null ? null : cap - mean,
    unitsToHarm: (weight, alpha) => harm === null ? 0 : weight * waldNumerator(alpha) / infoOf(harm.largest, harm.rho, weight),
    rate: null,
  };
};
