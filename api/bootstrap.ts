import { composeKey } from '../core/access.js';
import type { KeyKind, Role } from '../core/access.js';
import { digestOf } from '../core/canonical.js';
import { ConflictError } from '../core/errors.js';
import type { Actor, ApiKeyDoc, ApiKeyWrites, ApplicationReads, ApplicationWrites, GrantWrites, Intent, PersonReads, PersonWrites } from '../store/index.js';
import type { ApiDeps } from './context.js';

export interface BootstrapDeps extends Pick<ApiDeps, 'keyHash' | 'randomKey' | 'newId' | 'sha256'> {
  readonly people: PersonReads & PersonWrites;
  readonly grants: GrantWrites;
  readonly apiKeys: ApiKeyWrites;
  readonly applications: ApplicationReads & ApplicationWrites;
}

const SESSION_SEC = 8 * 3_600;
const DEVELOPMENT_KEY_SEC = 30 * 86_400;
/** Whose acts these are in the record: there is nobody yet. */
const BOOTSTRAP: Actor = { id: 'slipway:bootstrap', kind: 'slipway' };
/** People and sessions belong to no application; their chain is this one's. */
const ALL = '*';

/** The five people of development, in different teams: what one wrote another may approve. */
const PEOPLE = {
  admin: { name: 'Ada Admin', team: 'platform', role: 'ADMIN' },
  author: { name: 'Arthur Author', team: 'helpdesk', role: 'AUTHOR' },
  releaseManager: { name: 'Rita Release', team: 'helpdesk', role: 'RELEASE_MANAGER' },
  approver: { name: 'Agnes Approver', team: 'quality', role: 'APPROVER' },
  onCall: { name: 'Oscar On-call', team: 'operations', role: 'ON_CALL' },
} as const satisfies Readonly<Record<string, { readonly name: string; readonly team: string; readonly role: Role }>>;
export type DevelopmentPerson = keyof typeof PEOPLE;

/** What `bin/api` writes for `slipway dev`, for this user's eyes alone. */
export interface DevelopmentFile { readonly people: Readonly<Record<DevelopmentPerson, string>>; readonly keys: { readonly ci: string; readonly app: string } }

/**
 * People, sessions and keys for one machine: they work from loopback only, and never in production. The application `helpdesk` is made if there
 * is none.
 *
 * @throws RangeError in production: the caller's bug
 */
export async function bootstrapDevelopment(deps: BootstrapDeps, { isProduction }: { readonly isProduction: boolean }): Promise<DevelopmentFile> {
  if (isProduction) throw new RangeError('the people of development do not exist in production');
  const application = 'helpdesk';
  if (await deps.applications.find(application) === null) {
    const doc = {
      _id: application, team: 'helpdesk', owner: 'rita', deputy: 'arthur', tier: 'LOW' as const, purpose: 'Answers questions from the handbook.', environments: [{ name: 'production', protected: true }],
    };
    await deps.applications.put({ ...doc, once: { key: `${BOOTSTRAP.id}|createApplication|helpdesk`, args: digestOf(doc, deps.sha256) } }, intentOf(deps, application, 'application.created', `application/${application}`));
  }
  const sessions = await Promise.all(Object.entries(PEOPLE).map(async ([id, { name, team, role }]): Promise<[string, string]> => {
    await appoint(deps, { id, name, team, role });
    return [id, await mint(deps, { kind: 'st', name, application: ALL, lifeSec: SESSION_SEC, person: id, authMethod: 'dev' })];
  }));
  return {
    people: Object.fromEntries(sessions) as DevelopmentFile['people'],
    keys: {
      ci: await mint(deps, { kind: 'ci', name: 'development', application, lifeSec: DEVELOPMENT_KEY_SEC }),
      app: await mint(deps, { kind: 'ap', name: 'development', application, environment: 'production', scopes: ['serve', 'ingest', 'feedback'], lifeSec: DEVELOPMENT_KEY_SEC }),
    },
  };
}

/**
 * `keys bootstrap`: the first ADMIN and a session of 8 h, once.
 *
 * @throws ConflictError when there is an ADMIN already
 */
export async function bootstrapAdmin(deps: BootstrapDeps): Promise<{ readonly person: string; readonly session: string }> {
  if (await deps.people.anyAdmin()) throw new ConflictError('There is an ADMIN already.', 'Ask them for a session: slipway keys session PERSON');
  const person = 'admin';
  await appoint(deps, { id: person, name: 'First administrator', team: 'platform', role: 'ADMIN' });
  return { person, session: await mint(deps, { kind: 'st', name: 'First administrator', application: ALL, lifeSec: SESSION_SEC, person, authMethod: 'admin-issued' }) };
}

async function appoint(deps: BootstrapDeps, { id, name, team, role }: { readonly id: string; readonly name: string; readonly team: string; readonly role: Role }): Promise<void> {
  await deps.people.put({ _id: id, name, team }, intentOf(deps, ALL, 'person.put', `person/${id}`));
  await deps.grants.put({ _id: `${id}/${ALL}/${role}`, person: id, application: ALL, role, endsAt: null, grantedBy: BOOTSTRAP.id }, intentOf(deps, ALL, 'role.granted', `person/${id}/${role}`));
}

type Minted = Pick<ApiKeyDoc, 'name' | 'application' | 'environment' | 'scopes' | 'person' | 'authMethod'> & { readonly kind: KeyKind; readonly lifeSec: number };
async function mint(deps: BootstrapDeps, { kind, ...rest }: Minted): Promise<string> {
  const key = composeKey(kind, deps.randomKey());
  await deps.apiKeys.insert({
    _id: key.id, kind, hash: deps.keyHash(key.secret), ...rest, createdBy: BOOTSTRAP.id, once: { key: `${BOOTSTRAP.id}|createApiKey|${key.id}`, args: digestOf({ ...rest }, deps.sha256) },
  }, intentOf(deps, rest.application, 'key.created', `key/${key.id}`));
  return key.secret;
}

const intentOf = ({ newId }: BootstrapDeps, application: string, action: string, subject: string): Intent => ({ id: newId(), application, action, actor: BOOTSTRAP, subject });
