import { asMeant, assignmentMaturityMs, watchedAs } from '../core/release/index.js';
import type { MetricPlan } from '../core/release/index.js';
import type { BatchDoc, BatchReads, BlockReads, BlockWrites, BundleReads, DutyWrites, ReleaseDoc, ReleaseReads, WatchRecord } from '../store/index.js';
import { SETTLE_MS } from './batch.js';
import { assignmentBlocksOf, blocksOf } from './fold-block.js';
import type { BlockRange, Prices } from './fold-block.js';

export interface FoldDeps {
  readonly releases: Pick<ReleaseReads, 'exposed'>;
  readonly batches: Pick<BatchReads, 'between' | 'now'>;
  readonly blocks: Pick<BlockReads, 'folded'> & BlockWrites;
  /** What a token costs, by the bundle of each arm. */
  readonly bundles: Pick<BundleReads, 'content'>;
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

/** The price of a bundle never changes: it is asked for once. */
const PRICES_MAX = 1_000;

interface Folded { readonly name: string; readonly maturityMs: number }
type Due = Folded & BlockRange & { /** Counted for the watch. */ readonly watched?: MetricPlan };

/** Batches become blocks: distinct units by arm, once, after the cut-off. */
export function createFold({ releases, batches, blocks, bundles, duties, holder, tell }: FoldDeps): Fold {
  let running: Promise<void> | null = null;
  let isAway = false;
  const known = new Map<string, Prices['stable']>();

  const priceOf = async (application: string, bundle: string | null): Promise<Prices['stable']> => {
    if (bundle === null || bundle === 'none') return null;
    const key = `${application}/${bundle}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const price = (await bundles.content(application, bundle))?.model?.priceUsdPerMTok ?? null;
    if (known.size >= PRICES_MAX) known.delete(known.keys().next().value ?? '');
    known.set(key, price);
    return price;
  };
  const pricesOf = async ({ application, baseline, candidate, policy: { plan } }: ReleaseDoc): Promise<Prices> => {
    if (!plan.metrics.some(({ from }) => from === 'cost')) return { stable: null, candidate: null };
    const [stable, ofCandidate] = await Promise.all([priceOf(application, baseline), priceOf(application, candidate)]);
    return { stable, candidate: ofCandidate };
  };

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
    const toMs = Math.max(...due.map(({ to, maturityMs }) => (to + 1) * blockMs + maturityMs));
    const [read, prices] = await Promise.all([batches.between(release.application, release._id, new Date(fromMs), new Date(toMs)), pricesOf(release)]);
    const folded = due.flatMap((one) => {
      if (one.watched !== undefined) return blocksOf(release, { ...one.watched, name: one.name }, one, ofWatch(release, read), prices);
      const metric = release.policy.plan.metrics.find(({ name }) => name === one.name);
      return metric === undefined ? assignmentBlocksOf(release, one, one, read) : blocksOf(release, metric, one, read, prices);
    });
    if (folded.length > 0) await blocks.insert(folded);
    // Second: who dies in between is followed by one who inserts the same blocks again, and meets their ids.
    await blocks.through(release._id, Object.fromEntries(due.map(({ name, to }) => [name, to])));
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

/** The policy's metrics, and the assignment where the release's gate reads it. */
function foldedOf({ policy: { plan }, gate }: ReleaseDoc): readonly Folded[] {
  const assignment = gate?.metrics.find(({ type }) => type === 'units');
  return assignment === undefined ? plan.metrics : [...plan.metrics, { name: assignment.id, maturityMs: assignmentMaturityMs(plan) }];
}

/** What is folded of a metric from its first block to its last, both among them. */
interface Course { readonly first: number; readonly last: number }

/** Per metric the blocks that are closed and not yet looked at. The policy's metrics have different names, and none that of the assignment. */
export function dueOf(release: ReleaseDoc, through: Readonly<Record<string, number>>, nowMs: number): readonly Due[] {
  const { stage, timeline, terminalAt, watch, policy: { plan } } = release;
  const blockMs = plan.blockSec * 1000;
  const dueIn = ({ first, last }: Course, one: Folded & Pick<Due, 'watched'>): readonly Due[] => {
    const from = Math.max((through[one.name] ?? first - 1) + 1, first);
    const closed = Math.floor((nowMs - SETTLE_MS - one.maturityMs) / blockMs) - 1;
    const to = Math.min(closed, last, from + CATCH_UP_BLOCKS_MAX - 1);
    return to < from ? [] : [{ ...one, from, to }];
  };
  // Never a candidate with weight: nothing of it can be compared. While what it brought is watched, only until it was promoted.
  const compared = stage === null ? [] : foldedOf(release).flatMap(({ name, maturityMs }) => dueIn({
    first: Math.floor(exposedSinceMs(timeline, stage) / blockMs), last: watch?.open === true && terminalAt !== null ? Math.floor(terminalAt.getTime() / blockMs) : Infinity,
  }, { name, maturityMs }));
  return watch?.open === true ? [...compared, ...watchedOf(release).flatMap((one) => dueIn(courseOf(watch, blockMs), one))] : compared;
}

const courseOf = ({ since, until }: WatchRecord, blockMs: number): Course => ({ first: Math.floor(since.getTime() / blockMs), last: Math.floor(until.getTime() / blockMs) });

/** The metrics that have an objective, under the names of the watch. */
const watchedOf = ({ policy: { plan } }: ReleaseDoc): readonly (Folded & { readonly watched: MetricPlan })[] => asMeant(plan).topline.flatMap(({ metric: name }) => {
  const watched = plan.metrics.find((metric) => metric.name === name);
  return watched === undefined ? [] : [{ name: watchedAs(name), maturityMs: watched.maturityMs, watched }];
});

/** What the promoted bundle alone has answered: a token of a revision before is another bundle's, however late it was minted. */
const ofWatch = ({ _id, watch }: ReleaseDoc, read: readonly BatchDoc[]): readonly BatchDoc[] =>
  read.map((batch) => ({ ...batch, obs: batch.obs.filter(({ release, arm, rev }) => release === _id && arm === 'stable' && rev >= (watch?.rev ?? Infinity)) }));

/** When the candidate first had weight; a block before that has nothing of it. */
const exposedSinceMs = (timeline: ReleaseDoc['timeline'], stage: NonNullable<ReleaseDoc['stage']>): number =>
  Math.min(...timeline.filter(({ state }) => state === 'CANARY').map(({ at }) => at.getTime()), stage.since.getTime());
