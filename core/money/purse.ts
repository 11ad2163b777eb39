/** What may be spent. Without `spendMaxUsd` money is only counted. */
export interface Allowance { readonly callsMax: number; readonly spendMaxUsd?: number }

/** What was. Small and plain, because it travels in heartbeats and from batch to batch. */
export interface Spending {
  readonly calls: number;
  /** Unknown is null, never 0, and stays so: a sum with an unknown part is unknown. */
  readonly costUsd: number | null;
  /** The dearest call whose cost is known. */
  readonly dearestUsd?: number;
  /** For calls that may have been billed and never said so; counts against the cap, and is no cost. */
  readonly assumedUsd?: number;
}
export const NOTHING_SPENT: Spending = { calls: 0, costUsd: 0 };

/**
 * Whether one more call may be made. Each of those under way is taken to cost what the dearest has, so that together they stay below the
 * cap; only the first ones, before any price was paid, are begun on trust.
 *
 * @param underway  calls that were let through and whose cost is not in yet
 * @returns         `unknown`: there is a cap, and nobody can tell whether it is kept
 */
export function mayCall({ callsMax, spendMaxUsd }: Allowance, { calls, costUsd, dearestUsd = 0, assumedUsd = 0 }: Spending, underway: number): 'yes' | 'spent' | 'unknown' {
  if (calls >= callsMax) return 'spent';
  if (spendMaxUsd === undefined) return 'yes';
  if (costUsd === null) return 'unknown';
  const soFar = costUsd + assumedUsd;
  return soFar >= spendMaxUsd || soFar + (underway + 1) * dearestUsd > spendMaxUsd ? 'spent' : 'yes';
}

/** A call that was answered. */
export const withCost = (spending: Spending, costUsd: number | null): Spending => ({
  ...spending, costUsd: spending.costUsd === null || costUsd === null ? null : spending.costUsd + costUsd,
  ...(costUsd === null ? {} : { dearestUsd: Math.max(spending.dearestUsd ?? 0, costUsd) }),
});

/** A call that broke off: the provider may have written, and bill, what never came. As much as the dearest; `mostUsd` as long as no cost is known. */
export const withLoss = (spending: Spending, mostUsd = 0): Spending => ({ ...spending, assumedUsd: (spending.assumedUsd ?? 0) + (spending.dearestUsd ?? mostUsd) });
