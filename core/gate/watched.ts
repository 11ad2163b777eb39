/**
 * The watch after promotion, look by look (statistics.md section 4): the objectives of a policy, the state that a look leaves behind, and what
 * is above its objective. State is plain JSON; the lines of a look lead from one state to the next, bit for bit.
 */
import { asMeant } from '../release/index.js';
import type { RolloutPolicy } from '../release/index.js';
import { startWatch, stepWatch, watchAlarms } from './watch.js';
import type { Objective, WatchBlock, WatchState } from './watch.js';

/** At most one false alarm a month and metric, whatever the length of a block: what a block of a minute comes to with 43,200 of them. */
const MONTH_SEC = 30 * 86_400;

/** The toplines of a policy, as the detectors are given them. */
export const objectivesOf = (policy: RolloutPolicy): readonly Objective[] =>
  asMeant(policy).topline.map(({ metric, max }) => ({ metric, p0: max, blocksToFalseAlarm: MONTH_SEC / policy.blockSec }));

/** The blocks since which a metric has more bad units than its objective allows; none while it has not. */
interface Run { readonly metric: string; readonly from: number | null; readonly n: number; readonly k: number }

/** What a watch knows after a look. Objectives in their order. */
export interface Watched { readonly format: 1; readonly detectors: WatchState; readonly runs: readonly Run[] }

/** A metric in alarm: `k` of `n` units were bad in the blocks from `from` to the last. */
export interface WatchBreach { readonly metric: string; readonly max: number; readonly from: number; readonly n: number; readonly k: number }

/** @throws RangeError on an objective that is none: the caller's bug */
export const startWatched = (objectives: readonly Objective[]): Watched =>
  ({ format: 1, detectors: startWatch(objectives), runs: objectives.map(({ metric }) => NO_RUN(metric)) });
const NO_RUN = (metric: string): Run => ({ metric, from: null, n: 0, k: 0 });

/** What a look has consumed, and the state it leaves. */
export interface WatchedLook { readonly lines: readonly WatchBlock[]; readonly state: Watched }

/**
 * One look: the blocks in the order of time, up to the first that brings an alarm. The rest is for the next look, so that the state that is
 * written down is the one that was acted on.
 *
 * @param blocks  each once, none that a look before has consumed
 * @throws RangeError on a block of no objective, or one that was consumed before
 */
export function nextWatched(objectives: readonly Objective[], before: Watched, blocks: readonly WatchBlock[]): WatchedLook {
  const order = new Map(objectives.map(({ metric }, i) => [metric, i]));
  const inTime = [...blocks].sort((a, b) => a.i - b.i || (order.get(a.metric) ?? 0) - (order.get(b.metric) ?? 0));
  const lines: WatchBlock[] = [];
  let state = before;
  for (const block of inTime) {
    const was = inAlarm(objectives, state);
    state = stepped(objectives, state, block);
    lines.push(block);
    if (inAlarm(objectives, state).some((metric) => !was.includes(metric))) break;
  }
  return { lines, state };
}

function stepped(objectives: readonly Objective[], { format, detectors, runs }: Watched, block: WatchBlock): Watched {
  const next = stepWatch(objectives, detectors, block);
  const max = objectives.find(({ metric }) => metric === block.metric)?.p0 ?? 1;
  const isUnreadable = next.metrics.some(({ metric, unreadable }) => metric === block.metric && unreadable);
  return { format, detectors: next, runs: runs.map((run) => (run.metric !== block.metric || isUnreadable ? run : extended(run, block, max))) };
}

/** A run that has come down to its objective is over. */
function extended(run: Run, { i, n, k }: WatchBlock, max: number): Run {
  const longer = { ...run, from: run.from ?? i, n: run.n + n, k: run.k + k };
  return longer.k <= max * longer.n ? NO_RUN(run.metric) : longer;
}

const inAlarm = (objectives: readonly Objective[], { detectors }: Watched): readonly string[] =>
  watchAlarms(objectives, detectors).filter(({ isInAlarm }) => isInAlarm).map(({ metric }) => metric);

/** What is in alarm now, in the order of the objectives. */
export function breachesOf(objectives: readonly Objective[], state: Watched): readonly WatchBreach[] {
  return watchAlarms(objectives, state.detectors).filter(({ isInAlarm }) => isInAlarm).map(({ metric, p0, since }) => {
    const { from, n, k } = state.runs.find((run) => run.metric === metric) ?? NO_RUN(metric);
    return { metric, max: p0, from: from ?? since ?? 0, n, k };
  });
}

/** Highest block consumed, by metric; where the next look goes on. */
export const watchedThrough = ({ detectors }: Watched): Readonly<Record<string, number>> =>
  Object.fromEntries(detectors.metrics.flatMap(({ metric, lastBlock }) => (lastBlock === null ? [] : [[metric, lastBlock] as const])));

/**
 * Makes every look again from the one before.
 *
 * @returns the index of the first whose lines do not lead to its state, or 'same'
 */
export function replayWatched(objectives: readonly Objective[], looks: readonly WatchedLook[]): 'same' | number {
  let state = startWatched(objectives);
  for (const [index, look] of looks.entries()) {
    let made: WatchedLook;
    try { made = nextWatched(objectives, state, look.lines); } catch { return index; }
    if (made.lines.length !== look.lines.length || textOf(made.state) !== textOf(look.state)) return index;
    state = look.state;
  }
  return 'same';
}

/** Keys in order: a store may change theirs. */
function textOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(textOf).join()}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  return `{${Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, inner]) => `${key}:${textOf(inner)}`).join()}}`;
}
