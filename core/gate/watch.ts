/**
 * Absolute guards and the watch after promotion, statistics.md sections 2.12 and 4: one arm against declared objectives by e-SR detectors. A
 * false alarm within t blocks has a probability of at most t / A. State is plain JSON and continues bit for bit.
 */
import { WATCH_BLOCKS, srLogM, startSr, stepSr } from '../stats/index.js';
import type { Detector } from '../stats/index.js';

/** The most a metric's rate may be, whatever the other arm does. All of it is fixed before the first block. */
export interface Objective {
  readonly metric: string;
  /** the objective with its tolerance, in (0,1): at or below it nothing is wrong */
  readonly p0: number;
  /** A: mean blocks to a false alarm, > 1 */
  readonly blocksToFalseAlarm?: number;
}

/** One arm's units of one block. */
export interface WatchBlock { readonly metric: string; readonly i: number; readonly n: number; readonly k: number }

interface Watched {
  readonly metric: string;
  readonly lastBlock: number | null;
  readonly detector: Detector;
  /** in alarm after the last readable block: it ends when the detector falls below again */
  readonly isInAlarm: boolean;
  /** the first block that brought an alarm, for the record */
  readonly since: number | null;
  /** the last block could not be read: it gave no evidence, for or against */
  readonly unreadable: boolean;
}

/** Objectives in their order. */
export interface WatchState { readonly format: 1; readonly metrics: readonly Watched[] }

/** What the objectives have shown. `logM` is `null` before the first unit. */
export interface WatchAlarm {
  readonly metric: string;
  readonly p0: number;
  readonly logM: number | null;
  readonly threshold: number;
  readonly isInAlarm: boolean;
  readonly since: number | null;
  readonly unreadable: boolean;
}

/**
 * Before the first block.
 *
 * @throws RangeError on an objective that is none: the caller's bug
 */
export function startWatch(objectives: readonly Objective[]): WatchState {
  const seen = new Set<string>();
  return {
    format: 1,
    metrics: objectives.map((objective) => {
      const { metric, p0, blocksToFalseAlarm = WATCH_BLOCKS } = objective;
      if (seen.has(metric)) throw new RangeError(`objective ${metric} is there twice`);
      seen.add(metric);
      if (!(p0 > 0 && p0 < 1)) throw new RangeError(`objective ${metric}: p0 must lie in (0,1), not ${p0}`);
      if (!(blocksToFalseAlarm > 1 && blocksToFalseAlarm < Infinity)) throw new RangeError(`objective ${metric}: blocksToFalseAlarm must be a number above 1, not ${blocksToFalseAlarm}`);
      return { metric, lastBlock: null, detector: startSr(p0), isInAlarm: false, since: null, unreadable: false };
    }),
  };
}

const thresholdOf = ({ blocksToFalseAlarm = WATCH_BLOCKS }: Objective): number => Math.log(blocksToFalseAlarm);
const isReadable = ({ n, k }: WatchBlock): boolean => Number.isSafeInteger(n) && Number.isSafeInteger(k) && k >= 0 && k <= n;

/**
 * One block of the arm. Blocks without units say nothing; one whose counts cannot be read is spent and says nothing.
 *
 * @throws RangeError on an unknown metric, or an index that does not ascend
 */
export function stepWatch(objectives: readonly Objective[], state: WatchState, block: WatchBlock): WatchState {
  const index = state.metrics.findIndex(({ metric }) => metric === block.metric);
  const [objective, watched] = [objectives[index], state.metrics[index]];
  if (objective === undefined || watched?.metric !== objective.metric) throw new RangeError(`there is no objective of ${block.metric}`);
  if (!Number.isSafeInteger(block.i) || block.i <= (watched.lastBlock ?? -1)) throw new RangeError(`block ${block.i} of ${block.metric} comes after ${watched.lastBlock}; indexes must ascend`);
  return { ...state, metrics: state.metrics.map((one, i) => i === index ? stepped(objective, one, block) : one) };
}

function stepped(objective: Objective, watched: Watched, block: WatchBlock): Watched {
  if (!isReadable(block)) return { ...watched, lastBlock: block.i, unreadable: true };
  const detector = stepSr(watched.detector, { n: block.n, k: block.k });
  const isInAlarm = srLogM(detector) >= thresholdOf(objective);
  return { metric: watched.metric, lastBlock: block.i, detector, isInAlarm, since: watched.since ?? (isInAlarm ? block.i : null), unreadable: false };
}

/** Per objective, in their order. */
export function watchAlarms(objectives: readonly Objective[], { metrics }: WatchState): readonly WatchAlarm[] {
  return objectives.flatMap((objective, i) => {
    const watched = metrics[i];
    if (watched === undefined) return [];
    const logM = srLogM(watched.detector);
    const { metric, isInAlarm, since, unreadable } = watched;
    return [{ metric, p0: objective.p0, logM: Number.isFinite(logM) ? logM : null, threshold: thresholdOf(objective), isInAlarm, since, unreadable }];
  });
}

/** What absolute guards on both arms come to: the candidate alone is taken back; both, a provider's incident, is TOPLINE_BREACH. */
export type GuardFinding =
  | { readonly kind: 'QUIET' }
  | { readonly kind: 'BREACH'; readonly metrics: readonly string[] }
  | { readonly kind: 'ROLLBACK'; readonly metric: string; readonly since: number };

/**
 * Compares the alarms of the two arms, metric by metric; one that only the candidate shows outweighs one that both show. Stable alone in
 * alarm is an incident of what is live, and no reason to hold what may mend it.
 *
 * @param stable     and `candidate`: each arm's own watch over the same objectives
 */
export function guardsOf(objectives: readonly Objective[], stable: WatchState, candidate: WatchState): GuardFinding {
  const onStable = new Map(watchAlarms(objectives, stable).map(({ metric, isInAlarm }) => [metric, isInAlarm]));
  const onCandidate = watchAlarms(objectives, candidate).filter(({ isInAlarm }) => isInAlarm);
  const alone = onCandidate.find(({ metric }) => onStable.get(metric) !== true);
  if (alone !== undefined) return { kind: 'ROLLBACK', metric: alone.metric, since: alone.since ?? 0 };
  return onCandidate.length === 0 ? { kind: 'QUIET' } : { kind: 'BREACH', metrics: onCandidate.map(({ metric }) => metric) };
}
