import { BadInputError } from '../core/errors.js';
import { runInForeground } from './child.js';
import { argument, optional, wanted, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';
import { all } from './pages.js';

interface KeyView { readonly id: string; readonly kind: string; readonly name: string; readonly environment: string | null; readonly scopes: readonly string[]; readonly createdAt: string; readonly expiresAt: string; readonly revokedAt: string | null }
const FIELDS = '{ id kind name environment scopes createdAt expiresAt revokedAt }';

export async function create(typed: Typed, { out, client }: Context): Promise<number> {
  const kind = wanted(typed, 'kind').toUpperCase();
  if (kind !== 'APPLICATION' && kind !== 'CI') throw new BadInputError(`There is no key of kind ${wanted(typed, 'kind')}.`, 'application or ci.');
  const environment = optional(typed, 'env');
  if (kind === 'APPLICATION' && environment === undefined) throw new BadInputError('A key of an application is for one environment.', '--env NAME');
  const scopes = ((typed.options['scope'] as readonly string[] | undefined) ?? []).map((scope) => scope.toUpperCase());
  const unknown = scopes.find((scope) => !['SERVE', 'INGEST', 'FEEDBACK'].includes(scope));
  if (unknown !== undefined) throw new BadInputError(`There is no scope ${unknown.toLowerCase()}.`, 'serve, ingest, feedback.');
  const days = optional(typed, 'days');
  if (days !== undefined && !/^[1-9][0-9]{0,3}$/.test(days)) throw new BadInputError(`${days} is no number of days.`);
  const made = await (await client('admin')).mutate<{ readonly apiKey: KeyView; readonly secret: string }>('createApiKey', {
    application: wanted(typed, 'app'), kind, name: wanted(typed, 'name'), ...(environment === undefined ? {} : { environment }),
    ...(scopes.length === 0 ? {} : { scopes }), ...(days === undefined ? {} : { lifeDays: Number(days) }),
  }, `{ secret apiKey ${FIELDS} }`);
  out.record('key', { ...made.apiKey, secret: made.secret });
  out.line(made.secret);
  out.line(out.paint('dim', `Key ${made.apiKey.id}, until ${made.apiKey.expiresAt}. It is shown this once.`));
  out.next(`slipway keys list --app ${wanted(typed, 'app')}`);
  return EXIT.ok.code;
}

/** `slipway keys session PERSON`: an ADMIN signs somebody in for eight hours; what they approve says `admin-issued`. */
export async function session(typed: Typed, { out, client }: Context): Promise<number> {
  const [person, application] = [argument(typed, 0), wanted(typed, 'app')];
  const made = await (await client('admin')).mutate<{ readonly apiKey: KeyView; readonly secret: string }>('createApiKey', { application, kind: 'SESSION', name: person }, `{ secret apiKey ${FIELDS} }`);
  out.record('session', { person, key: made.apiKey.id, expiresAt: made.apiKey.expiresAt, session: made.secret });
  out.line(made.secret);
  out.line(out.paint('dim', `A session of ${person}, until ${made.apiKey.expiresAt}. It is shown this once.`));
  out.next(`slipway keys revoke ${made.apiKey.id} --app ${application} --reason <text>`);
  return EXIT.ok.code;
}

/** `slipway keys bootstrap`: the first ADMIN, once. It needs the database and the secrets of the API, and no API. */
export const bootstrap = async (_typed: Typed, { io }: Context): Promise<number> => {
  if ((io.env['MONGODB_URI'] ?? '') === '') throw new BadInputError('MONGODB_URI is not set: the first ADMIN is written into the database itself.', 'Run it where bin/api runs, with its environment. A development stack has its people already: dev.json.');
  return (await runInForeground('bin/api', { io, env: io.env, args: ['keys', 'bootstrap'] })) === 0 ? EXIT.ok.code : EXIT.conflict.code;
};

export async function list(typed: Typed, { out, client, io }: Context): Promise<number> {
  const keys = await all<KeyView>(await client('admin'), `query($application: ID!, $first: Int!, $after: String) { page: apiKeys(application: $application, first: $first, after: $after) { nodes ${FIELDS} pageInfo { hasNextPage endCursor } } }`, { application: wanted(typed, 'app') });
  for (const key of keys) out.record('key', { ...key });
  const end = (key: KeyView): string => (key.revokedAt !== null ? `revoked ${key.revokedAt}` : Date.parse(key.expiresAt) < io.nowMs() ? `expired ${key.expiresAt}` : `until ${key.expiresAt}`);
  if (keys.length === 0) out.line('No key.');
  else await out.table(['key', 'kind', 'name', 'environment', 'scopes', 'lives'], keys.map((key) => [key.id, key.kind, key.name, key.environment ?? '-', key.scopes.join(' ') || '-', end(key)]));
  out.next(`slipway keys create --app ${wanted(typed, 'app')} --kind ci --name <name>`);
  return EXIT.ok.code;
}

export async function revoke(typed: Typed, { out, client }: Context): Promise<number> {
  const revoked = await (await client('admin')).mutate<KeyView>('revokeApiKey', { application: wanted(typed, 'app'), id: argument(typed, 0), reason: wanted(typed, 'reason') }, FIELDS);
  out.record('key', { ...revoked });
  out.line(`Key ${revoked.id} (${revoked.name}) is revoked. The API refuses it at once, an edge within seconds.`);
  out.next(`slipway keys list --app ${wanted(typed, 'app')}`);
  return EXIT.ok.code;
}
