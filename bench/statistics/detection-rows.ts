/** D1 to D4, L1, L2: how soon a regression is found. Counted to the decision, the deciding look included. */
import { boundOf } from '../../core/stats/index.js';
import type { ArmCounts, Random } from '../../core/stats/index.js';
import { RULE_NAMES, ruleOf, rulesOf } from './competitors.js';
import { RULE_REPLICATES } from './null-rows.js';
import { meanFigure, meanOf, percent, plainFigure, quantileOf, shareAtLeast } from './figures.js';
import type { StatFigure } from './figures.js';
import { ALPHAS, HarmRun, THRESHOLDS, blockSampler, shippedHarm } from './rates.js';
import { NEVER } from './rows.js';
import type { Row } from './rows.js';

const LOOKS_MAX = 20_000;
const ALPHA_NAMES = ['alpha5', 'alpha1', 'alpha01'] as const;
/** Acceptance of the mean ratio to (25), and goal E3, by alpha. */
const RATIO_MAX = [1.6, 1.5, 1.4];
const GOAL_E3 = [1.55, 1.42, 1.35];

interface Seen { requests: number; canary: number; bad: number }
const nothing = (): Seen => ({ requests: 0, canary: 0, bad: 0 });
function see(seen: Seen, { stable, candidate }: ArmCounts): void {
  seen.requests += stable.n + candidate.n;
  seen.canary += candidate.n;
  seen.bad += candidate.k;
}

/** Section 7's mean requests of the other rules, for C1. */
const KNOWN: Readonly<Record<string, Readonly<Record<string, number>>>> = { D1: { argo: 6_450, flagger: 7_645, plugIn: 9_462 }, D2: { argo: 4_412, flagger: 2_893 } };
const KNOWN_RUNS = 2_000;

function detectionRow(id: string, number: number, stable: number, candidate: number, weight: number): Row {
  const hasRules = id === 'D1' || id === 'D2';
  const rules = rulesOf('full');
  return {
    id, number, title: `${percent(stable)} → ${percent(candidate)} bad, ${percent(weight)} canary`, replicates: { quick: 2_000, full: 10_000 },
    columns: [...ALPHA_NAMES.flatMap((name) => [name, `${name}.canary`, `${name}.bad`]), ...(hasRules ? rules : [])],
    prepare: (mode) => {
      const draw = blockSampler(stable, candidate, weight);
      const config = shippedHarm(stable);
      const named = rulesOf(mode);
      return (replicate, random) => {
        const run = new HarmRun(config);
        const seen = nothing();
        const found: number[] = [];
        const others = hasRules && replicate < RULE_REPLICATES[mode] ? named.map((name) => ({ name, rule: ruleOf(name)({ base: stable, weight, alpha: 0.05 }), at: NEVER })) : [];
        let open = others.length;
        for (let look = 0; look < LOOKS_MAX && (run.reached < THRESHOLDS.length || open > 0); look += 1) {
          const block = draw(random);
          see(seen, block);
          if (run.reached < THRESHOLDS.length) {
            const before = run.reached;
            for (let now = run.step(block), i = before; i < now; i += 1) found.push(seen.requests, seen.canary, seen.bad);
          }
          for (const other of others) if (other.at === NEVER && other.rule.step(block)) { other.at = seen.requests; open -= 1; }
        }
        while (found.length < 9) found.push(NEVER);
        return [...found, ...(hasRules ? rules.map((name) => others.find((other) => other.name === name)?.at ?? NEVER) : [])];
      };
    },
    judge: (outcomes, mode) => ALPHAS.flatMap((alpha, i): StatFigure[] => {
      const name = ALPHA_NAMES[i] ?? 'alpha5';
      const bound = boundOf({ stable, candidate, weight, alpha });
      const requests = outcomes.column(name).filter((x) => x !== NEVER);
      const at = `α ${percent(alpha)}`;
      const mean = (column: string): number => meanOf(outcomes.column(column).filter((x) => x !== NEVER)).mean;
      const figures = [
        shareAtLeast({ row: id, metric: `detected at ${at}` }, requests.length, outcomes.count, 1),
        meanFigure({ row: id, metric: `mean requests to the bound of ${Math.round(bound.requests)}, ${at}` }, requests, RATIO_MAX[i] ?? 0, { scale: bound.requests }),
        ...(mode === 'full' ? [meanFigure({ row: 'E3', metric: `${id}: the same, goal of performance.md, ${at}` }, requests, GOAL_E3[i] ?? 0, { scale: bound.requests })] : []),
        meanFigure({ row: id, metric: `mean requests, ${at}` }, requests),
        plainFigure({ row: id, metric: `median requests, ${at}` }, quantileOf(requests, 0.5), requests.length),
        plainFigure({ row: id, metric: `p90 requests, ${at}` }, quantileOf(requests, 0.9), requests.length),
        plainFigure({ row: id, metric: `mean canary requests, ${at}` }, mean(`${name}.canary`), requests.length),
        plainFigure({ row: id, metric: `mean bad responses, ${at}` }, mean(`${name}.bad`), requests.length),
        plainFigure({ row: id, metric: `rollbackEfficiency, ${at}` }, mean(`${name}.bad`) / bound.bad, requests.length),
      ];
      if (!hasRules || i > 0) return figures;
      const followed = Math.min(outcomes.count, RULE_REPLICATES[mode]);
      return [...figures, ...rulesOf(mode).flatMap((rule): StatFigure[] => {
        const times = outcomes.column(rule).slice(0, followed).filter((x) => x !== NEVER);
        const ratio = meanFigure({ row: id, metric: `${RULE_NAMES[rule]}: mean requests to the bound, ${at}` }, times, undefined, { scale: bound.requests });
        const known = KNOWN[id]?.[rule];
        if (known === undefined) return [ratio];
        const { mean: own, error } = meanOf(times);
        const allowed = 3 * Math.sqrt(error ** 2 * (1 + times.length / KNOWN_RUNS));
        const figure = meanFigure({ row: 'C1', metric: `${RULE_NAMES[rule]} on ${id}, mean requests` }, times);
        return [ratio, { ...figure, limit: `${known} ± ${Math.round(allowed)}`, met: Math.abs(own - known) <= allowed }];
      })];
    }),
  };
}

function lateRow(id: string, number: number, onset: number, limits: readonly number[]): Row {
  return {
    id, number, title: `1 % → 3 % bad after ${onset} looks, 25 % canary`, replicates: { quick: 1_000, full: 5_000 }, columns: ['alpha5', 'alpha1'],
    prepare: () => {
      const [before, after] = [blockSampler(0.01, 0.01, 0.25), blockSampler(0.01, 0.03, 0.25)];
      const config = shippedHarm(0.01);
      return (_replicate: number, random: Random) => {
        const run = new HarmRun(config, THRESHOLDS.slice(0, 2));
        const found = [NEVER, NEVER];
        for (let look = 1; look <= onset + LOOKS_MAX && run.reached < 2; look += 1) {
          const reached = run.reached;
          for (let now = run.step((look <= onset ? before : after)(random)), i = reached; i < now; i += 1) found[i] = look;
        }
        return found;
      };
    },
    judge: (outcomes) => [0.05, 0.01].flatMap((alpha, i): StatFigure[] => {
      const looks = outcomes.column(i === 0 ? 'alpha5' : 'alpha1');
      // A rollback before the onset is a false one; how often these come is what the N rows say.
      const late = looks.filter((look) => look > onset).map((look) => look - onset);
      return [
        meanFigure({ row: id, metric: `mean blocks after onset, α ${percent(alpha)}` }, late, limits[i] ?? 0, { byValue: true }),
        plainFigure({ row: id, metric: `p90 blocks after onset, α ${percent(alpha)}` }, quantileOf(late, 0.9), late.length),
        plainFigure({ row: id, metric: `taken back before the onset, α ${percent(alpha)}` }, looks.filter((look) => look !== NEVER && look <= onset).length / outcomes.count, outcomes.count),
      ];
    }),
  };
}

export const DETECTION_ROWS: readonly Row[] = [
  detectionRow('D1', 11, 0.01, 0.03, 0.05), detectionRow('D2', 12, 0.01, 0.03, 0.5), detectionRow('D3', 13, 0.001, 0.005, 0.05), detectionRow('D4', 14, 0.05, 0.0767, 0.05),
  lateRow('L1', 21, 120, [24, 29]), lateRow('L2', 22, 720, [34, 38]),
];
