/** One worker a core; each takes the next stretch when it has done one. */
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { build } from 'esbuild';
import { ROWS } from './all-rows.js';
import type { Mode, Outcomes, Row } from './rows.js';
import type { Done, Stretch } from './worker.js';

export interface RowRun { readonly row: Row; readonly outcomes: Outcomes; readonly tookMs: number }

/** Small enough that the workers end together, large enough that handing over costs nothing. */
const STRETCHES_A_ROW = 40;

function stretchesOf(row: Row, mode: Mode): Stretch[] {
  const count = row.replicates[mode];
  const size = Math.max(1, Math.ceil(count / STRETCHES_A_ROW));
  const stretches: Stretch[] = [];
  for (let from = 0; from < count; from += size) stretches.push({ row: row.id, mode, from, to: Math.min(count, from + size) });
  return stretches;
}

/**
 * Runs these rows; each is told as soon as its last replicate is in.
 *
 * @param workers  how many run at once; the outcomes do not depend on it
 */
export async function runRows(rows: readonly Row[], mode: Mode, workers: number, told: (run: RowRun) => void): Promise<void> {
  const program = await programOfWorker();
  const waiting = rows.flatMap((row) => stretchesOf(row, mode));
  const open = new Map(rows.filter((row) => row.replicates[mode] > 0).map((row) => [row.id, { row, left: row.replicates[mode], tookMs: 0, all: new Float64Array(row.replicates[mode] * row.columns.length) }]));
  const take = (done: Done): void => {
    const own = open.get(done.row);
    if (own === undefined) return;
    own.all.set(done.outcomes, done.from * own.row.columns.length);
    own.left -= done.to - done.from;
    own.tookMs += done.tookMs;
    if (own.left > 0) return;
    open.delete(done.row);
    told({ row: own.row, outcomes: outcomesOf(own.row, own.all), tookMs: own.tookMs });
  };
  const one = (): Promise<void> => new Promise((resolve, reject) => {
    const worker = new Worker(program, { eval: true, execArgv: [], resourceLimits: { maxYoungGenerationSizeMb: 64 } });
    const next = (): void => {
      const stretch = waiting.shift();
      if (stretch === undefined) { void worker.terminate().then(() => { resolve(); }); return; }
      worker.postMessage(stretch);
    };
    worker.on('message', (done: Done) => { take(done); next(); });
    worker.once('error', reject);
    next();
  });
  await Promise.all(Array.from({ length: Math.min(workers, waiting.length) }, one));
}

/** The worker and all it imports as one program: a thread does not take over the loader its parent runs under, and the loader's code is slower. */
async function programOfWorker(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('./worker.ts', import.meta.url))], bundle: true, platform: 'node', format: 'cjs', target: 'node20', write: false, logLevel: 'error',
  });
  return outputFiles[0]?.text ?? '';
}

function outcomesOf({ columns, id }: Row, all: Float64Array): Outcomes {
  const count = all.length / columns.length;
  const known = new Map<string, readonly number[]>();
  return {
    count,
    column: (name) => {
      const at = columns.indexOf(name);
      if (at === -1) throw new Error(`Row ${id} has no column ${name}.`);
      const values = known.get(name) ?? Array.from({ length: count }, (_, i) => all[i * columns.length + at] ?? Number.NaN);
      known.set(name, values);
      return values;
    },
  };
}

export const rowsNamed = (names: readonly string[]): readonly Row[] => names.length === 0 ? ROWS : ROWS.filter(({ id }) => names.includes(id));
