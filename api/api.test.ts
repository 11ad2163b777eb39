import { buildSchema, type GraphQLObjectType } from 'graphql';
import http from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { send, type Reply } from '../test/harness.js';
import { entry, furnished, listen, opened, release, world, type Door, type World } from '../test/stand-ins.js';
import { ERRORS } from '../core/errors.js';
import type { EvaluationDoc, TimelineEntry } from '../store/index.js';
import { typeDefs } from '../schema/index.js';
import { ACTION_OF } from './actions.js';
import { ENUMS } from './enums.js';
import { LIMITS } from './limits.js';

const schema = buildSchema(typeDefs.join('\n'));
const fieldsOf = (type: string): string[] => Object.keys((schema.getType(type) as GraphQLObjectType).getFields());
const codeOf = (reply: Reply): string => String(reply.json?.errors?.[0]?.extensions?.code);
const key = 'a-key-of-the-test';

let w: World;
let door: Door;
let admin: string;
beforeAll(async () => {
  w = await furnished();
  admin = w.session('admin', [{ application: '*', role: 'ADMIN' }, { application: '*', role: 'RELEASE_MANAGER' }, { application: '*', role: 'APPROVER' }]);
  door = await listen(w, { corsOrigins: ['https://console.example.com'] });
});
afterAll(() => door.close());
beforeEach(() => { w.clock.ms += 3_600_000; });

const running = (id: string, application: string): EvaluationDoc => ({ _id: id, application, state: 'RUNNING', requestedBy: { id: 'person:x', kind: 'person' }, once: { key: id, args: 'y' } }) as unknown as EvaluationDoc;

/** A well-formed input for each mutation; `application` and `id` decide whose it is. */
const INPUT: Readonly<Record<string, (application: string, id: string) => Record<string, unknown>>> = {
  createApplication: (application) => ({ key: application, team: 't', owner: 'o', deputy: 'd', tier: 'LOW', purpose: 'p', environments: [{ name: 'production' }] }),
  createPromptVersion: (application) => ({ application, prompt: 'answer', messages: [{ role: 'USER', content: 'hello' }], variables: [], message: 'm' }),
  createConnection: (application) => ({ application, name: 'other', kind: 'SANDBOX', baseUrl: 'http://127.0.0.1:1/v1' }),
  createModelVersion: (application) => ({ application, name: 'main', connection: 'sandbox', model: 'sandbox-1' }),
  createContextVersion: (application) => ({ application, name: 'handbook', embeddingModel: 'e', index: 'i', topK: 3 }),
  createGuardrailPolicy: (application) => ({ application, name: 'pii', checks: [{ name: 'pii', kind: 'regex' }] }),
  createBundle: (application) => ({ application, prompts: [{ name: 'answer', version: 1 }] }),
  addDatasetPart: (application) => ({ application, name: 'facts', items: [{ id: 'one', variables: [] }] }),
  importDatasetVersion: (application) => ({ application, name: 'facts', items: [{ id: 'one', variables: [] }] }),
  createEvaluatorVersion: (application) => ({ application, name: 'knows', kind: 'EXACT' }),
  putRolloutPolicy: (application) => ({ application, name: 'usual', evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1 }] }, metrics: [{ name: 'error' }] }),
  startEvaluation: (application) => ({ application, environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual' }),
  cancelEvaluation: (_application, id) => ({ id, reason: 'r' }),
  calibrateJudge: (application) => ({ application, evaluator: 'knows', dataset: 'facts' }),
  startRelease: (application) => ({ application, environment: 'production', candidate: { prompt: 'answer', version: 2 }, policy: 'usual' }),
  approveRelease: (_application, id) => ({ id }), rejectRelease: (_application, id) => ({ id, reason: 'r' }), pauseRelease: (_application, id) => ({ id, reason: 'r' }),
  resumeRelease: (_application, id) => ({ id, reason: 'r' }), cancelRelease: (_application, id) => ({ id, reason: 'r' }), acknowledgeHold: (_application, id) => ({ id, metric: 'error', cause: 'c' }),
  rollbackRelease: (_application, id) => ({ id }), rollbackEnvironment: (application) => ({ application, environment: 'production' }),
  liftQuarantine: (application) => ({ application, environment: 'production', digest: `sha256:${'a'.repeat(64)}`, reason: 'r' }),
  recordFeedback: (application) => ({ application, token: '1.x', label: 'thumbs_down', value: 1 }),
  createApiKey: (application) => ({ application, kind: 'CI', name: 'n' }), revokeApiKey: (application) => ({ application, id: 'abcdefgh', reason: 'r' }),
};
const mutation = (name: string, input: object): readonly [string, object] => {
  const [type] = /\w+/.exec(String((schema.getMutationType()?.getFields()[name] as { type: unknown }).type)) ?? [];
  const fields = type === 'Boolean' ? '' : '{ __typename }';
  return [`mutation($input: ${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input!) { ${name}(input: $input) ${fields} }`, { input: { idempotencyKey: key, ...input } }];
};
const QUERY: Readonly<Record<string, (application: string, id: string) => string>> = {
  me: () => '{ me { id } }', application: (a) => `{ application(key: "${a}") { key } }`, applications: () => '{ applications(first: 5) { nodes { key } } }', prompts: (a) => `{ prompts(application: "${a}") }`,
  promptVersions: (a) => `{ promptVersions(application: "${a}", first: 5) { nodes { id } } }`, bundle: (a) => `{ bundle(application: "${a}", digest: "sha256:x") { digest } }`,
  connections: (a) => `{ connections(application: "${a}") { name } }`, evaluators: (a) => `{ evaluators(application: "${a}") { name } }`, modelVersion: (a) => `{ modelVersion(application: "${a}", name: "main") { version } }`,
  datasetVersion: (a) => `{ datasetVersion(application: "${a}", name: "facts") { id } }`, datasetDiff: (a) => `{ datasetDiff(application: "${a}", name: "facts", from: 1, to: 1) { added } }`,
  datasets: (a) => `{ datasets(application: "${a}", first: 5) { nodes { id } } }`, policies: (a) => `{ policies(application: "${a}", first: 5) { nodes { id } } }`,
  releaseForecast: (a) => `{ releaseForecast(application: "${a}", environment: "production", policy: "usual") { canary } }`,
  environment: (a) => `{ environment(application: "${a}", name: "production") { name } }`, release: (_a, id) => `{ release(id: "${id}") { id } }`, releases: (a) => `{ releases(application: "${a}", first: 5) { nodes { id } } }`,
  evaluation: (_a, id) => `{ evaluation(id: "${id}") { id } }`, evaluations: (a) => `{ evaluations(application: "${a}", first: 5) { nodes { id } } }`,
  calibration: (_a, id) => `{ calibration(id: "${id}") { id } }`, calibrations: (a) => `{ calibrations(application: "${a}", first: 5) { nodes { id } } }`, apiKeys: (a) => `{ apiKeys(application: "${a}", first: 5) { nodes { id } } }`,
  audit: (a) => `{ audit(application: "${a}", first: 5) { nodes { seq } } }`,
};

describe('R-721 nobody does anything without a key', () => {
  test('there is a case for every field', () => {
    expect(Object.keys(INPUT).sort()).toEqual(fieldsOf('Mutation').sort());
    expect(Object.keys(QUERY).sort()).toEqual(fieldsOf('Query').sort());
  });
  test.each(Object.keys(INPUT))('mutation %s', async (name) => {
    const before = w.intents.length;
    const reply = await door.post(null, ...mutation(name, INPUT[name]?.('helpdesk', 'R1') ?? {}));
    expect([reply.status, codeOf(reply)]).toEqual([401, 'UNAUTHENTICATED']);
    expect(w.intents.length).toBe(before);
  });
  test.each(Object.keys(QUERY))('query %s', async (name) => {
    const reply = await door.post(null, QUERY[name]?.('helpdesk', 'R1') ?? '');
    expect([reply.status, codeOf(reply)]).toEqual([401, 'UNAUTHENTICATED']);
  });
  test('subscription', async () => {
    const reply = await door.post(null, 'subscription { releaseEvents(id: "R1") { seq } }', {}, { accept: 'text/event-stream' });
    expect(reply.text).toContain('UNAUTHENTICATED');
  });
});

describe('R-722 what belongs to others and what does not exist are told in the same words', () => {
  let stranger: string;
  beforeAll(async () => {
    await furnished('payroll', w);
    opened(w, 'FOREIGN', { application: 'payroll', once: { key: 'x', args: 'sha256:y' } });
    w.evaluations.set('FOREIGN', running('FOREIGN', 'payroll'));
    stranger = w.session('stranger', ['ADMIN', 'RELEASE_MANAGER', 'APPROVER', 'AUDITOR'].map((role) => ({ application: 'helpdesk', role: role as 'ADMIN' })));
  });
  const bare = (reply: Reply, application: string, id: string): string => reply.text.replaceAll(application, 'APPLICATION').replaceAll(id, 'ID');
  test.each(Object.keys(INPUT))('mutation %s', async (name) => {
    const foreign = await door.post(stranger, ...mutation(name, INPUT[name]?.('payroll', 'FOREIGN') ?? {}));
    const absent = await door.post(stranger, ...mutation(name, INPUT[name]?.('nowhere', 'ABSENT') ?? {}));
    expect(codeOf(foreign)).toBe(name === 'createApplication' ? 'FORBIDDEN' : 'NOT_FOUND');
    expect(bare(foreign, 'payroll', 'FOREIGN')).toBe(bare(absent, 'nowhere', 'ABSENT'));
  });
  test.each(Object.keys(QUERY).filter((name) => name !== 'me' && name !== 'applications'))('query %s', async (name) => {
    const foreign = await door.post(stranger, QUERY[name]?.('payroll', 'FOREIGN') ?? '');
    const absent = await door.post(stranger, QUERY[name]?.('nowhere', 'ABSENT') ?? '');
    expect(foreign.json.data?.[name] ?? null).toBeNull();
    expect(bare(foreign, 'payroll', 'FOREIGN')).toBe(bare(absent, 'nowhere', 'ABSENT'));
  });
  test('lists over all hold only their own', async () => {
    const { json } = await door.post(stranger, '{ applications(first: 9) { nodes { key } } releases(first: 9) { nodes { id } } evaluations(first: 9) { nodes { id } } }');
    expect(json.data).toEqual({ applications: { nodes: [{ key: 'helpdesk' }] }, releases: { nodes: [] }, evaluations: { nodes: [] } });
  });
  test('a stream', async () => {
    const ask = (id: string): Promise<Reply> => door.post(stranger, `subscription { releaseEvents(id: "${id}") { seq } }`, {}, { accept: 'text/event-stream' });
    expect(bare(await ask('FOREIGN'), 'payroll', 'FOREIGN')).toBe(bare(await ask('ABSENT'), 'nowhere', 'ABSENT'));
  });
});

describe('R-723 every root field declares what it asks of the matrix', () => {
  test('each has a line, and no line is left over', () => {
    expect(Object.keys(ACTION_OF).sort()).toEqual(['Query', 'Mutation', 'Subscription'].flatMap((type) => fieldsOf(type).map((field) => `${type}.${field}`)).sort());
  });
  test('a mutation asks for the action of its own name', () => {
    for (const [field, action] of Object.entries(ACTION_OF)) if (field.startsWith('Mutation.')) expect(action).toBe(field.slice('Mutation.'.length));
  });
  test('a VIEWER may none of the mutations', async () => {
    const viewer = w.session('viewer', [{ application: 'helpdesk', role: 'VIEWER' }]);
    opened(w, 'R-OF-VIEWER');
    w.evaluations.set('R-OF-VIEWER', running('R-OF-VIEWER', 'helpdesk'));
    for (const name of fieldsOf('Mutation')) {
      const reply = await door.post(viewer, ...mutation(name, INPUT[name]?.('helpdesk', 'R-OF-VIEWER') ?? {}));
      expect([name, codeOf(reply)]).toEqual([name, 'FORBIDDEN']);
      expect(reply.json.errors[0].message).toMatch(/ADMIN|AUTHOR|RELEASE_MANAGER/);
    }
  });
  test('enums of ours are those of the SDL', () => {
    for (const [name, values] of Object.entries(ENUMS)) expect(Object.keys(values).sort()).toEqual((schema.getType(name) as unknown as { getValues(): { name: string }[] }).getValues().map((value) => value.name).sort());
  });
});

describe('R-724 a page of a stranger cannot make a browser call the API', () => {
  const body = JSON.stringify({ query: '{ __typename }' });
  const form = 'query=mutation%7B__typename%7D';
  test.each<[string, string, Record<string, string>, string | undefined, number[]]>([
    ['urlencoded', 'POST', { 'content-type': 'application/x-www-form-urlencoded' }, form, [403, 415]],
    ['multipart', 'POST', { 'content-type': 'multipart/form-data; boundary=x' }, '--x\r\nContent-Disposition: form-data; name="operations"\r\n\r\n{"query":"{__typename}"}\r\n--x--', [403, 415]],
    ['text/plain', 'POST', { 'content-type': 'text/plain' }, body, [403, 415]],
    ['application/graphql', 'POST', { 'content-type': 'application/graphql' }, '{ __typename }', [415]],
    ['two types at once', 'POST', { 'content-type': 'application/json, text/plain' }, body, [415]],
    ['a list that begins with plain text', 'POST', { 'content-type': 'text/plain, application/json' }, body, [415]],
    ['no type at all', 'POST', {}, body, [400]],
    ['GET without the header', 'GET', {}, undefined, [403]],
    ['GET with a content type', 'GET', { 'content-type': 'application/json', 'x-slipway-csrf': '1' }, undefined, [415]],
    ['a foreign origin', 'POST', { 'content-type': 'application/json', origin: 'https://evil.example.com' }, body, [403]],
    ['a sandboxed origin', 'POST', { 'content-type': 'application/json', origin: 'null' }, body, [403]],
    ['an origin that begins like ours', 'POST', { 'content-type': 'application/json', origin: 'https://console.example.com.evil.net' }, body, [403]],
  ])('%s', async (_name, method, headers, sent, allowed) => {
    const reply = await send(method, `${door.url}${method === 'GET' ? '?query=%7B__typename%7D' : ''}`, { authorization: `Bearer ${admin}`, ...headers }, sent);
    expect(allowed).toContain(reply.status);
    expect(reply.json?.data ?? null).toBeNull();
    expect(Object.keys(ERRORS)).toContain(codeOf(reply));
  });
  test('a mutation by GET', async () => {
    const reply = await send('GET', `${door.url}?query=${encodeURIComponent('mutation { recordFeedback(input: {application: "helpdesk", token: "x", label: "l", value: 1, idempotencyKey: "12345678"}) }')}`, { authorization: `Bearer ${admin}`, 'x-slipway-csrf': '1' });
    expect([reply.status, codeOf(reply)]).toEqual([405, 'BAD_INPUT']);
  });
  test('our own pages and those that are named may; nobody else is told so', async () => {
    const own = await door.post(admin, '{ __typename }', {}, { origin: new URL(door.url).origin });
    expect(own.json).toEqual({ data: { __typename: 'Query' } });
    const named = await door.post(admin, '{ __typename }', {}, { origin: 'https://console.example.com' });
    expect([named.status, named.headers['access-control-allow-origin'], named.headers['access-control-allow-credentials']]).toEqual([200, 'https://console.example.com', undefined]);
    const asked = await send('OPTIONS', door.url, { origin: 'https://evil.example.com', 'access-control-request-method': 'POST' });
    expect(asked.headers['access-control-allow-origin']).not.toBe('https://evil.example.com');
    expect(asked.headers['access-control-allow-origin']).not.toBe('*');
  });
  test('batches are refused', async () => {
    const reply = await send('POST', door.url, { 'content-type': 'application/json', authorization: `Bearer ${admin}` }, JSON.stringify([{ query: '{ __typename }' }, { query: '{ __typename }' }]));
    expect([reply.status, codeOf(reply)]).toEqual([400, 'BAD_INPUT']);
  });
  test('helmet is on, and the server does not say what it is made of', async () => {
    const reply = await door.post(admin, '{ __typename }');
    expect(reply.headers['x-powered-by']).toBeUndefined();
    expect(reply.headers['content-security-policy']).toContain("default-src 'none'");
    expect(reply.headers['x-content-type-options']).toBe('nosniff');
    expect(reply.headers['x-request-id']).toMatch(/^ID/);
  });
});

describe('R-725 a document that asks for too much is refused before it runs', () => {
  test.each<[string, string]>([
    ['aliases of __typename', `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${String(i)}: __typename`).join(' ')} }`],
    ['aliases', `{ ${Array.from({ length: LIMITS.aliases + 1 }, (_, i) => `a${String(i)}: me { id }`).join(' ')} }`],
    ['directives', `{ me { id ${Array.from({ length: LIMITS.directives + 1 }, () => '@skip(if: false)').join(' ')} } }`],
    ['tokens', `{ me { ${'id '.repeat(LIMITS.tokens)} } }`],
    ['cost', `{ ${Array.from({ length: 14 }, (_, i) => `a${String(i)}: releases(first: 100) { nodes { candidate { prompts { messages { role content } source { repository path commit } } } evidence { stable { units bad } candidate { units bad } } timeline { actor { id kind } type } } }`).join(' ')} }`],
    ['a cycle of fragments', '{ me { ...A } } fragment A on Me { ...B } fragment B on Me { ...A }'],
    ['a list without a size', '{ releases { nodes { id } } }'],
    ['a field that is not there', '{ me { idd } }'],
    ['two operations and no name', 'query A { me { id } } query B { me { id } }'],
    ['nothing', ''],
  ])('%s', async (_name, query) => {
    const reply = await door.post(admin, query);
    expect(codeOf(reply)).toBe('BAD_INPUT');
    expect(reply.json.data ?? null).toBeNull();
  });
  test('eight levels pass, nine do not, whether written out or hidden in fragments', async () => {
    const nested = (innermost: string): string => `{ applications(first: 1) { nodes { environments { openRelease { candidate { prompts { source { ${innermost} } } } } } } } }`;
    const refused = (reply: Reply): boolean => /depth limit/i.test(reply.text);
    expect(refused(await door.post(admin, '{ applications(first: 1) { nodes { environments { openRelease { candidate { prompts { version } } } } } } }'))).toBe(false);
    expect(refused(await door.post(admin, nested('path { deeper }')))).toBe(true);
    expect(refused(await door.post(admin, `query { ...A } fragment A on Query ${nested('...B')} fragment B on Source { path { deeper } }`))).toBe(true);
  });
  test.each([0, 101, -1])('a page of %d', async (first) => { expect(codeOf(await door.post(admin, `{ releases(first: ${String(first)}) { nodes { id } } }`))).toBe('BAD_INPUT'); });
  test('a body above 1 MiB', async () => {
    const reply = await door.post(admin, `{ __typename } # ${'x'.repeat(LIMITS.bodyBytes)}`);
    expect([reply.status, codeOf(reply)]).toEqual([413, 'TOO_LARGE']);
  });
  test('a body that claims to be short, in pieces', async () => {
    const status = await new Promise<number>((resolve, reject) => {
      const request = http.request(door.url, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${admin}`, 'transfer-encoding': 'chunked' } }, (response) => { response.resume(); resolve(response.statusCode ?? 0); });
      request.on('error', reject);
      for (let i = 0; i < 20; i += 1) request.write('x'.repeat(65_536));
      request.end();
    });
    expect(status).toBe(413);
  });
  test('suggestions are not made', async () => {
    for (const query of ['{ mee { id } }', '{ me { i } }', '{ releases(first: 1, sttae: CANARY) { nodes { id } } }', 'query($x: ReleaseStat) { me { id } }']) expect((await door.post(admin, query)).text).not.toMatch(/did you mean/i);
    expect((await door.post(admin, 'mutation($input: RejectReleaseInput!) { rejectRelease(input: $input) { id } }', { input: { idd: 'x', reason: 'r', idempotencyKey: key } })).text).not.toMatch(/did you mean/i);
  });
});

describe('R-726 the schema is shown to people only', () => {
  const ask = '{ __schema { queryType { name } } }';
  test('a person sees it', async () => { expect((await door.post(admin, ask)).json.data.__schema.queryType.name).toBe('Query'); });
  test.each<[string, () => string | null]>([['a stranger', () => null], ['CI', () => w.key('ci')], ['an application', () => w.key('ap')]])('%s does not', async (_name, token) => {
    for (const query of [ask, '{ __type(name: "Query") { name } }', '{ ...S } fragment S on Query { __schema { types { name } } }']) expect(codeOf(await door.post(token(), query))).toBe('BAD_INPUT');
  });
  test('not even after a person has asked for the same', async () => {
    await door.post(admin, ask);
    expect(codeOf(await door.post(w.key('ci'), ask))).toBe('BAD_INPUT');
  });
  test('GraphiQL is there in development only', async () => {
    const page = (url: string): Promise<Reply> => send('GET', url, { accept: 'text/html' });
    expect((await page(door.url)).text).not.toContain('GraphiQL');
    for (const [environment, isThere] of [['production', false], ['development', true]] as const) {
      const other = await listen(w, { environment });
      expect((await page(other.url)).text.includes('graphiql') || (await page(other.url)).text.includes('GraphiQL')).toBe(isThere);
      await other.close();
    }
  });
});

describe('R-727 a key is honoured only while it lives, and guesses are few', () => {
  const me = '{ me { id kind name team grants { role } } }';
  const asks = async (token: string, from: World = w): Promise<Reply> => { const other = await listen(from); try { return await other.post(token, me); } finally { await other.close(); } };
  test('who is who', async () => {
    expect((await asks(w.key('ci', { name: 'github' }))).json.data.me).toMatchObject({ id: 'ci:github', kind: 'ci', name: 'github', team: null, grants: [] });
    expect((await asks(w.key('ap', { name: 'web' }))).json.data.me).toMatchObject({ id: 'application:web', kind: 'application' });
    expect((await asks(w.session('alice', [{ application: 'helpdesk', role: 'VIEWER' }]))).json.data.me).toEqual({ id: 'person:alice', kind: 'person', name: 'alice', team: 'helpdesk', grants: [{ role: 'VIEWER' }] });
  });
  test('X-API-Key is taken as well', async () => {
    expect((await send('POST', door.url, { 'content-type': 'application/json', 'x-api-key': admin }, JSON.stringify({ query: me }))).json.data.me.id).toBe('person:admin');
  });
  test.each<[string, (fresh: World) => string]>([
    ['a malformed one', () => 'slp_st_short'], ['a wrong checksum', (f) => { const k = f.key('ap'); return `${k.slice(0, -1)}${k.endsWith('0') ? '1' : '0'}`; }], ['an unknown one', () => world().key('ap')],
    ['one that has ended', (f) => f.key('ap', { live: false })], ['one whose hash is another', (f) => f.key('ap', { hash: 'x' })], ['one of another kind', (f) => f.key('ap', { kind: 'ci' })],
    ['an application key without environment', (f) => f.key('ap', { environment: undefined as never })], ['an application key for all', (f) => f.key('ap', { application: '*' })], ['a CI key for all', (f) => f.key('ci', { application: '*' })],
    ['a session of nobody', (f) => f.key('st', { person: 'ghost', authMethod: 'dev' })], ['a session without a method', (f) => f.key('st', { person: 'ghost' })],
    ['basic authentication', () => 'Basic'],
  ])('%s is refused, in the same words', async (name, token) => {
    const fresh = world();
    const text = token(fresh);
    const other = await listen(fresh);
    const reply = await send('POST', other.url, { 'content-type': 'application/json', authorization: name === 'basic authentication' ? 'Basic YTpi' : `Bearer ${text}` }, JSON.stringify({ query: me }));
    await other.close();
    expect([reply.status, codeOf(reply), reply.json.errors[0].message]).toEqual([401, 'UNAUTHENTICATED', 'The key is malformed, unknown, expired or revoked.']);
    expect(reply.text).not.toMatch(/slp_\w/);
  });
  test('two keys at once are none', async () => {
    const reply = await send('POST', door.url, { 'content-type': 'application/json', authorization: `Bearer ${admin}`, 'x-api-key': admin }, JSON.stringify({ query: me }));
    expect(reply.status).toBe(401);
  });
  test('a malformed key is not even looked up', async () => {
    const fresh = world();
    let lookups = 0;
    const other = await listen({ ...fresh, deps: { ...fresh.deps, apiKeys: { ...fresh.deps.apiKeys, find: () => { lookups += 1; return Promise.resolve(null); } } } });
    await other.post("slp_st_' OR 1=1", me);
    expect(lookups).toBe(0);
    await other.close();
  });
  test('a session of development is refused in production', async () => {
    const other = await listen(w, { environment: 'production' });
    expect((await other.post(admin, me)).status).toBe(401);
    expect((await other.post(w.session('minted', [], { authMethod: 'admin-issued' }), me)).status).toBe(200);
    await other.close();
  });
  test('ten failures a minute and address, then 429 whatever the key, and a minute later again', async () => {
    const fresh = world();
    const good = fresh.session('alice', []);
    const other = await listen(fresh);
    for (let i = 0; i < 10; i += 1) expect((await other.post('nonsense', me)).status).toBe(401);
    const limited = await other.post(good, me);
    expect([limited.status, codeOf(limited)]).toEqual([429, 'RATE_LIMITED']);
    expect(Number(limited.headers['retry-after'])).toBeGreaterThan(0);
    fresh.clock.ms += 60_001;
    expect((await other.post(good, me)).status).toBe(200);
    expect(fresh.told.filter(({ event }) => event === 'api.keysLimited')).toHaveLength(1);
    await other.close();
  });
});

describe('R-728 only errors of the catalogue pass; the rest is masked and leads to the log', () => {
  const secret = 'mongodb://root:hunter2@db.internal/';
  const failing = async (error: Error): Promise<{ reply: Reply; told: string }> => {
    const fresh = world();
    const token = fresh.session('admin', [{ application: '*', role: 'ADMIN' }]);
    const other = await listen({ ...fresh, deps: { ...fresh.deps, applications: { ...fresh.deps.applications, find: () => Promise.reject(error) } } });
    const reply = await other.post(token, '{ application(key: "helpdesk") { key } }');
    await other.close();
    return { reply, told: JSON.stringify(fresh.told) };
  };
  test.each<[string, unknown]>([['an error', new Error(secret)], ['a type error', new TypeError(secret)], ['a text', secret], ['nothing', undefined], ['one that pretends', Object.assign(new Error(secret), { extensions: { code: 'BAD_INPUT_OF_OTHERS' } })], ['a nested one', new Error('outer', { cause: new Error(secret) })]])('%s', async (_name, error) => {
    const { reply, told } = await failing(error as Error);
    const [masked] = reply.json.errors;
    expect(reply.text).not.toMatch(/mongodb|hunter2|outer|stack|node_modules/);
    expect(masked).toMatchObject({ message: 'Something went wrong here.', extensions: { code: 'INTERNAL', hint: ERRORS.INTERNAL.hint } });
    expect(told).toContain(String(masked.extensions.requestId));
    expect(Object.keys(masked.extensions).sort()).toEqual(['code', 'hint', 'requestId']);
  });
  test('an error of ours passes with code and hint, and the place in the document', async () => {
    const reply = await door.post(admin, 'mutation { rejectRelease(input: {id: "none", reason: "r", idempotencyKey: "12345678"}) { id } }');
    expect(reply.json.errors).toEqual([{ message: 'No release none.', locations: expect.anything(), path: ['rejectRelease'], extensions: { code: 'NOT_FOUND', hint: ERRORS.NOT_FOUND.hint } }]);
  });
  test('the database away while a key is checked', async () => {
    const fresh = world();
    const token = fresh.key('ap');
    const other = await listen({ ...fresh, deps: { ...fresh.deps, apiKeys: { ...fresh.deps.apiKeys, find: () => Promise.reject(new Error(secret)) } } });
    const reply = await other.post(token, '{ me { id } }');
    await other.close();
    expect([reply.status, codeOf(reply)]).toEqual([500, 'INTERNAL']);
    expect(reply.text).not.toContain('hunter2');
  });
  test('a page that is not there', async () => {
    const reply = await send('GET', new URL('/admin', door.url).href, {});
    expect([reply.status, codeOf(reply)]).toEqual([404, 'NOT_FOUND']);
  });
  test('a body that is no JSON', async () => {
    const reply = await send('POST', door.url, { 'content-type': 'application/json', authorization: `Bearer ${admin}` }, '{"query":');
    expect([reply.status, codeOf(reply)]).toEqual([400, 'BAD_INPUT']);
  });
});

describe('R-729 a stream tells each entry once, and ends with its release or its key', () => {
  interface Told { readonly data?: { readonly releaseEvents: { readonly seq: number } } | null }
  const events = (text: string): Told[] => [...text.matchAll(/^data: (\{.*\})$/gm)].map(([, data]) => JSON.parse(data ?? '') as Told);
  const seqsOf = (text: string): number[] => events(text).flatMap(({ data }) => (data ? [data.releaseEvents.seq] : []));
  const stream = 'subscription($id: ID!, $since: Int) { releaseEvents(id: $id, since: $since) { seq type state } }';
  const sse = { accept: 'text/event-stream' };
  const entries = (n: number): TimelineEntry[] => Array.from({ length: n }, (_, i) => entry(i + 1, 'release.held'));

  test('what was before, after `since`, then the end', async () => {
    w.releases.set('ENDED', release('ENDED', { open: false, state: 'PROMOTED', timeline: entries(3) }));
    const reply = await door.post(admin, stream, { id: 'ENDED', since: 1 }, sse);
    expect(seqsOf(reply.text)).toEqual([2, 3]);
    expect(reply.text).toContain('event: complete');
  });
  test('an evaluation, whenever it has come further, until it has ended', async () => {
    const fresh = await furnished();
    const token = fresh.session('alice', [{ application: 'helpdesk', role: 'VIEWER' }]);
    const at = (items: number, state: EvaluationDoc['state']): EvaluationDoc => ({
      _id: 'E', shape: 1, application: 'helpdesk', identity: 'sha256:i', attempt: 1, state, verdict: null, error: null, progress: { items, itemsTotal: 90, calls: items, errors: 0, costUsd: 0 }, rev: 1 + items,
      plan: { bundle: 'sha256:b', baseline: 'none', dataset: { name: 'facts', version: 1, digest: 'sha256:f', items: 90 }, evaluators: [], policy: { name: 'usual', digest: 'sha256:p' }, repetitions: 1, callsMax: 1, seed: 1 },
      once: { key: 'k', args: 'a' }, requestedBy: { id: 'person:alice', kind: 'person' }, createdAt: new Date(0), finishedAt: null, intents: [],
    });
    let looks = 0;
    // Every second look finds nothing new, and tells nothing.
    const pause = (): Promise<void> => { looks += 1; fresh.evaluations.set('E', at(30 * Math.ceil(looks / 2), looks < 5 ? 'RUNNING' : 'FINISHED')); return Promise.resolve(); };
    fresh.evaluations.set('E', at(0, 'RUNNING'));
    const other = await listen({ ...fresh, deps: { ...fresh.deps, pause } });
    const reply = await other.post(token, 'subscription { evaluationProgress(id: "E") { state progress { items } } }', {}, sse);
    await other.close();
    expect([...reply.text.matchAll(/"state":"(\w+)","progress":\{"items":(\d+)/g)].map(([, state, items]) => `${state ?? ''} ${items ?? ''}`)).toEqual(['RUNNING 0', 'RUNNING 30', 'RUNNING 60', 'FINISHED 90']);
    expect(reply.text).toContain('event: complete');
  });
  test('new entries as they come', async () => {
    const fresh = await furnished();
    const token = fresh.session('alice', [{ application: 'helpdesk', role: 'VIEWER' }]);
    let looks = 0;
    const pause = (): Promise<void> => { looks += 1; fresh.releases.set('R', release('R', { timeline: entries(1 + looks), open: looks < 3, state: looks < 3 ? 'CANARY' : 'PROMOTED' })); return Promise.resolve(); };
    fresh.releases.set('R', release('R', { timeline: entries(1) }));
    const other = await listen({ ...fresh, deps: { ...fresh.deps, pause } });
    const reply = await other.post(token, stream, { id: 'R' }, sse);
    await other.close();
    expect(seqsOf(reply.text)).toEqual([1, 2, 3, 4]);
  });
  test.each<[string, (fresh: World, id: string) => void]>([
    ['its key is revoked', (fresh) => { for (const [id, one] of fresh.keys) fresh.keys.set(id, { ...one, live: false }); }],
    ['its role is taken away', (fresh) => { fresh.people.set('alice', { name: 'a', team: 't', grants: [] }); }],
  ])('it ends when %s', async (_name, take) => {
    const fresh = await furnished();
    const token = fresh.session('alice', [{ application: 'helpdesk', role: 'VIEWER' }]);
    let looks = 0;
    const pause = (): Promise<void> => { looks += 1; if (looks === 1) take(fresh, token); fresh.releases.set('R', release('R', { timeline: entries(1 + looks) })); if (looks > 50) throw new Error('it went on'); return Promise.resolve(); };
    fresh.releases.set('R', release('R', { timeline: entries(1) }));
    const other = await listen({ ...fresh, deps: { ...fresh.deps, pause } });
    const reply = await other.post(token, stream, { id: 'R' }, sse);
    await other.close();
    expect(seqsOf(reply.text)).toEqual([1]);
    expect(reply.text).toContain('UNAUTHENTICATED');
  });
  test('at most twenty a principal', async () => {
    const fresh = await furnished();
    const token = fresh.session('alice', [{ application: 'helpdesk', role: 'VIEWER' }]);
    fresh.releases.set('R', release('R', { timeline: [] }));
    const waiting: (() => void)[] = [];
    const other = await listen({ ...fresh, deps: { ...fresh.deps, pause: () => new Promise((resolve) => { waiting.push(resolve); }) } });
    const open = (): Promise<http.IncomingMessage> => new Promise((resolve, reject) => {
      const request = http.request(other.url, { method: 'POST', agent: false, headers: { 'content-type': 'application/json', authorization: `Bearer ${token}`, ...sse } }, resolve);
      request.on('error', reject);
      request.end(JSON.stringify({ query: stream, variables: { id: 'R' } }));
    });
    const streams = await Promise.all(Array.from({ length: 20 }, open));
    const refused = await other.post(token, stream, { id: 'R' }, sse);
    expect(refused.text).toContain('RATE_LIMITED');
    for (const one of streams) one.destroy();
    fresh.releases.set('R', release('R', { timeline: [], open: false, state: 'PROMOTED' }));
    for (const go of waiting) go();
    let text = '';
    for (let i = 0; i < 100 && !text.includes('complete'); i += 1) { await new Promise((resolve) => setImmediate(resolve)); text = (await other.post(token, stream, { id: 'R' }, sse)).text; }
    expect(text).not.toContain('RATE_LIMITED');
    await other.close();
  });
});
