import { BadInputError } from '../../core/errors.js';
import type { Context } from '../context.js';
import type { SubscriptionReleaseEventsArgs } from '../generated.js';
import type { EventParent } from '../parents.js';
import { releaseOf } from './release.js';
import { newsOf } from './stream.js';

/** The timeline after `since`, then each entry as it comes, until the release has ended. Who may see it is asked when the stream begins, too. */
export async function releaseEvents({ id, since }: SubscriptionReleaseEventsArgs, context: Context): Promise<AsyncGenerator<EventParent>> {
  if (since !== null && since !== undefined && since < 0) throw new BadInputError('since: it is the seq of an entry, 0 or more.');
  await releaseOf(context, id);
  let last = since ?? 0;
  return newsOf({
    find: () => context.deps.releases.find(id), isOver: ({ open }) => !open,
    resourceOf: ({ application, environment }) => ({ kind: 'release', id, application, environment }),
    freshOf: ({ timeline }) => {
      const fresh = timeline.filter(({ seq }) => seq > last);
      last = fresh.at(-1)?.seq ?? last;
      return fresh.map((entry): EventParent => ({ release: id, entry }));
    },
  }, context);
}
