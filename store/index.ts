/** MongoDB, and the only room that says "collection". */
export type * from './documents.js';
export { openStore } from './client.js';
