import { BadInputError, UnauthenticatedError } from '../../core/errors.js';
import { decide } from '../../core/access.js';
import type { Context } from '../context.js';
import type { SubscriptionReleaseEventsArgs } from '../generated.js';
import type { EventParent } from '../parents.js';
import { releaseOf } from './release.js';

const LOOK_MS = 250;
/** A stream without events asks this often whether its key still lives. */
const KEY_LOOKS = 20;

/**
 * The timeline after `since`, then each entry as it comes, until the release has ended. Who may see it is asked when the stream begins and
 * again before each entry; a stream whose key has ended, ends.
 */
export async function releaseEvents({ id, since }: SubscriptionReleaseEventsArgs, context: Context): Promise<AsyncGenerator<EventParent>> {
  if (since !== null && since !== undefined && since < 0) throw new BadInputError('since: it is the seq of an entry, 0 or more.');
  await releaseOf(context, id);
  return entriesAfter(id, since ?? 0, context);
}

async function* entriesAfter(id: string, since: number, { deps, again }: Context): AsyncGenerator<EventParent> {
  let last = since;
  const assertStill = async (resource: Parameters<typeof decide>[2]): Promise<void> => {
    const principal = await again();
    if (principal === null || decide(principal, 'read', resource).kind !== 'allow') throw new UnauthenticatedError('The key or session of this stream has ended.');
  };
  for (let looks = 1; ; looks += 1) {
    const release = await deps.releases.find(id);
    if (release === null) return;
    const fresh = release.timeline.filter(({ seq }) => seq > last);
    if (fresh.length > 0 || looks % KEY_LOOKS === 0) await assertStill({ kind: 'release', id, application: release.application, environment: release.environment });
    for (const entry of fresh) {
      last = entry.seq;
      yield { release: id, entry };
    }
    if (!release.open) return;
    await deps.pause(LOOK_MS);
  }
}
