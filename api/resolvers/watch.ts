import type { ReleaseReads, ServedEnvironment, WatchReads } from '../../store/index.js';
import type { Watch } from '../generated.js';

/** The watch of what was promoted last, as its last look left it. Null when it is over, or when what is stable came by another way. */
export async function watchOf({ releases, watches }: { readonly releases: Pick<ReleaseReads, 'list'>; readonly watches: Pick<WatchReads, 'last'> }, application: string, environment: string, { now }: ServedEnvironment): Promise<Watch | null> {
  const { items: [promoted] } = await releases.list({ application, environment, states: ['PROMOTED'] }, { first: 1 });
  if (promoted?.watch?.open !== true || promoted.watch.until.getTime() <= now.getTime()) return null;
  const { _id: release, watch: { until }, policy: { plan: { blockSec } } } = promoted;
  const last = await watches.last(release);
  return { release, until, alarms: (last?.breaches ?? []).map(({ metric, max, n, k, from }) => ({ metric, max, units: n, bad: k, since: new Date(from * blockSec * 1_000) })) };
}
