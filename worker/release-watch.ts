import type { EnvironmentReads, ReleaseDoc } from '../store/index.js';

/** What an operator watches of the releases that have users on their candidate; every number is NaN while it cannot be read. */
export interface WatchedReleases {
  /** In CANARY, PAUSED, BAKING or ROLLING_BACK. */
  readonly exposed: number;
  /** Of these, held because a lease ran out before it was renewed. */
  readonly leaseLost: number;
  /** Of these, held because no block has been folded in time. */
  readonly stale: number;
  /** Of these, with weight on the candidate although the lease has run out: nobody looks at them. */
  readonly lapsed: number;
  /** How long the longest has been in its stage, pauses included. */
  readonly stageMaxSec: number;
  /** How long the longest has been ROLLING_BACK. */
  readonly rollingBackMaxSec: number;
}
export type WatchedRelease = Pick<ReleaseDoc, 'application' | 'environment' | 'state' | 'open' | 'holds' | 'stage' | 'timeline'>;
export interface ReleaseWatchDeps {
  readonly releases: { exposed(): Promise<readonly WatchedRelease[]> };
  readonly environments: Pick<EnvironmentReads, 'served' | 'now'>;
}
export interface ReleaseWatch {
  /** Reads again. Calls do not overlap; never throws. */
  tick(): Promise<void>;
  now(): WatchedReleases;
}

const UNKNOWN: WatchedReleases = { exposed: Number.NaN, leaseLost: Number.NaN, stale: Number.NaN, lapsed: Number.NaN, stageMaxSec: Number.NaN, rollingBackMaxSec: Number.NaN };

/** For gauges only: nothing is decided by it. Every worker says the same, so a query takes the maximum. */
export function createReleaseWatch({ releases, environments }: ReleaseWatchDeps): ReleaseWatch {
  let watched = UNKNOWN;
  let running: Promise<void> | null = null;

  const isLapsed = async ({ application, environment }: WatchedRelease): Promise<boolean> => {
    const served = await environments.served(application, environment);
    return served !== null && served.doc.split?.candidate !== undefined && served.doc.split.weightBp > 0 && served.leaseLeftMs <= 0;
  };
  const read = async (): Promise<WatchedReleases> => {
    const open = (await releases.exposed()).filter((release) => release.open);
    const nowMs = (await environments.now()).getTime();
    const oldestSec = (since: readonly (Date | undefined)[]): number => since.reduce((most, at) => Math.max(most, at === undefined ? 0 : (nowMs - at.getTime()) / 1_000), 0);
    let lapsed = 0;
    for (const release of open) if (await isLapsed(release)) lapsed += 1;
    return {
      exposed: open.length, lapsed,
      leaseLost: open.filter(({ holds }) => holds.includes('LEASE_LOST')).length,
      stale: open.filter(({ holds }) => holds.includes('STALE_DATA')).length,
      stageMaxSec: oldestSec(open.map(({ stage }) => stage?.since)),
      rollingBackMaxSec: oldestSec(open.filter(({ state }) => state === 'ROLLING_BACK').map(({ timeline }) => timeline.find((entry) => entry.state === 'ROLLING_BACK')?.at)),
    };
  };
  return {
    tick: () => (running ??= read().then((seen) => { watched = seen; }, () => { watched = UNKNOWN; }).finally(() => { running = null; })),
    now: () => watched,
  };
}
