import { linkHash } from '../core/audit/index.js';
import type { Sha256 } from '../core/ids.js';
import { isOpen } from '../core/release/index.js';
import type { DutyWrites, IntentWrites, PendingIntent, ReleaseReads } from '../store/index.js';
import type { Orders } from '../temporal/index.js';

export interface RelayDeps {
  readonly intents: IntentWrites;
  readonly duties: DutyWrites;
  readonly releases: Pick<ReleaseReads, 'find'>;
  readonly orders: Pick<Orders, 'noteRolledBack'>;
  readonly sha256: Sha256;
  /** The name of this program among those that could relay. */
  readonly holder: string;
  readonly tell: (event: RelayEvent) => void;
}
export type RelayEvent =
  | { readonly event: 'relay.failed'; readonly level: 'error'; readonly intent: string; readonly message: string }
  | { readonly event: 'relay.noteWaits'; readonly level: 'warn'; readonly release: string; readonly message: string }
  | { readonly event: 'relay.unreachable'; readonly level: 'warn'; readonly message: string };

export interface Relay {
  /** Carries out what waits, if this program has the duty; how many intents are done. Never throws; a call joins the one that runs. */
  tick(): Promise<number>;
  /** Something was written just now: looks at once, and once more if a look is under way. */
  nudge(): void;
  start(): void;
  /** Waits for the look that runs, then gives the duty back. */
  stop(): Promise<void>;
}

const DUTY_MS = 10_000;
const POLL_MS = 1_000;
const BATCH = 100;

/**
 * Intents become audit events, splits, releases of kind REVERT, and notes to workflows; then they are removed. Every step may run twice. A note
 * that cannot be delivered leaves its intent waiting, with all else of it done, and holds nothing else up.
 */
export function createRelay({ intents, duties, releases, orders, sha256, holder, tell }: RelayDeps): Relay {
  let running: Promise<number> | null = null;
  let isNudged = false;
  let isAway = false;
  let timer: NodeJS.Timeout | undefined;
  /** Intents whose note could not be delivered: read again beyond them, so that they never fill the batch. */
  let waiting = 0;

  const work = async (): Promise<number> => {
    try {
      if (!(await duties.hold('relay', holder, DUTY_MS))) { isAway = false; return 0; }
      let done = 0;
      for (;;) {
        const pending = await intents.pending(BATCH + waiting);
        const outcome = await carryOutAll(pending);
        done += outcome.done;
        waiting = outcome.waiting;
        isAway = false;
        if (outcome.done === 0 || pending.length < BATCH + waiting || !(await duties.hold('relay', holder, DUTY_MS))) return done;
      }
    } catch (error) {
      if (!isAway) tell({ event: 'relay.unreachable', level: 'warn', message: messageOf(error) });
      isAway = true;
      return 0;
    }
  };

  /** In order for each application: an event that cannot be written keeps those after it from the chain, in that application alone. */
  async function carryOutAll(pending: readonly PendingIntent[]): Promise<{ readonly done: number; readonly waiting: number }> {
    const stuck = new Set<string>();
    const notes: PendingIntent[] = [];
    let done = 0;
    for (const one of pending) {
      if (stuck.has(one.intent.application)) continue;
      try {
        await intents.carryOut(one, (event) => linkHash(event, sha256));
        if (one.intent.note === undefined) { await intents.done(one); done += 1; } else notes.push(one);
      } catch (error) {
        stuck.add(one.intent.application);
        tell({ event: 'relay.failed', level: 'error', intent: one.intent.id, message: messageOf(error) });
      }
    }
    let isTemporalAway = false;
    let undelivered = 0;
    for (const one of notes) {
      if (!isTemporalAway && await deliver(one).catch((error: unknown) => {
        isTemporalAway = true;
        tell({ event: 'relay.noteWaits', level: 'warn', release: one.intent.note?.rolledBack.release ?? '', message: messageOf(error) });
        return false;
      })) { await intents.done(one); done += 1; } else undelivered += 1;
    }
    return { done, waiting: undelivered };
  }

  /** A release that has ended needs no note: its workflow has read the environment itself. */
  async function deliver({ intent: { note } }: PendingIntent): Promise<boolean> {
    if (note === undefined) return true;
    const release = await releases.find(note.rolledBack.release);
    if (release === null || isOpen(release.state)) await orders.noteRolledBack(note.workflowId, note.rolledBack);
    return true;
  }

  const tick = (): Promise<number> => (running ??= work().finally(() => {
    running = null;
    if (isNudged) { isNudged = false; void tick(); }
  }));
  return {
    tick,
    nudge: () => { if (running === null) void tick(); else isNudged = true; },
    start: () => { timer ??= setInterval(() => void tick(), POLL_MS); },
    stop: async () => {
      clearInterval(timer);
      timer = undefined;
      isNudged = false;
      await running;
      await duties.release('relay', holder).catch(() => undefined);
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
