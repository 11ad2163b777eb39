/* eslint-disable @typescript-eslint/no-explicit-any -- one table stands for many kinds of document here */
/** What the unit tests of `api` hold instead of a database and an orchestrator: maps in memory that keep the promises of the interfaces they stand for. */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi, type ApiDeps, type ApiEvent, type ApiOptions } from '../api/index.js';
import { composeKey, type Grant, type KeyKind, type Scope } from '../core/access.js';
import { digestOf } from '../core/canonical.js';
import { policyOf } from '../core/release/index.js';
import { bundleDigest, contentsDigest } from '../core/bundle/index.js';
import type { ApiKeyDoc, ApplicationDoc, BundleContent, BundleDoc, DatasetItem, EnvironmentDoc, CalibrationDoc, EvaluationDoc, Inserted, Intent, ModelVersionDoc, Once, Page, PolicyDoc, PromptVersionDoc, ReleaseDoc, TimelineEntry, WatchReceiptDoc } from '../store/index.js';
import type { Orders } from '../temporal/index.js';
import { send, type Reply } from './harness.js';

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
export const keyHash = (secret: string): string => sha256(`pepper ${secret}`);
const at = new Date('2026-01-02T03:04:05.678Z');
const page = <T>(items: readonly T[]): Promise<Page<T>> => Promise.resolve({ items, next: null });
const never = (what: string) => (): Promise<never> => Promise.reject(new Error(`${what} was called, and nothing here expects it`));

export interface World {
  readonly deps: ApiDeps; readonly told: ApiEvent[]; readonly ordered: { readonly name: string; readonly order: any }[]; readonly intents: Intent[];
  readonly applications: Map<string, ApplicationDoc>; readonly keys: Map<string, ApiKeyDoc & { live: boolean }>; readonly people: Map<string, { name: string; team: string; grants: Grant[] }>;
  readonly prompts: PromptVersionDoc[]; readonly models: ModelVersionDoc[]; readonly bundles: Map<string, BundleDoc>; readonly policies: PolicyDoc[]; readonly environments: Map<string, EnvironmentDoc>;
  readonly releases: Map<string, ReleaseDoc>; readonly looks: Map<string, Pick<WatchReceiptDoc, 'breaches'>>; readonly evaluations: Map<string, EvaluationDoc>; readonly calibrations: Map<string, CalibrationDoc>;
  /** Items of datasets, by `application/name/digest` of the set they are kept under. */
  readonly sets: Map<string, readonly DatasetItem[]>;
  clock: { ms: number };
  nudges: number;
  key(kind: KeyKind, more?: Partial<ApiKeyDoc> & { readonly live?: boolean; readonly scopes?: readonly Scope[] }): string;
  session(id: string, grants: readonly Grant[], more?: Partial<ApiKeyDoc> & { readonly team?: string }): string;
}

export function release(id: string, more: Partial<ReleaseDoc> = {}): ReleaseDoc {
  return {
    _id: id, shape: 1, kind: 'RELEASE', application: 'helpdesk', environment: 'production', once: { key: `someone|startRelease|${id}`, args: 'sha256:x' }, state: 'CANARY', open: true, epoch: 1,
    candidate: `sha256:${'c'.repeat(64)}`, contents: `sha256:${'d'.repeat(64)}`, baseline: `sha256:${'b'.repeat(64)}`, requestedBy: { id: 'person:releaseManager', kind: 'person' }, message: '', tier: 'LOW', ownerTeam: 'helpdesk', authors: [],
    policy: { name: 'usual', version: 1, digest: 'sha256:p', plan: policyFor('usual') }, gate: null, dataset: { name: 'facts', version: 1, digest: 'sha256:f', items: 150 }, evaluators: [], evaluation: null, ticket: null,
    approvals: [], approvalsNeeded: 0, approvalExpiresAt: null, stage: null, holds: [], rollback: null, timeline: [entry(1, 'release.requested')], seq: 1, createdAt: at, terminalAt: null, intents: [], ...more,
  };
}
export const entry = (seq: number, type: string, more: Partial<TimelineEntry> = {}): TimelineEntry => ({ id: `entry-${String(seq)}`, seq, type, at, actor: { id: 'slipway:workflow', kind: 'slipway' }, state: 'CANARY', ...more });
export const policyFor = (name: string, tier: 'LOW' | 'LIMITED' | 'HIGH' = 'LOW') =>
  policyOf({ name, evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }] }, metrics: [{ name: 'error' }] }, tier);

export function world(): World {
  const told: ApiEvent[] = [], intents: Intent[] = [], ordered: { name: string; order: any }[] = [];
  const applications = new Map<string, ApplicationDoc>(), keys = new Map<string, ApiKeyDoc & { live: boolean }>(), people = new Map<string, { name: string; team: string; grants: Grant[] }>();
  const prompts: PromptVersionDoc[] = [], models: ModelVersionDoc[] = [], policies: PolicyDoc[] = [];
  const bundles = new Map<string, BundleDoc>(), environments = new Map<string, EnvironmentDoc>(), releases = new Map<string, ReleaseDoc>(), looks = new Map<string, Pick<WatchReceiptDoc, 'breaches'>>(), evaluations = new Map<string, EvaluationDoc>(), calibrations = new Map<string, CalibrationDoc>(), sets = new Map<string, readonly DatasetItem[]>();
  let made = 0;
  const clock = { ms: 0 };
  const randomKey = (): string => sha256(`key ${String(made += 1)}`).slice(0, 30);
  /** Versions of a name: numbered, found again by their key. */
  const numbered = <D extends { readonly application: string; readonly version: number; readonly once: Once }>(docs: D[], nameOf: (doc: D) => string) => ({
    insert: (doc: any, intent: any): Promise<Inserted<D>> => {
      const former = docs.find((one) => one.application === doc.application && one.once.key === doc.once.key);
      if (former !== undefined) return Promise.resolve({ kind: former.once.args === doc.once.args ? 'repeated' : 'reused', doc: former });
      const version = docs.filter((one) => one.application === doc.application && nameOf(one) === nameOf(doc)).length + 1;
      const born = { ...doc, _id: `${String(doc.application)}/${nameOf(doc)}/${String(version)}`, version, createdAt: at, intents: [] } as D;
      docs.push(born);
      intents.push(intent);
      return Promise.resolve({ kind: 'inserted', doc: born });
    },
    find: (application: string, name: string, version: number | 'latest'): Promise<D | null> =>
      Promise.resolve(docs.filter((one) => one.application === application && nameOf(one) === name && (version === 'latest' || one.version === version)).at(-1) ?? null),
    list: (application: string): Promise<Page<D>> => page(docs.filter((one) => one.application === application)),
  });
  const byName = (doc: any): string => doc.name;
  const contexts: any[] = [], guardrails: any[] = [], datasets: any[] = [], evaluators: any[] = [], connections: any[] = [];
  const contentOf = (bundle: BundleDoc): BundleContent => ({
    ...bundle, connection: null, tools: bundle.parts.tools ?? [], safety: bundle.parts.safety ?? {},
    prompts: Object.entries(bundle.parts.prompts ?? {}).map(([name, { version }]) => prompts.find((one) => one.prompt === name && one.version === version) as PromptVersionDoc),
    model: models.find((one) => one.name === bundle.parts.model?.name && one.version === bundle.parts.model.version) ?? null, context: null, guardrails: [],
  });
  const order = (name: keyof Orders, answer: any = { kind: 'done', state: 'CANARY' }) => (...order: any[]) => { ordered.push({ name, order: order.at(-1) }); return Promise.resolve(answer); };
  const put = (id: string, change: Partial<EnvironmentDoc>): void => { environments.set(id, { ...(environments.get(id) as EnvironmentDoc), ...change }); };

  const deps: ApiDeps = {
    sha256, keyHash, randomKey, newId: () => `ID${String(made += 1).padStart(6, '0')}`, monotonicMs: () => clock.ms, pause: (ms) => { clock.ms += ms; return Promise.resolve(); },
    nudge: () => { self.nudges += 1; }, tell: (event) => { told.push(event); }, traced: (_headers, _name, run) => run(), report: () => Promise.resolve({ counted: true }),
    specChecks: { faultOfPattern: (pattern) => (pattern.includes('(?=') ? 'look-ahead is not supported' : undefined), faultOfSchema: () => undefined },
    applications: {
      find: (key) => Promise.resolve(applications.get(key) ?? null),
      list: (wanted) => page([...applications.values()].filter(({ _id }) => wanted === '*' || wanted.includes(_id))),
      put: (doc, intent) => {
        const former = applications.get(doc._id);
        if (former?.once.key === doc.once.key) return Promise.resolve({ kind: former.once.args === doc.once.args ? 'repeated' : 'reused', doc: former });
        const born = { ...doc, shape: 1 as const, createdAt: at, intents: [] };
        applications.set(doc._id, born); intents.push(intent);
        return Promise.resolve({ kind: 'inserted', doc: born });
      },
    },
    people: {
      find: (id) => { const person = people.get(id); return Promise.resolve(person === undefined ? null : { _id: id, shape: 1, name: person.name, team: person.team, createdAt: at, intents: [] }); },
      grantsOf: (id) => Promise.resolve(people.get(id)?.grants ?? []), anyAdmin: () => Promise.resolve([...people.values()].some(({ grants }) => grants.some(({ role }) => role === 'ADMIN'))),
    },
    apiKeys: {
      find: (id) => Promise.resolve(keys.get(id) ?? null), list: (application) => page([...keys.values()].filter((key) => key.application === application)),
      insert: ({ lifeSec, ...doc }, intent) => {
        const former = [...keys.values()].find((key) => key.once.key === doc.once.key);
        if (former !== undefined) return Promise.resolve({ kind: former.once.args === doc.once.args ? 'repeated' : 'reused', doc: former });
        const born = { ...doc, shape: 1 as const, createdAt: at, expiresAt: new Date(at.getTime() + lifeSec * 1000), revokedAt: null, intents: [], live: true };
        keys.set(doc._id, born); intents.push(intent);
        return Promise.resolve({ kind: 'inserted', doc: born });
      },
      revoke: (id, intent) => { const key = keys.get(id); if (key === undefined) return Promise.resolve(null); const gone = { ...key, live: false, revokedAt: at }; keys.set(id, gone); intents.push(intent); return Promise.resolve(gone); },
    },
    connections: {
      find: (application, name) => Promise.resolve(connections.find((one) => one.application === application && one.name === name) ?? null), list: (application) => Promise.resolve(connections.filter((one) => one.application === application)),
      insert: (doc, intent) => { const born = { ...doc, shape: 1 as const, createdAt: at, intents: [] }; connections.push(born); intents.push(intent); return Promise.resolve({ kind: 'inserted', doc: born }); },
    },
    prompts: { ...numbered(prompts, (doc) => doc.prompt), names: (application) => Promise.resolve([...new Set(prompts.filter((one) => one.application === application).map(({ prompt }) => prompt))]) },
    bundles: {
      find: (application, digest) => Promise.resolve(bundles.get(`${application}/${digest}`) ?? null),
      content: (application, digest) => { const found = bundles.get(`${application}/${digest}`); return Promise.resolve(found === undefined ? null : contentOf(found)); },
      model: numbered(models, byName).find, models: (application) => Promise.resolve([...new Map(models.filter((one) => one.application === application).map((one) => [one.name, one])).values()]),
      context: numbered(contexts, byName).find, guardrail: numbered(guardrails, byName).find,
      insert: (doc, intent) => { const id = `${doc.application}/${doc.digest}`; const born = bundles.get(id) ?? { ...doc, _id: id, shape: 1, createdAt: at, intents: [] }; bundles.set(id, born); intents.push(intent); return Promise.resolve(born); },
      insertModel: numbered(models, byName).insert, insertContext: numbered(contexts, byName).insert, insertGuardrail: numbered(guardrails, byName).insert,
    },
    datasets: { ...numbered(datasets, byName), ...itemsOfDatasets(sets, numbered<any>(datasets, byName)) },
    evaluators: { ...numbered(evaluators, byName), list: (application) => Promise.resolve(evaluators.filter((one) => one.application === application)) },
    policies: numbered(policies, byName),
    environments: {
      find: (application, name) => Promise.resolve(environments.get(`${application}/${name}`) ?? null),
      served: (application, name) => { const doc = environments.get(`${application}/${name}`); return Promise.resolve(doc === undefined ? null : { doc, leaseLeftMs: 1234.5, now: at }); },
      touched: never('environments.touched'), splits: () => page([]), readers: () => Promise.resolve([]), now: () => Promise.resolve(at),
      rollback: ({ application, environment, release, forCause, candidate, contents, reason, intent }) => {
        const id = `${application}/${environment}`, doc = environments.get(id);
        if (doc?.open?.release !== release) return Promise.resolve(doc?.intents.some((one) => one.id === intent.id) ? { kind: 'repeated', rev: doc.rev, epoch: doc.epoch, at } : { kind: 'notOpen' });
        put(id, { rev: doc.rev + 1, epoch: doc.epoch + 1, open: null, intents: [...doc.intents, { ...intent, at }], quarantine: forCause ? [...doc.quarantine, { digest: candidate, contents, release, reason, at }] : doc.quarantine });
        return Promise.resolve({ kind: 'rolledBack', rev: doc.rev + 1, epoch: doc.epoch + 1, at });
      },
      revert: ({ application, environment, rev, intentId, actor, reason }) => {
        const id = `${application}/${environment}`, doc = environments.get(id);
        if (doc?.open) return Promise.resolve({ kind: 'open', release: doc.open.release });
        const told = doc?.intents.find((one) => one.id === intentId);
        if (doc && told) return Promise.resolve({ kind: 'repeated', rev: doc.rev, epoch: doc.epoch, stable: doc.split?.stable ?? '', takenBack: 'x', release: told.subject, at });
        if (!doc?.previous || !doc.split) return Promise.resolve({ kind: 'noPrevious' });
        if (doc.rev !== rev) return Promise.resolve({ kind: 'raced' });
        const reverted = `revert/${id}/${String(rev + 1)}`;
        put(id, { rev: rev + 1, epoch: doc.epoch + 1, previous: null, split: { ...doc.split, stable: doc.previous }, intents: [...doc.intents, { id: intentId, application, action: 'release.reverted', actor, subject: reverted, at, ...(reason === undefined ? {} : { reason }) }] });
        return Promise.resolve({ kind: 'reverted', rev: rev + 1, epoch: doc.epoch + 1, stable: doc.previous, takenBack: doc.split.stable, release: reverted, at });
      },
      liftQuarantine: ({ application, environment, digest, intent }) => {
        const id = `${application}/${environment}`, doc = environments.get(id);
        if (!doc?.quarantine.some((one) => one.digest === digest)) return Promise.resolve(null);
        put(id, { quarantine: doc.quarantine.filter((one) => one.digest !== digest), intents: [...doc.intents, { ...intent, at }] });
        return Promise.resolve(environments.get(id) ?? null);
      },
    },
    evaluations: {
      find: (id) => Promise.resolve(evaluations.get(id) ?? null), byOnce: (_application, key) => Promise.resolve([...evaluations.values()].find((one) => one.once.key === key) ?? null),
      byIdentity: (_application, identity) => Promise.resolve([...evaluations.values()].filter((one) => one.identity === identity).reverse()),
      list: ({ application, applications: among }) => page([...evaluations.values()].filter((one) => (application === undefined || one.application === application) && (among === undefined || among.includes(one.application)))),
      answers: never('evaluations.answers'), scores: never('evaluations.scores'),
    },
    calibrations: {
      find: (id) => Promise.resolve(calibrations.get(id) ?? null), byOnce: (_application, key) => Promise.resolve([...calibrations.values()].find((one) => one.once.key === key) ?? null),
      newest: (application, digest) => Promise.resolve([...calibrations.values()].reverse().find((one) => one.application === application && one.evaluator.digest === digest && one.state === 'FINISHED') ?? null),
      list: (application, evaluator) => page([...calibrations.values()].filter((one) => one.application === application && (evaluator === null || one.evaluator.name === evaluator))),
    },
    releases: {
      find: (id) => Promise.resolve(releases.get(id) ?? null), byOnce: (application, key) => Promise.resolve([...releases.values()].find((one) => one.application === application && one.once.key === key) ?? null),
      openOf: (application, environment) => Promise.resolve([...releases.values()].find((one) => one.open && one.application === application && one.environment === environment) ?? null),
      list: ({ application, applications: among }) => page([...releases.values()].filter((one) => (application === undefined || one.application === application) && (among === undefined || among.includes(one.application)))),
      exposed: never('releases.exposed'), lastReceipt: () => Promise.resolve(null), receipts: () => page([]),
    },
    watches: { last: (release) => Promise.resolve((looks.get(release) ?? null) as WatchReceiptDoc | null) },
    blocks: { after: () => Promise.resolve([]), folded: () => Promise.resolve({ through: {}, at: null }), totals: () => Promise.resolve([]) },
    batches: { uncounted: () => Promise.resolve({ no_token: 3 }) },
    audit: { list: () => Promise.resolve([]), byIntent: () => Promise.resolve(null), lagSec: () => Promise.resolve(0) },
    orders: {
      startRelease: ({ release: fresh }) => {
        ordered.push({ name: 'startRelease', order: fresh });
        releases.set(fresh._id, release(fresh._id, { ...fresh, state: 'REQUESTED', timeline: [entry(1, 'release.requested', { state: 'REQUESTED' })] }));
        return Promise.resolve({ kind: 'opened', release: fresh._id, state: 'REQUESTED' });
      },
      approve: order('approve'), reject: order('reject'), pause: order('pause'), resume: order('resume'), cancel: order('cancel'), acknowledge: order('acknowledge'),
      startEvaluation: (fresh) => {
        ordered.push({ name: 'startEvaluation', order: fresh });
        evaluations.set(fresh.evaluation, { _id: fresh.evaluation, shape: 1, application: fresh.application, identity: fresh.identity, attempt: fresh.attempt, state: 'RUNNING', plan: fresh.plan, verdict: null, error: null, progress: { items: 0, itemsTotal: fresh.plan.dataset.items, calls: 0, errors: 0, costUsd: null }, once: fresh.once, requestedBy: fresh.requestedBy, createdAt: at, finishedAt: null, rev: 1, intents: [] });
        return Promise.resolve({ kind: 'opened', evaluation: fresh.evaluation });
      },
      startCalibration: ({ calibration, ...fresh }) => {
        ordered.push({ name: 'startCalibration', order: { calibration, ...fresh } });
        calibrations.set(calibration, { ...fresh, _id: calibration, shape: 1, state: 'RUNNING', progress: { probes: 0, probesTotal: 100, calls: 0, errors: 0, costUsd: null }, qualification: null, error: null, createdAt: at, finishedAt: null, rev: 1, intents: [] });
        return Promise.resolve({ kind: 'opened', calibration });
      },
      cancelEvaluation: order('cancelEvaluation'), noteRolledBack: order('noteRolledBack'), isReleaseGone: () => Promise.resolve(false), ping: () => Promise.resolve(), close: () => Promise.resolve(),
    },
  };
  const self: World = {
    deps, told, ordered, intents, applications, keys, people, prompts, models, bundles, policies, environments, releases, looks, evaluations, calibrations, sets, clock, nudges: 0,
    key(kind, more = {}) {
      const key = composeKey(kind, randomKey());
      keys.set(key.id, {
        _id: key.id, shape: 1, kind, hash: keyHash(key.secret), name: 'a key', application: 'helpdesk', once: { key: key.id, args: 'sha256:x' }, createdBy: 'person:admin', createdAt: at, expiresAt: at, revokedAt: null, intents: [],
        ...(kind === 'ap' ? { environment: 'production', scopes: ['serve', 'ingest', 'feedback'] as const } : {}), live: true, ...more,
      });
      return key.secret;
    },
    session(id, grants, { team = 'helpdesk', ...more } = {}) {
      people.set(id, { name: id, team, grants: [...grants] });
      return this.key('st', { application: '*', person: id, authMethod: 'dev', ...more });
    },
  };
  return self;
}

/** Items under the digest of their set, as the store keeps them. */
function itemsOfDatasets(sets: Map<string, readonly DatasetItem[]>, versions: { insert(doc: any, intent: any): Promise<any>; find(application: string, name: string, version: number | 'latest'): Promise<any> }): Pick<ApiDeps['datasets'], 'keepPart' | 'part' | 'insert' | 'items'> {
  const keep = (application: string, name: string, digest: string, cases: readonly { readonly item: DatasetItem }[]): void => { if (cases.length > 0) sets.set(`${application}/${name}/${digest}`, cases.map(({ item }) => item)); };
  const itemsIn = (application: string, name: string, { digest }: { readonly digest: string }): readonly DatasetItem[] => sets.get(`${application}/${name}/${digest}`) ?? [];
  return {
    keepPart: (application, name, { digest }, cases) => { keep(application, name, digest, cases); return Promise.resolve(); },
    part: (application, name, part) => Promise.resolve(itemsIn(application, name, part)),
    insert: (doc, cases, intent) => { keep(doc.application, doc.name, doc.digest, cases); return versions.insert(doc, intent); },
    items: async (application, name, version, indexes) => {
      const set = await versions.find(application, name, version);
      const all: readonly DatasetItem[] = (set?.parts ?? [set]).flatMap((part: { readonly digest: string }) => itemsIn(application, name, part));
      return [...indexes].sort((a, b) => a - b).flatMap((index) => { const item = all[index]; return item === undefined ? [] : [{ _id: `${application}/${name}/${String(version)}/${String(index)}`, shape: 1 as const, application, dataset: name, index, itemDigest: digestOf(item, sha256), item }]; });
    },
  };
}

/** An application with all a release needs: a stable bundle in production, a policy, a dataset, an evaluator, one model. */
export async function furnished(application = 'helpdesk', into: World = world()): Promise<World> {
  const { deps } = into;
  const once = (what: string): Once => ({ key: `setup|${what}`, args: 'sha256:s' });
  const intent = { id: 'setup', application, action: 'setup', actor: { id: 'slipway:setup', kind: 'slipway' as const } };
  const author = 'person:somebody';
  into.applications.set(application, { _id: application, shape: 1, team: 'helpdesk', owner: 'o', deputy: 'd', tier: 'LOW', purpose: 'p', environments: [{ name: 'production', protected: true }, { name: 'dev', protected: false }], once: once('application'), createdAt: at, intents: [] });
  await deps.connections.insert({ _id: `${application}/sandbox`, application, name: 'sandbox', kind: 'sandbox', baseUrl: 'http://127.0.0.1:1/v1', secretRef: null, once: once('connection'), createdBy: author }, { ...intent, subject: 'x' });
  const { doc: model } = await deps.bundles.insertModel({ application, name: 'main', digest: 'sha256:m', connection: 'sandbox', model: 'sandbox-1', floating: false, parameters: {}, safety: {}, priceUsdPerMTok: null, author, once: once('model') }, intent);
  const prompt = async (text: string): Promise<PromptVersionDoc> => (await deps.prompts.insert({ application, prompt: 'answer', digest: `sha256:${sha256(text)}`, messages: [{ role: 'user', content: text }], variables: [], message: '', author, source: null, once: once(text) }, intent)).doc;
  const [first] = [await prompt('one'), await prompt('two')];
  await deps.datasets.insert({ application, name: 'facts', digest: 'sha256:f', items: 150, author, once: once('dataset') }, [], intent);
  await deps.evaluators.insert({ application, name: 'knows', digest: 'sha256:e', spec: { kind: 'exact' }, author, once: once('evaluator') }, intent);
  const policy = policyFor('usual');
  await deps.policies.insert({ application, name: 'usual', digest: digestOf(policy, sha256), policy, author, once: once('policy') }, intent);
  const parts = { prompts: { answer: { version: 1, digest: first?.digest ?? '' } }, model: { name: 'main', version: model.version, digest: model.digest } };
  const stable = await deps.bundles.insert({ application, digest: bundleDigest(parts, sha256), contents: contentsDigest(parts, sha256), parts, authors: [author], floatingModel: false, createdBy: author }, { ...intent, subject: 'x' });
  into.environments.set(`${application}/production`, {
    _id: `${application}/production`, shape: 1, application, name: 'production', rev: 7, epoch: 3, split: { stable: stable.digest, weightBp: 0, leaseMs: 60_000, release: 'R0' }, previous: null, recent: [],
    lease: { seq: 0, at, ms: 60_000 }, open: null, quarantine: [], touchedAt: at, intents: [],
  });
  into.intents.length = 0;
  return into;
}

/** Opens a release in `helpdesk/production`, as its workflow would have. */
export function opened(into: World, id: string, more: Partial<ReleaseDoc> = {}): ReleaseDoc {
  const doc = release(id, more);
  const place = into.environments.get(`${doc.application}/${doc.environment}`) as EnvironmentDoc;
  into.releases.set(id, doc);
  into.environments.set(place._id, { ...place, open: { release: id, epoch: place.epoch } });
  return doc;
}

export interface Door { readonly url: string; post(token: string | null, query: string, variables?: object, headers?: Record<string, string>): Promise<Reply>; close(): Promise<void> }
/** The API over real HTTP, on a free port of this machine. */
export async function listen({ deps }: World, options: Partial<ApiOptions> = {}): Promise<Door> {
  const api = createApi(deps, { environment: 'test', corsOrigins: [], health: () => false, ...options });
  const server = createServer((request, response) => { api.app(request, response); });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/graphql`;
  return {
    url,
    post: (token, query, variables, headers = {}) => send('POST', url, { 'content-type': 'application/json', ...(token === null ? {} : { authorization: `Bearer ${token}` }), ...headers }, JSON.stringify({ query, ...(variables === undefined ? {} : { variables }) })),
    close: async () => { server.closeAllConnections(); await new Promise((resolve) => server.close(resolve)); await api.close(); },
  };
}
