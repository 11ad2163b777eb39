/** Runs stretches of rows' replicates for the bench. Every replicate has a stream of its own, so it does not matter which worker runs it. */
import { parentPort } from 'node:worker_threads';
import { randomOf } from '../../core/stats/index.js';
import { ROWS } from './all-rows.js';
import type { Mode } from './rows.js';

export interface Stretch { readonly row: string; readonly mode: Mode; readonly from: number; readonly to: number }
export interface Done extends Stretch { readonly outcomes: Float64Array; readonly tookMs: number }

const prepared = new Map<string, ReturnType<(typeof ROWS)[number]['prepare']>>();

export function run({ row: id, mode, from, to }: Stretch): Done {
  const row = ROWS.find((one) => one.id === id);
  if (row === undefined) throw new Error(`There is no row ${id}.`);
  const began = performance.now();
  const simulate = prepared.get(id) ?? row.prepare(mode);
  prepared.set(id, simulate);
  const outcomes = new Float64Array((to - from) * row.columns.length);
  for (let replicate = from; replicate < to; replicate += 1) outcomes.set(simulate(replicate, randomOf(row.number, replicate)), (replicate - from) * row.columns.length);
  return { row: id, mode, from, to, outcomes, tookMs: performance.now() - began };
}

parentPort?.on('message', (stretch: Stretch) => { const done = run(stretch); parentPort?.postMessage(done, [done.outcomes.buffer as ArrayBuffer]); });
