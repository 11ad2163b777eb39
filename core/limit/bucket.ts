/** One connection's calls, shared out among all workers: a token for each call, a slot for each that is under way. Pure; the store gives the time. */
import { learn, NOTHING_LEARNED, type Learned, type Report } from './learned.js';

/** What was said of the provider when the connection was made. Null: nobody said. */
export interface LimitRules { readonly ratePerSec: number | null; readonly concurrencyMax: number | null }
/** A worker, for as long as its lease is renewed. */
export interface Holder { readonly id: string; readonly slots: number; readonly wanted: number; readonly untilMs: number }
/** Times are milliseconds of one clock, the database's. */
export interface LimitState {
  /** When the next token is due. */
  readonly nextMs: number;
  /** The provider asked for a rest until then. */
  readonly pausedUntilMs: number;
  /** When it was last reported what became of calls. */
  readonly seenMs: number;
  readonly learned: Learned;
  readonly holders: readonly Holder[];
}
export const NO_CALLS_YET: LimitState = { nextMs: 0, pausedUntilMs: 0, seenMs: 0, learned: NOTHING_LEARNED, holders: [] };

export interface Take {
  readonly holder: string;
  /** Calls under way and calls that wait. 0 gives all slots back. */
  readonly slots: number;
  readonly underway: number;
  /** Tokens for calls that wait and have none. */
  readonly tokens: number;
  readonly leaseMs: number;
  readonly report: Report;
}
/** Times are from now. */
export interface Allotment {
  /** How many calls may be under way here; null: no bound. Whoever has more begins none until it has fewer. */
  readonly slots: number | null;
  /** So many calls, the first in `firstInMs`, the others every `everyMs` after it. Null: no rate is known, call as you like. */
  readonly tokens: { readonly count: number; readonly firstInMs: number; readonly everyMs: number } | null;
  /** Nothing is called before; 0: now. */
  readonly pausedMs: number;
  /** When it is worth asking again, for who got less than it wanted. */
  readonly againMs: number;
}

/** Tokens are handed out this far ahead, so that nobody has to ask for each; what a dead worker took with it is no more. */
const AHEAD_MS = 250;
const AGAIN_MIN_MS = 25;
const AGAIN_MAX_MS = 1_000;
const SLOT_AGAIN_MS = 100;
const HOLDERS_MAX = 1_000;
const TURN_MS = 2_000;
/** Where a provider refuses and does not say for how long. */
const PAUSE_MS = 250;

/**
 * Total: any state and any take give a state and a allotment. Slots of holders whose lease has run out are nobody's. While together they want
 * more slots than there are, each gets an equal share, and what is under way counts for as long as it lasts.
 */
export function takeFrom(state: LimitState, rules: LimitRules, take: Take, nowMs: number): { readonly state: LimitState; readonly allotment: Allotment } {
  const hasReport = take.report.passed > 0 || take.report.refused > 0;
  const learned = learn(state.learned, take.report, state.seenMs, nowMs);
  const rest = take.report.refused === 0 ? 0 : take.report.retryAfterMs ?? PAUSE_MS;
  const pausedUntilMs = Math.max(state.pausedUntilMs, rest === 0 ? 0 : nowMs + rest);
  const others = state.holders.filter(({ id, untilMs }) => id !== take.holder && untilMs > nowMs).slice(0, HOLDERS_MAX);
  const slots = slotsOf(rules.concurrencyMax, others, take, nowMs);
  const ratePerSec = lesser(rules.ratePerSec, learned.ratePerSec);
  const tokens = ratePerSec === null ? null : tokensOf(ratePerSec, Math.max(state.nextMs, pausedUntilMs, nowMs), take.tokens, 1 + others.filter(({ wanted }) => wanted > 0).length, nowMs);
  const isStarved = (slots !== null && slots < take.slots) || (tokens !== null && tokens.count < take.tokens);
  return {
    state: {
      nextMs: tokens === null ? state.nextMs : tokens.nextMs, pausedUntilMs, seenMs: hasReport ? nowMs : state.seenMs, learned,
      holders: take.slots === 0 && take.underway === 0 ? others : [...others, { id: take.holder, slots: Math.max(take.underway, slots ?? 0), wanted: take.slots, untilMs: nowMs + take.leaseMs }],
    },
    allotment: {
      slots, pausedMs: Math.max(0, pausedUntilMs - nowMs),
      tokens: tokens === null ? null : { count: tokens.count, firstInMs: tokens.firstMs - nowMs, everyMs: tokens.everyMs },
      againMs: isStarved ? clamp(tokens === null ? SLOT_AGAIN_MS : (tokens.nextMs - nowMs) / 2) : AGAIN_MAX_MS,
    },
  };
}

function slotsOf(concurrencyMax: number | null, others: readonly Holder[], { holder, slots }: Take, nowMs: number): number | null {
  if (concurrencyMax === null) return null;
  const free = Math.max(0, concurrencyMax - others.reduce((sum, one) => sum + one.slots, 0));
  if (slots + others.reduce((sum, one) => sum + one.wanted, 0) <= concurrencyMax) return Math.min(slots, free);
  const sharers = [...others.filter(({ wanted }) => wanted > 0).map(({ id }) => id), holder].sort();
  const share = Math.floor(concurrencyMax / sharers.length) || (hasTurn(sharers, holder, concurrencyMax, nowMs) ? 1 : 0);
  // An equal share may be less than what is free, when the others want less than theirs.
  const unclaimed = share === 0 ? 0 : concurrencyMax - others.reduce((sum, one) => sum + Math.max(one.slots, Math.min(one.wanted, share)), 0);
  return Math.min(slots, free, Math.max(share, unclaimed));
}

/** Of more workers than there are slots some wait, and not always the same. */
const hasTurn = (sharers: readonly string[], holder: string, slots: number, nowMs: number): boolean =>
  (sharers.indexOf(holder) + Math.floor(nowMs / TURN_MS)) % sharers.length < slots;

/** Evenly spaced from `fromMs` on; none when that is further away than anybody need plan. */
function tokensOf(ratePerSec: number, fromMs: number, wanted: number, sharers: number, nowMs: number): { readonly count: number; readonly firstMs: number; readonly everyMs: number; readonly nextMs: number } {
  const everyMs = 1_000 / ratePerSec;
  const isFar = fromMs - nowMs > Math.max(2 * AHEAD_MS, everyMs);
  const count = isFar ? 0 : Math.min(wanted, Math.max(1, Math.ceil(AHEAD_MS / everyMs / sharers)));
  return { count, firstMs: fromMs, everyMs, nextMs: count === 0 ? fromMs : fromMs + count * everyMs };
}

const clamp = (ms: number): number => Math.min(AGAIN_MAX_MS, Math.max(AGAIN_MIN_MS, ms));
const lesser = (a: number | null, b: number | null): number | null => (a === null ? b : b === null ? a : Math.min(a, b));
