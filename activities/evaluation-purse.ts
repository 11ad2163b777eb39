import { mayCall, withCost, withLoss } from '../core/money/index.js';
import type { Allowance, Spending } from '../core/money/index.js';
import { final } from './failure.js';

/** One call that was let through; exactly one of these is called, once, when it has ended. */
export interface Call {
  cost(costUsd: number | null): void;
  /** It broke off, and may have been billed, at most so much. */
  lost(mostUsd: number): void;
  /** It failed, and nothing was billed. */
  free(): void;
  /** It was turned away at the door: it does not count at all. */
  back(): void;
}
/** What may still be spent; asked before each call. */
export interface Purse {
  /** Null when the budget is spent. @throws a final failure when there is a cap on money and nobody can tell what was spent */
  take(): Call | null;
  spending(): Spending;
}

export function createPurse(allowance: Allowance, before: Spending): Purse {
  let spending = before;
  let underway = 0;
  const ended = (after: (spending: Spending) => Spending): void => { underway -= 1; spending = after(spending); };
  return {
    spending: () => spending,
    take() {
      const may = mayCall(allowance, spending, underway);
      if (may === 'unknown') throw final('BAD_INPUT', `The provider does not say what it bills, so nobody can tell whether ${allowance.spendMaxUsd ?? 0} USD are kept. Take the cap out of the policy, or use a provider that reports its tokens.`);
      if (may === 'spent') return null;
      underway += 1;
      spending = { ...spending, calls: spending.calls + 1 };
      return {
        cost: (costUsd) => { ended((now) => withCost(now, costUsd)); },
        lost: (mostUsd) => { ended((now) => withLoss(now, mostUsd)); },
        free: () => { ended((now) => now); },
        back: () => { ended((now) => ({ ...now, calls: now.calls - 1 })); },
      };
    },
  };
}
