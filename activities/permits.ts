/** Leave to call a provider. What may be called is decided for all workers together, in the store; here it is handed out, call by call. */
import type { Allotment, LimitRules, Report } from '../core/limit/index.js';
import type { ConnectionDoc, LimitWrites } from '../store/index.js';

/** How a call ended, as far as the limit cares. */
export type Ending = { readonly kind: 'done' } | /** It was not called after all. */ { readonly kind: 'unused' } | { readonly kind: 'refused'; readonly retryAfterMs: number | undefined };
export interface Permits {
  /**
   * Resolves when the call may begin. What is returned must be called once, when the call has ended and before any wait for another try: a
   * call that backs off holds nothing. Throws the signal's reason, or what the store throws.
   */
  take(connection: ConnectionDoc, signal: AbortSignal): Promise<(ending: Ending) => void>;
}
export interface PermitDeps {
  readonly limits: LimitWrites;
  /** This worker, as no other is called. */
  readonly holder: string;
  readonly monotonicMs: () => number;
}

/** Ten times as long as a worker with calls under way ever waits before it asks again: who is silent for so long is dead, and its slots are free. */
export const PERMIT_LEASE_MS = 10_000;
/** How long what is held is kept when nobody wants it: the next batch may be about to begin. */
const LINGER_MS = 250;
/** A token that was not used this long after it was due is no more: late ones would come all at once. */
const TOKEN_LIFE_MS = 1_000;
/** Tokens are fetched for about this long. */
const AHEAD_MS = 250;
/** After the store did not answer. */
const FAILED_MS = 1_000;

export const rulesOf = ({ requestsPerMin, concurrencyMax }: Pick<ConnectionDoc, 'requestsPerMin' | 'concurrencyMax'>): LimitRules =>
  ({ ratePerSec: requestsPerMin == null ? null : requestsPerMin / 60, concurrencyMax: concurrencyMax ?? null });

export function createPermits(deps: PermitDeps): Permits {
  const counters = new Map<string, Counter>();
  return {
    take(connection, signal) {
      const known = counters.get(connection._id) ?? createCounter(connection, deps);
      counters.set(connection._id, known);
      return known(signal);
    },
  };
}

type Counter = Permits['take'] extends (connection: never, ...rest: infer Rest) => infer Answer ? (...rest: Rest) => Answer : never;
interface Waiting { readonly begin: () => void; readonly fail: (error: unknown) => void }
interface Tokens { count: number; dueMs: number; readonly everyMs: number }
const leftOf = (tokens: readonly Tokens[]): number => tokens.reduce((sum, { count }) => sum + count, 0);
const NO_REPORT: Report = { passed: 0, refused: 0, retryAfterMs: null };

/** One connection in this worker. Whoever comes first begins first. */
function createCounter({ application, name, ...connection }: ConnectionDoc, { limits, holder, monotonicMs }: PermitDeps): Counter {
  const rules = rulesOf(connection);
  const waiting = new Set<Waiting>();
  let underway = 0;
  let idleSinceMs = 0;
  /** Since the store was asked last. */
  let begun = 0;
  let report = NO_REPORT;
  let allotted: { readonly by: Allotment; readonly atMs: number; /** What was asked for. */ readonly slots: number } | null = null;
  /** Tokens that are left, in the order in which they are due. */
  let tokens: Tokens[] = [];
  let isAsking = false;
  let timer: NodeJS.Timeout | undefined;
  /** Not asked before: there was too little for what was wanted. */
  let askAtMs = 0;

  /** Begins what may begin, and comes back when there is something to do. */
  function pump(): void {
    const nowMs = monotonicMs();
    while (waiting.size > 0 && hasSlot(nowMs) && useToken(nowMs)) {
      const [first] = waiting;
      if (first === undefined) break;
      waiting.delete(first);
      underway += 1;
      begun += 1;
      first.begin();
    }
    clearTimeout(timer);
    timer = undefined;
    const wakeMs = nextMs(nowMs);
    if (wakeMs === null || (isAsking && wakeMs <= nowMs)) return;
    const atMs = wakeMs <= nowMs ? askAtMs : wakeMs;
    if (atMs <= nowMs) { void ask(); return; }
    timer = setTimeout(pump, Math.ceil(atMs - nowMs));
    timer.unref();
  }

  const hasSlot = (nowMs: number): boolean => allotted !== null && nowMs - allotted.atMs < PERMIT_LEASE_MS && nowMs >= allotted.atMs + allotted.by.pausedMs && (allotted.by.slots === null || underway < allotted.by.slots);
  function useToken(nowMs: number): boolean {
    if (allotted?.by.tokens === null) return true;
    for (let [first] = tokens; first !== undefined; [first] = tokens) {
      if (first.dueMs > nowMs) return false;
      const isLate = first.dueMs < nowMs - TOKEN_LIFE_MS;
      first.count -= 1;
      first.dueMs += first.everyMs;
      if (first.count === 0) tokens.shift();
      if (!isLate) return true;
    }
    return false;
  }

  /** When there is something to do. What is over means to ask the store; null: when somebody comes or a call ends. */
  function nextMs(nowMs: number): number | null {
    if (allotted === null) return waiting.size > 0 ? nowMs : null;
    const { by, atMs, slots } = allotted;
    const isKept = by.slots !== null && by.slots > 0;
    if (waiting.size === 0 && underway === 0) return isKept || report.passed + report.refused > 0 ? idleSinceMs + LINGER_MS : null;
    const againMs = atMs + by.againMs;
    if (report.refused > 0 || againMs <= nowMs || waiting.size === 0) return report.refused > 0 ? nowMs : againMs;
    const restMs = atMs + by.pausedMs;
    if (restMs > nowMs) return Math.min(againMs, restMs);
    // Whoever got what it asked for, and wants more now, does not wait until it is time to ask again.
    if (by.slots !== null && underway >= by.slots) return by.slots >= slots && underway + waiting.size > slots ? nowMs : againMs;
    if (by.tokens === null) return againMs;
    const left = leftOf(tokens);
    // Half is still there when more is fetched, so that no token is waited for that is due already.
    if (left < waiting.size && left <= by.tokens.count / 2) return nowMs;
    return Math.min(againMs, tokens[0]?.dueMs ?? againMs);
  }

  async function ask(): Promise<void> {
    isAsking = true;
    const told = report;
    report = NO_REPORT;
    // What was allotted before a refusal is more than the provider takes.
    if (told.refused > 0) tokens = [];
    const slots = underway + waiting.size;
    const nowMs = monotonicMs();
    // As many as were begun in the last while will be wanted in the next; who asks for what waits only asks for every call.
    const soon = allotted?.by.tokens == null ? 0 : Math.ceil((begun * AHEAD_MS) / Math.max(AHEAD_MS / 2, nowMs - allotted.atMs));
    const wanted = waiting.size === 0 ? 0 : Math.max(waiting.size, soon) - leftOf(tokens);
    begun = 0;
    try {
      const by = await limits.take(application, name, rules, { holder, slots, underway, tokens: Math.max(0, wanted), leaseMs: PERMIT_LEASE_MS, report: told });
      const atMs = monotonicMs();
      allotted = { by, atMs, slots };
      if (by.tokens !== null && by.tokens.count > 0) tokens.push({ count: by.tokens.count, dueMs: atMs + by.tokens.firstInMs, everyMs: by.tokens.everyMs });
      const isShort = (by.slots !== null && by.slots < slots) || (by.tokens !== null && by.tokens.count === 0 && wanted > 0);
      askAtMs = isShort ? atMs + by.againMs : atMs;
    } catch (error) {
      report = added(report, told);
      askAtMs = monotonicMs() + FAILED_MS;
      for (const one of waiting) one.fail(error);
      waiting.clear();
      if (underway === 0) idleSinceMs = askAtMs;
    }
    isAsking = false;
    pump();
  }

  function end(ending: Ending): void {
    underway -= 1;
    if (ending.kind === 'done') report = added(report, { passed: 1, refused: 0, retryAfterMs: null });
    if (ending.kind === 'refused') report = added(report, { passed: 0, refused: 1, retryAfterMs: ending.retryAfterMs ?? null });
    const nowMs = monotonicMs();
    if (ending.kind === 'refused') askAtMs = Math.min(askAtMs, nowMs);
    if (underway === 0 && waiting.size === 0) idleSinceMs = nowMs;
    pump();
  }

  return (signal) => new Promise((resolve, reject) => {
    if (signal.aborted) { reject(reasonOf(signal)); return; }
    const leave = (finish: () => void): void => { signal.removeEventListener('abort', abort); finish(); };
    const one: Waiting = {
      begin: () => {
        let isOpen = true;
        leave(() => { resolve((ending) => { if (isOpen) { isOpen = false; end(ending); } }); });
      },
      fail: (error) => { leave(() => { reject(error instanceof Error ? error : new Error(String(error))); }); },
    };
    const abort = (): void => { waiting.delete(one); leave(() => { reject(reasonOf(signal)); }); };
    signal.addEventListener('abort', abort, { once: true });
    waiting.add(one);
    pump();
  });
}

const added = (a: Report, b: Report): Report => ({
  passed: a.passed + b.passed, refused: a.refused + b.refused, retryAfterMs: a.retryAfterMs === null ? b.retryAfterMs : b.retryAfterMs === null ? a.retryAfterMs : Math.max(a.retryAfterMs, b.retryAfterMs),
});
const reasonOf = (signal: AbortSignal): Error => (signal.reason instanceof Error ? signal.reason : new Error('aborted'));
