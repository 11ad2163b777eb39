import { RELEASE_STATES, isOpen } from '../core/release/index.js';
import type { Actor, EnvironmentReads, ReleaseDoc, ReleaseReads, ReleaseWrites, RollbackWrites } from '../store/index.js';
import { intentOf } from './deps.js';

export interface RepairDeps {
  readonly releases: Pick<ReleaseReads, 'list' | 'find'> & Pick<ReleaseWrites, 'move'>;
  readonly environments: Pick<EnvironmentReads, 'splits'> & Pick<RollbackWrites, 'rollback'>;
  /** True only when Temporal says for certain that no workflow runs for the environment; throws while it cannot say. */
  readonly isWorkflowGone: (application: string, environment: string) => Promise<boolean>;
  readonly monotonicMs: () => number;
  readonly tell: (event: RepairEvent) => void;
}
export type RepairEvent =
  | { readonly event: 'release.repaired'; readonly level: 'error'; readonly release: string; readonly state: 'FAILED' | 'PROMOTED' }
  | { readonly event: 'repair.failed'; readonly level: 'warn'; readonly message: string };

export interface Repair {
  /** Looks at every open release. Calls do not overlap; never throws. */
  tick(): Promise<void>;
}

/** Gone at every look for this long: a workflow that is just being born, or is just ending, is neither. */
const GONE_MS = 60_000;
const PAGE = 100;
const SPLITS_READ = 20;
const OPEN_STATES = RELEASE_STATES.filter(isOpen);
const REPAIR: Actor = { id: 'slipway:repair', kind: 'slipway' };
const REASON = 'It could not be carried on: its workflow is gone.';

/**
 * Ends releases whose workflow is gone: lost with Temporal's data, or terminated from outside. The split goes to stable first, then FAILED is
 * written; what had been promoted already becomes PROMOTED. Safe to run twice and beside itself: the write names the release, the entry its id.
 */
export function createRepair({ releases, environments, isWorkflowGone, monotonicMs, tell }: RepairDeps): Repair {
  /** Since when each has been found without a workflow, by this process. */
  let goneSince: ReadonlyMap<string, number> = new Map();
  let running: Promise<void> | null = null;

  const openReleases = async (): Promise<readonly ReleaseDoc[]> => {
    const open: ReleaseDoc[] = [];
    for (let after: string | null | undefined; after !== null;) {
      const page = await releases.list({ states: OPEN_STATES }, { first: PAGE, ...(after === undefined ? {} : { after }) });
      open.push(...page.items);
      after = page.next;
    }
    return open;
  };

  /** The promotion's split stands in the log, and the release only lacks its last entry. */
  const wasPromoted = async ({ _id, application, environment, candidate }: ReleaseDoc): Promise<boolean> =>
    (await environments.splits(application, environment, { first: SPLITS_READ })).items.some((split) => split.release === _id && split.stable === candidate && split.candidate === undefined);

  async function repair(found: ReleaseDoc): Promise<void> {
    const { _id, application, environment, candidate, contents } = found;
    await environments.rollback({
      application, environment, release: _id, candidate, contents, forCause: false, reason: REASON,
      intent: intentOf(application, `${_id}/repaired`, 'split.rolled_back', REPAIR, `${application}/${environment}`, REASON),
    });
    // Read again: the rollback has taken its epoch away, and what it wrote before that is here by now.
    const now = await releases.find(_id);
    if (now === null || !isOpen(now.state)) return;
    const to = now.state !== 'ROLLING_BACK' && now.state !== 'CANARY' && now.state !== 'PAUSED' && await wasPromoted(now) ? 'PROMOTED' : 'FAILED';
    const type = to === 'PROMOTED' ? 'release.promoted' : 'release.failed';
    const write = await releases.move(_id, now.state, to, { id: `${_id}/failed`, type, actor: REPAIR, reason: REASON }, { holds: [] }, intentOf(application, `${_id}/failed`, type, REPAIR, _id, REASON));
    if (write.kind === 'written') tell({ event: 'release.repaired', level: 'error', release: _id, state: to });
  }

  const look = async (): Promise<void> => {
    try {
      const next = new Map<string, number>();
      for (const release of await openReleases()) {
        if (!(await isWorkflowGone(release.application, release.environment))) continue;
        const since = goneSince.get(release._id) ?? monotonicMs();
        next.set(release._id, since);
        if (monotonicMs() - since >= GONE_MS) await repair(release);
      }
      goneSince = next;
    } catch (error) {
      // Nothing is certain any more: what was seen so far does not count.
      goneSince = new Map();
      tell({ event: 'repair.failed', level: 'warn', message: error instanceof Error ? error.message : String(error) });
    }
  };
  return { tick: () => (running ??= look().finally(() => { running = null; })) };
}
