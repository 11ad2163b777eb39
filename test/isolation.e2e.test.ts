import { createHmac, hkdfSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { buildSchema, type GraphQLObjectType } from 'graphql';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTokens } from '../core/assignment/index.js';
import { ROLES } from '../core/access.js';
import { typeDefs } from '../schema/index.js';
import { gql, mutate, reaches, root, send, startStack, until, type Json, type Reply, type Stack } from './harness.js';

// Two applications, the second with everything in it; whoever has a part in the first alone asks every door for what is the second's, and
// then for what does not exist.
const schema = buildSchema(typeDefs.join('\n'));
const fieldsOf = (type: string): readonly string[] => Object.keys((schema.getType(type) as GraphQLObjectType).getFields());

/** What an application's things are called; of one that is not there, what they might be called. */
interface Names {
  readonly application: string; readonly environment: string; readonly prompt: string; readonly model: string; readonly connection: string; readonly dataset: string; readonly evaluator: string;
  readonly policy: string; readonly context: string; readonly guardrail: string; readonly key: string; readonly release: string; readonly ended: string; readonly evaluation: string; readonly calibration: string;
  readonly bundle: string; readonly person: string; readonly token: string; readonly cursor: string; readonly version: number;
}
const namesOf = (application: string): Pick<Names, 'application' | 'environment' | 'prompt' | 'model' | 'connection' | 'dataset' | 'evaluator' | 'policy' | 'context' | 'guardrail'> => ({
  application, environment: `env-${application}`, prompt: `prompt-${application}`, model: `model-${application}`, connection: `link-${application}`, dataset: `cases-${application}`,
  evaluator: `eye-${application}`, policy: `plan-${application}`, context: `shelf-${application}`, guardrail: `rail-${application}`,
});

let stack: Stack;
let mine: Names;
let theirs: Names;
let nobodys: Names;
/** Principals with a part in the first application alone, and one with a part in all. */
let asking: Readonly<Record<'a person with every role' | 'a viewer' | 'CI' | 'an application', string>>;
let everywhere: string;
let edgeKey: string;

beforeAll(async () => {
  stack = await startStack();
  const client = await MongoClient.connect(stack.mongodb);
  const db = client.db('slipway');
  const person = async (id: string, application: string, roles: readonly string[]): Promise<void> => {
    await db.collection<{ _id: string }>('people').insertOne({ _id: id, shape: 1, name: id, team: `team-${application}`, createdAt: new Date(), intents: [] } as { _id: string });
    await db.collection<{ _id: string }>('grants').insertMany(roles.map((role) => ({ _id: `${id}/${application}/${role}`, shape: 1, person: id, application, role, endsAt: null, grantedBy: 'slipway:test', createdAt: new Date(), intents: [] })));
  };
  try {
    const admin = stack.people.admin;
    const session = async (name: string): Promise<string> => (await mutate(stack.api, admin, 'createApiKey', { application: 'helpdesk', kind: 'SESSION', name }, '{ secret }')).secret as string;
    const filled = { alpha: await populate('alpha'), bravo: await populate('bravo') };
    for (const application of ['alpha', 'bravo']) {
      const names = namesOf(application);
      await db.collection<{ _id: string }>('calibrations').insertOne({
        _id: `calibration-of-${application}`, shape: 1, application, state: 'FAILED', evaluator: { name: names.evaluator, version: 1, digest: 'sha256:e' }, dataset: { name: names.dataset, version: 1, digest: 'sha256:d', items: 1 },
        callsMax: 1, progress: { probes: 0, probesTotal: 1, calls: 0, errors: 0, costUsd: null }, qualification: null, error: `kept for ${application}`, once: { key: `calibration-${application}`, args: 'sha256:a' },
        requestedBy: { id: 'slipway:test', kind: 'slipway' }, createdAt: new Date(), finishedAt: new Date(), rev: 1, intents: [],
      } as { _id: string });
    }
    await person('alice', 'alpha', ROLES);
    await person('victor', 'alpha', ['VIEWER']);
    await person('bruno', 'bravo', ROLES);
    await person('otto', '*', ROLES);
    everywhere = await session('otto');
    asking = { 'a person with every role': await session('alice'), 'a viewer': await session('victor'), CI: filled.alpha.ci, 'an application': filled.alpha.app };
    edgeKey = filled.alpha.app;
    mine = { ...filled.alpha.names, person: 'alice' };
    theirs = { ...filled.bravo.names, person: 'bruno' };
    nobodys = {
      ...namesOf('charlie'), key: 'ZZZZZZZZ', release: '01AAAAAAAAAAAAAAAAAAAAAAAA', ended: '01BBBBBBBBBBBBBBBBBBBBBBBB', evaluation: '01CCCCCCCCCCCCCCCCCCCCCCCC', calibration: '01DDDDDDDDDDDDDDDDDDDDDDDD', bundle: `sha256:${'0'.repeat(64)}`, person: 'nils',
      token: tokensOfStack().seal({ ...tokensOfStack().open(theirs.token) as NonNullable<ReturnType<Tokens['open']>>, application: 'charlie', environment: 'env-charlie', release: '01AAAAAAAAAAAAAAAAAAAAAAAA' }), cursor: theirs.cursor, version: 1,
    };
  } finally { await client.close(); }
}, 240_000);
afterAll(async () => { await stack?.stop(); });

type Tokens = ReturnType<typeof createTokens>;
const tokensOfStack = (): Tokens => createTokens({
  tokenKey: new Uint8Array(Buffer.from((JSON.parse(readFileSync(path.join(stack.dataDir, 'secrets.json'), 'utf8')) as { tokenKey: string }).tokenKey, 'base64url')),
  hmac: (key, data) => createHmac('sha256', key).update(data).digest(), hkdf: (key, info) => new Uint8Array(hkdfSync('sha256', key, '', info, 32)),
});

/** Everything an application can have: one release promoted, one waiting for approval, an evaluation, keys, an audit chain. */
async function populate(application: string): Promise<{ readonly names: Omit<Names, 'person'>; readonly ci: string; readonly app: string }> {
  const { api, people } = stack;
  const names = namesOf(application);
  const { environment, prompt, model, connection, dataset, evaluator, policy } = names;
  await mutate(api, people.admin, 'createApplication', { key: application, team: `team-${application}`, owner: 'rita', deputy: 'arthur', tier: 'LOW', purpose: `purpose-${application}`, environments: [{ name: environment, protected: false }] }, '{ key }');
  await mutate(api, people.admin, 'createConnection', { application, name: connection, kind: 'SANDBOX', baseUrl: stack.model }, '{ name }');
  await mutate(api, people.author, 'createModelVersion', { application, name: model, connection, model: 'sandbox-extractive-1' }, '{ version }');
  await mutate(api, people.author, 'importDatasetVersion', { application, name: dataset, items: Array.from({ length: 150 }, (_, i) => ({ id: `case-${String(i)}`, expected: 'The office opens at seven.', contains: ['seven'], variables: [{ name: 'passage', value: 'The office opens at seven.' }, { name: 'question', value: 'When does the office open?' }] })) }, '{ version }');
  await mutate(api, people.author, 'createEvaluatorVersion', { application, name: evaluator, kind: 'CONTAINS', mode: 'ALL' }, '{ version }');
  await mutate(api, people.author, 'createContextVersion', { application, name: names.context, embeddingModel: 'minilm', index: 'one', topK: 3 }, '{ version }');
  await mutate(api, people.author, 'createGuardrailPolicy', { application, name: names.guardrail, checks: [{ name: 'polite', kind: 'heuristic' }] }, '{ version }');
  await mutate(api, people.releaseManager, 'putRolloutPolicy', {
    application, name: policy, evaluation: { dataset, evaluators: [{ name: evaluator, margin: 0.1, floor: 0.5 }], callsMax: 600 }, approvals: { count: 1 }, blockSec: 1, leaseMs: 5_000,
    stages: [{ weightBp: 5_000, durationMinSec: 1 }], metrics: [{ name: 'sloppy', from: 'guardrail:sloppy', role: 'GUARDRAIL', maturityMs: 500, margin: 0.2 }],
  }, '{ version }');
  const push = async (word: string): Promise<number> => (await mutate(api, people.author, 'createPromptVersion', { application, prompt, messages: [{ role: 'SYSTEM', content: `${word} from the context. <context>{{passage}}</context>` }, { role: 'USER', content: '{{question}}' }], variables: ['passage', 'question'], message: `message-${application}` }, '{ version }')).version as number;
  const app = (await mutate(api, people.admin, 'createApiKey', { application, kind: 'APPLICATION', name: `key-${application}`, environment, scopes: ['SERVE', 'INGEST', 'FEEDBACK'] }, '{ secret }')).secret as string;
  const { apiKey, secret: ci } = await mutate(api, people.admin, 'createApiKey', { application, kind: 'CI', name: `ci-${application}` }, '{ secret apiKey { id } }');
  const release = async (version: number): Promise<string> => {
    const { id } = await mutate(api, people.releaseManager, 'startRelease', { application, environment, candidate: { prompt, version }, policy }, '{ id }');
    await reaches(stack, String(id), ['AWAITING_APPROVAL']);
    return String(id);
  };
  const ended = await release(await push('Answer'));
  await mutate(api, people.approver, 'approveRelease', { id: ended }, '{ state }');
  await reaches(stack, ended, ['PROMOTED']);
  const version = await push('Answer kindly');
  const open = await release(version);
  const found = await gql(api, people.admin, 'query($id: ID!) { release(id: $id) { candidate { digest } evaluation { id } } }', { id: open });
  const token = await until('an assignment', async () => (await send('POST', `${stack.edge}/ofrep/v1/evaluate/flags/${prompt}`, { 'content-type': 'application/json', authorization: `Bearer ${app}` }, '{"context":{"targetingKey":"somebody"}}')).json?.metadata?.['slipway.assignment'] as string | undefined);
  const { promptVersions } = await gql(api, people.admin, 'query($application: ID!) { promptVersions(application: $application, first: 1) { pageInfo { endCursor } } }', { application });
  return { names: { ...names, key: String(apiKey.id), release: open, ended, evaluation: String(found.release.evaluation.id), calibration: `calibration-of-${application}`, bundle: String(found.release.candidate.digest), token, cursor: String(promptVersions.pageInfo.endCursor), version }, ci: String(ci), app };
}

// ── GraphQL ────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Ask { readonly document: string; readonly variables?: Record<string, unknown>; readonly accept?: string }
const page = (field: string, given: string, node: string): Ask => ({ document: `{ ${field}(${given}, first: 20) { nodes { ${node} } pageInfo { hasNextPage } } }` });
const one = (field: string, given: string, fields: string): Ask => ({ document: `{ ${field}(${given}) ${fields} }` });
const app = ({ application }: Pick<Names, 'application'>): string => `application: "${application}"`;
const RELEASE = '{ id kind application environment state candidate { digest prompts { prompt messages { content } } } policy { policy } evaluation { id } timeline { seq type reason } evidence { metric stable { units interval { lower } } harm history { at logEHarm } } assignment { words } progress }';

/** What is asked for where the first application's own name stands beside a thing of another: `of` names that. */
type Asks = (of: Names, own: Names) => readonly Ask[];
const QUERIES: Readonly<Record<string, Asks>> = {
  me: () => [],   // about whoever asks
  applications: () => [],   // lists over everything: below
  application: (of) => [one('application', `key: "${of.application}"`, '{ key team owner purpose environmentNames { name } environments { name split { stable } } }')],
  prompts: (of) => [{ document: `{ prompts(${app(of)}) }` }],
  promptVersions: (of, own) => [page('promptVersions', app(of), 'id messages { content }'), page('promptVersions', `${app(own)}, prompt: "${of.prompt}"`, 'id'), page('promptVersions', `${app(of)}, prompt: "${of.prompt}"`, 'id'), page('promptVersions', `${app(of)}, after: "${of.cursor}"`, 'id')],
  bundle: (of, own) => [one('bundle', `${app(of)}, digest: "${of.bundle}"`, '{ digest canonical }'), one('bundle', `${app(own)}, digest: "${of.bundle}"`, '{ digest canonical }')],
  connections: (of) => [one('connections', app(of), '{ name baseUrl }')],
  evaluators: (of) => [one('evaluators', app(of), '{ name spec }')],
  modelVersion: (of, own) => [one('modelVersion', `${app(of)}, name: "${of.model}"`, '{ model }'), one('modelVersion', `${app(own)}, name: "${of.model}", version: 1`, '{ model }')],
  datasets: (of) => [page('datasets', app(of), 'name items')],
  datasetVersion: (of, own) => [one('datasetVersion', `${app(of)}, name: "${of.dataset}"`, '{ name digest cases(first: 5) { nodes { id variables { value } } } report { items } }'), one('datasetVersion', `${app(own)}, name: "${of.dataset}", version: 1`, '{ name }')],
  datasetDiff: (of, own) => [one('datasetDiff', `${app(of)}, name: "${of.dataset}", from: 1, to: 1`, '{ unchanged }'), one('datasetDiff', `${app(own)}, name: "${of.dataset}", from: 1, to: 1`, '{ unchanged }')],
  policies: (of) => [page('policies', app(of), 'name policy')],
  environment: (of, own) => [one('environment', `${app(of)}, name: "${of.environment}"`, '{ name split { stable } stable { digest } readers { reader } quarantine { digest } uncounted }'), one('environment', `${app(own)}, name: "${of.environment}"`, '{ name }')],
  release: (of) => [one('release', `id: "${of.release}"`, RELEASE), one('release', `id: "${of.ended}"`, RELEASE)],
  releases: (of, own) => [page('releases', app(of), 'id'), page('releases', `${app(own)}, environment: "${of.environment}"`, 'id')],
  releaseForecast: (of, own) => [[of, of, of], [own, of, own], [own, own, of]].map(([a, e, p]) => one('releaseForecast', `${app(a ?? of)}, environment: "${e?.environment ?? ''}", policy: "${p?.policy ?? ''}"`, '{ traffic { unitsPerSec release } policy { policy } evaluation { dataset items } }')),
  evaluation: (of) => [one('evaluation', `id: "${of.evaluation}"`, '{ id verdict { kind } dataset { name } }')],
  evaluations: (of) => [page('evaluations', app(of), 'id')],
  calibration: (of) => [one('calibration', `id: "${of.calibration}"`, '{ id state evaluator error }')],
  calibrations: (of, own) => [page('calibrations', app(of), 'id'), page('calibrations', `${app(own)}, evaluator: "${of.evaluator}"`, 'id')],
  apiKeys: (of) => [page('apiKeys', app(of), 'id name')],
  audit: (of) => [page('audit', app(of), 'seq subject actor')],
};

const inputs = (name: string, ...list: readonly object[]): readonly Ask[] => {
  const [type] = /\w+/.exec(String((schema.getMutationType()?.getFields()[name] as { type: unknown }).type)) ?? [];
  const fields = type === 'Boolean' ? '' : '{ __typename }';
  return list.map((input) => ({ document: `mutation($input: ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!) { ${name}(input: $input) ${fields} }`, variables: { input: { idempotencyKey: 'the-same-for-all', ...input } } }));
};
const acts = (name: string, more: object = { reason: 'r' }): Asks => (of) => inputs(name, { id: of.release, ...more }, { id: of.ended, ...more });
const MUTATIONS: Readonly<Record<string, Asks>> = {
  createApplication: (of) => inputs('createApplication', { key: of.application, team: 't', owner: 'o', deputy: 'd', tier: 'LOW', purpose: 'p', environments: [{ name: 'production' }] }),
  createPromptVersion: (of) => inputs('createPromptVersion', { application: of.application, prompt: of.prompt, messages: [{ role: 'USER', content: 'hello' }], variables: [], message: 'm' }),
  createConnection: (of) => inputs('createConnection', { application: of.application, name: of.connection, kind: 'SANDBOX', baseUrl: 'http://127.0.0.1:1/v1' }),
  createModelVersion: (of, own) => inputs('createModelVersion', { application: of.application, name: 'new', connection: of.connection, model: 'm' }, { application: own.application, name: 'new', connection: of.connection, model: 'm' }),
  createContextVersion: (of) => inputs('createContextVersion', { application: of.application, name: of.context, embeddingModel: 'e', index: 'i', topK: 3 }),
  createGuardrailPolicy: (of) => inputs('createGuardrailPolicy', { application: of.application, name: of.guardrail, checks: [{ name: 'pii', kind: 'regex' }] }),
  createBundle: (of, own) => inputs('createBundle', { application: of.application, prompts: [{ name: of.prompt, version: 1 }] },
    ...[{ prompts: [{ name: of.prompt, version: 1 }] }, { model: { name: of.model, version: 1 } }, { context: { name: of.context, version: 1 } }, { guardrails: [{ name: of.guardrail, version: 1 }] }, { from: of.environment, safety: [] }].map((parts) => ({ application: own.application, ...parts }))),
  addDatasetPart: (of) => inputs('addDatasetPart', { application: of.application, name: of.dataset, items: [{ id: 'one', variables: [] }] }),
  importDatasetVersion: (of) => inputs('importDatasetVersion', { application: of.application, name: of.dataset, items: [{ id: 'one', variables: [] }] }),
  createEvaluatorVersion: (of) => inputs('createEvaluatorVersion', { application: of.application, name: of.evaluator, kind: 'EXACT' }),
  putRolloutPolicy: (of, own) => {
    const policy = (application: string, dataset: string, evaluator: string): object => ({ application, name: of.policy, evaluation: { dataset, evaluators: [{ name: evaluator, margin: 0.1, floor: 0.5 }] }, metrics: [{ name: 'error', margin: 0.2 }] });
    return inputs('putRolloutPolicy', policy(of.application, of.dataset, of.evaluator), policy(own.application, of.dataset, own.evaluator), policy(own.application, own.dataset, of.evaluator));
  },
  startEvaluation: (of, own) => starts('startEvaluation', of, own),
  cancelEvaluation: (of) => inputs('cancelEvaluation', { id: of.evaluation, reason: 'r' }),
  calibrateJudge: (of, own) => inputs('calibrateJudge', { application: of.application, evaluator: of.evaluator, dataset: of.dataset }, { application: own.application, evaluator: of.evaluator, dataset: of.dataset }),
  startRelease: (of, own) => starts('startRelease', of, own),
  approveRelease: acts('approveRelease', {}), rejectRelease: acts('rejectRelease'), pauseRelease: acts('pauseRelease'), resumeRelease: acts('resumeRelease'), cancelRelease: acts('cancelRelease'),
  acknowledgeHold: acts('acknowledgeHold', { metric: 'sloppy', cause: 'c' }), rollbackRelease: acts('rollbackRelease'),
  rollbackEnvironment: (of, own) => inputs('rollbackEnvironment', { application: of.application, environment: of.environment, reason: 'r' }, { application: own.application, environment: of.environment, reason: 'r' }),
  liftQuarantine: (of, own) => inputs('liftQuarantine', { application: of.application, environment: of.environment, digest: of.bundle, reason: 'r' }, { application: own.application, environment: own.environment, digest: of.bundle, reason: 'r' }),
  recordFeedback: (of, own) => inputs('recordFeedback', { application: of.application, token: of.token, label: 'thumbs_down', value: 1 }, { application: own.application, token: of.token, label: 'thumbs_down', value: 1 }),
  createApiKey: (of, own) => inputs('createApiKey', { application: of.application, kind: 'CI', name: 'n' }, { application: of.application, kind: 'APPLICATION', name: 'n', environment: of.environment, scopes: ['SERVE'] },
    { application: own.application, kind: 'APPLICATION', name: 'n', environment: of.environment, scopes: ['SERVE'] }, { application: own.application, kind: 'SESSION', name: of.person }),
  revokeApiKey: (of, own) => inputs('revokeApiKey', { application: of.application, id: of.key, reason: 'r' }, { application: own.application, id: of.key, reason: 'r' }),
};
const starts = (name: string, of: Names, own: Names): readonly Ask[] => inputs(name,
  { application: of.application, environment: of.environment, candidate: { prompt: of.prompt, version: of.version }, policy: of.policy },
  ...[{ environment: of.environment, candidate: { prompt: own.prompt, version: own.version }, policy: own.policy }, { environment: own.environment, candidate: { bundle: of.bundle }, policy: own.policy },
    { environment: own.environment, candidate: { prompt: of.prompt, version: 1 }, policy: own.policy }, { environment: own.environment, candidate: { prompt: own.prompt, version: own.version }, policy: of.policy }].map((input) => ({ application: own.application, ...input })));
const SUBSCRIPTIONS: Readonly<Record<string, Asks>> = {
  evaluationProgress: (of) => [{ document: `subscription { evaluationProgress(id: "${of.evaluation}") { id state } }`, accept: 'text/event-stream' }],
  releaseEvents: (of) => [of.release, of.ended].map((id) => ({ document: `subscription { releaseEvents(id: "${id}") { seq type } }`, accept: 'text/event-stream' })),
};
const CASES = { Query: QUERIES, Mutation: MUTATIONS, Subscription: SUBSCRIPTIONS } as const;
const OPERATIONS = (Object.keys(CASES) as (keyof typeof CASES)[]).flatMap((type) => Object.keys(CASES[type]).filter((field) => field !== 'me' && field !== 'applications').map((field) => [type, field] as const));

const put = (token: string, { document, variables, accept }: Ask): Promise<Reply> =>
  send('POST', `${stack.api}/graphql`, { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...(accept === undefined ? {} : { accept }) }, JSON.stringify({ query: document, variables }));

/** What is told, without the names that were asked with, and without what no two answers have in common. */
function bare({ status, headers, text }: Pick<Reply, 'status' | 'headers' | 'text'>, names: Names): string {
  const { date: _date, 'x-request-id': _id, 'content-length': _length, etag: _etag, ...rest } = headers;
  const blank = Object.entries(names).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && entry[0] !== 'cursor').sort((a, b) => b[1].length - a[1].length)
    .reduce((told, [what, name]) => told.replaceAll(name, `<${what}>`), text);
  return `${String(status)} ${JSON.stringify(rest)}\n${blank}`;
}

describe('R-711 who has no part in an application gets the answer for what does not exist', () => {
  test('there is a case for every operation of the schema', () => {
    for (const type of Object.keys(CASES) as (keyof typeof CASES)[]) expect(Object.keys(CASES[type]).sort()).toEqual([...fieldsOf(type)].sort());
  });

  test.each(OPERATIONS)('%s %s', async (type, field) => {
    const asks = CASES[type][field] ?? (() => []);
    const [foreign, absent] = [asks(theirs, mine), asks(nobodys, mine)];
    expect(foreign.length).toBeGreaterThan(0);
    for (const [who, token] of Object.entries(asking)) {
      for (const [index, ask] of foreign.entries()) {
        const [told, wanted] = [await put(token, ask), await put(token, absent[index] ?? ask)];
        expect(bare(told, theirs), `${who}, case ${String(index)}`).toBe(bare(wanted, nobodys));
        expect(told.text, `${who}, case ${String(index)}`).not.toMatch(/INTERNAL|purpose-bravo|message-bravo|team-bravo/);
      }
    }
  });

  test('lists over everything hold only their own', async () => {
    for (const token of [asking['a person with every role'], asking['a viewer'], asking.CI]) {
      const reply = await put(token, { document: '{ me { id grants { application } } applications(first: 20) { nodes { key } } releases(first: 100) { nodes { application } } evaluations(first: 100) { nodes { application } } }' });
      const { me, applications, releases, evaluations } = reply.json.data;
      expect(applications.nodes).toEqual([{ key: 'alpha' }]);
      expect(new Set([...me.grants, ...releases.nodes, ...evaluations.nodes].map((one_: Json) => String(one_.application)))).toEqual(new Set(['alpha']));
    }
  });
});

// ── HTTP ───────────────────────────────────────────────────────────────────────────────────────────────────────────

interface Call { readonly method: 'GET' | 'POST'; readonly path: string; readonly body?: object; readonly headers?: Record<string, string> }
const span = (token: string): object => ({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'chat', kind: 3, startTimeUnixNano: '1', endTimeUnixNano: '2', attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }, { key: 'slipway.assignment', value: { stringValue: token } }] }] }] }] });
const log = (token: string): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '1', eventName: 'gen_ai.evaluation.result', attributes: [{ key: 'gen_ai.evaluation.name', value: { stringValue: 'sloppy' } }, { key: 'gen_ai.evaluation.score.label', value: { stringValue: 'fail' } }, { key: 'slipway.assignment', value: { stringValue: token } }] }] }] }] });
const elsewhere = ({ application, environment }: Names): string => `?application=${application}&environment=${environment}`;
const context = ({ application, environment }: Names): object => ({ context: { targetingKey: 'somebody', application, environment } });
/** By door, in the words of docs/product.md. */
const DOORS: Readonly<Record<string, (of: Names) => readonly Call[]>> = {
  'POST /ofrep/v1/evaluate/flags/{key}': (of) => [
    { method: 'POST', path: `/ofrep/v1/evaluate/flags/${of.prompt}`, body: context(of) }, { method: 'POST', path: `/ofrep/v1/evaluate/flags/${of.application}%2F${of.prompt}${elsewhere(of)}`, body: context(of) },
  ],
  'POST /ofrep/v1/evaluate/flags': (of) => [{ method: 'POST', path: `/ofrep/v1/evaluate/flags${elsewhere(of)}`, body: context(of) }],
  'GET /v1/snapshot': (of) => [{ method: 'GET', path: `/v1/snapshot${elsewhere(of)}` }, { method: 'GET', path: '/v1/snapshot', headers: { 'x-application': of.application } }],
  'GET /v1/snapshot/stream': (of) => [{ method: 'GET', path: `/v1/snapshot/stream${elsewhere(of)}`, headers: { 'last-event-id': '9.9.9' } }],
  'POST /v1/snapshot/ack': (of) => [{ method: 'POST', path: `/v1/snapshot/ack${elsewhere(of)}`, body: { reader: 'r1', epoch: 1, rev: 1, leaseSeq: 1, application: of.application, environment: of.environment } }],
  'POST /v1/traces': (of) => [{ method: 'POST', path: `/v1/traces${elsewhere(of)}`, body: span(of.token) }],
  'POST /v1/logs': (of) => [{ method: 'POST', path: `/v1/logs${elsewhere(of)}`, body: log(of.token) }],
  'POST /v1/feedback': (of) => [{ method: 'POST', path: `/v1/feedback${elsewhere(of)}`, body: { token: of.token, label: 'thumbs_down', value: 1 } }],
};
const call = ({ method, path: at, body, headers }: Call): Promise<Pick<Reply, 'status' | 'headers' | 'text'>> =>
  (at.startsWith('/v1/snapshot/stream') ? begun : send)(method, `${stack.edge}${at}`, { authorization: `Bearer ${edgeKey}`, ...(body === undefined ? {} : { 'content-type': 'application/json' }), ...headers }, body === undefined ? undefined : JSON.stringify(body));

/** The first event of a stream that would go on. */
function begun(method: string, url: string, headers: Record<string, string>): Promise<Pick<Reply, 'status' | 'headers' | 'text'>> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => {
        text += chunk;
        if (!/\n\n[^]*\n\n/.test(text)) return;
        request.destroy();
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text });
      });
    });
    request.on('error', reject).end();
  });
}
/** Moments and what only time tells: another moment is no other answer. */
const still = (text: string): string => text.replace(/"(stampMs|databaseMs|leftMs|slipway\.(assignment|ageMs|leaseLeftMs))":("[^"]*"|[\d.]+)/g, '"$1":0').replace(/"key":"[^"]*"/g, '"key":"K"');

describe('R-711 an application\'s key opens its own environment at every door of the edge, whatever else is named', () => {
  test('there is a case for every door of the documented data plane', () => {
    const page_ = readFileSync(path.join(root, 'docs/product.md'), 'utf8');
    const table = page_.slice(page_.indexOf('### Data plane'), page_.indexOf('Assignment: `bucket'));
    expect(Object.keys(DOORS).sort()).toEqual([...table.matchAll(/`((?:GET|POST) \/[^`]+)`/g)].map(([, door]) => door ?? '').sort());
  });

  test.each(Object.keys(DOORS))('%s', async (door) => {
    const calls = DOORS[door] ?? (() => []);
    for (const [index, foreign] of calls(theirs).entries()) {
      const absent = calls(nobodys)[index] ?? foreign;
      const [told, wanted] = [await call(foreign), await call(absent)];
      const same = (reply: Pick<Reply, 'status' | 'headers' | 'text'>, names: Names): string => bare({ ...reply, text: still(reply.text) }, names);
      expect(same(told, theirs), `case ${String(index)}`).toBe(same(wanted, nobodys));
      expect(same(told, theirs)).not.toMatch(/bravo/);
    }
  });

  test('nothing of it came to the other application', async () => {
    const { environment } = await gql(stack.api, everywhere, 'query($application: ID!, $name: ID!) { environment(application: $application, name: $name) { readers { reader } uncounted } }', { application: theirs.application, name: theirs.environment });
    expect(environment.readers.map((reader: Json) => reader.reader)).not.toContain('sdk:r1');
    expect(environment.uncounted).toEqual({});
    const own = await gql(stack.api, everywhere, 'query($application: ID!, $name: ID!) { environment(application: $application, name: $name) { readers { reader } uncounted } }', { application: mine.application, name: mine.environment });
    expect(own.environment.readers.map((reader: Json) => reader.reader)).toContain('sdk:r1');
    expect(own.environment.uncounted.foreign).toBeGreaterThan(0);
  });
});

// Last, because what is done here changes the second application. A case that tells nobody anything would prove nothing above.
describe('R-711 whoever has a part in an application is told something else', () => {
  test.each(OPERATIONS.filter(([, field]) => field !== 'createApplication'))('%s %s', async (type, field) => {
    const asks = CASES[type][field] ?? (() => []);
    const [ask, absent] = [asks(theirs, mine)[0], asks(nobodys, mine)[0]];
    if (ask === undefined || absent === undefined) throw new Error(`${field} has no case`);
    expect(bare(await put(everywhere, ask), theirs)).not.toBe(bare(await put(everywhere, absent), nobodys));
  });
});
