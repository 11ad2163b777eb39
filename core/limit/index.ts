/** The door of the limit: how the calls that a provider allows are shared out. */
export { NO_CALLS_YET, takeFrom } from './bucket.js';
export type { Allotment, Holder, LimitRules, LimitState, Take } from './bucket.js';
export type { Learned, Report } from './learned.js';
