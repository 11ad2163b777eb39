/** The rate that a provider's refusals teach, where nobody said one, or where what was said is too much. */

/** What became of calls since the last report. */
export interface Report {
  readonly passed: number;
  readonly refused: number;
  /** The longest wait the provider asked for; null when it did not say, or refused nothing. */
  readonly retryAfterMs: number | null;
}
export interface Learned {
  /** Null until something was refused. */
  readonly ratePerSec: number | null;
  /** Since `sinceMs`: the share that passed is how much of the rate was allowed. */
  readonly passed: number;
  readonly refused: number;
  readonly sinceMs: number;
  /** The rate is a first guess, and soon raised: nothing has been refused since. */
  readonly isGuess: boolean;
}

/** Refusals this soon after the rate was lowered are those of calls that were granted before. */
const SETTLE_MS = 1_000;
/** What nobody called for so long says nothing of the rate of today. */
const STALE_MS = 10_000;
/** At least this is taken off; and of what is allowed a little is left. */
const LOWERED = 0.96;
const MARGIN = 0.98;
/** Of the rate, for each call that passed: what one refusal takes off is regained in some 2,000 calls, so that few are refused and the rests after it are few. */
const RAISED = 0.000_02;
const RATE_MIN_PER_SEC = 1 / 60;
/** A guess is raised by this much each second that it is used in full. */
const GUESS_RAISED = 0.25;
const GUESS_MS = 250;
/** So many calls are taken to have passed besides: one of two refused is not half of all. */
const FEW = 10;
const LOWERED_MOST = 0.5;

export const NOTHING_LEARNED: Learned = { ratePerSec: null, passed: 0, refused: 0, sinceMs: 0, isGuess: false };

export function learn(learned: Learned, { passed, refused }: Report, seenMs: number, nowMs: number): Learned {
  if (passed === 0 && refused === 0) return learned;
  const isStale = nowMs - seenMs > STALE_MS;
  // Neither what passed nor what was refused then says anything of the new rate.
  if (!isStale && learned.ratePerSec !== null && nowMs - learned.sinceMs < SETTLE_MS) return learned;
  const counted = isStale ? { ...learned, passed, refused, sinceMs: nowMs } : { ...learned, passed: learned.passed + passed, refused: learned.refused + refused };
  if (counted.refused === 0) return { ...counted, ratePerSec: counted.ratePerSec === null ? null : counted.ratePerSec + (counted.isGuess ? GUESS_RAISED * passed : RAISED * passed * counted.ratePerSec) };
  const elapsedMs = nowMs - counted.sinceMs;
  const former = counted.ratePerSec;
  // The first time all that is known is how much came through, which may have been what the provider lets through at once.
  const rate = former === null ? MARGIN * Math.max(1, counted.passed) / (Math.max(elapsedMs, GUESS_MS) / 1_000)
    : former * Math.max(LOWERED_MOST, Math.min(LOWERED, MARGIN * (counted.passed + FEW) / (counted.passed + counted.refused + FEW)));
  return { ratePerSec: Math.max(RATE_MIN_PER_SEC, rate), passed: 0, refused: 0, sinceMs: nowMs, isGuess: former === null };
}
