/** Bench of goal E3 and of the statistics' promises: `npm run bench -- statistics [--full] [--json] [--rows N1,D1] [--workers N] [--keep]`. */
import { availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { StatFigure } from './statistics/figures.js';
import { rowsNamed, runRows } from './statistics/pool.js';
import type { RowRun } from './statistics/pool.js';
import { textTable, wordOf, writeResults } from './statistics/report.js';
import type { Surroundings } from './statistics/report.js';
import type { Mode } from './statistics/rows.js';

const { values } = parseArgs({
  options: {
    full: { type: 'boolean', default: false }, json: { type: 'boolean', default: false }, rows: { type: 'string', default: '' },
    workers: { type: 'string', default: String(availableParallelism()) }, keep: { type: 'boolean', default: false },
  },
});
const mode: Mode = values.full ? 'full' : 'quick';
const rows = rowsNamed(values.rows.split(',').filter((name) => name !== ''));
if (rows.length === 0) {
  process.stderr.write(`There is no row ${values.rows}. One of: ${rowsNamed([]).map(({ id }) => id).join(', ')}.\n`);
  process.exit(4);
}
const beganMs = performance.now();
const runs: RowRun[] = [];
await runRows(rows, mode, Math.max(1, Number(values.workers)), (run) => {
  runs.push(run);
  if (!values.json) process.stderr.write(`${run.row.id} ${run.row.title}: ${(run.tookMs / 1_000).toFixed(1)} s\n`);
});
runs.sort((x, y) => rows.indexOf(x.row) - rows.indexOf(y.row));
const figures: readonly StatFigure[] = runs.flatMap(({ row, outcomes }) => row.judge(outcomes, mode));

const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')) as { readonly version: string };
const surroundings: Surroundings = { node: process.versions.node, slipway: version, mode };
const wallSec = Math.round((performance.now() - beganMs) / 1_000);
const judged = figures.filter(({ limit }) => limit !== null);
const summary = {
  type: 'summary', met: judged.filter(({ met }) => met === true).length, missed: judged.filter(({ met }) => met === false).length, notShown: judged.filter(({ met }) => met === null).length,
  ...surroundings, cores: availableParallelism(), workers: Number(values.workers), wallSec, at: new Date().toISOString(),
};
if (values.json) {
  for (const figure of figures) process.stdout.write(`${JSON.stringify({ bench: 'statistics', ...figure, ...surroundings })}\n`);
  process.stdout.write(`${JSON.stringify(summary)}\n`);
} else {
  process.stdout.write(`${textTable(figures)}\n\n${summary.met} ${wordOf(true)}, ${summary.missed} ${wordOf(false)}, ${summary.notShown} ${wordOf(null)}; ${mode}, ${wallSec} s on ${summary.workers} workers, Node ${summary.node}.\n`);
}
// Kept results are those of whole full runs; --keep writes whatever was run.
if (values.keep || (values.full && values.rows === '')) writeResults(path.resolve(import.meta.dirname, 'results/statistics'), runs, figures, surroundings);
process.exitCode = summary.missed > 0 ? 1 : summary.notShown > 0 ? 2 : 0;
