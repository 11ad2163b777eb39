import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg } from 'node:os';
import path from 'node:path';

/** A figure that is no ratio of pairs: a count, or what one thing more costs. */
export interface Measured {
  readonly bench: string;
  /** its id in performance.md; null: shown beside the goals, and decides nothing */
  readonly goal: string | null;
  readonly metric: string;
  readonly unit: string;
  /** median of the repetitions, and all of them lie between the other two */
  readonly value: number;
  readonly low: number;
  readonly high: number;
  readonly times: number;
  /** highest value that meets the goal; null where there is none */
  readonly limit: number | null;
  /** null: not shown, or nothing to show */
  readonly met: boolean | null;
  readonly note?: string;
}

/** Met when the unfavourable end meets it, missed when the favourable one does not; between the two nothing is shown. */
export function measured(what: Pick<Measured, 'bench' | 'goal' | 'metric' | 'unit' | 'limit'> & { readonly note?: string }, values: readonly number[]): Measured {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[0] ?? Number.NaN, sorted.at(-1) ?? Number.NaN];
  const half = (sorted.length - 1) / 2;
  const value = ((sorted[Math.floor(half)] ?? Number.NaN) + (sorted[Math.ceil(half)] ?? Number.NaN)) / 2;
  const { limit } = what;
  return { ...what, value, low, high, times: sorted.length, met: limit === null || sorted.length === 0 ? null : high <= limit ? true : low > limit ? false : null };
}

/** Where the figures were taken: what decides how far they may be carried. */
export function surroundingsOf(engines: Readonly<Record<string, string>> = {}): Readonly<Record<string, unknown>> {
  const { version } = JSON.parse(readFileSync(path.resolve(import.meta.dirname, '../package.json'), 'utf8')) as { readonly version: string };
  return {
    node: process.versions.node, cores: availableParallelism(), cpu: cpus()[0]?.model ?? 'unknown', pinned: false, load: loadavg().map((one) => Number(one.toFixed(2))), engines,
    slipway: version, at: new Date().toISOString(),
  };
}

export const rounded = <T>(value: T): T => JSON.parse(JSON.stringify(value, (_key, one: unknown) => (typeof one === 'number' && Number.isFinite(one) && !Number.isInteger(one) ? Number(one.toPrecision(4)) : one))) as T;
const shown = (value: number): string => (Math.abs(value) >= 100 ? value.toFixed(0) : Math.abs(value) >= 10 ? value.toFixed(1) : value.toFixed(2));
const wordOf = ({ goal, met }: Measured): string => (goal === null ? '' : met === null ? 'not shown' : met ? 'met' : 'not met');

/** As a table for people, or one JSON object a line and a summary. Sets the exit code: 1 a goal missed, 2 one not shown, else 0. */
export function tell(figures: readonly Measured[], { json, engines = {} }: { readonly json: boolean; readonly engines?: Readonly<Record<string, string>> }): void {
  const surroundings = surroundingsOf(engines);
  const goals = figures.filter(({ goal }) => goal !== null);
  const summary = { type: 'summary', met: goals.filter(({ met }) => met === true).length, missed: goals.filter(({ met }) => met === false).length, notShown: goals.filter(({ met }) => met === null).length, ...surroundings };
  if (json) {
    for (const figure of figures) process.stdout.write(`${JSON.stringify({ ...rounded(figure), ...surroundings })}\n`);
    process.stdout.write(`${JSON.stringify(summary)}\n`);
  } else {
    const rows = [['goal', 'metric', 'value', 'range', 'limit', 'times', ''], ...figures.map((one) => [
      one.goal ?? '', one.metric, `${shown(one.value)} ${one.unit}`, `${shown(one.low)}–${shown(one.high)}`, one.limit === null ? '' : `≤ ${one.limit}`, String(one.times), [wordOf(one), one.note ?? ''].filter((text) => text !== '').join('; '),
    ])];
    const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
    for (const row of rows) process.stdout.write(`${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()}\n`);
    process.stdout.write(`\nNode ${process.versions.node}, ${String(surroundings['cores'])} cores, not pinned, load ${(surroundings['load'] as number[]).join(' ')}; the range holds all repetitions.\n`);
  }
  process.exitCode = summary.missed > 0 ? 1 : summary.notShown > 0 ? 2 : 0;
}
