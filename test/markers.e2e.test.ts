import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { BSON, MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gql, mutate, reaches, send, startStack, until, type Json, type Reply, type Stack } from './harness.js';

// Texts that occur nowhere else are planted where secrets and people's words go in; then everything that comes out is searched for them.
const run = randomBytes(4).toString('hex');
const mark = (what: string): string => `planted-${what}-${run}`;
const bytes = (): string => randomBytes(32).toString('base64url');
/** Nowhere, not even in the database: there a hash of each key of ours, and a reference to the provider's. */
const SECRETS: Record<string, string> = { 'provider key': `sk-${mark('provider')}`, 'token key': bytes(), 'signing key': bytes(), pepper: bytes() };
/** Words of people and models, and where they are kept: a place is `db:<collection>`, or a sink. All others are for nobody. */
const WORDS = {
  'system prompt': ['db:promptVersions'], 'user prompt': ['db:promptVersions'], 'commit message': ['db:promptVersions'], 'dataset row': ['db:datasetItems'], 'expected answer': ['db:datasetItems'], 'dataset tag': ['db:datasetItems'],
  'model answer': ['db:answers'], 'provider\'s words': [], 'provider\'s header': [], 'what a user asked': [], 'what a user was told': [], 'a user\'s name': [], 'targeting key': [], 'comment at the edge': [],
  'comment at the api': [], 'text of a log record': [], 'text of a span event': [], 'status of a span': [], 'resource of a span': [],
  'refused prompt': [], 'refused dataset row': [], 'unreadable request': [], 'unreadable spans': [], 'unreadable context': [], 'mistyped variable': [], 'unknown field\'s value': [],
  // What a person says of an act is the record's, and travels with the act.
  'comment on an approval': ['db:releases', 'db:audit', 'audit', 'temporal', 'temporal\'s file'], 'reason of a rollback': ['db:releases', 'db:audit', 'db:environments', 'audit', 'temporal', 'temporal\'s file', 'log worker.log'],
  'purpose of the application': ['db:applications'],
} as const satisfies Readonly<Record<string, readonly string[]>>;
type Word = keyof typeof WORDS;
const word = (name: Word): string => mark(name.replace(/[^a-z]+/g, '-'));

const APPLICATION = 'vault';
const ENVIRONMENT = 'production';
let stack: Stack;
let client: MongoClient;
/** Bodies of whatever was refused. */
const refused: string[] = [];
/** What the vendor was sent, and what a collector was told. */
const asked: string[] = [];
const collected: string[] = [];
const spoken: string[] = [];
const servers: http.Server[] = [];
const sinks = new Map<string, string>();

async function serve(answer: (request: http.IncomingMessage, body: string, response: http.ServerResponse) => void): Promise<string> {
  const server = http.createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => { answer(request, Buffer.concat(chunks).toString('utf8'), response); });
  });
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
}

/** Answers as a model does; asked under /broken, it repeats all it was told in its error, as gateways have been seen to. */
const vendor = (request: http.IncomingMessage, body: string, response: http.ServerResponse): void => {
  const authorization = String(request.headers.authorization);
  asked.push(authorization, body);
  if ((request.url ?? '').startsWith('/broken')) {
    const message = `${word('provider\'s words')}: invalid key ${authorization} for ${body}`;
    response.writeHead(401, { 'content-type': 'application/json', 'x-trace': word('provider\'s header') }).end(JSON.stringify({ error: { message, type: 'invalid_request_error', code: SECRETS['provider key'] } }));
  } else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ model: 'stub-1', choices: [{ message: { role: 'assistant', content: `right ${word('model answer')}` }, finish_reason: 'stop' }], usage: { prompt_tokens: 1, completion_tokens: 1 } }));
};

beforeAll(async () => {
  const [vendorUrl, collectorUrl] = [await serve(vendor), await serve((_request, body, response) => { collected.push(body); response.writeHead(200, { 'content-type': 'application/json' }).end('{}'); })];
  stack = await startStack({ env: {
    OPENAI_API_KEY: SECRETS['provider key'] ?? '', SLIPWAY_TOKEN_KEY: SECRETS['token key'] ?? '', SLIPWAY_SIGNING_KEY: SECRETS['signing key'] ?? '', SLIPWAY_PEPPER: SECRETS['pepper'] ?? '',
    OTEL_EXPORTER_OTLP_ENDPOINT: collectorUrl, SLIPWAY_LOG_LEVEL: 'debug',
  } });
  stack.child.stderr?.on('data', (text: Buffer) => { spoken.push(text.toString()); });
  for (const [name, secret] of Object.entries({ ...stack.people, ...stack.keys })) SECRETS[`key of ${name}`] = secret;
  client = await MongoClient.connect(stack.mongodb);
  await live(vendorUrl);
  await fail();
  await until('every intent to be told', async () => (await client.db('slipway').collection('releases').countDocuments({ 'intents.0': { $exists: true } })) === 0);
  await until('spans to be exported', () => Promise.resolve(collected.some((body) => body.includes('slipway'))));
  await gather();
}, 300_000);
afterAll(async () => {
  await client?.close();
  await stack?.stop();
  for (const server of servers) { server.closeAllConnections(); server.close(); }
});

/** A whole release and two that end badly, with users who say what they should not. */
async function live(vendorUrl: string): Promise<void> {
  const { api, edge, people } = stack;
  const application = APPLICATION;
  await mutate(api, people.admin, 'createApplication', { key: application, team: 'vault', owner: 'rita', deputy: 'arthur', tier: 'LOW', purpose: word('purpose of the application'), environments: [{ name: ENVIRONMENT }] }, '{ key }');
  for (const name of ['whole', 'broken']) {
    await mutate(api, people.admin, 'createConnection', { application, name, kind: 'OPENAI_COMPATIBLE', baseUrl: `${vendorUrl}/${name}`, secretRef: 'env:OPENAI_API_KEY' }, '{ name }');
    await mutate(api, people.author, 'createModelVersion', { application, name, connection: name, model: 'stub-1' }, '{ version }');
  }
  const items = Array.from({ length: 150 }, (_, i) => ({ id: `case-${String(i)}`, expected: word('expected answer'), contains: ['right'], tags: [word('dataset tag')], variables: [{ name: 'passage', value: `${word('dataset row')} ${String(i)}` }] }));
  await mutate(api, people.author, 'importDatasetVersion', { application, name: 'facts', items }, '{ version }');
  await mutate(api, people.author, 'createEvaluatorVersion', { application, name: 'right', kind: 'CONTAINS', mode: 'ALL' }, '{ version }');
  await mutate(api, people.releaseManager, 'putRolloutPolicy', {
    application, name: 'quick', evaluation: { dataset: 'facts', evaluators: [{ name: 'right', margin: 0.1, floor: 0.5 }], callsMax: 600 }, approvals: { count: 1 }, blockSec: 1, leaseMs: 10_000, alpha: { harm: 0.001, promote: 0.05 },
    errorBudget: 1_000, stages: [{ weightBp: 5_000, durationMinSec: 600 }], metrics: [{ name: 'sloppy', from: 'guardrail:sloppy', role: 'GUARDRAIL', maturityMs: 500, margin: 0.2 }],
  }, '{ version }');
  const push = async (style: string): Promise<number> => (await mutate(api, people.author, 'createPromptVersion', { application, prompt: 'answer', messages: [{ role: 'SYSTEM', content: `${word('system prompt')} ${style}` }, { role: 'USER', content: `${word('user prompt')} {{passage}}` }], variables: ['passage'], message: word('commit message') }, '{ version }')).version as number;
  const begin = async (version: number, model: string): Promise<string> => {
    const { digest } = await mutate(api, people.releaseManager, 'createBundle', { application, prompts: [{ name: 'answer', version }], model: { name: model, version: 1 } }, '{ digest }');
    return String((await mutate(api, people.releaseManager, 'startRelease', { application, environment: ENVIRONMENT, candidate: { bundle: digest }, policy: 'quick' }, '{ id }')).id);
  };
  const approved = async (id: string): Promise<void> => { await reaches(stack, id, ['AWAITING_APPROVAL'], 120_000); await mutate(api, people.approver, 'approveRelease', { id, comment: word('comment on an approval') }, '{ state }'); };
  const secretOf = async (what: string, input: object): Promise<string> => {
    const { secret } = await mutate(api, people.admin, 'createApiKey', { application, name: what, ...input }, '{ secret }');
    return (SECRETS[`key of ${what}`] = String(secret));
  };

  const whole = await begin(await push('plainly'), 'whole');
  await approved(whole);
  await reaches(stack, whole, ['PROMOTED']);
  const broken = await begin(await push('loudly'), 'broken');
  await reaches(stack, broken, ['REJECTED'], 120_000);
  const climbing = await begin(await push('kindly'), 'whole');
  await approved(climbing);
  await reaches(stack, climbing, ['CANARY']);

  const key = await secretOf('users', { kind: 'APPLICATION', environment: ENVIRONMENT, scopes: ['SERVE', 'INGEST', 'FEEDBACK'] });
  await secretOf('ci of vault', { kind: 'CI' });
  const old = await mutate(api, people.admin, 'createApiKey', { application, kind: 'CI', name: 'old' }, '{ secret apiKey { id } }');
  SECRETS['key revoked'] = String(old.secret);
  await mutate(api, people.admin, 'revokeApiKey', { application, id: String(old.apiKey.id), reason: 'an old one' }, '{ id }');

  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  for (let user = 0; user < 25; user += 1) {
    const reply = await until('the edge to serve', async () => { const one = await send('POST', `${edge}/ofrep/v1/evaluate/flags/answer`, headers, JSON.stringify({ context: { targetingKey: `${word('targeting key')}-${String(user)}`, name: word('a user\'s name') } })); return one.status === 200 ? one : null; });
    const token = String(reply.json.metadata['slipway.assignment']);
    if (user === 0) SECRETS['assignment token'] = token;
    expect((await send('POST', `${edge}/v1/traces`, headers, JSON.stringify(spansOf(token)))).status).toBe(200);
    expect((await send('POST', `${edge}/v1/logs`, headers, JSON.stringify(logsOf(token)))).status).toBe(200);
    expect((await send('POST', `${edge}/v1/feedback`, headers, JSON.stringify({ token, label: 'thumbs_down', value: 1, comment: word('comment at the edge') }))).json.counted).toBe(true);
    if (user < 3) await mutate(api, key, 'recordFeedback', { application, token, label: 'thumbs_down', value: 1, comment: word('comment at the api') }, '');
  }
  await until('the observations to be folded', async () => (await client.db('slipway').collection('blocks').countDocuments({ release: climbing })) > 0);
  await mutate(api, people.onCall, 'rollbackRelease', { id: climbing, reason: word('reason of a rollback') }, '{ state }');
  await reaches(stack, climbing, ['ROLLED_BACK']);
}

const text = (key: string, stringValue: string): object => ({ key, value: { stringValue } });
const spansOf = (token: string): object => ({ resourceSpans: [{ resource: { attributes: [text('service.name', word('resource of a span'))] }, scopeSpans: [{ spans: [{
  traceId: randomBytes(16).toString('hex'), spanId: randomBytes(8).toString('hex'), name: 'chat stub-1', kind: 3, startTimeUnixNano: '1', endTimeUnixNano: '2', status: { code: 2, message: word('status of a span') },
  attributes: [text('gen_ai.operation.name', 'chat'), text('gen_ai.request.model', 'stub-1'), text('gen_ai.input.messages', word('what a user asked')), text('gen_ai.output.messages', word('what a user was told')), text('user.id', word('a user\'s name')), text('slipway.assignment', token), { key: 'slipway.guardrail.sloppy', value: { boolValue: false } }],
  events: [{ name: 'gen_ai.user.message', timeUnixNano: '1', attributes: [text('content', word('text of a span event'))] }],
}] }] }] });
const logsOf = (token: string): object => ({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ timeUnixNano: '1', eventName: 'gen_ai.evaluation.result', body: { stringValue: word('text of a log record') }, attributes: [text('gen_ai.evaluation.name', 'sloppy'), text('gen_ai.evaluation.score.label', 'pass'), text('gen_ai.evaluation.explanation', word('text of a log record')), text('slipway.assignment', token)] }] }] }] });

/** Whatever can be sent wrongly, with a marker where it is wrong. */
async function fail(): Promise<void> {
  const { api, edge, people, keys } = stack;
  const note = ({ status, text: told }: Reply): void => { expect(told).not.toBe(''); refused.push(`${String(status)} ${told}`); };
  const post = async (token: string, body: string, type = 'application/json'): Promise<void> => { note(await send('POST', `${api}/graphql`, { 'content-type': type, authorization: `Bearer ${token}` }, body)); };
  const prompt = (messages: unknown, more: object = {}): string => JSON.stringify({ query: 'mutation($input: CreatePromptVersionInput!) { createPromptVersion(input: $input) { version } }', variables: { input: { application: APPLICATION, prompt: 'answer', messages, variables: [], message: 'm', idempotencyKey: 'a-key-of-this-test', ...more } } });
  const said = word('refused prompt');
  await post(people.author, prompt([{ role: 'SYSTEM', content: `{{ ${said} | upper }} ${said}` }]));
  await post(people.author, prompt([{ role: 'SYSTEM', content: `${said} {{undeclared}} ${said}` }]));
  await post(people.author, prompt([{ role: 'SYSTEM', content: `${said}\ud800` }]));
  await post(people.author, prompt([{ role: 'SYSTEM', content: { is: word('mistyped variable') } }]));
  await post(people.author, prompt([{ role: word('mistyped variable'), content: 'hello' }]));
  await post(people.author, prompt(word('mistyped variable')));
  await post(people.author, prompt([{ role: 'USER', content: 'hello' }], { variables: { is: word('mistyped variable') }, message: [word('mistyped variable')], source: word('mistyped variable') }));
  for (const literal of ['role: "@", content: "hello"', 'role: USER, content: [["@"]]', 'role: USER, content: "hello", "@"', 'role: USER, content: """@""" """@"""', 'role: USER, content: { is: "@" }', 'role: USER, content: "hello', '"@": USER']) {
    await post(people.author, JSON.stringify({ query: `mutation { createPromptVersion(input: { application: "vault", prompt: "answer", messages: [{ ${literal.replaceAll('@', word('unreadable request'))} }], variables: [], message: "m", idempotencyKey: "a-key-of-this-test" }) { version } }` }));
  }
  await post(people.author, JSON.stringify({ query: `{ applications(first: "${word('unreadable request')}") { nodes { key } } }` }));
  await post(people.author, prompt([{ role: 'USER', content: 'hello' }], { colour: word('unknown field\'s value') }));
  await post(people.onCall, prompt([{ role: 'USER', content: said }]));
  await post(people.author, JSON.stringify({ query: `mutation { createPromptVersion(input: { application: "vault", prompt: "answer", messages: [{ role: USER, content: "${word('unreadable request')}" "${word('unreadable request')}" }], variables: [], message: "m" }) { version } }` }));
  await post(people.author, `{"query": "${word('unreadable request')}`);
  await post(people.author, `query=${word('unreadable request')}`, 'application/x-www-form-urlencoded');
  for (const items of [[{ id: 'one', variables: [{ name: 'passage', value: `${word('refused dataset row')}\ud800` }] }], [{ id: 'one', variables: [{ name: 'passage', value: word('refused dataset row') }] }, { id: 'one', variables: [{ name: 'passage', value: word('refused dataset row') }] }], [{ id: 'one', variables: [{ name: 'passage', value: [word('refused dataset row')] }] }]]) {
    await post(people.author, JSON.stringify({ query: 'mutation($input: ImportDatasetVersionInput!) { importDatasetVersion(input: $input) { version } }', variables: { input: { application: APPLICATION, name: 'facts', items, idempotencyKey: 'a-key-of-this-test' } } }));
  }
  await post(SECRETS['key revoked'] ?? '', '{"query":"{ me { id } }"}');
  await post(`${keys.ci.slice(0, -1)}${keys.ci.endsWith('A') ? 'B' : 'A'}`, '{"query":"{ me { id } }"}');
  const key = SECRETS['key of users'] ?? '';
  const door = async (at: string, body: string, type = 'application/json', token = key): Promise<void> => { note(await send('POST', `${edge}${at}`, { 'content-type': type, authorization: `Bearer ${token}` }, body)); };
  await door('/ofrep/v1/evaluate/flags/answer', `{"context": {"targetingKey": "${word('unreadable context')}`);
  await door('/ofrep/v1/evaluate/flags/answer', JSON.stringify({ context: { targetingKey: [word('unreadable context')] } }));
  await door('/ofrep/v1/evaluate/flags/answer', JSON.stringify({ context: { targetingKey: word('unreadable context').repeat(30) } }));
  await door('/v1/traces', `{"resourceSpans": "${word('unreadable spans')}`);
  await door('/v1/traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: word('unreadable spans'), spanId: word('unreadable spans'), name: word('unreadable spans') }] }] }] }));
  await door('/v1/traces', word('unreadable spans'), 'application/x-protobuf');
  await door('/v1/feedback', JSON.stringify({ token: SECRETS['assignment token'], label: 'thumbs down!', value: 1, comment: word('comment at the edge') }));
  await door('/v1/feedback', JSON.stringify({ token: 'x', label: 'a', value: 1, comment: [word('comment at the edge')] }));
  await door('/v1/snapshot/ack', JSON.stringify({ reader: SECRETS['key of users'] }));
  await door('/ofrep/v1/evaluate/flags/answer', '{}', 'application/json', SECRETS['key revoked'] ?? '');
  const { evaluations } = await gql(api, people.admin, `{ evaluations(application: "${APPLICATION}", first: 20) { nodes { state error verdict { kind reasons evidence } } } }`);
  refused.push(JSON.stringify((evaluations.nodes as Json[]).filter((one) => one.verdict?.kind !== 'PASS')));
  const { releases } = await gql(api, people.admin, `{ releases(application: "${APPLICATION}", state: [REJECTED], first: 20) { nodes { state waitingFor timeline { type reason data } } } }`);
  refused.push(JSON.stringify(releases));
}

/** Every payload of a history as the text it carries, wherever it hangs. */
function payloadsOf(value: unknown): string[] {
  if (value === null || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap(payloadsOf);
  return Object.entries(value).flatMap(([name, one]) => (name === 'data' && typeof one === 'string' ? [Buffer.from(one, 'base64').toString('utf8')] : payloadsOf(one)));
}

async function gather(): Promise<void> {
  const logs = path.join(stack.dataDir, 'logs');
  const files = readdirSync(logs).map((name) => [name, readFileSync(path.join(logs, name), 'utf8')] as const);
  for (const [name, lines] of files) sinks.set(`log ${name}`, lines);
  sinks.set('the launcher\'s words', spoken.join(''));
  sinks.set('error bodies', refused.join('\n'));
  const workerPort = /"event":"listening"[^\n]*"port":(\d+)/.exec(files.find(([name]) => name === 'worker.log')?.[1] ?? '')?.[1] ?? '';
  for (const [name, url] of [['api', stack.api], ['edge', stack.edge], ['model', stack.model.replace(/\/v1$/, '')], ['worker', `http://127.0.0.1:${workerPort}`]] as const) sinks.set(`metrics of ${name}`, (await send('GET', `${url}/metrics`, {})).text);
  const temporal = new Client({ connection: await Connection.connect({ address: stack.temporal }) });
  const histories: string[] = [];
  for await (const { workflowId, runId } of temporal.workflow.list()) {
    const history = historyToJSON(await temporal.workflow.getHandle(workflowId, runId).fetchHistory());
    histories.push(workflowId, history, ...payloadsOf(JSON.parse(history)));
  }
  await temporal.connection.close();
  sinks.set('temporal', histories.join('\n'));
  const files_ = readdirSync(path.join(stack.dataDir, 'temporal')).map((name) => readFileSync(path.join(stack.dataDir, 'temporal', name)).toString('latin1'));
  sinks.set('temporal\'s file', files_.join('\n'));
  sinks.set('exported spans', collected.join('\n'));
  for (const { name } of await client.db('slipway').listCollections().toArray()) sinks.set(`db:${name}`, (await client.db('slipway').collection(name).find().toArray()).map((document) => BSON.EJSON.stringify(document)).join('\n'));
  const events: string[] = [];
  for (let after: string | null = null; ;) {
    const { audit } = await gql(stack.api, stack.people.admin, 'query($after: String) { audit(application: "vault", first: 100, after: $after) { nodes { seq actor action subject reason intentId } pageInfo { hasNextPage endCursor } } }', { after });
    events.push(...(audit.nodes as Json[]).map((event) => JSON.stringify(event)));
    if (audit.pageInfo.hasNextPage !== true) break;
    after = String(audit.pageInfo.endCursor);
  }
  sinks.set('audit', events.join('\n'));
}

/** In plain and in the ways in which bytes are written down. */
const spellings = (secret: string): readonly string[] => [secret, Buffer.from(secret).toString('base64').replace(/=+$/, ''), Buffer.from(secret).toString('hex'), Buffer.from(secret, 'base64url').toString('hex')].filter((one) => one.length >= 16);
const placesOf = (texts: readonly string[]): string[] => [...sinks].filter(([, told]) => texts.some((one) => told.includes(one))).map(([name]) => name).sort();

/** For who has to find a leak: where it is, and what is around it. */
const excerpts = (planted: string): string => placesOf([planted]).map((name) => { const told = sinks.get(name) ?? ''; const at = told.indexOf(planted); return `${name}: …${told.slice(Math.max(0, at - 300), at + 200)}…`; }).join('\n');

describe('R-885 a planted secret comes out nowhere', () => {
  test('the hunt sees what is there: the vendor was sent the key and the prompt, and every sink has something in it', () => {
    for (const sent of [SECRETS['provider key'] ?? '', word('system prompt'), word('dataset row')]) expect(asked.some((one) => one.includes(sent)), sent).toBe(true);
    expect(Object.keys(SECRETS).length + Object.keys(WORDS).length).toBeGreaterThanOrEqual(40);
    for (const name of ['log api.log', 'log worker.log', 'log edge.log', 'log model.log', 'log mongodb.log', 'error bodies', 'metrics of api', 'metrics of edge', 'metrics of model', 'metrics of worker', 'temporal', 'temporal\'s file', 'exported spans', 'audit', 'db:releases', 'db:batches', 'db:blocks']) expect(sinks.get(name)?.length ?? 0, name).toBeGreaterThan(20);
    expect(placesOf(['release/vault/production'])).toEqual(expect.arrayContaining(['temporal', 'temporal\'s file']));
    expect(refused.length).toBeGreaterThan(20);
  });
  test('secrets', () => {
    expect(Object.fromEntries(Object.entries(SECRETS).map(([name, secret]) => [name, placesOf(spellings(secret))]).filter(([, places]) => places?.length !== 0))).toEqual({});
  });
});

describe('R-886 what people and models say is kept where it belongs and nowhere else', () => {
  test.each(Object.keys(WORDS) as Word[])('%s', (name) => {
    expect(placesOf([word(name)]), excerpts(word(name))).toEqual([...WORDS[name]].sort());
  });
});
