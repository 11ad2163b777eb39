export { bucketOf, murmur3 } from './hash.js';
export { armOf, countLease, leaseLeftMs, saltOf } from './lease.js';
export type { Arm, LeaseCount, Split } from './lease.js';
export { createTokens, dayOf, openToken, readerKeyOf, sealToken, unitKeyOf, unitOf } from './token.js';
export type { Hkdf, TokenFields, TokenOrigin, Tokens } from './token.js';
