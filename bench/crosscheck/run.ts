/** Our methods against scipy, statsmodels, scikit-learn and confseq on random cases. `npx tsx bench/crosscheck/run.ts [--keep] [--python python3] [--environment DIR]`. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import {
  betaBinomialLogE, betaBinomialUpperLogE, boundedInformationOf, clusterRobust, conditionalLogFactor, dirichletLogE, gwetAc1, informationOf, kappa, lambertWm1, logBeta, logGamma,
  logIncompleteBeta, logPhi, mcnemar, normalMixtureLogE, normalQuantile, pairedT, quantilePValue, randomOf, requiredCases, scoreLogE, tQuantile, tUpper, wilcoxonPratt,
} from '../../core/stats/index.js';
import type { Random } from '../../core/stats/index.js';

const { values } = parseArgs({ options: { keep: { type: 'boolean', default: false }, python: { type: 'string', default: 'python3' }, environment: { type: 'string' } } });

/** One case: what both sides are given, and what we say. */
interface Case { readonly method: string; readonly input: unknown; readonly ours: number }

const random = randomOf(2026);
const between = (low: number, high: number): number => low + (high - low) * random.unit();
/** Over several powers of ten. */
const scaled = (low: number, high: number): number => Math.exp(between(Math.log(low), Math.log(high)));
const times = (count: number, make: () => Case | readonly Case[]): Case[] => Array.from({ length: count }, make).flat();
const list = (count: number, make: (i: number) => number): number[] => Array.from({ length: count }, (_, i) => make(i));
const law = (from: Random, count: number, cap: number): [number, number][] => {
  const masses = list(count, () => from.unit());
  const sum = masses.reduce((a, b) => a + b, 0);
  return masses.map((mass) => [between(0, cap), mass / sum]);
};

const cases: Case[] = [
  ...times(200, () => { const x = scaled(1e-4, 1e9); return { method: 'logGamma', input: [x], ours: logGamma(x) }; }),
  ...times(200, () => { const x = between(-40, 8); return { method: 'logPhi', input: [x], ours: logPhi(x) }; }),
  ...times(200, () => { const p = between(1e-6, 1 - 1e-6); return { method: 'normalQuantile', input: [p], ours: normalQuantile(p) }; }),
  ...times(200, () => { const [a, b] = [scaled(0.01, 1e6), scaled(0.01, 1e6)]; return { method: 'logBeta', input: [a, b], ours: logBeta(a, b) }; }),
  ...times(200, () => { const [a, b, x] = [scaled(0.1, 1e4), scaled(0.1, 1e4), random.unit()]; return { method: 'incompleteBeta', input: [x, a, b], ours: Math.exp(logIncompleteBeta(x, a, b)) }; }),
  ...times(200, () => { const [p, df] = [between(1e-4, 1 - 1e-4), scaled(1, 1e4)]; return { method: 'tQuantile', input: [p, df], ours: tQuantile(p, df) }; }),
  ...times(100, () => { const [t, df] = [between(-6, 6), scaled(1, 1e3)]; return { method: 'tUpper', input: [t, df], ours: tUpper(t, df) }; }),
  ...times(100, () => { const x = -scaled(1e-200, 1 / Math.E); return { method: 'lambertWm1', input: [x], ours: lambertWm1(x) }; }),
  ...times(200, () => {
    const n = 1 + random.below(3_000);
    const [k, p0, g, h] = [random.below(n + 1), between(0.01, 0.99), between(0.5, 30), between(0.5, 30)];
    const question = { k, n, p0, g, h };
    return [{ method: 'betaBinomial, two-sided', input: question, ours: betaBinomialLogE(question) }, { method: 'betaBinomial, one-sided', input: question, ours: betaBinomialUpperLogE(question) }];
  }),
  ...times(100, () => { const [s, v, rho] = [between(-60, 60), scaled(1, 1e4), scaled(1, 1e3)]; return { method: 'normal mixture, two-sided', input: [s, v, rho], ours: normalMixtureLogE(s, v, rho) }; }),
  ...times(100, () => { const [s, v, rho] = [between(-60, 60), scaled(1, 1e4), scaled(1, 1e3)]; return { method: 'normal mixture, one-sided', input: [s, v, rho], ours: scoreLogE({ score: s, info: v }, Math.sqrt(1 / rho)) }; }),
  ...times(30, () => {
    const [na, nb, shift, p] = [20 + random.below(200), 20 + random.below(200), between(0, 1), between(0.05, 0.95)];
    const [a, b] = [list(na, () => Math.round(between(0, 100)) / 20), list(nb, () => Math.round(between(0, 100)) / 20 + Math.round(shift * 20) / 20)];
    const counted = (xs: readonly number[]): (readonly [number, number])[] => [...xs.reduce((counts, x) => counts.set(x, (counts.get(x) ?? 0) + 1), new Map<number, number>())].sort(([x], [y]) => x - y);
    return { method: 'quantiles of two arms', input: { a, b, p }, ours: quantilePValue(counted(a), counted(b), { p }) };
  }),
  ...times(100, () => { const counts = list(3, () => random.below(500)); const shares = [0.5, 0.3, 0.2]; return { method: 'split, Dirichlet', input: { counts, shares, prior: 100 }, ours: dirichletLogE({ counts, shares }) }; }),
  ...times(100, () => {
    const [na, nb] = [1 + random.below(300), 1 + random.below(300)];
    const [ka, kb, psi] = [random.below(Math.min(na, 40) + 1), random.below(Math.min(nb, 40) + 1), between(1.05, 10)];
    return { method: 'conditional factor', input: { ka, na, kb, nb, psi }, ours: conditionalLogFactor({ stable: { n: na, k: ka }, candidate: { n: nb, k: kb } }, psi, 1) };
  }),
  ...times(100, () => { const [b, c] = [random.below(60), random.below(60)]; return { method: 'McNemar, exact', input: [b, c], ours: mcnemar(b, c).pTwoSided }; }),
  ...times(60, () => {
    const d = list(12 + random.below(80), () => Math.round(between(-1, 1.2) * 20) / 20);
    const groups = d.map(() => random.below(8));
    const [t, robust, ranks] = [pairedT(d), clusterRobust(d, groups), wilcoxonPratt(d)];
    return [{ method: 'paired t', input: { d }, ours: t.t }, { method: 'paired t, one-sided p', input: { d }, ours: t.p }, { method: 'cluster-robust error', input: { d, groups }, ours: robust.se },
      { method: 'Wilcoxon, Pratt, W', input: { d }, ours: ranks.w }, { method: 'Wilcoxon, Pratt, p', input: { d }, ours: ranks.p }];
  }),
  ...times(60, () => {
    const size = 2 + random.below(4);
    const table = list(size, () => 0).map((_, i) => list(size, (j) => (i === j ? 20 : 1) + random.below(12)));
    return [{ method: 'kappa', input: { table }, ours: kappa(table).value }, { method: 'kappa, linear', input: { table }, ours: kappa(table, 'linear').value },
      { method: 'kappa, quadratic', input: { table }, ours: kappa(table, 'quadratic').value }, { method: 'AC1', input: { table }, ours: gwetAc1(table).value }];
  }),
  ...times(60, () => { const [sd, delta, alpha, power] = [between(0.1, 0.5), between(0.01, 0.1), between(0.01, 0.1), between(0.6, 0.95)]; return { method: 'required cases', input: { sd, delta, alpha, power }, ours: requiredCases(sd ** 2, delta, { alpha, power }) }; }),
  ...times(40, () => {
    const [stable, candidate, weight, line] = [between(0.01, 0.3), between(0.31, 0.6), between(0.02, 0.8), between(0, 0.01)];
    return { method: 'information bound, rates', input: { stable, candidate, weight, line }, ours: informationOf({ stable, candidate, weight, line }) };
  }),
  ...times(12, () => {
    const question = { stable: law(random, 6, 1), candidate: law(random, 6, 1).map(([x, p]): [number, number] => [0.5 + x / 2, p]), cap: 1, weight: between(0.05, 0.6) };
    return { method: 'information bound I*, bounded means', input: question, ours: boundedInformationOf(question).info };
  }),
];

/** Runs a program; its output, or the end. */
function ran(command: string, args: readonly string[], input?: string): string {
  const { status, stdout, stderr, error } = spawnSync(command, [...args], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
  return stdout;
}

interface Answer { readonly versions: Readonly<Record<string, string>>; readonly theirs: readonly (number | null)[]; readonly oracles: Readonly<Record<string, string>> }

/** A Python that has the packages. confseq is built from source and needs Boost's headers; without it its methods are not compared. */
function pythonIn(folder: string): string {
  ran(values.python, ['-m', 'venv', folder]);
  const python = path.join(folder, 'bin', 'python');
  const install = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  ran(python, [...install, '-r', path.join(import.meta.dirname, 'requirements.txt')]);
  if (spawnSync(python, [...install, 'confseq'], { stdio: 'ignore' }).status !== 0) process.stderr.write('confseq could not be built here: its methods are left out.\n');
  return python;
}

const folder = values.environment === undefined ? mkdtempSync(path.join(tmpdir(), 'slipway-crosscheck-')) : null;
try {
  const python = folder === null ? path.join(values.environment ?? '', 'bin', 'python') : pythonIn(folder);
  const { versions, theirs, oracles } = JSON.parse(ran(python, [path.join(import.meta.dirname, 'oracles.py')], JSON.stringify(cases.map(({ method, input }) => ({ method, input }))))) as Answer;
  const rows = [...new Set(cases.map(({ method }) => method))].map((method) => {
    let [count, absolute, relative] = [0, 0, 0];
    cases.forEach((one, i) => {
      const other = theirs[i];
      if (one.method !== method || other === null || other === undefined) return;
      const distance = Math.abs(one.ours - other);
      count += 1;
      absolute = Math.max(absolute, distance);
      // Near zero a relative difference says nothing.
      relative = Math.max(relative, distance / Math.max(1, Math.abs(other)));
    });
    return { method, oracle: oracles[method] ?? '–', count, absolute, relative };
  });
  const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../../package.json'), 'utf8')) as { readonly version: string };
  const text = [
    '# Our methods against other programs', '',
    `Slipway ${version}, Node ${process.versions.node}, ${Object.entries(versions).map(([name, one]) => `${name} ${one}`).join(', ')}. Random cases, seed 2026. The last column is |ours − theirs| / max(1, |theirs|).`, '',
    '| method | against | cases | largest difference | relative |', '|---|---|---|---|---|',
    ...rows.map(({ method, oracle, count, absolute, relative }) => `| ${method} | ${oracle} | ${count} | ${absolute.toExponential(1)} | ${relative.toExponential(1)} |`), '',
  ].join('\n');
  process.stdout.write(text);
  if (values.keep) {
    const kept = path.resolve(import.meta.dirname, '../results/crosscheck');
    mkdirSync(kept, { recursive: true });
    writeFileSync(path.join(kept, 'README.md'), text);
  }
  const isComplete = rows.every(({ count }) => count > 0);
  process.exitCode = rows.some(({ relative }) => relative > 1e-6) ? 1 : isComplete ? 0 : 2;
} finally {
  if (folder !== null) rmSync(folder, { recursive: true, force: true });
}
