/** The database's time, carried on the monotonic clock of this process: never ahead of the database, never moved by the wall clock. */
export interface DatabaseClock {
  /** milliseconds since 1970 by the database; null before it was ever asked */
  nowMs(): number | null;
  /** @param beganMs, endedMs  of the query that brought `now`, by the monotonic clock */
  observe(now: Date, beganMs: number, endedMs: number): void;
}

/** A reading that took longer is believed only when there is no other: it could be that late. */
const READING_MAX_MS = 1_000;

export function createDatabaseClock(monotonicMs: () => number): DatabaseClock {
  let offsetMs: number | null = null;
  return {
    nowMs: () => (offsetMs === null ? null : monotonicMs() + offsetMs),
    observe: (now, beganMs, endedMs) => {
      if (offsetMs !== null && endedMs - beganMs > READING_MAX_MS) return;
      // As if the clock had been read at the last moment of the query: a token must not come from the future.
      offsetMs = now.getTime() - endedMs;
    },
  };
}
