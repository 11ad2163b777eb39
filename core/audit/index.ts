/** The door of the audit chain: how a link is made, and whether a chain holds. */
export { GENESIS_HASH, GENESIS_SEQ, linkHash } from './chain.js';
export type { AuditEvent, AuditLink } from './chain.js';
export { verifyChain } from './verify.js';
export type { ChainCheck, ChainHead } from './verify.js';
