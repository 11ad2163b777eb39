import path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { adversarialItems } from '../core/dataset/index.js';
import { BadInputError, SlipwayError } from '../core/errors.js';
import { policyOf, type PolicyInput, type RiskTier } from '../core/release/index.js';
import type { Manifest } from '../schema/manifest.js';
import { WORDS_OF_EVALUATORS } from '../schema/manifest-evaluator.js';
import { importItems, readDataset } from './apply-dataset.js';
import type { Client } from './client.js';
import type { Io, Person } from './context.js';
import { datasetDigest } from './digests.js';
import { all } from './pages.js';
import { isSame, keyOf, latestVersion, pushDraft, readDraft } from './prompt.js';

export type Change = 'create' | 'change' | 'unchanged';
/** One thing the manifest declares: how it differs from what is there, and the act that makes it so. */
export interface Step {
  readonly application: string; readonly kind: string; readonly name: string; readonly change: Change;
  readonly person: Person;
  /** @returns the version it has then, where it has one */
  readonly perform: (api: Client) => Promise<number | undefined>;
}
interface Ground { readonly folder: string; readonly env: Io['env'] }
type Found<T> = readonly (T & { readonly name: string })[];
interface Versioned { readonly version: number }
interface Here {
  readonly application: { readonly key: string; readonly team: string; readonly owner: string; readonly deputy: string; readonly tier: RiskTier; readonly purpose: string; readonly environmentNames: readonly { readonly name: string; readonly protected: boolean }[] } | null;
  readonly connections: Found<{ readonly kind: string; readonly baseUrl: string; readonly secretRef: string | null; readonly requestsPerMin: number | null; readonly concurrencyMax: number | null }> | null;
  readonly evaluators: Found<Versioned & { readonly kind: string; readonly spec: Readonly<Record<string, unknown>> }> | null;
}

const HERE = `query($key: ID!) { application(key: $key) { key team owner deputy tier purpose environmentNames { name protected } }
  connections(application: $key) { name kind baseUrl secretRef requestsPerMin concurrencyMax } evaluators(application: $key) { name version kind spec } }`;

/** Compares one document of a manifest with what the API has. Reads only. */
export async function planOf(manifest: Manifest, api: Client, ground: Ground): Promise<Step[]> {
  const { application } = manifest;
  const { key } = application;
  const here = await api.ask<{ application: Here['application'] }>('query($key: ID!) { application(key: $key) { key } }', { key }).then(
    (found) => (found.application === null ? undefined : api.ask<Here>(HERE, { key })),
    (error: unknown) => { if (error instanceof SlipwayError && error.code === 'NOT_FOUND') return undefined; throw error; });
  const tier = 'tier' in application ? application.tier : here?.application?.tier;
  if (here === undefined && !('tier' in application)) throw new BadInputError(`There is no application ${key}.`, 'Declare it whole: key, team, owner, deputy, tier, purpose and environments; an ADMIN applies it.');
  const steps: Step[] = [];
  if ('tier' in application) steps.push(applicationStep(application, here?.application ?? undefined));
  for (const declared of manifest.connections) steps.push(connectionStep(key, declared, here?.connections ?? [], ground.env));
  for (const declared of manifest.models) steps.push(await modelStep(key, declared, here === undefined ? undefined : api));
  for (const declared of manifest.datasets) steps.push(await datasetStep(key, declared, here === undefined ? undefined : api, ground.folder));
  for (const declared of manifest.evaluators) steps.push(evaluatorStep(key, declared, here?.evaluators ?? []));
  for (const declared of manifest.prompts) steps.push(await promptStep(key, path.resolve(ground.folder, declared), here === undefined ? undefined : api));
  const policies = here === undefined ? [] : await policiesOf(api, key);
  for (const declared of manifest.policies) steps.push(policyStep(key, declared, policies, tier ?? 'LIMITED'));
  return steps;
}

const isLike = (there: Readonly<Record<string, unknown>>, declared: Readonly<Record<string, unknown>>): boolean =>
  Object.entries(declared).every(([name, value]) => isDeepStrictEqual(there[name] ?? undefined, value));
const created = async (api: Client, mutation: string, input: Readonly<Record<string, unknown>>, ground: number): Promise<number> =>
  (await api.mutate<Versioned>(mutation, { ...input, idempotencyKey: keyOf(mutation, input, ground) }, '{ version }')).version;

function applicationStep(declared: Extract<Manifest['application'], { tier: RiskTier }>, there: NonNullable<Here['application']> | undefined): Step {
  const { environments, ...rest } = declared;
  // What somebody else added stays: a manifest declares, it does not clear away.
  const names = [...environments, ...(there?.environmentNames ?? []).filter((old) => !environments.some(({ name }) => name === old.name))];
  const asIs = environments.every((environment) => (there?.environmentNames ?? []).some((old) => isLike({ ...old }, environment)));
  const change = there === undefined ? 'create' : isLike(there, rest) && asIs ? 'unchanged' : 'change';
  return {
    application: declared.key, kind: 'application', name: declared.key, change, person: 'admin',
    async perform(api) {
      const input = { ...rest, environments: names };
      await api.mutate('createApplication', { ...input, ...(there === undefined ? { idempotencyKey: keyOf('createApplication', input, 0) } : {}) }, '{ key }');
      return undefined;
    },
  };
}

/** What is left out means that there is none. */
const LEFT_OUT = ['secretRef', 'requestsPerMin', 'concurrencyMax'] as const;
function connectionStep(application: string, declared: Manifest['connections'][number], there: NonNullable<Here['connections']>, env: Io['env']): Step {
  const input = { ...declared, baseUrl: addressOf(declared.baseUrl, env) };
  const found = there.find(({ name }) => name === declared.name);
  return {
    application, kind: 'connection', name: declared.name, change: found === undefined ? 'create' : isLike(found, input) && LEFT_OUT.every((key) => (found[key] ?? undefined) === declared[key]) ? 'unchanged' : 'change', person: 'admin',
    async perform(api) { await api.mutate('createConnection', { application, ...input, idempotencyKey: keyOf('createConnection', { application, ...input }, 0) }, '{ name }'); return undefined; },
  };
}

/** `env:NAME` is looked up here and now: a connection stores the address itself. */
export function addressOf(baseUrl: string, env: Io['env']): string {
  if (!baseUrl.startsWith('env:')) return baseUrl.replace(/\/+$/, '');
  const value = env[baseUrl.slice(4)];
  if (value === undefined || !/^https?:\/\//.test(value)) throw new BadInputError(`${baseUrl}: ${baseUrl.slice(4)} is no address in the environment.`, `Set it: ${baseUrl.slice(4)}=https://…/v1 slipway apply …`);
  return value.replace(/\/+$/, '');
}

async function modelStep(application: string, declared: Manifest['models'][number], api: Client | undefined): Promise<Step> {
  interface Model extends Versioned { readonly connection: string; readonly model: string; readonly floating: boolean; readonly parameters: object | null; readonly safety: object | null; readonly priceUsdPerMTok: Readonly<Record<string, number | null>> | null }
  const found = api === undefined ? null : (await api.ask<{ found: Model | null }>(`query($application: ID!, $name: String!) {
    found: modelVersion(application: $application, name: $name) { version connection model floating parameters safety priceUsdPerMTok { input output cachedInput reasoning } } }`, { application, name: declared.name })).found;
  const shape = (model: Omit<Model, 'version'>): unknown => [model.connection, model.model, model.floating, { ...model.parameters }, { ...model.safety }, model.priceUsdPerMTok === null ? null : Object.fromEntries(Object.entries(model.priceUsdPerMTok).filter(([, price]) => price !== null))];
  const asDeclared = shape({
    connection: declared.connection, model: declared.model, floating: declared.floating ?? found?.floating ?? false, parameters: declared.parameters ?? {},
    safety: Object.fromEntries((declared.safety ?? []).map(({ name, value }) => [name, value])), priceUsdPerMTok: declared.priceUsdPerMTok ?? null,
  });
  return {
    application, kind: 'model', name: declared.name, change: found === null ? 'create' : isDeepStrictEqual(shape(found), asDeclared) ? 'unchanged' : 'change', person: 'author',
    perform: (author) => created(author, 'createModelVersion', { application, ...declared }, found?.version ?? 0),
  };
}

async function datasetStep(application: string, { name, file, attacks }: Manifest['datasets'][number], api: Client | undefined, folder: string): Promise<Step> {
  const items = [...await readDataset(path.resolve(folder, file)), ...(attacks === undefined ? [] : adversarialItems({ input: attacks.input, documents: attacks.documents ?? [], fill: attacks.fill ?? {} }))];
  const versions = api === undefined ? [] : await all<Versioned & { readonly name: string; readonly digest: string }>(api, `query($application: ID!, $first: Int!, $after: String) {
    page: datasets(application: $application, first: $first, after: $after) { nodes { name version digest } pageInfo { hasNextPage endCursor } } }`, { application });
  const latest = versions.filter((one) => one.name === name).sort((a, b) => b.version - a.version)[0];
  return {
    application, kind: 'dataset', name: `${name} (${items.length} cases)`, change: latest === undefined ? 'create' : latest.digest === datasetDigest(items) ? 'unchanged' : 'change', person: 'author',
    perform: (author) => importItems(author, application, name, items, latest?.version ?? 0),
  };
}

function evaluatorStep(application: string, declared: Manifest['evaluators'][number], there: NonNullable<Here['evaluators']>): Step {
  const found = there.filter(({ name }) => name === declared.name).sort((a, b) => b.version - a.version)[0];
  const { name, kind, ...settings } = declared;
  const { kind: _kind, ...spec } = found?.spec ?? {};
  const asIs = found !== undefined && found.kind === kind && isDeepStrictEqual(plainSpec(spec), plainSpec(settings));
  return {
    application, kind: 'evaluator', name, change: found === undefined ? 'create' : asIs ? 'unchanged' : 'change', person: 'author',
    perform: (author) => created(author, 'createEvaluatorVersion', { application, ...declared }, found?.version ?? 0),
  };
}
/** In one form, whether it was declared or is kept: a switch that is off and one that is left out mean the same, and a judge is its model's version. */
function plainSpec(spec: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const word = (value: unknown): string => String(value).replaceAll('_', '').toLowerCase();
  const plain = ([key, value]: [string, unknown]): [string, unknown] => {
    if (key === 'judge') { const { name, model, version } = value as { readonly name?: string; readonly model?: string; readonly version: number }; return [key, `${name ?? model ?? ''}/${version}`]; }
    if (!(WORDS_OF_EVALUATORS as readonly string[]).includes(key)) return [key, value];
    return [key, Array.isArray(value) ? value.map(word) : word(value)];
  };
  return Object.fromEntries(Object.entries(spec).filter(([, value]) => value !== false && value !== null && value !== undefined).map(plain));
}

async function promptStep(application: string, file: string, api: Client | undefined): Promise<Step> {
  const draft = await readDraft(file, {});
  const latest = api === undefined ? undefined : await latestVersion(api, application, draft.prompt);
  return {
    application, kind: 'prompt', name: draft.prompt, change: latest === undefined ? 'create' : isSame(latest, draft) ? 'unchanged' : 'change', person: 'author',
    perform: async (author) => (await pushDraft(author, application, draft)).version,
  };
}

interface PolicyThere extends Versioned { readonly name: string; readonly policy: unknown }
const policiesOf = (api: Client, application: string): Promise<readonly PolicyThere[]> => all<PolicyThere>(api, `query($application: ID!, $first: Int!, $after: String) {
  page: policies(application: $application, first: $first, after: $after) { nodes { name version policy } pageInfo { hasNextPage endCursor } } }`, { application });

/** The same defaults of the tier, filled in by the same function, here and in the API: so a tier's change shows as a change. */
function policyStep(application: string, declared: Manifest['policies'][number], there: readonly PolicyThere[], tier: RiskTier): Step {
  const found = there.filter(({ name }) => name === declared.name).sort((a, b) => b.version - a.version)[0];
  const wanted: unknown = JSON.parse(JSON.stringify(policyOf(lower(declared), tier)));
  return {
    application, kind: 'policy', name: declared.name, change: found === undefined ? 'create' : isDeepStrictEqual(found.policy, wanted) ? 'unchanged' : 'change', person: 'releaseManager',
    perform: (manager) => created(manager, 'putRolloutPolicy', { application, ...declared }, found?.version ?? 0),
  };
}

/** Enums as GraphQL writes them, in the words of the core. */
function lower(declared: Manifest['policies'][number]): PolicyInput {
  const word = <Text extends string>(text: Text): Lowercase<Text> => text.toLowerCase() as Lowercase<Text>;
  const { floatingModels, aim, evaluation, metrics, ...rest } = declared;
  return {
    ...rest,
    evaluation: { ...evaluation, evaluators: evaluation.evaluators.map((one) => ({ ...one, ...('role' in one && one.role !== undefined ? { role: word(one.role) } : {}) })) },
    metrics: metrics.map((metric) => ({ ...metric, ...(metric.role === undefined ? {} : { role: word(metric.role) }), ...(metric.kind === undefined ? {} : { kind: word(metric.kind) }) })),
    ...(floatingModels === undefined ? {} : { floatingModels: word(floatingModels) }), ...(aim === undefined ? {} : { aim: aim === 'BETTER' ? 'better' : 'notWorse' }),
  } as PolicyInput;
}
