import type { Sha256 } from '../ids.js';
import { GENESIS_HASH, GENESIS_SEQ, linkHash } from './chain.js';
import type { AuditLink } from './chain.js';

/** `broken` names the first event at which the chain does not hold, and what is wrong there. */
export type ChainCheck =
  | { readonly kind: 'sound'; readonly events: number; /** Of the last event: a later check goes on from here. */ readonly head: ChainHead }
  | { readonly kind: 'broken'; readonly seq: number; readonly reason: string };
export interface ChainHead { readonly seq: number; readonly hash: string }

/**
 * Recomputes every link of one application's chain. What was cut off at the end cannot be seen from the rest alone: hold the head of an
 * earlier check, or of a checkpoint, against `expected`.
 *
 * @param events    in order of seq, from the first one after `after`
 * @param after     the head up to which the chain was checked before; the beginning by default
 * @param expected  a head that the chain has to pass through
 */
export function verifyChain(
  events: readonly AuditLink[], sha256: Sha256,
  { after = { seq: GENESIS_SEQ - 1, hash: GENESIS_HASH }, expected }: { readonly after?: ChainHead; readonly expected?: ChainHead } = {},
): ChainCheck {
  let head = after;
  let passed = expected === undefined || (expected.seq === after.seq && expected.hash === after.hash);
  const application = events[0]?.application;
  for (const event of events) {
    const fault = faultOf(event, head, application, sha256);
    if (fault !== null) return { kind: 'broken', seq: head.seq + 1, reason: fault };
    head = { seq: event.seq, hash: event.hash };
    if (expected?.seq === head.seq) {
      if (expected.hash !== head.hash) return { kind: 'broken', seq: head.seq, reason: 'the hash is not the one that was seen before: the chain was written anew' };
      passed = true;
    }
  }
  if (!passed) return { kind: 'broken', seq: head.seq + 1, reason: `the chain ends at ${head.seq} and was seen to reach ${expected?.seq ?? 0}: events were cut off` };
  return { kind: 'sound', events: events.length, head };
}

function faultOf(event: AuditLink, head: ChainHead, application: string | undefined, sha256: Sha256): string | null {
  if (event.seq !== head.seq + 1) return `seq ${event.seq} follows ${head.seq}: an event is missing, doubled or out of order`;
  if (event.application !== application) return `the event is of ${event.application}, the chain of ${String(application)}`;
  if (event.previousHash !== head.hash) return 'previousHash is not the hash of the event before';
  try {
    return linkHash(event, sha256) === event.hash ? null : 'the hash does not belong to the event: a field was changed';
  } catch (error) {
    return `the event has no canonical form: ${error instanceof Error ? error.message : String(error)}`;
  }
}
