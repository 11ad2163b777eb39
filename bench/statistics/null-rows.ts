/** N1 to N5, N8, N9: how often healthy candidates are taken back. C1: the competitors on the same streams. */
import { bearRate } from '../../core/stats/index.js';
import type { ArmCounts, Random } from '../../core/stats/index.js';
import { consume, startGate } from '../../core/gate/index.js';
import type { GatePlan } from '../../core/gate/index.js';
import { RULE_NAMES, ruleOf, rulesOf } from './competitors.js';
import type { RuleName } from './competitors.js';
import { binomialSampler, smallBinomial } from './draw.js';
import { percent, shareAtLeast, shareFigure } from './figures.js';
import type { StatFigure } from './figures.js';
import { BIRTH_LOOKS, HarmRun, REQUESTS, THRESHOLDS, blockSampler, shippedHarm } from './rates.js';
import { NEVER, countBy } from './rows.js';
import type { Mode, Outcomes, Row } from './rows.js';

/** Competitors are followed in the first replicates only: their errors are plain from fewer. */
export const RULE_REPLICATES: Readonly<Record<Mode, number>> = { quick: 500, full: 2_000 };
const NULL_COLUMNS = ['alpha5', 'alpha1', 'alpha01', ...rulesOf('full')];
/** The looks at which rates are told. */
export const CHECKPOINTS = [60, 180, 1_440, 10_000];

/** Runs the shipped test, and for the first replicates every rule, along one stream; the look of each first rejection. */
function rejections(looks: number, p0: number, weight: number, mode: Mode, next: (random: Random, look: number) => ArmCounts, birthAt: (look: number) => boolean = () => false) {
  const config = shippedHarm(p0);
  return (replicate: number, random: Random): readonly number[] => {
    const run = new HarmRun(config);
    const found = THRESHOLDS.map(() => NEVER);
    const names: readonly RuleName[] = replicate < RULE_REPLICATES[mode] ? rulesOf(mode) : [];
    const rules = names.map((name) => ruleOf(name)({ base: p0, weight, alpha: 0.05 }));
    const ruleLooks = rules.map(() => NEVER);
    let open = rules.length;
    for (let look = 1; look <= looks && (run.reached < THRESHOLDS.length || open > 0); look += 1) {
      const block = next(random, look - 1);
      if (birthAt(look - 1)) run.process = bearRate(config, run.process);
      const before = run.reached;
      for (let now = run.step(block), i = before; i < now; i += 1) found[i] = look;
      if (open > 0) rules.forEach((rule, i) => { if (ruleLooks[i] === NEVER && rule.step(block)) { ruleLooks[i] = look; open -= 1; } });
    }
    return [...found, ...rulesOf('full').map((name) => ruleLooks[names.indexOf(name)] ?? NEVER)];
  };
}

/** False rollbacks of the shipped test, judged as the table says; of the others at the checkpoints, not judged. */
function judgeNull(id: string, looks: number, outcomes: Outcomes, mode: Mode, rules: readonly RuleName[]): StatFigure[] {
  const figures: StatFigure[] = [];
  for (const [i, alpha] of [0.05, 0.01].entries()) {
    const shown = { row: id, metric: `false rollback at α ${percent(alpha)}, ${looks} looks` };
    const hits = countBy(outcomes.column(NULL_COLUMNS[i] ?? ''));
    figures.push(mode === 'quick' ? shareFigure(shown, hits, outcomes.count, i === 0 ? 0.05 : 0.015) : shareFigure(shown, hits, outcomes.count, alpha, 'upper'));
  }
  for (const by of CHECKPOINTS.filter((checkpoint) => checkpoint <= looks)) {
    figures.push(shareFigure({ row: id, metric: `shipped, α 5 %, by look ${by}` }, countBy(outcomes.column('alpha5'), by), outcomes.count));
    const followed = Math.min(outcomes.count, RULE_REPLICATES[mode]);
    for (const rule of rules) {
      figures.push(shareFigure({ row: id, metric: `${RULE_NAMES[rule]}, by look ${by}` }, countBy(outcomes.column(rule).slice(0, followed), by), followed));
    }
  }
  return figures;
}

/** Section 7's rates for C1: look, rate, and in how many runs it was measured. */
const KNOWN: readonly { readonly rule: RuleName; readonly look: number; readonly rate: number }[] = [
  { rule: 'argo', look: 180, rate: 0.974 }, { rule: 'flagger', look: 180, rate: 0.973 }, { rule: 'repeatedZ', look: 1_440, rate: 0.403 },
];
const KNOWN_RUNS = 2_000;

/** Within three standard errors of the difference of two measured shares. */
function agrees(row: string, name: string, k: number, n: number, known: number): StatFigure {
  const error = Math.sqrt(known * (1 - known) * (1 / n + 1 / KNOWN_RUNS));
  const figure = shareFigure({ row, metric: name }, k, n);
  return { ...figure, limit: `${percent(known)} ± ${percent(3 * error)}`, met: Math.abs(k / n - known) <= 3 * error };
}

function nullRow(id: string, number: number, p: number, weight: number): Row {
  const looks: Readonly<Record<Mode, number>> = { quick: 2_000, full: 10_000 };
  return {
    id, number, title: `identical arms, ${percent(p)} bad, ${percent(weight)} canary`, replicates: { quick: 1_000, full: 20_000 }, columns: NULL_COLUMNS,
    prepare: (mode) => { const draw = blockSampler(p, p, weight); return rejections(looks[mode], p, weight, mode, (random) => draw(random)); },
    judge: (outcomes, mode) => {
      const figures = judgeNull(id, looks[mode], outcomes, mode, rulesOf(mode));
      if (id !== 'N1') return figures;
      const followed = Math.min(outcomes.count, RULE_REPLICATES[mode]);
      return [...figures, ...KNOWN.map(({ rule, look, rate }) =>
        agrees('C1', `${RULE_NAMES[rule]} on N1, by look ${look}`, countBy(outcomes.column(rule).slice(0, followed), look), followed, rate))];
    },
  };
}

const N5_STAGES = [0.01, 0.05, 0.25, 0.5];
const N5_STAGE_LOOKS = 360;
const n5RateAt = (look: number): number => 0.01 + 0.006 * Math.sin(2 * Math.PI * (look + 720) / 1_440);

/** The weight climbs while the base rate follows the day: what happens to tests that pool. */
const climbing: Row = {
  id: 'N5', number: 5, title: 'identical arms, 1/5/25/50 % canary, the base rate follows the day', replicates: { quick: 1_000, full: 20_000 }, columns: NULL_COLUMNS,
  prepare: (mode) => {
    const splits = N5_STAGES.map((weight) => binomialSampler(weight));
    const next = (random: Random, look: number): ArmCounts => {
      const n = splits[Math.floor(look / N5_STAGE_LOOKS)]?.(random, REQUESTS) ?? 0;
      const p = n5RateAt(look);
      return { stable: { n: REQUESTS - n, k: smallBinomial(random, REQUESTS - n, p) }, candidate: { n, k: smallBinomial(random, n, p) } };
    };
    // A change of weight brings a birth of its own beside the one that is due.
    return rejections(N5_STAGES.length * N5_STAGE_LOOKS, n5RateAt(0), 0.5, mode, next, (look) => look > 0 && look % N5_STAGE_LOOKS === 0);
  },
  judge: (outcomes, mode) => {
    const followed = Math.min(outcomes.count, RULE_REPLICATES[mode]);
    return [
      ...judgeNull('N5', N5_STAGES.length * N5_STAGE_LOOKS, outcomes, mode, rulesOf(mode)),
      ...(['repeatedZ', 'mSprt'] as const).map((rule) =>
        shareAtLeast({ row: 'N5', metric: `${RULE_NAMES[rule]}, pooled, takes it back` }, countBy(outcomes.column(rule).slice(0, followed)), followed, 0.9)),
    ];
  },
};

const SIX_SHARES = [0.3, 0.25, 0.2, 0.1, 0.1, 0.05];
const SIX_PLAN: GatePlan = {
  format: 1, alpha: 0.05, weightBp: 500,
  metrics: SIX_SHARES.map((share, m) => ({ id: `m${m}`, type: 'binary', role: 'guardrail', share, prior: { p0: 0.01 } })),
};

/** Half of the units fail in all six metrics or in none, the others in each on its own. */
const sixMetrics: Row = {
  id: 'N8', number: 8, title: 'identical arms, six correlated metrics with shares, through the gate, 1 % bad, 5 % canary', replicates: { quick: 0, full: 2_000 }, columns: ['rollback'],
  prepare: () => {
    const [split, half, bad] = [binomialSampler(0.05), binomialSampler(0.5), binomialSampler(0.01)];
    return (_replicate, random) => {
      let state = startGate(SIX_PLAN);
      for (let look = 0; look < 1_500; look += 1) {
        if (look > 0 && look % BIRTH_LOOKS === 0) state = consume(SIX_PLAN, state, { birth: {} });
        const nb = split(random, REQUESTS);
        const arms = [REQUESTS - nb, nb].map((n) => { const common = half(random, n); return { n, own: n - common, badCommon: bad(random, common) }; });
        for (const { id } of SIX_PLAN.metrics) {
          const [stable = { n: 0, k: 0 }, candidate = { n: 0, k: 0 }] = arms.map(({ n, own, badCommon }) => ({ n, k: badCommon + bad(random, own) }));
          state = consume(SIX_PLAN, state, { block: { metric: id, i: look, stable, candidate } });
        }
        if (state.latch?.decision === 'ROLLBACK') return [look + 1];
      }
      return [NEVER];
    };
  },
  judge: (outcomes) => [shareFigure({ row: 'N8', metric: 'false rollback at α 5 %, 1,500 looks' }, countBy(outcomes.column('rollback')), outcomes.count, 0.05, 'upper')],
};

const WRONG_PRIORS = [0.2, 0.0005];

const wrongPrior: Row = {
  id: 'N9', number: 9, title: 'identical arms, 1 % bad, 5 % canary, prior 20 times too high or too low', replicates: { quick: 0, full: 2_000 }, columns: ['high5', 'high1', 'low5', 'low1'],
  prepare: () => {
    const draw = blockSampler(0.01, 0.01, 0.05);
    const configs = WRONG_PRIORS.map((p0) => shippedHarm(p0));
    return (_replicate, random) => {
      const runs = configs.map((config) => new HarmRun(config, THRESHOLDS.slice(0, 2)));
      for (let look = 0; look < 2_000; look += 1) { const block = draw(random); for (const run of runs) if (run.reached < 2) run.step(block); }
      return runs.flatMap(({ reached }) => [reached >= 1 ? 1 : NEVER, reached >= 2 ? 1 : NEVER]);
    };
  },
  judge: (outcomes) => ['high', 'low'].flatMap((side, s) => [0.05, 0.01].map((alpha, a) => shareFigure(
    { row: 'N9', metric: `false rollback at α ${percent(alpha)}, prior ${WRONG_PRIORS[s]}, 2,000 looks` }, countBy(outcomes.column(`${side}${a === 0 ? 5 : 1}`)), outcomes.count, alpha))),
};

export const NULL_ROWS: readonly Row[] = [
  nullRow('N1', 1, 0.01, 0.05), nullRow('N2', 2, 0.001, 0.05), nullRow('N3', 3, 0.01, 0.5), nullRow('N4', 4, 0.1, 0.5), climbing, sixMetrics, wrongPrior,
];
