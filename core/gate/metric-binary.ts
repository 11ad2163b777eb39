/** Rates: statistics.md 2.1 and 2.2. */
import { HARM_ODDS, NI_ODDS, NO_COUNTS, advance, boundOf, componentsOf, informationOf, logFactors } from '../stats/index.js';
import type { ArmCounts, Counts, RateTest, Restart } from '../stats/index.js';
import { ANY_NUMBER, BOOL, COUNT, PROBABILITY, faultsOfFields, isFields, listOf, number } from './fields.js';
import { faultsOfMargins, faultsOfTested, marginTests, mixtureProcess, testedPlan } from './metric.js';
import type { Expectation, MetricType, Process } from './metric.js';
import { GATE_DEFAULTS } from './policy.js';
import type { BinaryMetric } from './policy.js';

const ODDS = listOf('a list of numbers > 1', number('a number > 1', (x) => x > 1));
export const MARGINS = listOf('a list of at least one number', ANY_NUMBER, 1);

export const BINARY: MetricType<BinaryMetric> = {
  faultsOf: (where, metric) => faultsOfTested(where, metric, {
    prior: { p0: PROBABILITY }, both: [{}, { odds: ODDS, learned: BOOL }], harm: { tolerance: ANY_NUMBER }, ni: { margins: MARGINS, act: ANY_NUMBER },
  }),
  contradictionsOf: (metric) => [
    ...[metric.harm, metric.ni].flatMap((test) => test?.odds?.length === 0 && test.learned === false ? [`metric ${metric.id}: a test needs at least one alternative`] : []),
    ...faultsOfMargins(metric, [0, 1], 'rate'),
  ],
  planOf(metric, { alpha, restart }) {
    const { prior: { p0, kappa = GATE_DEFAULTS.kappa }, ni } = metric;
    const { rho = 1, tolerance: line = 0, odds = HARM_ODDS, learned = true } = metric.harm ?? {};
    const harm: RateTest | null = metric.harm === null ? null : { direction: 'harm', rho, line, p0, kappa, odds, learned };
    const niTest = (margin: number): RateTest => ({ direction: 'ni', rho: ni?.rho ?? 1, line: margin, p0, kappa, odds: ni?.odds ?? NI_ODDS, learned: ni?.learned ?? true });
    return {
      ...testedPlan(metric, alpha, harm && processOf(harm, restart)), ni: marginTests(ni, (margin) => processOf(niTest(margin), null)), whenOpen: 1,
      none: NO_COUNTS, statistics: ['n', 'k'], faultOf, totalsOf: (arm) => { const { n, k } = arm as Counts; return { n, k }; },
      advance: (before, block, halfLife) => advance(before as ArmCounts, block as ArmCounts, halfLife), badOf: (totals) => (totals as Counts).k,
      expects: expectationOf(p0, ni?.rho ?? 1, harm),
    };
  },
};

const processOf = (test: RateTest, restart: Restart): Process =>
  mixtureProcess(componentsOf(test), restart, (seen, { stable, candidate }) => logFactors(test, seen as ArmCounts, { stable: stable as Counts, candidate: candidate as Counts }));

function faultOf(where: string, arm: unknown): string | null {
  const [fault] = faultsOfFields(where, arm, { n: COUNT, k: COUNT });
  if (fault !== undefined) return fault;
  return isFields(arm) && Number(arm['k']) > Number(arm['n']) ? `${where}.k must be at most n` : null;
}

const expectationOf = (p0: number, niRho: number, harm: RateTest | null): Expectation => ({
  infoAt: (margin, weight) => informationOf({ stable: p0, candidate: p0, weight, direction: 'ni', rho: niRho, line: margin }),
  harmInfoAt: (distance, weight) => harm === null ? 0 : informationOf({ stable: p0, candidate: Math.min(1, p0 + distance), weight, rho: harm.rho, line: harm.line }),
  distanceMax: 1 - p0,
  unitsToHarm(weight, alpha) {
    if (harm === null || harm.odds.length === 0 || p0 === 1) return 0;
    const odds = Math.max(...harm.odds) * p0 / (1 - p0);
    const { candidate } = boundOf({ stable: p0, candidate: odds / (1 + odds), weight, alpha, rho: harm.rho, line: harm.line });
    return Number.isFinite(candidate) ? candidate : 0;
  },
  rate: { p0, rho: harm?.rho ?? 1, line: harm?.line ?? 0 },
});
