import { timingSafeEqual } from 'node:crypto';
import { parseKey } from '../core/access.js';
import type { Principal } from '../core/access.js';
import { RateLimitedError, UnauthenticatedError } from '../core/errors.js';
import type { ApiKeyDoc } from '../store/index.js';
import type { ApiDeps } from './context.js';

const FAILURES_MAX = 10;
const WINDOW_MS = 60_000;
const ADDRESSES_MAX = 10_000;

/** Where a request comes from, as far as its key matters. */
export interface Arrival { readonly authorization: string | undefined; readonly apiKey: string | undefined; readonly address: string }
export type Authenticate = (arrival: Arrival) => Promise<Principal | null>;
export interface AuthenticateOptions { readonly isProduction: boolean }

/**
 * Who sends this request; null when it names nobody. A key is checked on its text before any query, then by its hash in constant time.
 *
 * @throws UnauthenticatedError in the same words whatever is wrong with a key; RateLimitedError after ten failures a minute from an address
 */
export function createAuthenticate(deps: Pick<ApiDeps, 'apiKeys' | 'people' | 'keyHash' | 'monotonicMs' | 'tell'>, { isProduction }: AuthenticateOptions): Authenticate {
  const failures = new Map<string, { count: number; sinceMs: number }>();

  const assertBelowLimit = (address: string): void => {
    const failed = failures.get(address);
    if (failed === undefined || failed.count < FAILURES_MAX) return;
    const leftMs = failed.sinceMs + WINDOW_MS - deps.monotonicMs();
    if (leftMs > 0) throw new RateLimitedError('Too many failed keys from this address.', Math.ceil(leftMs / 1_000));
    failures.delete(address);
  };
  const fail = (address: string): never => {
    const nowMs = deps.monotonicMs();
    const before = failures.get(address);
    const failed = before === undefined || nowMs - before.sinceMs >= WINDOW_MS ? { count: 0, sinceMs: nowMs } : before;
    failed.count += 1;
    failures.delete(address);
    if (failures.size >= ADDRESSES_MAX) failures.delete(failures.keys().next().value ?? '');
    failures.set(address, failed);
    if (failed.count === FAILURES_MAX) deps.tell({ event: 'api.keysLimited', level: 'warn', address });
    throw new UnauthenticatedError('The key is malformed, unknown, expired or revoked.');
  };

  return async ({ authorization, apiKey, address }) => {
    const text = keyTextOf(authorization, apiKey);
    if (text === null) return null;
    assertBelowLimit(address);
    const key = parseKey(text);
    if (key === null) return fail(address);
    const doc = await deps.apiKeys.find(key.id);
    const isOurs = isSame(doc?.hash ?? '', deps.keyHash(key.secret));   // computed whether or not there is a document
    if (doc === null || !isOurs || !doc.live || doc.kind !== key.kind) return fail(address);
    return await principalOf(doc) ?? fail(address);

    async function principalOf(found: ApiKeyDoc): Promise<Principal | null> {
      switch (found.kind) {
        case 'ci': return found.application === '*' ? null : { kind: 'ci', id: `ci:${found.name}`, applications: [found.application] };
        case 'ap': {
          const { application, environment, scopes = [], name } = found;
          return application === '*' || environment === undefined ? null : { kind: 'application', id: `application:${name}`, application, environment, scopes };
        }
        case 'st': {
          const { person: id, authMethod } = found;
          if (id === undefined || authMethod === undefined || (authMethod === 'dev' && (isProduction || !isLoopback(address)))) return null;
          const [person, grants] = await Promise.all([deps.people.find(id), deps.people.grantsOf(id)]);
          return person === null ? null : { kind: 'person', id: `person:${id}`, name: person.name, team: person.team, grants, authMethod };
        }
      }
    }
  };
}

/** `Authorization: Bearer …` or `X-API-Key`; with both, or with another scheme, the text is one that no key matches. */
function keyTextOf(authorization: string | undefined, apiKey: string | undefined): string | null {
  if (authorization === undefined) return apiKey ?? null;
  return apiKey === undefined ? /^Bearer ([!-~]{1,200})$/i.exec(authorization)?.[1] ?? '' : '';
}

function isSame(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

export const isLoopback = (address: string): boolean => /^(127\.\d{1,3}\.\d{1,3}\.\d{1,3}|::1|::ffff:127\.\d{1,3}\.\d{1,3}\.\d{1,3})$/.test(address);
