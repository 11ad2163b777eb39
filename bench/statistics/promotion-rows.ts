/** P1, P2: promotion by evidence. G1, G2: the offline test. F1, F2: the whole loop through the gate. */
import {
  NI_ODDS, boundOf, marginGrid, rateLogE, startPaired, startRate, stepPass, stepRate, thresholdOf,
} from '../../core/stats/index.js';
import type { RateProcessConfig } from '../../core/stats/index.js';
import { consume, decisionOf, linesOfLook, nextUnitsOf, startGate } from '../../core/gate/index.js';
import type { GatePlan, StagePlan } from '../../core/gate/index.js';
import { normal } from './draw.js';
import { meanFigure, meanOf, percent, plainFigure, quantileOf, shareAtLeast, shareFigure } from './figures.js';
import type { StatFigure } from './figures.js';
import { BIRTH_LOOKS, REQUESTS, blockSampler } from './rates.js';
import { NEVER, countBy } from './rows.js';
import type { Row } from './rows.js';

const P_REQUESTS = 400;
const MARGIN = 0.01;
const niConfig: RateProcessConfig = { test: { direction: 'ni', rho: 1, line: MARGIN, p0: 0.01, kappa: 50, odds: NI_ODDS, learned: true }, restart: null, halfLifeBlocks: null };

function promotionRow(id: string, number: number, candidate: number, judge: Row['judge']): Row {
  return {
    id, number, title: `1 % base, margin 1 point, 50 % canary, candidate at ${percent(candidate)}`, replicates: { quick: 500, full: 5_000 }, columns: ['alpha10', 'alpha5'],
    prepare: () => {
      const draw = blockSampler(0.01, candidate, 0.5, P_REQUESTS);
      const thresholds = [thresholdOf(0.1), thresholdOf(0.05)];
      return (_replicate, random) => {
        let process = startRate(niConfig);
        const found = [NEVER, NEVER];
        for (let look = 1; look <= 500 && found[1] === NEVER; look += 1) {
          process = stepRate(niConfig, process, draw(random));
          const logE = rateLogE(niConfig, process);
          thresholds.forEach((threshold, i) => { if (found[i] === NEVER && logE >= threshold) found[i] = look; });
        }
        return found;
      };
    },
    judge,
  };
}

const P_BOUND = boundOf({ stable: 0.01, candidate: 0.01, weight: 0.5, alpha: 0.05, direction: 'ni', line: MARGIN }).requests;

const boundary = promotionRow('P1', 31, 0.02, (outcomes) => [
  shareFigure({ row: 'P1', metric: 'false promote at α 5 %, 500 looks' }, countBy(outcomes.column('alpha5')), outcomes.count, 0.05),
  shareFigure({ row: 'P1', metric: 'false promote at α 10 %, 500 looks' }, countBy(outcomes.column('alpha10')), outcomes.count),
]);
const equal = promotionRow('P2', 32, 0.01, (outcomes) => [
  shareAtLeast({ row: 'P2', metric: 'promoted at α 5 %' }, countBy(outcomes.column('alpha5')), outcomes.count, 1),
  meanFigure({ row: 'P2', metric: `mean requests to the bound of ${Math.round(P_BOUND)}` }, outcomes.column('alpha5').map((look) => look * P_REQUESTS), 1.55, { scale: P_BOUND }),
]);

const ITEMS = 620;
const DELTA = 0.05;

/** Differences of items: normal with deviation .25, kept within [-1,1]. */
function pairedRow(id: string, number: number, mean: number, judge: Row['judge']): Row {
  return {
    id, number, title: `paired e-test, margin .05, deviation .25, mean ${mean}`, replicates: { quick: 1_000, full: 5_000 }, columns: ['items'],
    prepare: () => (_replicate, random) => {
      let test = startPaired();
      for (let item = 1; item <= ITEMS; item += 1) {
        test = stepPass(test, Math.min(1, Math.max(-1, mean + 0.25 * normal(random))), DELTA);
        if (test.logE >= thresholdOf(0.05)) return [item];
      }
      return [NEVER];
    },
    judge,
  };
}

const falsePass = pairedRow('G1', 41, -DELTA, (outcomes) => [shareFigure({ row: 'G1', metric: 'false pass within 620 items' }, countBy(outcomes.column('items')), outcomes.count, 0.05)]);
const truePass = pairedRow('G2', 42, 0, (outcomes) => [
  shareAtLeast({ row: 'G2', metric: 'passes by 310 items' }, countBy(outcomes.column('items'), 310), outcomes.count, 0.75),
  ...[155, 232, 620].map((by) => shareFigure({ row: 'G2', metric: `passes by ${by} items` }, countBy(outcomes.column('items'), by), outcomes.count)),
]);

const LOOP_PLAN: GatePlan = {
  format: 1, alpha: 0.01, alphaPromote: 0.05, errorBudget: 25, weightBp: 100,
  metrics: [{ id: 'error', type: 'binary', role: 'guardrail', share: 1, excessWeight: 1, prior: { p0: 0.01 }, ni: { margins: marginGrid(MARGIN), act: MARGIN } }],
};
const LOOK_MIN = 1;
const STAGE_MIN_LOOKS = 10;
const LOOP_STAGES: readonly StagePlan[] = [100, 500, 2_500, 5_000].map((weightBp) => ({ weightBp, minMs: STAGE_MIN_LOOKS * 60_000, maxMs: 7 * 86_400_000 }));
const LOOP_LOOKS_MAX = 5_000;

function loopRow(id: string, number: number, effect: number, replicates: Row['replicates'], judge: Row['judge']): Row {
  return {
    id, number, title: `the whole loop: 1/5/25/50 %, ten minutes each at least, error budget 25, ${effect === 0 ? 'equal arms' : `${Number((effect * 100).toPrecision(3))} points worse`}`, replicates,
    columns: ['promoted', 'minutes', 'canary', 'excess'],
    prepare: () => {
      const draws = LOOP_STAGES.map(({ weightBp }) => blockSampler(0.01, 0.01 + effect, weightBp / 10_000));
      const nextUnits = LOOP_STAGES.map((_, i) => { const next = LOOP_STAGES[i + 1]; return next === undefined ? 0 : nextUnitsOf(LOOP_PLAN, next, REQUESTS / 60); });
      return (_replicate, random) => {
        let state = startGate({ ...LOOP_PLAN, stage: { last: false } });
        let [stage, inStage, canary] = [0, 0, 0];
        for (let look = 0; look < LOOP_LOOKS_MAX; look += 1) {
          const block = draws[stage]?.(random) ?? { stable: { n: 0, k: 0 }, candidate: { n: 0, k: 0 } };
          canary += block.candidate.n;
          inStage += 1;
          const isNew = inStage === 1 && look > 0;
          const lines = linesOfLook(LOOP_PLAN, {
            ...(isNew ? { weightBp: LOOP_STAGES[stage]?.weightBp ?? 100 } : {}), isBirthDue: look > 0 && look % BIRTH_LOOKS === 0,
            stage: { last: stage === LOOP_STAGES.length - 1, minMet: inStage >= STAGE_MIN_LOOKS, nextUnits: nextUnits[stage] ?? 0, hold: [] },
            blocks: [{ metric: 'error', i: look, ...block }],
          });
          for (const line of lines) state = consume(LOOP_PLAN, state, line);
          const { decision } = decisionOf(LOOP_PLAN, state);
          if (decision === 'PROMOTE' || decision === 'ROLLBACK') return [decision === 'PROMOTE' ? 1 : 0, (look + 1) * LOOK_MIN, canary, canary * effect];
          if (decision === 'ADVANCE') { stage += 1; inStage = 0; }
        }
        return [NEVER, LOOP_LOOKS_MAX, canary, canary * effect];
      };
    },
    judge,
  };
}

const share = (values: readonly number[], value: number): number => values.filter((x) => x === value).length;

function loopFigures(id: string, column: (name: string) => readonly number[], count: number): StatFigure[] {
  return [
    meanFigure({ row: id, metric: 'mean minutes' }, column('minutes')),
    meanFigure({ row: id, metric: 'mean canary requests' }, column('canary')),
    plainFigure({ row: id, metric: 'rolled back' }, share(column('promoted'), 0) / count, count),
    plainFigure({ row: id, metric: 'promoted' }, share(column('promoted'), 1) / count, count),
    plainFigure({ row: id, metric: 'mean excess bad responses' }, meanOf(column('excess')).mean, count),
    plainFigure({ row: id, metric: 'p95 of excess bad responses' }, quantileOf(column('excess'), 0.95), count),
  ];
}

const always = { quick: 100, full: 1_000 } as const;
const fullOnly = { quick: 0, full: 500 } as const;
const between = [['F3', 53, 0.0025], ['F4', 54, 0.005], ['F5', 55, 0.01], ['F6', 56, 0.04], ['F7', 57, 0.1]] as const;

export const PROMOTION_ROWS: readonly Row[] = [
  boundary, equal, falsePass, truePass,
  loopRow('F1', 51, 0, always, ({ column, count }) => [shareAtLeast({ row: 'F1', metric: 'promoted' }, share(column('promoted'), 1), count, 0.97), ...loopFigures('F1', column, count)]),
  loopRow('F2', 52, 0.02, always, ({ column, count }) => [
    shareAtLeast({ row: 'F2', metric: 'rolled back' }, share(column('promoted'), 0), count, 1),
    meanFigure({ row: 'F2', metric: 'mean excess bad responses' }, column('excess'), 18, { byValue: true }),
    ...loopFigures('F2', column, count),
  ]),
  ...between.map(([id, number, effect]) => loopRow(id, number, effect, fullOnly, ({ column, count }) => loopFigures(id, column, count))),
];
