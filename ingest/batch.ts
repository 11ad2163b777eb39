import { createHash } from 'node:crypto';
import type { ApplicationKey } from '../core/ids.js';
import type { BatchDoc, BatchWrites, Obs } from '../store/index.js';
import type { Attribution, Cause, Sender, Windows } from './attribution.js';
import type { Reported } from './gen-ai.js';

export type NewBatch = Omit<BatchDoc, 'shape' | 'at'>;
/** `stored` after the bulk write, never before; `busy`: too much waits already; `unavailable`: the database did not take it. */
export type Accepted = 'stored' | 'busy' | 'unavailable';
export interface Batches { accept(batch: NewBatch): Promise<Accepted> }

export interface BatchesDeps { readonly batches: BatchWrites; readonly flushMs?: number; readonly tell?: (event: BatchEvent) => void }
export type BatchEvent = { readonly event: 'batches.unavailable'; readonly level: 'warn'; readonly message: string };

/** A write that began before a cut-off is visible this long after it, or has another time: the fold waits for it. */
export const SETTLE_MS = 250;
const FLUSH_MS = 50;
const FLUSH_MAX = 64;
const WRITES_MAX = 4;
const WAITING_MAX = 2_000;
const OBSERVATIONS_MAX = 500_000;

/** Many requests in one bulk write: after 50 ms, or as soon as 64 wait. */
export function createBatches({ batches, flushMs = FLUSH_MS, tell = () => undefined }: BatchesDeps): Batches {
  const waiting: { readonly batch: NewBatch; readonly done: (outcome: Accepted) => void }[] = [];
  let timer: NodeJS.Timeout | null = null;
  let observations = 0;
  let writes = 0;
  let isAway = false;

  const flush = (): void => {
    if (timer !== null) { clearTimeout(timer); timer = null; }
    if (writes >= WRITES_MAX || waiting.length === 0) return;
    const taken = waiting.splice(0, FLUSH_MAX);
    // The same body twice in one write is one document: an upsert must not race itself.
    const unique = new Map(taken.map(({ batch }) => [batch._id, batch]));
    writes += 1;
    void batches.accept([...unique.values()], SETTLE_MS).then((): Accepted => { isAway = false; return 'stored'; }, (error: unknown): Accepted => {
      if (!isAway) tell({ event: 'batches.unavailable', level: 'warn', message: error instanceof Error ? error.message : String(error) });
      isAway = true;
      return 'unavailable';
    }).then((outcome) => {
      writes -= 1;
      for (const { batch, done } of taken) { observations -= batch.obs.length; done(outcome); }
      if (waiting.length > 0) flush();
    });
    if (waiting.length > 0) plan();
  };
  const plan = (): void => {
    if (waiting.length >= FLUSH_MAX) flush();
    else timer ??= setTimeout(() => { timer = null; flush(); }, flushMs);
  };
  return {
    accept: (batch) => {
      if (waiting.length >= WAITING_MAX || observations + batch.obs.length > OBSERVATIONS_MAX) return Promise.resolve('busy');
      observations += batch.obs.length;
      return new Promise((done) => { waiting.push({ batch, done }); plan(); });
    },
  };
}

/** `application/` and the first 16 bytes of SHA-256 over the inflated body: who sends it again meets what is there. */
export const batchId = (application: ApplicationKey, body: Uint8Array | string): string => `${application}/${createHash('sha256').update(body).digest('hex').slice(0, 32)}`;

/**
 * Of two values of one unit, one feed and one call the one that counts, whichever came first: the worse one, which of a score is the lower.
 * Batches keep it and blocks keep it, so that packing changes nothing.
 */
export function isWorse(one: Pick<Obs, 'feed' | 'value' | 'output'>, than: Pick<Obs, 'value' | 'output'>): boolean {
  if (one.feed.startsWith('evaluation:')) return one.value < than.value;
  return one.value > than.value || (one.value === than.value && (one.output ?? 0) > (than.output ?? 0));
}

/** Observations of one request, and what was not counted, by cause. A feed that no metric of its release reads is not kept. */
export function attributeAll(reported: readonly Reported[], sender: Sender, attribution: Attribution, { reads }: Pick<Windows, 'reads'>): { readonly obs: readonly Obs[]; readonly uncounted: Readonly<Record<string, number>> } {
  const obs = new Map<string, Obs>();
  const uncounted: Partial<Record<Cause, number>> = {};
  const miss = (cause: Cause): void => { uncounted[cause] = (uncounted[cause] ?? 0) + 1; };
  for (const { token, feeds } of reported) {
    if (feeds.length === 0) { miss('not_a_call'); continue; }
    const outcome = attribution.attribute(token, sender);
    if (outcome.kind === 'uncounted') { miss(outcome.cause); continue; }
    const { to } = outcome;
    for (const fed of feeds) {
      if (!reads(to.release, fed.feed)) continue;
      const id = `${to.release}|${to.arm}|${to.rev}|${to.sec}|${to.unit}|${to.reader}|${fed.feed}|${fed.call ?? ''}`;
      const before = obs.get(id);
      if (before === undefined || isWorse(fed, before)) obs.set(id, { ...to, ...fed });
    }
  }
  return { obs: [...obs.values()], uncounted };
}
