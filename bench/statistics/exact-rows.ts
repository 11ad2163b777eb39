/** X1: two methods that must agree. X2: the lemma of 1.4 by enumeration, for every factor the product has. */
import {
  HARM_ODDS, NI_ODDS, NO_COUNTS, NO_SUMS, TILTS, advance, betaBinomialLogE, bettingEffects, bettingLogFactors, conditionalLogFactor, logFactors, logSumExp, momentsLogFactor,
  shrunk, stakesOf, startCusum, startPaired, stepPass, stepSr, startSr, srLogM, stepCusum, cusumLogM, sumsOf, tiltLogFactors,
} from '../../core/stats/index.js';
import type { ArmCounts, ArmHistograms, BettingTest, Direction, Random, RateTest } from '../../core/stats/index.js';
import { plainFigure, quantileOf } from './figures.js';
import type { StatFigure } from './figures.js';
import { blockSampler } from './rates.js';
import type { Row } from './rows.js';

function agreementRow(id: string, number: number, p: number, weight: number, requests: number, looks: number): Row {
  const test: RateTest = { direction: 'harm', rho: 1, line: 0, p0: p, kappa: 50, odds: HARM_ODDS, learned: false };
  return {
    id, number, title: `2.1 without its learned component against 2.3, ${looks} looks of ${requests}, ${p * 100} % bad, ${weight * 100} % canary`,
    replicates: { quick: 100, full: 1_000 }, columns: ['gap'],
    prepare: () => {
      const draw = blockSampler(p, p, weight, requests);
      const average = (logs: readonly number[]): number => logSumExp(logs) - Math.log(logs.length);
      return (_replicate, random) => {
        let seen = NO_COUNTS;
        let [own, conditional] = [HARM_ODDS.map(() => 0), HARM_ODDS.map(() => 0)];
        let largest = 0;
        for (let look = 0; look < looks; look += 1) {
          const block = draw(random);
          const factors = logFactors(test, seen, block);
          own = own.map((log, i) => log + (factors[i] ?? 0));
          conditional = conditional.map((log, i) => log + conditionalLogFactor(block, HARM_ODDS[i] ?? 1, 1));
          seen = advance(seen, block, null);
          largest = Math.max(largest, Math.abs(average(own) - average(conditional)));
        }
        return [largest];
      };
    },
    judge: ({ column, count }) => {
      const p99 = quantileOf(column('gap'), 0.99);
      return [{ ...plainFigure({ row: id, metric: 'p99 of the largest gap along a path, nats' }, p99, count), limit: '< 1', met: p99 < 1 },
        plainFigure({ row: id, metric: 'median of the largest gap along a path, nats' }, quantileOf(column('gap'), 0.5), count)];
    },
  };
}

/** What one unit may show: values with their probabilities; units need not be alike. */
type UnitLaw = readonly (readonly [value: number, probability: number])[];

/** The expectation of a function of all units, by going through every outcome. */
function expectation(laws: readonly UnitLaw[], f: (values: readonly number[]) => number): number {
  const values: number[] = [];
  const go = (probability: number): number => {
    const law = laws[values.length];
    if (law === undefined) return probability * f(values);
    let sum = 0;
    for (const [value, p] of law) { values.push(value); sum += go(probability * p); values.pop(); }
    return sum;
  };
  return go(1);
}

const meanOfLaw = (law: UnitLaw): number => law.reduce((sum, [x, p]) => sum + x * p, 0);
const meanOfLaws = (laws: readonly UnitLaw[]): number => laws.reduce((sum, law) => sum + meanOfLaw(law), 0) / laws.length;
const coin = (p: number): UnitLaw => [[0, 1 - p], [1, p]];
const between = (random: Random, low: number, high: number): number => low + (high - low) * random.unit();

/** Up to three units with laws on two values in [0,cap]. */
const someUnits = (random: Random, cap: number): UnitLaw[] => Array.from({ length: 1 + random.below(3) }, () => {
  const p = random.unit();
  return [[between(random, 0, cap), 1 - p], [between(random, 0, cap), p]] as const;
});

/** Candidate units moved into the null: at its border half of the time, where the expectation is largest. `null` where no law is in it. */
function intoNull(random: Random, laws: readonly UnitLaw[], limit: number, cap: number, direction: Direction): UnitLaw[] | null {
  const slack = random.unit() < 0.5 ? 1 : random.unit();
  const mean = meanOfLaws(laws);
  const moved = (scale: number, from: number): UnitLaw[] => laws.map((law) => law.map(([x, p]) => [from + (x - from) * scale, p] as const));
  if (direction === 'harm') {
    if (limit < 0) return null;
    return moved(mean <= 0 ? 1 : Math.min(1, limit / mean) * slack, 0);
  }
  if (limit > cap) return null;
  return moved(mean >= cap ? 1 : Math.min(1, (cap - limit) / (cap - mean)) * slack, cap);
}

/** E[F] of one random null, the largest over the components; `null` where the draw is no null. */
type Trial = (random: Random) => number | null;

const somePast = (random: Random): { n: number; k: number } => { const n = random.below(200); return { n, k: random.below(n + 1) }; };

const rateTrial = (direction: Direction): Trial => (random) => {
  const rho = [1, 1, 1.1, 0.8, 1.5][random.below(5)] ?? 1;
  const line = random.unit() < 0.3 ? 0 : between(random, -0.06, 0.24);
  const test: RateTest = { direction, rho, line, p0: random.unit() ** 2, kappa: between(random, 1, 80), odds: direction === 'harm' ? HARM_ODDS : NI_ODDS, learned: true };
  const before: ArmCounts = { stable: somePast(random), candidate: somePast(random) };
  const stable = Array.from({ length: 1 + random.below(4) }, () => coin(random.unit()));
  const limit = rho * meanOfLaws(stable) + line;
  const wanted = direction === 'harm' ? Math.min(1, limit) : Math.max(0, limit);
  if (direction === 'harm' ? limit < 0 : limit > 1) return null;
  const slack = random.unit() < 0.5 ? 0 : random.unit();
  const rate = direction === 'harm' ? wanted * (1 - slack) : wanted + slack * (1 - wanted);
  const candidate = Array.from({ length: 1 + random.below(4) }, () => coin(rate));
  return largestOf(test.odds.length + 1, (k) => expectation([...stable, ...candidate], (values) => {
    const count = (from: number, to: number): { n: number; k: number } => ({ n: to - from, k: values.slice(from, to).reduce((a, b) => a + b, 0) });
    const block = { stable: count(0, stable.length), candidate: count(stable.length, values.length) };
    return Math.exp(logFactors(test, before, block)[k] ?? Number.NaN);
  }));
};

const largestOf = (count: number, of: (k: number) => number): number => Math.max(...Array.from({ length: count }, (_, k) => of(k)));

const conditionalTrial: Trial = (random) => {
  const psi = between(random, 1.1, 8);
  const p = random.unit();
  const odds = p / (1 - p) * (random.unit() < 0.5 ? 1 : random.unit());
  const [stable, candidate] = [Array.from({ length: 1 + random.below(5) }, () => coin(p)), Array.from({ length: 1 + random.below(5) }, () => coin(odds / (1 + odds)))];
  return expectation([...stable, ...candidate], (values) => {
    const k = (from: number, to?: number): number => values.slice(from, to).reduce((a, b) => a + b, 0);
    return Math.exp(conditionalLogFactor({ stable: { n: stable.length, k: k(0, stable.length) }, candidate: { n: candidate.length, k: k(stable.length) } }, psi, 1));
  });
};

const histogramOfValues = (values: readonly number[]): (readonly [number, number])[] => {
  const counts = new Map<number, number>();
  for (const x of values) counts.set(x, (counts.get(x) ?? 0) + 1);
  return [...counts].sort(([x], [y]) => x - y);
};

const meanTrial = (direction: Direction, isMoments: boolean): Trial => (random) => {
  const cap = random.unit() < 0.5 ? 1 : between(random, 1, 50);
  const rho = [1, 1, 1.05, 0.9, 1.3][random.below(5)] ?? 1;
  const line = (random.unit() < 0.3 ? 0 : between(random, -0.05, 0.2)) * cap;
  const prior = { mean: between(random, 0.01, 0.9) * cap, variance: between(random, 0.001, 0.2) * cap * cap, kappa: between(random, 1, 80) };
  const test: BettingTest = { direction, rho, line, cap, prior, effects: bettingEffects(cap, prior.mean), trunc: between(random, 0.3, 0.95) };
  const past = (): ReturnType<typeof sumsOf> => sumsOf(Array.from({ length: random.below(30) }, () => [between(random, 0, cap), 1] as const));
  const before = random.unit() < 0.3 ? NO_SUMS : { stable: past(), candidate: past() };
  const stable = someUnits(random, cap);
  const candidate = intoNull(random, someUnits(random, cap), rho * meanOfLaws(stable) + line, cap, direction);
  // (2) asks for factors >= 0: a centre of the candidate outside of [0,cap] is outside of what the stakes are limited for.
  const cb = rho * shrunk(prior, before.stable).mean + line;
  if (candidate === null || cb < 0 || cb > cap) return null;
  const bets = stakesOf(test, before, { na: stable.length, nb: candidate.length });
  return largestOf(test.effects.length, (k) => expectation([...stable, ...candidate], (values) => {
    const block: ArmHistograms = { stable: histogramOfValues(values.slice(0, stable.length)), candidate: histogramOfValues(values.slice(stable.length)) };
    if (!isMoments) return Math.exp(bettingLogFactors(test, before, block)[k] ?? Number.NaN);
    const bet = bets[k];
    return bet === undefined ? Number.NaN : Math.exp(momentsLogFactor({ stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) }, bet, cap));
  }));
};

const pairedTrial: Trial = (random) => {
  const delta = 0.3 * random.unit();
  let test = startPaired();
  for (let i = random.below(40); i > 0; i -= 1) test = stepPass(test, between(random, -1, 1), delta);
  const [low, high] = [between(random, -1, -delta), between(random, -delta, 1)];
  const mass = (high + delta) / (high - low);
  return expectation([[[low, mass], [high, 1 - mass]]], ([x = 0]) => Math.exp(stepPass(test, x, delta).logE - test.logE));
};

const splitTrial: Trial = (random) => {
  const weight = between(random, 0.001, 0.999);
  const n = 1 + random.below(8);
  return largestOf(TILTS.length, (t) => expectation(Array.from({ length: n }, () => coin(weight)), (values) => {
    const candidate = values.reduce((a, b) => a + b, 0);
    return Math.exp(tiltLogFactors(TILTS, { stable: n - candidate, candidate }, weight)[t] ?? Number.NaN);
  }));
};

const oneSampleTrial: Trial = (random) => {
  const p0 = between(random, 0.01, 0.99);
  const n = 1 + random.below(9);
  const g = between(random, 0.5, 3);
  return expectation(Array.from({ length: n }, () => coin(p0)), (values) => Math.exp(betaBinomialLogE({ k: values.reduce((a, b) => a + b, 0), n, p0, g, h: 1 })));
};

/** A detector's M after one more block, less what it was given: at most M + 1 for e-SR, at most max(M,1) for e-CUSUM. */
const detectorTrial: Trial = (random) => {
  const p0 = between(random, 0.001, 0.9);
  const p = p0 * (random.unit() < 0.5 ? 1 : random.unit());
  const n = 1 + random.below(6);
  let [sr, cusum] = [startSr(p0), startCusum(p0)];
  for (let block = random.below(4); block >= 0; block -= 1) { const past = { n: 10, k: random.below(11) }; sr = stepSr(sr, past); cusum = stepCusum(cusum, past); }
  const units = Array.from({ length: n }, () => coin(p));
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
  const ofSr = expectation(units, (values) => Math.exp(srLogM(stepSr(sr, { n, k: sum(values) })))) / (Math.exp(srLogM(sr)) + 1);
  const held = cusum.logs.reduce((total, log) => total + Math.max(1, Math.exp(log)), 0) / cusum.logs.length;
  return Math.max(ofSr, expectation(units, (values) => Math.exp(cusumLogM(stepCusum(cusum, { n, k: sum(values) })))) / held);
};

const FACTORS: Readonly<Record<string, Trial>> = {
  'rates, harm (2.1)': rateTrial('harm'), 'rates, non-inferiority (2.1)': rateTrial('ni'), 'conditional (2.3)': conditionalTrial, 'one sample (2.4)': oneSampleTrial,
  'betting, harm (2.5)': meanTrial('harm', false), 'betting, non-inferiority (2.5)': meanTrial('ni', false),
  'moments, harm (2.6)': meanTrial('harm', true), 'moments, non-inferiority (2.6)': meanTrial('ni', true),
  'the split (2.9)': splitTrial, 'paired (2.10)': pairedTrial, 'detectors (2.12)': detectorTrial,
};
const NULLS = 200;
const LEMMA_SLACK = 1e-9;

const enumeration: Row = {
  id: 'X2', number: 72, title: 'every outcome of small blocks under random nulls, for every factor', replicates: { quick: NULLS, full: NULLS }, columns: Object.keys(FACTORS),
  prepare: () => (_replicate, random) => Object.values(FACTORS).map((trial) => {
    for (;;) { const value = trial(random); if (value !== null) return value; }
  }),
  judge: ({ column, count }): StatFigure[] => Object.keys(FACTORS).map((name) => {
    const largest = Math.max(...column(name));
    return { ...plainFigure({ row: 'X2', metric: `largest E[F], ${name}` }, largest, count), limit: '≤ 1 + 1e-9', met: largest <= 1 + LEMMA_SLACK };
  }),
};

export const EXACT_ROWS: readonly Row[] = [agreementRow('X1', 70, 0.01, 0.05, 200, 500), agreementRow('X1b', 71, 0.2, 0.5, 50, 300), enumeration];
