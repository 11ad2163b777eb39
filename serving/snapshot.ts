import type { LeaseCount, Split } from '../core/assignment/index.js';
import { countLease, saltOf } from '../core/assignment/index.js';
import type { ApplicationKey, BundleDigest } from '../core/ids.js';
import type { BundleReads, EnvironmentDoc, EnvironmentReads, ReaderWrites, ServedEnvironment } from '../store/index.js';
import type { DatabaseClock } from './clock.js';
import type { PreparedBundle } from './contents.js';
import { prepareBundle } from './contents.js';

/** One environment as this edge serves it. A renewal changes `lease` and `leaseSeq`; anything else is a new object. */
export interface Held {
  readonly application: ApplicationKey; readonly environment: string; readonly epoch: number; readonly rev: number;
  readonly split: Split | null; readonly recent: EnvironmentDoc['recent'];
  /** Of the candidate; empty without one. */
  readonly salt: string;
  readonly stable: PreparedBundle | null; readonly candidate: PreparedBundle | null;
  leaseSeq: number; lease: LeaseCount;
}

export type SnapshotEvent =
  | { readonly event: 'snapshot.loaded'; readonly environments: number }
  | { readonly event: 'snapshot.applied'; readonly environment: string; readonly epoch: number; readonly rev: number }
  | { readonly event: 'snapshot.failed' | 'snapshot.recovered' | 'snapshot.ackFailed'; readonly level: 'warn'; readonly message: string }
  | { readonly event: 'snapshot.refused'; readonly level: 'error'; readonly environment: string; readonly message: string }
  | { readonly event: 'snapshot.regressed'; readonly level: 'error'; readonly environment: string; readonly message: string };

export interface SnapshotDeps {
  readonly environments: Pick<EnvironmentReads, 'touched' | 'now'>;
  readonly bundles: Pick<BundleReads, 'content'>;
  readonly readers: ReaderWrites;
  /** Name under which this edge acknowledges. */
  readonly reader: string;
  readonly clock: DatabaseClock;
  readonly monotonicMs: () => number;
  readonly tell: (event: SnapshotEvent) => void;
}

export interface Snapshot {
  /** Polls every 200 ms, acknowledges every 5 s, until `stop`. */
  start(): void;
  stop(): void;
  /** One look: what was touched, or everything each 30 s. Keeps the last good on any failure; never throws. */
  poll(): Promise<void>;
  /** A look that begins now, at most ten a second: for whoever met a newer revision elsewhere. */
  refresh(): Promise<void>;
  /** Waits for the bundles that are being loaded. */
  settle(): Promise<void>;
  acknowledge(): Promise<void>;
  find(application: ApplicationKey, environment: string): Held | undefined;
  /** Everything was read once. */
  isLoaded(): boolean;
  /** Since the last look that succeeded. */
  ageMs(): number;
  isFresh(): boolean;
  /** Called after a revision (`split`) or a renewal (`lease`) was applied. */
  onChange(listener: (held: Held, what: 'split' | 'lease') => void): () => void;
}

const POLL_MS = 200;
const SWEEP_MS = 30_000;
const OVERLAP_MS = 2_000;
const ACKNOWLEDGE_MS = 5_000;
const FRESH_MS = 5_000;
const REFRESH_MIN_MS = 100;
const ENVIRONMENTS_MAX = 10_000;

interface Read { readonly row: ServedEnvironment; readonly readAtMs: number }

export function createSnapshot({ environments, bundles, readers, reader, clock, monotonicMs, tell }: SnapshotDeps): Snapshot {
  const held = new Map<string, Held>();
  const prepared = new Map<string, PreparedBundle>();
  /** Revisions that wait for a bundle; looked at again with every poll. */
  const waiting = new Map<string, Read>();
  const loading = new Map<string, Promise<void>>();
  const listeners = new Set<(held: Held, what: 'split' | 'lease') => void>();
  let isLoaded = false;
  let isFailing = false;
  let okAtMs = Number.NEGATIVE_INFINITY;
  let okDatabaseMs: number | null = null;
  let sweptAtMs = Number.NEGATIVE_INFINITY;
  let acknowledgedAtMs = monotonicMs();
  let begunAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<void> | null = null;
  let timer: NodeJS.Timeout | null = null;
  let isRunning = false;

  const acknowledgeOne = async ({ application, environment, epoch, rev, leaseSeq }: Held): Promise<void> => {
    try { await readers.acknowledge({ application, environment, reader, epoch, rev, leaseSeq }); } catch (error) {
      if (!isFailing) tell({ event: 'snapshot.ackFailed', level: 'warn', message: messageOf(error) });
    }
  };
  const changed = (now: Held, what: 'split' | 'lease'): void => {
    void acknowledgeOne(now);
    for (const listener of listeners) listener(now, what);
  };

  const load = (application: ApplicationKey, digest: BundleDigest): void => {
    const name = `${application}/${digest}`;
    if (loading.has(name)) return;
    loading.set(name, (async () => {
      try {
        const content = await bundles.content(application, digest);
        if (content === null) throw new TypeError(`there is no bundle ${digest}`);
        prepared.set(name, prepareBundle(content, digest));
      } catch (error) {
        tell({ event: 'snapshot.refused', level: 'error', environment: application, message: messageOf(error) });
      } finally { loading.delete(name); }
      for (const read of [...waiting.values()]) tryApply(read, false);
    })());
  };

  /** Puts one row in force, or leaves it waiting for its bundles. */
  const apply = (read: Read, mayLoad: boolean): void => {
    const { doc } = read.row;
    const before = held.get(doc._id);
    const order = before === undefined ? 1 : doc.epoch - before.epoch || doc.rev - before.rev || doc.lease.seq - before.leaseSeq;
    if (before !== undefined && order < 0) {
      waiting.delete(doc._id);
      tell({ event: 'snapshot.regressed', level: 'error', environment: doc._id, message: `read (${doc.epoch}, ${doc.rev}, ${doc.lease.seq}), serving (${before.epoch}, ${before.rev}, ${before.leaseSeq})` });
      return;
    }
    const leaseMs = doc.split?.leaseMs ?? 0;
    const lease = countLease(before?.lease ?? null, { epoch: doc.epoch, rev: doc.rev, seq: doc.lease.seq, leftMs: read.row.leaseLeftMs, leaseMs, readAtMs: read.readAtMs });
    if (before !== undefined && before.epoch === doc.epoch && before.rev === doc.rev) {
      waiting.delete(doc._id);
      before.lease = lease;
      if (order === 0) return;
      before.leaseSeq = doc.lease.seq;
      changed(before, 'lease');
      return;
    }
    const bundleOf = (digest: BundleDigest | undefined): PreparedBundle | null | undefined => (digest === undefined ? null : prepared.get(`${doc.application}/${digest}`));
    const stable = bundleOf(doc.split?.stable);
    const candidate = bundleOf(doc.split?.candidate);
    if (stable === undefined || candidate === undefined) {
      const other = waiting.get(doc._id);
      if (other === undefined || doc.epoch > other.row.doc.epoch || (doc.epoch === other.row.doc.epoch && doc.rev >= other.row.doc.rev)) waiting.set(doc._id, read);
      if (mayLoad) for (const digest of [doc.split?.stable, doc.split?.candidate]) if (digest !== undefined && !prepared.has(`${doc.application}/${digest}`)) load(doc.application, digest);
      return;
    }
    waiting.delete(doc._id);
    if (before === undefined && held.size >= ENVIRONMENTS_MAX) throw new RangeError(`an edge holds at most ${ENVIRONMENTS_MAX} environments`);
    const salt = doc.split?.candidate === undefined ? '' : saltOf(doc.application, doc.name, doc.split.candidate);
    const now: Held = { application: doc.application, environment: doc.name, epoch: doc.epoch, rev: doc.rev, split: doc.split, recent: doc.recent, salt, stable, candidate, leaseSeq: doc.lease.seq, lease };
    held.set(doc._id, now);
    tell({ event: 'snapshot.applied', environment: doc._id, epoch: doc.epoch, rev: doc.rev });
    changed(now, 'split');
  };

  const tryApply = (read: Read, mayLoad: boolean): void => {
    try { apply(read, mayLoad); } catch (error) {
      waiting.delete(read.row.doc._id);
      tell({ event: 'snapshot.refused', level: 'error', environment: read.row.doc._id, message: messageOf(error) });
    }
  };

  const look = async (): Promise<void> => {
    const beganMs = begunAtMs = monotonicMs();
    const databaseMs = clock.nowMs();
    const isSweep = okDatabaseMs === null || databaseMs === null || beganMs - sweptAtMs >= SWEEP_MS;
    try {
      if (isSweep) clock.observe(await environments.now(), beganMs, monotonicMs());
      const readAtMs = monotonicMs();
      const rows = await environments.touched(isSweep ? null : new Date((okDatabaseMs ?? 0) - OVERLAP_MS));
      const endedMs = monotonicMs();
      const first = rows.find(isRow);
      if (first?.now instanceof Date) clock.observe(first.now, readAtMs, endedMs);
      for (const row of rows) {
        if (isRow(row)) tryApply({ row, readAtMs }, true);
        else tell({ event: 'snapshot.refused', level: 'error', environment: idOf(row), message: 'the environment is not of the promised shape' });
      }
      for (const read of [...waiting.values()]) tryApply(read, true);
      okAtMs = beganMs;
      // Before the query, not after it: what was touched while it ran is read again.
      okDatabaseMs = databaseMs ?? (clock.nowMs() ?? 0) - (endedMs - beganMs);
      if (isSweep) { sweptAtMs = beganMs; forget(); }
      if (isFailing) { isFailing = false; tell({ event: 'snapshot.recovered', level: 'warn', message: 'the database answers again' }); }
      if (!isLoaded) {
        await settle();
        isLoaded = true;
        tell({ event: 'snapshot.loaded', environments: held.size });
      }
    } catch (error) {
      if (!isFailing) { isFailing = true; tell({ event: 'snapshot.failed', level: 'warn', message: messageOf(error) }); }
    }
  };
  /** Bundles that nothing serves any more. */
  const forget = (): void => {
    const used = new Set<string>();
    const use = (application: string, split: Split | null): void => { for (const digest of [split?.stable, split?.candidate]) if (digest !== undefined) used.add(`${application}/${digest}`); };
    for (const { application, split } of held.values()) use(application, split);
    for (const { row } of waiting.values()) use(row.doc.application, row.doc.split);
    for (const name of prepared.keys()) if (!used.has(name)) prepared.delete(name);
  };

  const poll = (): Promise<void> => (looking ??= look().finally(() => { looking = null; }));
  const settle = async (): Promise<void> => { while (loading.size > 0) await Promise.all(loading.values()); };
  const acknowledge = async (): Promise<void> => { acknowledgedAtMs = monotonicMs(); await Promise.all([...held.values()].map(acknowledgeOne)); };
  const turn = async (): Promise<void> => {
    await poll();
    if (isLoaded && monotonicMs() - acknowledgedAtMs >= ACKNOWLEDGE_MS) void acknowledge();
    if (isRunning) timer = setTimeout(() => { void turn(); }, POLL_MS);
  };

  return {
    start: () => { if (!isRunning) { isRunning = true; void turn(); } },
    stop: () => { isRunning = false; if (timer !== null) clearTimeout(timer); },
    poll, settle, acknowledge,
    refresh: async () => {
      await looking;
      if (monotonicMs() - begunAtMs >= REFRESH_MIN_MS) await poll();
    },
    find: (application, environment) => held.get(`${application}/${environment}`),
    isLoaded: () => isLoaded,
    ageMs: () => monotonicMs() - okAtMs,
    isFresh: () => monotonicMs() - okAtMs <= FRESH_MS,
    onChange: (listener) => { listeners.add(listener); return () => { listeners.delete(listener); }; },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0;
const isText = (value: unknown): value is string => typeof value === 'string' && value !== '' && value.length <= 300;
const idOf = (row: unknown): string => { const id = (row as { doc?: { _id?: unknown } } | null)?.doc?._id; return typeof id === 'string' ? id.slice(0, 100) : 'unknown'; };

/** A row decides what everybody is served: it is looked at before it is believed. */
function isRow(row: ServedEnvironment): boolean {
  try {
    const { doc, leaseLeftMs } = row;
    return isText(doc.application) && isText(doc.name) && doc._id === `${doc.application}/${doc.name}` && isCount(doc.rev) && isCount(doc.epoch)
      && isCount(doc.lease.seq) && typeof leaseLeftMs === 'number' && Array.isArray(doc.recent) && doc.recent.length <= 64 && (doc.split === null || isSplit(doc.split));
  } catch { return false; }   // a part that is missing altogether
}

const isSplit = ({ stable, candidate, weightBp, leaseMs, release }: Split): boolean =>
  isText(stable) && (candidate === undefined || isText(candidate)) && isCount(weightBp) && weightBp <= 10_000 && isCount(leaseMs) && leaseMs <= 3_600_000 && isText(release);
