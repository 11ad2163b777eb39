import { canonical } from '../canonical.js';
import type { Sha256 } from '../ids.js';

/** One link of an application's chain, as it is hashed. `hash` is the only field that is not in it. */
export interface AuditEvent {
  readonly application: string;
  readonly seq: number;
  readonly intentId: string;
  /** A date, or what it says as RFC 3339 in UTC with milliseconds: one text either way. */
  readonly at: string | { toISOString(): string };
  readonly actor: string;
  readonly actorKind: string;
  readonly authMethod: string | null;
  readonly action: string;
  readonly subject: string;
  readonly beforeDigest: string | null;
  readonly afterDigest: string | null;
  readonly reason: string | null;
  readonly previousHash: string;
}
export interface AuditLink extends AuditEvent { readonly hash: string }

/** `previousHash` of the first event of a chain. */
export const GENESIS_HASH = '0'.repeat(64);
/** The `seq` of the first event of a chain. */
export const GENESIS_SEQ = 1;

/**
 * The hash of a link: SHA-256 over one byte 0x00 and the event's canonical JSON, in which the previous hash stands. The byte makes it a leaf
 * of RFC 6962, so that the same hash serves the chain and a Merkle tree over it, and no inner node can pass for an event.
 *
 * @param sha256  of a text as UTF-8, as lower-case hex; U+0000 is the byte 0x00 there
 */
export function linkHash(event: AuditEvent, sha256: Sha256): string {
  const { application, seq, intentId, at, actor, actorKind, authMethod, action, subject, beforeDigest, afterDigest, reason, previousHash } = event;
  return sha256(`\u0000${canonical({
    application, seq, intentId, at: typeof at === 'string' ? at : at.toISOString(), actor, actorKind, authMethod, action, subject, beforeDigest, afterDigest, reason, previousHash,
  })}`);
}
