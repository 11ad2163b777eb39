import type { Principal } from '../core/access.js';
import { digestOf } from '../core/canonical.js';
import { IdempotencyError } from '../core/errors.js';
import type { ApplicationKey, Digest } from '../core/ids.js';
import type { Actor, Inserted, Intent, Once } from '../store/index.js';
import type { Context } from './context.js';

/** Who did it, as records keep it. */
export const actorOf = (principal: Principal): Actor => ({ id: principal.id, kind: principal.kind, ...(principal.kind === 'person' ? { authMethod: principal.authMethod } : {}) });

/** A key belongs to its principal and mutation; under it only the same arguments are the same call. */
export function onceOf({ principal, deps }: Context, mutation: string, { idempotencyKey, ...input }: { readonly idempotencyKey: string }): Once {
  return { key: `${principal.id}|${mutation}|${idempotencyKey}`, args: digestOf(input, deps.sha256) };
}

/** The document, whether it was made now or by the same call before. @throws IdempotencyError when the key was used for something else */
export function made<T>(inserted: Inserted<T>, { idempotencyKey }: { readonly idempotencyKey: string }): T {
  if (inserted.kind === 'reused') throw new IdempotencyError(idempotencyKey);
  return inserted.doc;
}

/** An audit event in the making. */
export const intentOf = ({ principal, deps }: Context, application: ApplicationKey, action: string, more: { readonly beforeDigest?: Digest; readonly afterDigest?: Digest; readonly reason?: string } = {}): Omit<Intent, 'subject'> =>
  ({ id: deps.newId(), application, action, actor: actorOf(principal), ...more });

/** The id of an intent on an environment: there it is what a repeat is known by. */
export const intentIdOf = (application: ApplicationKey, once: Once): string => `${application}|${once.key}`;

/**
 * What an earlier call under the same key did to an environment; null when there was none. A chain keeps it for good.
 *
 * @throws IdempotencyError when it was about something else
 */
export async function formerAct({ deps }: Context, application: ApplicationKey, environment: string, id: string, same: { readonly reason: string | null; readonly subject?: string }): Promise<{ readonly subject: string } | null> {
  const waiting = (await deps.environments.find(application, environment))?.intents.find((intent) => intent.id === id);
  const found = waiting ?? await deps.audit.byIntent(application, id);
  if (found === null) return null;
  if ((found.reason ?? null) !== same.reason || (same.subject !== undefined && same.subject !== found.subject)) throw new IdempotencyError(id.slice(id.lastIndexOf('|') + 1));
  return { subject: found.subject };
}
