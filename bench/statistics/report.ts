/** What a run is written down as: a table for people, `report.md`, `data.json` and two plots. The same run gives the same files. */
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { StatFigure } from './figures.js';
import { falseRollbackPlot, delayPlot } from './plots.js';
import type { RowRun } from './pool.js';

export interface Surroundings { readonly node: string; readonly slipway: string; readonly mode: 'quick' | 'full' }

export const wordOf = (met: boolean | null): string => (met === null ? 'not shown' : met ? 'met' : 'not met');

const numberOf = (x: number): string => !Number.isFinite(x) ? '–' : Math.abs(x) >= 1_000 ? Math.round(x).toLocaleString('en-US') : String(Number(x.toPrecision(x > 0.9 && x < 1.1 ? 9 : 4)));
const isShare = ({ metric, level }: StatFigure): boolean => level === '99 %' || /^(rolled back|promoted|taken back)/.test(metric);
const shown = (figure: StatFigure, x: number): string => isShare(figure) ? `${Number((100 * x).toPrecision(3))} %` : numberOf(x);
const intervalOf = (figure: StatFigure): string =>
  figure.low === null || figure.high === null ? '' : `${shown(figure, figure.low)} – ${shown(figure, figure.high)} (${figure.level})`;

const cellsOf = (figure: StatFigure): readonly string[] => [
  figure.row, figure.metric, shown(figure, figure.value), intervalOf(figure), figure.limit ?? '', figure.limit === null ? '' : wordOf(figure.met), figure.replicates.toLocaleString('en-US'),
];
const HEAD = ['row', 'metric', 'value', 'interval', 'limit', '', 'runs'];

/** The judged figures, for a terminal. */
export function textTable(figures: readonly StatFigure[]): string {
  const rows = [HEAD, ...figures.filter(({ limit }) => limit !== null).map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n');
}

function report(runs: readonly RowRun[], figures: readonly StatFigure[], { node, slipway, mode }: Surroundings): string {
  const table = (own: readonly StatFigure[]): string =>
    [`| ${HEAD.join(' | ')} |`, `|${HEAD.map(() => '---').join('|')}|`, ...own.map((figure) => `| ${cellsOf(figure).join(' | ')} |`)].join('\n');
  const judged = figures.filter(({ limit }) => limit !== null);
  const missed = judged.filter(({ met }) => met === false);
  return [
    '# Simulations of the decision core', '',
    `Made by \`npm run bench -- statistics${mode === 'full' ? ' --full' : ' --keep'}\`, Slipway ${slipway}, Node ${node}. The product's own \`core/stats\` and \`core/gate\` are run. The same command gives the same file.`,
    'Generator: xoshiro128**, a stream for every (row number, replicate), seeded by splitmix32. Setting: 200 requests a look, one look a block, births at look 0 and every 30.', '',
    `${judged.length - missed.length} of ${judged.length} limits met.${missed.length === 0 ? '' : ` Not met: ${missed.map(({ row, metric }) => `${row} ${metric}`).join('; ')}.`}`, '',
    '![How often healthy candidates are taken back](false-rollback.svg)', '', '![How long a regression takes to be found](delay.svg)', '',
    ...runs.flatMap(({ row, outcomes }) => {
      const own = row.judge(outcomes, mode);
      return [`## ${row.id}: ${row.title}`, '', `Streams (${row.number}, 0 … ${outcomes.count - 1}).`, '', table(own), ''];
    }),
  ].join('\n');
}

export function writeResults(folder: string, runs: readonly RowRun[], figures: readonly StatFigure[], surroundings: Surroundings): void {
  mkdirSync(folder, { recursive: true });
  const write = (name: string, text: string): void => { writeFileSync(path.join(folder, name), text); };
  write('report.md', report(runs, figures, surroundings));
  const rounded = (x: number | null): number | null => x === null || !Number.isFinite(x) ? null : Number(x.toPrecision(8));
  write('data.json', `${JSON.stringify({
    ...surroundings, seeds: Object.fromEntries(runs.map(({ row, outcomes }) => [row.id, { number: row.number, replicates: outcomes.count }])),
    figures: figures.map((figure) => ({ ...figure, value: rounded(figure.value), low: rounded(figure.low), high: rounded(figure.high) })),
  }, null, 1)}\n`);
  const n1 = runs.find(({ row }) => row.id === 'N1');
  if (n1 !== undefined) write('false-rollback.svg', falseRollbackPlot(n1.outcomes, surroundings.mode));
  write('delay.svg', delayPlot(figures));
}
