import type { Feed, MetricPlan } from '../core/release/index.js';
import type { ArmCounts, BatchDoc, BatchReads, BlockDoc, BlockReads, BlockWrites, DutyWrites, Obs, ReleaseDoc, ReleaseReads } from '../store/index.js';
import { SETTLE_MS } from './batch.js';

export interface FoldDeps {
  readonly releases: Pick<ReleaseReads, 'exposed'>;
  readonly batches: Pick<BatchReads, 'between' | 'now'>;
  readonly blocks: Pick<BlockReads, 'folded'> & BlockWrites;
  readonly duties: DutyWrites;
  /** Who folds: the name of this program among those that could. */
  readonly holder: string;
  readonly tell: (event: FoldEvent) => void;
}
export type FoldEvent =
  | { readonly event: 'fold.failed'; readonly level: 'error'; readonly release: string; readonly message: string }
  | { readonly event: 'fold.unreachable'; readonly level: 'warn'; readonly message: string }
  | { readonly event: 'fold.folded'; readonly level: 'debug'; readonly release: string; readonly blocks: number };
export interface Fold {
  /** Folds every block whose cut-off has passed, if this program has the duty. Calls do not overlap; never throws. */
  tick(): Promise<void>;
  /** Gives the duty back. */
  release(): Promise<void>;
}

const DUTY_MS = 10_000;
/** Tokens carry whole seconds, and may be as far ahead of the edge that takes them in as attribution lets pass. */
const EARLY_MS = 6_000;
const SIGN_MS = 5_000;
/** After a long absence a release is caught up in steps. */
const CATCH_UP_BLOCKS_MAX = 360;

interface Due { readonly metric: MetricPlan; readonly from: number; readonly to: number }

/** Batches become blocks: distinct units by arm, once, after the cut-off. */
export function createFold({ releases, batches, blocks, duties, holder, tell }: FoldDeps): Fold {
  let running: Promise<void> | null = null;
  let isAway = false;

  const foldRelease = async (release: ReleaseDoc, nowMs: number): Promise<void> => {
    const { through, at } = await blocks.folded(release._id);
    const due = dueOf(release, through, nowMs);
    if (due.length === 0) {
      // A sign of life: the sweeper leaves alone what the fold has not come to.
      if (at === null || nowMs - at.getTime() > SIGN_MS) await blocks.through(release._id, {});
      return;
    }
    const blockMs = release.policy.plan.blockSec * 1000;
    const fromMs = Math.min(...due.map(({ from }) => from * blockMs)) - EARLY_MS;
    const toMs = Math.max(...due.map(({ metric, to }) => cutOffMs(to, blockMs, metric)));
    const read = await batches.between(release.application, release._id, new Date(fromMs), new Date(toMs));
    const folded = due.flatMap(({ metric, from, to }) => blocksOf(release, metric, from, to, read));
    if (folded.length > 0) await blocks.insert(folded);
    // Second: who dies in between is followed by one who inserts the same blocks again, and meets their ids.
    await blocks.through(release._id, Object.fromEntries(due.map(({ metric, to }) => [metric.name, to])));
    tell({ event: 'fold.folded', level: 'debug', release: release._id, blocks: folded.length });
  };
  const fold = async (): Promise<void> => {
    try {
      if (!(await duties.hold('fold', holder, DUTY_MS))) return;
      const now = (await batches.now()).getTime();
      for (const release of await releases.exposed()) {
        try { await foldRelease(release, now); } catch (error) { tell({ event: 'fold.failed', level: 'error', release: release._id, message: messageOf(error) }); }
      }
      isAway = false;
    } catch (error) {
      if (!isAway) tell({ event: 'fold.unreachable', level: 'warn', message: messageOf(error) });
      isAway = true;
    }
  };
  return {
    tick: () => (running ??= fold().finally(() => { running = null; })),
    release: async () => { await running; await duties.release('fold', holder).catch(() => undefined); },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const cutOffMs = (block: number, blockMs: number, { maturityMs }: MetricPlan): number => (block + 1) * blockMs + maturityMs;

/** Per metric the blocks that are closed and not yet looked at. */
export function dueOf(release: ReleaseDoc, through: Readonly<Record<string, number>>, nowMs: number): readonly Due[] {
  // Never a candidate with weight: nothing of it can be compared.
  if (release.stage === null) return [];
  const { blockSec, metrics } = release.policy.plan;
  const blockMs = blockSec * 1000;
  const first = Math.floor(exposedSinceMs(release.timeline, release.stage) / blockMs);
  return metrics.flatMap((metric): Due[] => {
    const from = Math.max((through[metric.name] ?? first - 1) + 1, first);
    const last = Math.floor((nowMs - SETTLE_MS - metric.maturityMs) / blockMs) - 1;
    const to = Math.min(last, from + CATCH_UP_BLOCKS_MAX - 1);
    return to < from ? [] : [{ metric, from, to }];
  });
}

/** When the candidate first had weight; a block before that has nothing of it. */
const exposedSinceMs = (timeline: ReleaseDoc['timeline'], stage: NonNullable<ReleaseDoc['stage']>): number =>
  Math.min(...timeline.filter(({ state }) => state === 'CANARY').map(({ at }) => at.getTime()), stage.since.getTime());

/**
 * The blocks of one metric, empty ones left out. Counted is what a batch brought by the cut-off: `n` units with a value of any feed, `k` those
 * that are bad. The result depends on what was reported and when it arrived, not on order, repetition or packing.
 */
export function blocksOf(release: ReleaseDoc, metric: MetricPlan, from: number, to: number, read: readonly BatchDoc[]): Omit<BlockDoc, 'shape' | 'at'>[] {
  const blockMs = release.policy.plan.blockSec * 1000;
  const blocks = new Map<number, Record<Obs['arm'], Map<string, Unit>>>();
  for (const { at, obs } of read) {
    const atMs = at.getTime();
    for (const one of obs) {
      if (one.release !== release._id) continue;
      const block = Math.floor((one.sec * 1000) / blockMs);
      if (block < from || block > to || atMs > cutOffMs(block, blockMs, metric)) continue;
      let arms = blocks.get(block);
      if (arms === undefined) blocks.set(block, arms = { stable: new Map(), candidate: new Map() });
      const units = arms[one.arm];
      let unit = units.get(one.unit);
      if (unit === undefined) units.set(one.unit, unit = { isSeen: false, isBad: false, atMs: 0 });
      if (feeds(metric.from, one.feed)) see(unit, metric.from, one.value, atMs);
    }
  }
  return [...blocks].sort(([a], [b]) => a - b).map(([block, arms]) => ({
    _id: `${release.application}/${release._id}/${metric.name}/${String(block).padStart(12, '0')}`, application: release.application, release: release._id, metric: metric.name, block,
    stable: countsOf(arms.stable, metric), candidate: countsOf(arms.candidate, metric),
  }));
}

interface Unit { isSeen: boolean; isBad: boolean; atMs: number }

/** `guardrail` is any guardrail. */
const feeds = (from: Feed, feed: string): boolean => from === feed || (from === 'guardrail' && feed.startsWith('guardrail:'));

/** An error or a guardrail is bad once; of feedback the last value stands, and of two at the same moment the worse. */
function see(unit: Unit, from: Feed, value: number, atMs: number): void {
  const isBad = value > 0;
  if (!from.startsWith('feedback:') || !unit.isSeen || atMs === unit.atMs) unit.isBad ||= isBad;
  else if (atMs > unit.atMs) unit.isBad = isBad;
  unit.atMs = Math.max(unit.atMs, atMs);
  unit.isSeen = true;
}

function countsOf(units: ReadonlyMap<string, Unit>, { missingAs }: MetricPlan): ArmCounts {
  let k = 0;
  for (const { isSeen, isBad } of units.values()) if (isSeen ? isBad : missingAs === 1) k += 1;
  return { n: units.size, k };
}
