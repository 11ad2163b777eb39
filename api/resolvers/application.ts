import { ConflictError, IdempotencyError } from '../../core/errors.js';
import { applicationsOf, composeKey } from '../../core/access.js';
import type { KeyKind, Principal } from '../../core/access.js';
import { CreateApiKeyInput, CreateApplicationInput, RevokeApiKeyInput } from '../../schema/application.js';
import { read } from '../../schema/read.js';
import type { ApiKeyDoc } from '../../store/index.js';
import { actorOf, intentIdOf, intentOf, made, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type { ApiKeyResolvers, ApplicationResolvers, MeResolvers, MutationResolvers, QueryResolvers } from '../generated.js';
import { environmentParent } from './environment.js';
import { applicationOf, connectionOf, pageOf, present } from './pages.js';

const DAY_SEC = 86_400;
const SESSION_SEC = 8 * 3_600;

export const applicationQueries = {
  me: (_root, _args, { principal }) => principal,
  application: (_root, { key }, context) => applicationOf(context, key),
  applications: async (_root, args, { deps, principal, narrowed, may }) => {
    const keys = applicationsOf(principal);
    if (keys === '*') may({ kind: 'application', id: '*', application: '*' });
    else for (const key of keys) may({ kind: 'application', id: key, application: key });
    narrowed();
    return connectionOf(await deps.applications.list(keys, pageOf(args)));
  },
  apiKeys: async (_root, { application, ...args }, context) => {
    await applicationOf(context, application);
    return connectionOf(await context.deps.apiKeys.list(application, pageOf(args)));
  },
} satisfies QueryResolvers;

export const applicationMutations = {
  createApplication: async (_root, args, context) => {
    const input = read(CreateApplicationInput, args.input);
    const { key, team, owner, deputy, tier, purpose, environments } = input;
    context.may({ kind: 'application', id: key, application: key });
    const there = await context.deps.applications.find(key);
    if (there !== null && (there.tier !== tier || there.team !== team)) {
      throw new ConflictError(`${key} exists with tier ${there.tier} and team ${there.team}; neither is changed here.`, 'Send the tier and team it has: owner, deputy, purpose and environments may differ.');
    }
    const once = onceOf(context, 'createApplication', input);
    const intent = { ...intentOf(context, key, there === null ? 'application.created' : 'application.changed'), subject: `application/${key}` };
    return made(await context.deps.applications.put({ _id: key, team, owner, deputy, tier, purpose, environments, once }, intent), input);
  },

  createApiKey: async (_root, args, context) => {
    const input = read(CreateApiKeyInput, args.input);
    // A session acts for a person in every application: who may mint one has to be an ADMIN of all.
    if (input.kind === 'st') context.may({ kind: 'application', id: input.application, application: '*' }, 'createSession');
    const application = await applicationOf(context, input.application);
    if (input.kind === 'ap') present(application.environments.find(({ name }) => name === input.environment), 'environment', `${input.application}/${input.environment}`);
    if (input.kind === 'st') present(await context.deps.people.find(input.name), 'person', input.name);
    const inserted = await insertKey(context, input);
    // The secret of a key that was made before is nowhere any more.
    if (inserted.secret === null) throw new ConflictError(`Key ${inserted.apiKey._id} was made by this call before, and its secret was shown then.`, 'If it was lost, revoke that key and make another under a new idempotency key.');
    return { apiKey: inserted.apiKey, secret: inserted.secret };
  },

  revokeApiKey: async (_root, args, context) => {
    const input = read(RevokeApiKeyInput, args.input);
    await applicationOf(context, input.application);
    const found = await context.deps.apiKeys.find(input.id);
    if (found?.application !== input.application) return present<ApiKeyDoc>(null, 'key', input.id);
    const id = intentIdOf(input.application, onceOf(context, 'revokeApiKey', input));
    const former = found.intents.find((intent) => intent.id === id) ?? await context.deps.audit.byIntent(input.application, id);
    if (former !== null && (former.reason !== input.reason || former.subject !== `key/${input.id}`)) throw new IdempotencyError(input.idempotencyKey);
    const intent = { ...intentOf(context, input.application, 'key.revoked', { reason: input.reason }), id, subject: `key/${input.id}` };
    return present(await context.deps.apiKeys.revoke(input.id, intent), 'key', input.id);
  },
} satisfies MutationResolvers;

async function insertKey(context: Context, input: CreateApiKeyInput): Promise<{ readonly apiKey: ApiKeyDoc; readonly secret: string | null }> {
  const { deps, principal } = context;
  const kind: KeyKind = input.kind;
  const key = composeKey(kind, deps.randomKey());
  const purpose = input.kind === 'ap' ? { environment: input.environment, scopes: input.scopes } : input.kind === 'st' ? { person: input.name, authMethod: 'admin-issued' as const } : {};
  const inserted = await deps.apiKeys.insert({
    _id: key.id, kind, hash: deps.keyHash(key.secret), name: input.name, application: input.application, ...purpose,
    once: onceOf(context, 'createApiKey', input), createdBy: actorOf(principal).id, lifeSec: input.kind === 'st' ? SESSION_SEC : input.lifeDays * DAY_SEC,
  }, { ...intentOf(context, input.application, 'key.created'), subject: `key/${key.id}` });
  return { apiKey: made(inserted, input), secret: inserted.kind === 'inserted' ? key.secret : null };
}

export const applicationFields = {
  key: ({ _id }) => _id,
  environmentNames: ({ environments }) => environments,
  environments: (application, _args, { deps }) => Promise.all(application.environments.map(({ name }) => environmentParent(deps, application, name))),
} satisfies ApplicationResolvers;

export const apiKeyFields = {
  id: ({ _id }) => _id, environment: ({ environment }) => environment ?? null, scopes: ({ scopes }) => scopes ?? [],
} satisfies ApiKeyResolvers;

export const meFields = {
  name: (me) => (me.kind === 'person' ? me.name : me.id.slice(me.id.indexOf(':') + 1)),
  team: (me) => (me.kind === 'person' ? me.team : null),
  grants: (me: Principal) => (me.kind === 'person' ? me.grants : []),
} satisfies MeResolvers;
