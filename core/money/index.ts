/** The door of money: what a call costs, and whether another may be made. */
export { costUsdOf, mostUsdOf } from './price.js';
export type { Price, Usage } from './price.js';
export { mayCall, NOTHING_SPENT, withCost, withLoss } from './purse.js';
export type { Allowance, Spending } from './purse.js';
