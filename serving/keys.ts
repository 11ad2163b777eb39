import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Scope } from '../core/access.js';
import type { ApplicationKey } from '../core/ids.js';
import type { ApiKeyReads } from '../store/index.js';
import type { DatabaseClock } from './clock.js';

/** What a key may do here, or why not. */
export type Access =
  | { readonly kind: 'granted'; readonly application: ApplicationKey; readonly environment: string; readonly keyId: string }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429 | 503; readonly message: string; readonly retryAfterSec?: number };

export type KeyEvent =
  | { readonly event: 'keys.unreachable'; readonly level: 'warn'; readonly message: string }
  | { readonly event: 'keys.limited'; readonly level: 'warn'; readonly address: string };

export interface KeysDeps {
  readonly apiKeys: Pick<ApiKeyReads, 'find'>;
  /** Form, alphabet and checksum, before anything is asked of the database; `parseKey` of core/access.ts. */
  readonly parseKey: (text: string) => { readonly kind: string; readonly id: string; readonly secret: string } | null;
  /** The stored hash of a whole key: keyed with the pepper, which stays with `bin`. */
  readonly digest: (text: string) => string;
  readonly clock: Pick<DatabaseClock, 'nowMs'>;
  readonly monotonicMs: () => number;
  readonly tell: (event: KeyEvent) => void;
  /** How long a request waits for the database about a key that was good before. */
  readonly waitMaxMs?: number;
}

export interface Keys {
  /** At once when the key was seen within 5 s, else after one question to the database. Never throws. */
  check(request: IncomingMessage, scope: Scope): Access | Promise<Access>;
}

const FRESH_MS = 5_000;
const HONOURED_MS = 24 * 3_600_000;
const RETRY_MS = 1_000;
const FAILURES_MAX = 10;
const FAILURES_WINDOW_MS = 60_000;
const KEYS_MAX = 10_000;
const ADDRESSES_MAX = 10_000;

/** A key that was good, under its hash: the key itself is not kept. */
interface Known { readonly id: string; readonly application: ApplicationKey; readonly environment: string; readonly scopes: readonly Scope[]; readonly expiresAtMs: number; seenAtMs: number; askAgainAtMs: number }
type Found = { readonly kind: 'good'; readonly known: Known } | { readonly kind: 'bad' } | { readonly kind: 'unknown' };

/** Keys of applications: cached hashed, fresh for 5 s, honoured for 24 h while the database is away. */
export function createKeys({ apiKeys, parseKey, digest, clock, monotonicMs, tell, waitMaxMs = 250 }: KeysDeps): Keys {
  const knowns = new Map<string, Known>();
  const asking = new Map<string, Promise<Found>>();
  const failures = new Map<string, { count: number; sinceMs: number }>();

  const ask = async (hash: string, id: string): Promise<Found> => {
    try {
      const doc = await apiKeys.find(id);
      const isGood = doc !== null && doc.live && doc.kind === 'ap' && doc.application !== '*' && doc.environment !== undefined && isSame(doc.hash, hash);
      if (!isGood) { knowns.delete(hash); return { kind: 'bad' }; }
      const nowMs = monotonicMs();
      const known: Known = { id, application: doc.application, environment: doc.environment ?? '', scopes: doc.scopes ?? [], expiresAtMs: doc.expiresAt.getTime(), seenAtMs: nowMs, askAgainAtMs: nowMs + FRESH_MS };
      if (!knowns.has(hash) && knowns.size >= KEYS_MAX) knowns.delete(knowns.keys().next().value ?? '');
      knowns.set(hash, known);
      return { kind: 'good', known };
    } catch (error) {
      tell({ event: 'keys.unreachable', level: 'warn', message: error instanceof Error ? error.message : String(error) });
      return { kind: 'unknown' };
    }
  };
  /** One question about a key at a time, however many requests carry it. */
  const askOnce = (hash: string, id: string): Promise<Found> => {
    let question = asking.get(hash);
    if (question === undefined) {
      question = ask(hash, id).finally(() => { asking.delete(hash); });
      asking.set(hash, question);
    }
    return question;
  };

  const isLimited = (address: string): boolean => {
    const failed = failures.get(address);
    return failed !== undefined && failed.count >= FAILURES_MAX && monotonicMs() - failed.sinceMs < FAILURES_WINDOW_MS;
  };
  const fail = (address: string): Access => {
    const nowMs = monotonicMs();
    let failed = failures.get(address);
    if (failed === undefined || nowMs - failed.sinceMs >= FAILURES_WINDOW_MS) {
      if (failures.size >= ADDRESSES_MAX) failures.delete(failures.keys().next().value ?? '');
      failures.delete(address);
      failures.set(address, failed = { count: 0, sinceMs: nowMs });
    }
    failed.count += 1;
    if (failed.count === FAILURES_MAX) tell({ event: 'keys.limited', level: 'warn', address });
    return { kind: 'refused', status: 401, message: 'The key is malformed, unknown, expired or revoked.' };
  };
  const grant = (known: Known, scope: Scope): Access => {
    const databaseMs = clock.nowMs();
    if (databaseMs !== null && databaseMs >= known.expiresAtMs) return { kind: 'refused', status: 401, message: 'The key has expired.' };
    if (!known.scopes.includes(scope)) return { kind: 'refused', status: 403, message: `The key lacks the scope "${scope}".` };
    return { kind: 'granted', application: known.application, environment: known.environment, keyId: known.id };
  };
  const askStranger = async (hash: string, id: string, scope: Scope, address: string): Promise<Access> => {
    const found = await askOnce(hash, id);
    if (found.kind === 'good') return grant(found.known, scope);
    return found.kind === 'bad' ? fail(address) : { kind: 'refused', status: 503, message: 'The key cannot be checked now.', retryAfterSec: 2 };
  };
  const askAgain = async (known: Known, hash: string, scope: Scope, address: string): Promise<Access> => {
    const found = await within(waitMaxMs, askOnce(hash, known.id));
    if (found?.kind === 'good') return grant(found.known, scope);
    if (found?.kind === 'bad') return fail(address);
    known.askAgainAtMs = monotonicMs() + RETRY_MS;   // the database is away: nobody else waits for it meanwhile
    return grant(known, scope);
  };

  return {
    check: (request, scope) => {
      const text = keyTextOf(request);
      if (text === null) return { kind: 'refused', status: 401, message: 'Send a key: Authorization: Bearer slp_ap_… or X-API-Key.' };
      const address = request.socket.remoteAddress ?? 'unknown';
      const parsed = parseKey(text);
      const hash = parsed?.kind === 'ap' ? digest(text) : null;
      const known = hash === null ? undefined : knowns.get(hash);
      // A good key is not shut out by a neighbour behind the same address.
      if (known === undefined && isLimited(address)) return { kind: 'refused', status: 429, message: 'Too many failed keys from this address.', retryAfterSec: 60 };
      if (parsed === null || hash === null) return fail(address);
      if (known === undefined) return askStranger(hash, parsed.id, scope, address);
      const nowMs = monotonicMs();
      if (nowMs < known.askAgainAtMs && nowMs - known.seenAtMs < HONOURED_MS) return grant(known, scope);
      if (nowMs - known.seenAtMs >= HONOURED_MS) { knowns.delete(hash); return askStranger(hash, parsed.id, scope, address); }
      return askAgain(known, hash, scope, address);
    },
  };
}

function keyTextOf(request: IncomingMessage): string | null {
  const bearer = /^bearer +(\S+)$/i.exec(request.headers.authorization ?? '')?.[1];
  const header = request.headers['x-api-key'];
  return bearer ?? (typeof header === 'string' && header !== '' ? header : null);
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** The value, or null when it takes longer. */
async function within<T>(limitMs: number, promise: Promise<T>): Promise<T | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => { timer = setTimeout(() => { resolve(null); }, limitMs); });
  try { return await Promise.race([promise, late]); } finally { clearTimeout(timer); }
}
