import { assignmentMaturityMs } from '../core/release/index.js';
import type { BatchReads, BlockReads, BlockWrites, BundleReads, DutyWrites, ReleaseDoc, ReleaseReads } from '../store/index.js';
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
type Due = Folded & BlockRange;

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

/** Per metric the blocks that are closed and not yet looked at. The policy's metrics have different names, and none that of the assignment. */
export function dueOf(release: ReleaseDoc, through: Readonly<Record<string, number>>, nowMs: number): readonly Due[] {
  // Never a candidate with weight: nothing of it can be compared.
  if (release.stage === null) return [];
  const blockMs = release.policy.plan.blockSec * 1000;
  const first = Math.floor(exposedSinceMs(release.timeline, release.stage) / blockMs);
  return foldedOf(release).flatMap(({ name, maturityMs }): Due[] => {
    const from = Math.max((through[name] ?? first - 1) + 1, first);
    const last = Math.floor((nowMs - SETTLE_MS - maturityMs) / blockMs) - 1;
    const to = Math.min(last, from + CATCH_UP_BLOCKS_MAX - 1);
    return to < from ? [] : [{ name, maturityMs, from, to }];
  });
}

/** When the candidate first had weight; a block before that has nothing of it. */
const exposedSinceMs = (timeline: ReleaseDoc['timeline'], stage: NonNullable<ReleaseDoc['stage']>): number =>
  Math.min(...timeline.filter(({ state }) => state === 'CANARY').map(({ at }) => at.getTime()), stage.since.getTime());
