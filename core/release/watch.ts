/** The watch after PROMOTED: whether a policy asks for one, and what its blocks are called. */
import { asMeant } from './plan.js';
import type { RolloutPolicy } from './plan.js';

/** Without an objective there is nothing to hold the new stable against. */
export function isWatched(policy: RolloutPolicy): boolean {
  const { watchSec, topline } = asMeant(policy);
  return watchSec > 0 && topline.length > 0;
}

/**
 * The watch's blocks of a metric. They are counted apart from the release's own: until PROMOTED its stable arm is what was there before, and
 * afterwards it is what the release has brought. No metric of a policy has a slash in its name.
 */
export const watchedAs = (metric: string): string => `watch/${metric}`;
