/** N6, N7, D5, D6: scores and costs by betting; S1, S2: the split. */
import {
  NO_SCORE, NO_SUMS, TILTS, advanceSums, bear, bettingEffects, bettingLogFactors, boundedInformationOf, logSumExp, mixtureLogE, momentsLogFactor, scoreLogE, stakesOf,
  startMixture, stepMixture, stepScore, sumsOf, thresholdOf, tiltLogFactors,
} from '../../core/stats/index.js';
import type { ArmHistograms, ArmSums, BettingTest, Law, Mixture, Random } from '../../core/stats/index.js';
import { binomialSampler, costLaw, histogramSampler, scoreLaw } from './draw.js';
import { meanFigure, percent, plainFigure, quantileOf, shareAtLeast, shareFigure } from './figures.js';
import type { StatFigure } from './figures.js';
import { BIRTH_LOOKS, REQUESTS } from './rates.js';
import { NEVER, countBy } from './rows.js';
import type { Mode, Row } from './rows.js';

const THRESHOLDS = [thresholdOf(0.05), thresholdOf(0.01)];
const RESTART = { v0: 0.75 };
const LOOKS_MAX = 20_000;

const momentsOf = (law: Law): { mean: number; variance: number } => {
  const mean = law.reduce((sum, [x, p]) => sum + x * p, 0);
  return { mean, variance: law.reduce((sum, [x, p]) => sum + p * (x - mean) ** 2, 0) };
};

/** A mean's harm test as shipped, the prior being stable's true law. */
const harmTest = (stable: Law, cap: number): BettingTest => {
  const { mean, variance } = momentsOf(stable);
  return { direction: 'harm', rho: 1, line: 0, cap, prior: { mean, variance, kappa: 50 }, effects: bettingEffects(cap, mean), trunc: 0.75 };
};

type Draw = (random: Random) => ArmHistograms;
/** What is followed along one stream: name of the column, and the block to evidence step. */
interface Method { readonly step: (block: ArmHistograms, before: ArmSums, look: number) => number }

/** The shipped test: betting on histograms, restart mixture. */
function betting(test: BettingTest): Method {
  let mixture: Mixture = startMixture(test.effects.length);
  return {
    step(block, before, look) {
      if (look % BIRTH_LOOKS === 0) mixture = bear(mixture, RESTART);
      mixture = stepMixture(mixture, bettingLogFactors(test, before, block), RESTART);
      return mixtureLogE(mixture, RESTART);
    },
  };
}

/** From sums alone, plain product. */
function moments(test: BettingTest): Method {
  let mixture: Mixture = startMixture(test.effects.length);
  return {
    step(block, before) {
      const sums = { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) };
      if (sums.stable.n > 0 && sums.candidate.n > 0) {
        const bets = stakesOf(test, before, { na: sums.stable.n, nb: sums.candidate.n });
        mixture = stepMixture(mixture, bets.map((bet) => momentsLogFactor(sums, bet, test.cap)), null);
      }
      return mixtureLogE(mixture, null);
    },
  };
}

/** The score process; crossings count once both arms have 100 units. */
function score(test: BettingTest, scale: number): Method {
  let state = NO_SCORE;
  return {
    step(block, before) {
      const sums = { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) };
      state = stepScore({ direction: 'harm', rho: 1, line: 0, scale, prior: test.prior }, state, before, sums);
      const isReady = before.stable.n + sums.stable.n >= 100 && before.candidate.n + sums.candidate.n >= 100;
      return isReady ? scoreLogE(state, scale) : -Infinity;
    },
  };
}

const METHODS = ['betting', 'score', 'moments'] as const;
const METHOD_NAMES = { betting: 'betting, shipped', score: 'score process', moments: 'moments only' } as const;
const COLUMNS = METHODS.flatMap((name) => [`${name}5`, `${name}1`]);

/** Units until each method has reached each threshold. `follow` of the other two: the first replicates only. */
function runOf(test: BettingTest, draw: Draw, scale: number, looks: number, others: number) {
  return (replicate: number, random: Random): readonly number[] => {
    const methods = [betting(test), ...(replicate < others ? [score(test, scale), moments(test)] : [])];
    const found = methods.map(() => [NEVER, NEVER]);
    let before = NO_SUMS;
    let units = 0;
    for (let look = 0; look < looks && found.some((times) => times[1] === NEVER); look += 1) {
      const block = draw(random);
      const sums = { stable: sumsOf(block.stable), candidate: sumsOf(block.candidate) };
      units += sums.stable.n + sums.candidate.n;
      methods.forEach((method, m) => {
        const times = found[m];
        if (times === undefined || times[1] !== NEVER) return;
        const logE = method.step(block, before, look);
        THRESHOLDS.forEach((threshold, i) => { if (times[i] === NEVER && logE >= threshold) times[i] = units; });
      });
      before = advanceSums(before, sums, null);
    }
    return METHODS.flatMap((_, m) => found[m] ?? [NEVER, NEVER]);
  };
}

const OTHERS: Readonly<Record<Mode, number>> = { quick: 0, full: 1_000 };

interface MeanSetting { readonly stable: Law; readonly candidate: Law; readonly cap: number; readonly scale: number; readonly draw: () => Draw; readonly weight: number }

function nullMean(id: string, number: number, title: string, setting: MeanSetting, replicates: Row['replicates'], looks: Readonly<Record<Mode, number>>): Row {
  return {
    id, number, title, replicates, columns: COLUMNS,
    prepare: (mode) => runOf(harmTest(setting.stable, setting.cap), setting.draw(), setting.scale, looks[mode], OTHERS[mode]),
    judge: ({ column, count }, mode) => METHODS.flatMap((method): StatFigure[] => [0.05, 0.01].flatMap((alpha, i): StatFigure[] => {
      const followed = method === 'betting' ? count : Math.min(count, OTHERS[mode]);
      if (followed === 0) return [];
      const hits = countBy(column(`${method}${i === 0 ? 5 : 1}`).slice(0, followed));
      const shown = { row: id, metric: `false rollback at α ${percent(alpha)}, ${looks[mode]} looks, ${METHOD_NAMES[method]}` };
      if (method !== 'betting') return [shareFigure(shown, hits, followed)];
      return [shareFigure(shown, hits, followed, alpha, mode === 'full' && i === 0 ? 'upper' : 'lower')];
    })),
  };
}

function foundMean(id: string, number: number, title: string, setting: MeanSetting, limits: readonly number[]): Row {
  return {
    id, number, title, replicates: { quick: 500, full: 5_000 }, columns: COLUMNS,
    prepare: (mode) => runOf(harmTest(setting.stable, setting.cap), setting.draw(), setting.scale, LOOKS_MAX, OTHERS[mode]),
    judge: ({ column, count }, mode) => {
      const { info } = boundedInformationOf(setting);
      return METHODS.flatMap((method): StatFigure[] => [0.05, 0.01].flatMap((alpha, i): StatFigure[] => {
        const followed = method === 'betting' ? count : Math.min(count, OTHERS[mode]);
        if (followed === 0) return [];
        const bound = -Math.log(alpha) / info;
        const units = column(`${method}${i === 0 ? 5 : 1}`).slice(0, followed).filter((x) => x !== NEVER);
        const at = `α ${percent(alpha)}, ${METHOD_NAMES[method]}`;
        const ratio = meanFigure({ row: id, metric: `mean units to the I* bound of ${Math.round(bound)}, ${at}` }, units, method === 'betting' ? limits[i] : undefined, { scale: bound });
        if (method !== 'betting') return [ratio];
        return [shareAtLeast({ row: id, metric: `detected at ${at}` }, units.length, followed, 1), ratio, meanFigure({ row: id, metric: `mean units, ${at}` }, units),
          plainFigure({ row: id, metric: `p90 units, ${at}` }, quantileOf(units, 0.9), units.length)];
      }));
    },
  };
}

const JUDGED = 10;
const quality = (stable: number, candidate: number): MeanSetting => {
  const laws = { stable: scoreLaw(1 - stable, 0.15), candidate: scoreLaw(1 - candidate, 0.15) };
  return {
    ...laws, cap: 1, scale: 0.04, weight: 0.5,
    draw: () => {
      const [a, b] = [histogramSampler(laws.stable), histogramSampler(laws.candidate)];
      return (random) => ({ stable: a(random, JUDGED), candidate: b(random, JUDGED) });
    },
  };
};

const CAP = 20;
const cost = (factor: number): MeanSetting => {
  const laws = { stable: costLaw(1, 1, CAP), candidate: costLaw(factor, 1, CAP) };
  return {
    ...laws, cap: CAP, scale: 0.2, weight: 0.05,
    draw: () => {
      const [a, b, split] = [histogramSampler(laws.stable), histogramSampler(laws.candidate), binomialSampler(0.05)];
      return (random) => { const n = split(random, REQUESTS); return { stable: a(random, REQUESTS - n), candidate: b(random, n) }; };
    },
  };
};

const SRM_LOOKS = 10_000;
const SRM_UNITS = 50;

function splitRow(id: string, number: number, title: string, weight: number, replicates: Row['replicates'], judge: Row['judge']): Row {
  return {
    id, number, title, replicates, columns: ['units'],
    prepare: () => {
      const split = binomialSampler(weight);
      return (_replicate, random) => {
        const logs = new Float64Array(TILTS.length);
        // The factor depends on the counts alone: 51 of them are worth remembering.
        for (let look = 1; look <= SRM_LOOKS; look += 1) {
          const n = split(random, SRM_UNITS);
          const factors = SPLIT_FACTORS[n] ?? [];
          for (let t = 0; t < logs.length; t += 1) logs[t] = (logs[t] ?? 0) + (factors[t] ?? 0);
          if (Math.max(...logs) >= thresholdOf(0.001) && logSumExp([...logs]) - Math.log(logs.length) >= thresholdOf(0.001)) return [look * SRM_UNITS];
        }
        return [NEVER];
      };
    },
    judge,
  };
}

const SPLIT_FACTORS = Array.from({ length: SRM_UNITS + 1 }, (_, n) => tiltLogFactors(TILTS, { stable: SRM_UNITS - n, candidate: n }, 0.05));

export const BOUNDED_ROWS: readonly Row[] = [
  nullMean('N6', 6, 'quality .82 in both arms, ten judged each', quality(0.82, 0.82), { quick: 500, full: 20_000 }, { quick: 500, full: 2_000 }),
  nullMean('N7', 7, 'equal cost, variation 1, cap 20, 5 % canary', cost(1), { quick: 200, full: 6_000 }, { quick: 500, full: 1_440 }),
  foundMean('D5', 15, 'quality .82 → .78, ten judged each', quality(0.82, 0.78), [1.5, 1.4]),
  foundMean('D6', 16, 'cost + 20 %, variation 1, cap 20, 5 % canary', cost(1.2), [1.6, 1.45]),
  splitRow('S1', 61, 'the split is right: 5 %, 10,000 looks of 50', 0.05, { quick: 200, full: 2_000 }, ({ column, count }, mode) => [
    // Among 200 a sound test alarms once in one seed of six: the quick run can only see that it is not far off.
    shareFigure({ row: 'S1', metric: 'false alarm at α 0.1 %' }, countBy(column('units')), count, 0.001, mode === 'quick' ? 'lower' : 'value'),
  ]),
  splitRow('S2', 62, 'the split is 6 % in place of 5 %', 0.06, { quick: 200, full: 2_000 }, ({ column, count }) => [
    shareAtLeast({ row: 'S2', metric: 'seen within 500,000 units' }, countBy(column('units')), count, 1),
    { ...plainFigure({ row: 'S2', metric: 'median units until it is seen' }, quantileOf(column('units'), 0.5), count), limit: '≤ 9500', met: quantileOf(column('units'), 0.5) <= 9_500 },
  ]),
];
