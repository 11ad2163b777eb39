import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';

/** One goal of performance.md against its floor, both measured in this run. */
export interface Goal {
  readonly bench: string;
  /** its id in performance.md */
  readonly goal: string;
  readonly metric: string;
  readonly unit: string;
  readonly floorName: string;
  /** highest ratio that meets the goal */
  readonly limit: number;
  /** One measurement of each, in `unit`. */
  readonly floor: () => Promise<number>;
  readonly ours: () => Promise<number>;
}

export interface Figure extends Omit<Goal, 'floor' | 'ours'> {
  /** medians, in `unit` */
  readonly value: number;
  readonly floor: number;
  /** median of the ratios of the pairs, and all of them lie between the other two */
  readonly ratio: number;
  readonly ratioMin: number;
  readonly ratioMax: number;
  /** 95 % interval of the median, by ranks */
  readonly ratioLow: number;
  readonly ratioHigh: number;
  readonly pairs: number;
  readonly discarded: number;
  /** pairs that were kept although the machine was busy with something else */
  readonly dirty: number;
  /** null: a pair was dirty, or the interval holds the limit, so it is neither met nor missed */
  readonly met: boolean | null;
}

export interface PairOptions { readonly pairs: number; readonly warmUps: number; readonly discardedMax: number }

/**
 * A and B in turn, the first of each pair changing. A pair during which a foreign process ran too often is thrown away and repeated, until
 * `discardedMax` have been; from then on such a pair is kept as well, and nothing is shown by what it is part of.
 */
export async function measure(goal: Goal, { pairs, warmUps, discardedMax }: PairOptions): Promise<Figure> {
  for (let count = 0; count < warmUps; count += 1) { await goal.floor(); await goal.ours(); }
  const kept: { readonly floor: number; readonly ours: number }[] = [];
  let discarded = 0;
  let dirty = 0;
  while (kept.length < pairs) {
    const before = foreignTicks();
    const beganMs = performance.now();
    const isFloorFirst = (kept.length + discarded) % 2 === 0;
    const first = await (isFloorFirst ? goal.floor() : goal.ours());
    const second = await (isFloorFirst ? goal.ours() : goal.floor());
    // Ticks are hundredths of a second of processor time.
    const foreignShare = (foreignTicks() - before) * 10 / Math.max(1, performance.now() - beganMs);
    if (foreignShare > FOREIGN_SHARE_MAX) {
      if (discarded < discardedMax) { discarded += 1; continue; }
      dirty += 1;
    }
    kept.push(isFloorFirst ? { floor: first, ours: second } : { floor: second, ours: first });
  }
  return figureOf(goal, kept, discarded, dirty);
}

const FOREIGN_SHARE_MAX = 0.1;

/** @param kept at least one pair */
export function figureOf(goal: Omit<Goal, 'floor' | 'ours'>, kept: readonly { readonly floor: number; readonly ours: number }[], discarded: number, dirty = 0): Figure {
  const ratios = kept.map(({ floor, ours }) => ours / floor).sort((a, b) => a - b);
  const reach = Math.ceil(0.98 * Math.sqrt(ratios.length));   // ranks on either side of the middle: 1.96 × √n / 2
  const middle = (ratios.length - 1) / 2;
  const at = (rank: number): number => ratios[Math.min(ratios.length - 1, Math.max(0, rank))] ?? Number.NaN;
  const [ratioLow, ratioHigh] = [at(Math.floor(middle - reach)), at(Math.ceil(middle + reach))];
  const { bench, goal: id, metric, unit, floorName, limit } = goal;
  return {
    bench, goal: id, metric, unit, floorName, limit,
    value: medianOf(kept.map(({ ours }) => ours)), floor: medianOf(kept.map(({ floor }) => floor)),
    ratio: medianOf(ratios), ratioMin: at(0), ratioMax: at(ratios.length - 1), ratioLow, ratioHigh, pairs: kept.length, discarded, dirty,
    met: dirty > 0 ? null : ratioHigh <= limit ? true : ratioLow > limit ? false : null,
  };
}

export function medianOf(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const half = (sorted.length - 1) / 2;
  return ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
}

/** Processor time of the machine that is neither ours nor our children's, in hundredths of a second; 0 where /proc is not there. */
function foreignTicks(): number {
  try {
    const [, user = 0, nice = 0, system = 0, , , irq = 0, soft = 0] = (readFileSync('/proc/stat', 'utf8').split('\n')[0] ?? '').split(/\s+/).map(Number);
    // After the name in brackets: utime, stime, and those of the children that have ended.
    const own = readFileSync('/proc/self/stat', 'utf8');
    const ours = own.slice(own.lastIndexOf(')') + 2).split(' ').slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0);
    return user + nice + system + irq + soft - ours;
  } catch { return 0; }
}

const word = (met: boolean | null): string => (met === null ? 'not shown' : met ? 'met' : 'not met');

/** The figures as a table for people, or one JSON object a line and a summary. Sets the exit code: 1 a goal missed, 2 one not shown, else 0. */
export function report(figures: readonly Figure[], { json, engines = {} }: { readonly json: boolean; readonly engines?: Readonly<Record<string, string>> }): void {
  const round = (value: number): number => Number(value.toPrecision(4));
  const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')) as { readonly version: string };
  const surroundings = { node: process.versions.node, cores: availableParallelism(), pinned: false, engines, slipway: version, at: new Date().toISOString() };
  if (json) {
    for (const figure of figures) {
      process.stdout.write(`${JSON.stringify({ ...Object.fromEntries(Object.entries(figure).map(([name, value]) => [name, typeof value === 'number' ? round(value) : value])), peers: [], ...surroundings })}\n`);
    }
    process.stdout.write(`${JSON.stringify({ type: 'summary', met: figures.filter(({ met }) => met === true).length, missed: figures.filter(({ met }) => met === false).length, notShown: figures.filter(({ met }) => met === null).length, ...surroundings })}\n`);
  } else {
    const rows = [['goal', 'metric', 'ratio', 'range', '95 %', 'limit', 'ours', 'floor', 'pairs', ''], ...figures.map((one) => [
      one.goal, one.metric, one.ratio.toFixed(2), `${one.ratioMin.toFixed(2)}–${one.ratioMax.toFixed(2)}`, `${one.ratioLow.toFixed(2)}–${one.ratioHigh.toFixed(2)}`, `≤ ${one.limit}`,
      `${one.value.toFixed(1)} ${one.unit}`, `${one.floor.toFixed(1)} ${one.unit} (${one.floorName})`, `${one.pairs}, ${one.discarded} discarded${one.dirty === 0 ? '' : `, ${one.dirty} dirty`}`, word(one.met),
    ])];
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of rows) process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`);
    process.stdout.write(`\nNode ${surroundings.node}, ${surroundings.cores} cores, not pinned; the ratio is the median over the pairs.\n`);
  }
  process.exitCode = figures.some(({ met }) => met === false) ? 1 : figures.some(({ met }) => met === null) ? 2 : 0;
}
