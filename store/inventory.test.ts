import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import type { Actor, Intent, PromptVersionDoc, Store } from './index.js';
import { openStore } from './index.js';

const database = `store_inventory_${process.pid}`;
const application = 'helpdesk';
const alice: Actor = { id: 'person:alice', kind: 'person' };
let store: Store;
let raw: MongoClient;
beforeAll(async () => {
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'store-test', role: 'control' });
  raw = new MongoClient(inject('mongodbUri'));
});
afterAll(async () => {
  await store.close();
  await raw.db(database).dropDatabase();
  await raw.close();
});

const told = (id: string): Omit<Intent, 'subject'> => ({ id, application, action: 'prompt.created', actor: alice });
const intent = (id: string): Intent => ({ ...told(id), subject: id });
const prompt = (name: string, key: string, args = 'sha256:a', more: Partial<PromptVersionDoc> = {}) => ({
  application, prompt: name, digest: `sha256:${key}`, messages: [{ role: 'system' as const, content: 'Say {{x}}' }], variables: ['x'], message: 'm', author: 'person:alice', source: null, once: { key, args }, ...more,
});

describe('R-150 the same key with the same arguments is a repeat, with other arguments it is refused', () => {
  test('a prompt version, twice and at once', async () => {
    const first = await store.prompts.insert(prompt('answer', 'k1'), told('i1'));
    expect(first).toMatchObject({ kind: 'inserted', doc: { _id: 'helpdesk/answer/1', version: 1, shape: 1, intents: [{ id: 'i1', subject: 'prompt/answer/1' }] } });
    expect(await store.prompts.insert(prompt('answer', 'k1'), told('i1'))).toEqual({ ...first, kind: 'repeated' });
    expect(await store.prompts.insert(prompt('answer', 'k1', 'sha256:other'), told('i2'))).toEqual({ ...first, kind: 'reused' });
    expect(await store.prompts.insert(prompt('another', 'k1', 'sha256:other'), told('i2'))).toEqual({ ...first, kind: 'reused' });
    const many = await Promise.all(Array.from({ length: 6 }, () => store.prompts.insert(prompt('answer', 'k2'), told('i3'))));
    expect(many.filter(({ kind }) => kind === 'inserted')).toHaveLength(1);
    expect(new Set(many.map(({ doc }) => doc._id))).toEqual(new Set(['helpdesk/answer/2']));
    expect((await store.prompts.insert({ ...prompt('answer', 'k1'), application: 'other' }, told('i4'))).kind).toBe('inserted');
  });

  test('an application is created, replaced in what may change, and an old repeat does not bring its content back', async () => {
    const doc = (key: string, owner: string, args = 'a') => ({ _id: 'shop', team: 't', owner, deputy: 'd', tier: 'LOW' as const, purpose: '$owner', environments: [{ name: 'production', protected: true }], once: { key, args } });
    expect(await store.applications.put(doc('k1', 'one'), intent('p1'))).toMatchObject({ kind: 'inserted', doc: { owner: 'one', purpose: '$owner' } });
    expect(await store.applications.put({ ...doc('k2', 'two'), team: 'taken', tier: 'HIGH' }, intent('p2'))).toMatchObject({ kind: 'inserted', doc: { owner: 'two', team: 't', tier: 'LOW', intents: [{ id: 'p1' }, { id: 'p2' }] } });
    expect(await store.applications.put(doc('k1', 'one'), intent('p1'))).toMatchObject({ kind: 'repeated', doc: { owner: 'two' } });
    expect(await store.applications.put(doc('k1', 'x', 'b'), intent('p3'))).toMatchObject({ kind: 'reused', doc: { owner: 'two' } });
    const found = await store.applications.find('shop');
    expect(Object.keys(found ?? {}).sort()).toEqual(['_id', 'createdAt', 'deputy', 'environments', 'intents', 'once', 'owner', 'purpose', 'shape', 'team', 'tier']);
    expect((await store.applications.list(['shop', 'none'], { first: 9 })).items).toEqual([found]);
    expect((await store.applications.list([], { first: 9 })).items).toEqual([]);
    expect((await store.applications.list('*', { first: 9 })).items.length).toBeGreaterThan(0);
  });

  test('a key lives for its time, and is revoked once', async () => {
    const key = (id: string, lifeSec: number, args = 'a') => ({ _id: id, kind: 'ap' as const, hash: 'h', name: 'n', application, scopes: ['serve' as const], once: { key: `key-${id}`, args }, createdBy: 'person:alice', lifeSec });
    expect(await store.apiKeys.insert(key('AAAAAAAA', 60), intent('a1'))).toMatchObject({ kind: 'inserted', doc: { revokedAt: null } });
    expect(await store.apiKeys.insert(key('AAAAAAAA', 60), intent('a1'))).toMatchObject({ kind: 'repeated' });
    expect(await store.apiKeys.insert({ ...key('AAAAAAAA', 60, 'b') }, intent('a1'))).toMatchObject({ kind: 'reused' });
    await expect(store.apiKeys.insert({ ...key('AAAAAAAA', 60), once: { key: 'another', args: 'a' } }, intent('a2'))).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    await store.apiKeys.insert(key('BBBBBBBB', -1), intent('a3'));
    expect(await store.apiKeys.find('AAAAAAAA')).toMatchObject({ live: true });
    expect(await store.apiKeys.find('BBBBBBBB')).toMatchObject({ live: false });
    const revoked = await store.apiKeys.revoke('AAAAAAAA', intent('r1'));
    expect(revoked?.revokedAt).toBeInstanceOf(Date);
    expect(await store.apiKeys.revoke('AAAAAAAA', intent('r2'))).toEqual(revoked);
    expect(await store.apiKeys.find('AAAAAAAA')).toMatchObject({ live: false });
    expect(await store.apiKeys.revoke('CCCCCCCC', intent('r3'))).toBeNull();
    expect((await store.apiKeys.list(application, { first: 9 })).items.map(({ _id }) => _id)).toEqual(['BBBBBBBB', 'AAAAAAAA']);
  });

  test('a connection by name: the same endpoint is the same, another is a conflict', async () => {
    const doc = (id: string, baseUrl: string) => ({ _id: id, application, name: 'main', kind: 'sandbox' as const, baseUrl, secretRef: null, once: { key: `c-${id}`, args: 'a' }, createdBy: 'person:alice' });
    expect((await store.connections.insert(doc('1', 'http://a'), intent('c1'))).kind).toBe('inserted');
    expect(await store.connections.insert(doc('2', 'http://a'), intent('c2'))).toMatchObject({ kind: 'repeated', doc: { _id: '1' } });
    await expect(store.connections.insert(doc('3', 'http://b'), intent('c3'))).rejects.toMatchObject({ code: 'CONFLICT' });
    expect((await store.connections.list(application)).map(({ _id }) => _id)).toEqual(['1']);
  });

  test('people and grants: a grant that has ended grants nothing', async () => {
    expect(await store.people.anyAdmin()).toBe(false);
    await store.people.put({ _id: 'bob', name: 'Bob', team: 'a' }, intent('b1'));
    expect(await store.people.put({ _id: 'bob', name: 'Bob', team: 'b' }, intent('b2'))).toMatchObject({ team: 'b', intents: [{ id: 'b1' }, { id: 'b2' }] });
    expect((await store.people.put({ _id: 'bob', name: 'Bob', team: 'b' }, intent('b3'))).intents).toHaveLength(2);
    const grant = (id: string, endsAt: Date | null) => ({ _id: id, person: 'bob', application: '*' as const, role: 'ADMIN' as const, endsAt, grantedBy: 'person:alice' });
    await store.grants.put(grant('g1', new Date(1)), intent('g1'));
    expect(await store.people.grantsOf('bob')).toEqual([]);
    expect(await store.people.anyAdmin()).toBe(false);
    await store.grants.put(grant('g2', new Date(Date.now() + 3_600_000)), intent('g2'));
    expect(await store.people.grantsOf('bob')).toEqual([{ application: '*', role: 'ADMIN' }]);
    expect(await store.people.anyAdmin()).toBe(true);
    expect(await store.grants.put(grant('g2', new Date(1)), intent('g3'))).toMatchObject({ intents: [{ id: 'g2' }, { id: 'g3' }] });
    expect(await store.people.grantsOf('bob')).toEqual([]);
  });
});

describe('R-151 versions of a name are numbered without gaps, whoever saves at once', () => {
  test('eight writers', async () => {
    const written = await Promise.all(Array.from({ length: 8 }, (_, i) => store.prompts.insert(prompt('raced', `race-${i}`), told(`race-${i}`))));
    expect(written.map(({ doc }) => doc.version).sort()).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect((await store.prompts.find(application, 'raced', 'latest'))?.version).toBe(8);
    expect((await store.prompts.find(application, 'raced', 3))?.version).toBe(3);
    expect(await store.prompts.find(application, 'raced', 9)).toBeNull();
    expect(await store.prompts.names(application)).toEqual(expect.arrayContaining(['raced']));
  });
});

describe('R-152 a hostile string is an id like any other, and never widens a result', () => {
  const hostile = ['$where', '__proto__', 'constructor', '.*', '^answer', 'a\u0000b', '', '$$ROOT', '{"$gt":""}', '*'];
  test.each(hostile.map((id) => [JSON.stringify(id), id]))('%s', async (_name, id) => {
    expect(await store.prompts.find(id, 'answer', 'latest')).toBeNull();
    expect(await store.prompts.find(application, id, 'latest')).toBeNull();
    expect(await store.releases.find(id)).toBeNull();
    expect(await store.environments.find(application, id)).toBeNull();
    expect(await store.apiKeys.find(id)).toBeNull();
    expect((await store.applications.list([id], { first: 9 })).items).toEqual([]);
    expect(await store.people.grantsOf(id)).toEqual([]);
    const written = await store.prompts.insert(prompt(id, `hostile-${id}`), told(`hostile-${id}`));
    expect(await store.prompts.find(application, id, 'latest')).toEqual(written.doc);
    expect((await store.prompts.list(application, id, { first: 9 })).items).toEqual([written.doc]);
  });

  test('half a character equals nothing, not even what it would be written as', async () => {
    await store.prompts.insert(prompt('\ufffd', 'fffd'), told('fffd'));
    expect(await store.prompts.find(application, '\ufffd', 1)).not.toBeNull();
    expect(await store.prompts.find(application, '\ud800', 1)).toBeNull();
    expect((await store.prompts.list(application, '\udc00', { first: 9 })).items).toEqual([]);
    await expect(store.prompts.insert(prompt('\ud800', 'd800'), told('d800'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });

  test('an object where a string belongs is a value, not an operator', async () => {
    const anything = { $ne: null } as unknown as string;
    expect(await store.prompts.find(application, anything, 'latest')).toBeNull();
    expect(await store.releases.find(anything)).toBeNull();
    expect((await store.apiKeys.list(anything, { first: 9 })).items).toEqual([]);
    expect((await store.prompts.list(application, anything, { first: 9 })).items).toEqual([]);
    expect((await store.applications.list([anything], { first: 9 })).items).toEqual([]);
  });
});

describe('R-153 what strangers name comes back as it was', () => {
  test('keys with $, dots and NUL in schemas, safety, cases, specifications', async () => {
    const schema = JSON.parse('{"$schema":"x","a.b":{"$ref":"#"},"__proto__":{"p":1},"n\\u0000l":"\\ud800","":0}') as Record<string, unknown>;
    const model = { application, name: 'm', digest: 'sha256:m', connection: 'main', model: 'gpt-$1', floating: false, parameters: { temperature: 0 }, safety: { 'a.$b': '$x' }, priceUsdPerMTok: null, author: 'person:alice', once: { key: 'm', args: 'a' } };
    expect((await store.bundles.insertModel(model, told('m'))).doc.safety).toEqual({ 'a.$b': '$x' });
    const version = await store.prompts.insert(prompt('bundled', 'bundled'), told('bundled'));
    const parts = { prompts: { bundled: { version: version.doc.version, digest: version.doc.digest } }, model: { name: 'm', version: 1, digest: 'sha256:m' }, tools: [{ name: 't', schema }], safety: { 'x.y': 'z' } };
    const bundle = await store.bundles.insert({ application, digest: 'sha256:bundle', contents: 'sha256:contents', parts, authors: ['person:alice'], floatingModel: false, createdBy: 'person:alice' }, intent('bundle'));
    expect(bundle.parts).toEqual(parts);
    expect(Object.hasOwn(bundle.parts.tools?.[0]?.schema as object, '__proto__')).toBe(true);
    expect(await store.bundles.insert({ application, digest: 'sha256:bundle', contents: 'sha256:contents', parts, authors: [], floatingModel: true, createdBy: 'person:bob' }, intent('again'))).toEqual(bundle);
    const content = await store.bundles.content(application, 'sha256:bundle');
    expect(content).toMatchObject({ digest: 'sha256:bundle', prompts: [{ prompt: 'bundled' }], model: { name: 'm' }, connection: { name: 'main' }, context: null, guardrails: [], safety: { 'x.y': 'z' } });
    expect(content?.tools[0]?.schema).toEqual(schema);
    expect(await store.bundles.content(application, 'sha256:none')).toBeNull();
    expect(await store.bundles.content('other', 'sha256:bundle')).toBeNull();
    expect((await store.bundles.models(application)).map(({ name }) => name)).toEqual(['m']);
    await raw.db(database).collection('promptVersions').updateOne({ application, prompt: 'bundled' }, { $set: { digest: 'sha256:tampered' } });
    await expect(store.bundles.content(application, 'sha256:bundle')).rejects.toThrow(/pins bundled/);
  });

  test('a dataset is whole when its version is there; two imports at once do not mix', async () => {
    const cases = (tag: string) => Array.from({ length: 450 }, (_, i) => ({ itemDigest: `sha256:${tag}${i}`, item: { id: `${tag}-${i}`, variables: { $x: '{"$gt":1}', 'a.b': '\ud800' } } }));
    const set = (tag: string) => ({ application, name: 'd', digest: `sha256:${tag}`, items: 450, author: 'person:alice', once: { key: `d-${tag}`, args: tag } });
    const [a, b] = await Promise.all(['a', 'b'].map((tag) => store.datasets.insert(set(tag), cases(tag), told(`d-${tag}`))));
    expect([a?.doc.version, b?.doc.version].sort()).toEqual([1, 2]);
    const items = await store.datasets.items(application, 'd', b?.doc.version ?? 0, [449, 0, 7, 450]);
    expect(items.map(({ index, item }) => [index, item.id])).toEqual([[0, 'b-0'], [7, 'b-7'], [449, 'b-449']]);
    expect(items[0]).toMatchObject({ _id: `helpdesk/d/${b?.doc.version}/0`, item: { variables: { $x: '{"$gt":1}', 'a.b': '\ud800' } } });
    expect((await store.datasets.insert(set('a'), cases('a'), told('d-a'))).kind).toBe('repeated');
    expect(await store.datasets.items(application, 'd', 9, [0])).toEqual([]);
    await store.datasets.keepPart(application, 'd', { digest: 'sha256:p', items: 600 }, Array.from({ length: 600 }, (_, i) => ({ itemDigest: `sha256:p${i}`, item: { id: `p-${i}`, variables: {} } })));
    expect((await store.datasets.part(application, 'd', { digest: 'sha256:p', items: 600 })).map(({ id }) => id)).toEqual(Array.from({ length: 600 }, (_, i) => `p-${i}`));
    expect(await store.datasets.part(application, 'other', { digest: 'sha256:p', items: 600 })).toEqual([]);
    expect(await store.datasets.part(application, 'd', { digest: 'sha256:p', items: 601 })).toHaveLength(600);
    expect(await store.datasets.items(application, 'd', 3, [0])).toEqual([]);
    // Two sets that are there already, in an order of their own: no item is written again.
    const parts = [{ digest: 'sha256:p', items: 600 }, { digest: 'sha256:a', items: 450 }];
    const joined = await store.datasets.insert({ ...set('joined'), items: 1_050, parts }, [], told('d-joined'));
    expect(joined).toMatchObject({ kind: 'inserted', doc: { version: 3, parts } });
    expect((await store.datasets.items(application, 'd', 3, [1_049, 600, 599, 0, 1_050])).map(({ _id, index, item }) => [_id, index, item.id])).toEqual([['helpdesk/d/3/0', 0, 'p-0'], ['helpdesk/d/3/599', 599, 'p-599'], ['helpdesk/d/3/600', 600, 'a-0'], ['helpdesk/d/3/1049', 1_049, 'a-449']]);
    const spec = { kind: 'json-schema', schema: { $defs: { 'x.y': 1 } } } as never;
    await store.evaluators.insert({ application, name: 'e', digest: 'sha256:e', spec, author: 'person:alice', once: { key: 'e', args: 'a' } }, told('e'));
    expect((await store.evaluators.find(application, 'e', 'latest'))?.spec).toEqual(spec);
    const policy = { name: 'p', metrics: [{ name: 'feedback:a.b$' }] } as never;
    await store.policies.insert({ application, name: 'p', digest: 'sha256:p', policy, author: 'person:alice', once: { key: 'p', args: 'a' } }, told('p'));
    expect((await store.policies.list(application, { first: 9 })).items[0]?.policy).toEqual(policy);
  });
});

describe('R-154 pages neither skip nor repeat, and refuse what is no page', () => {
  test('seven rows in pages of three, while one is added', async () => {
    for (let i = 0; i < 7; i += 1) await store.prompts.insert({ ...prompt('paged', `paged-${i}`), application: 'pager' }, told(`paged-${i}`));
    const seen: number[] = [];
    let after: string | null = null;
    for (let pages = 0; pages < 9; pages += 1) {
      const page = await store.prompts.list('pager', null, { first: 3, ...(after === null ? {} : { after }) });
      seen.push(...page.items.map(({ version }) => version));
      if (pages === 0) await store.prompts.insert({ ...prompt('paged', 'paged-late'), application: 'pager' }, told('late'));
      after = page.next;
      if (after === null) break;
    }
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1]);
  });
  const cursor = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  test.each([
    ['no page', { first: 0 }], ['too large a page', { first: 101 }], ['half a row', { first: 1.5 }], ['no number', { first: Number.NaN }], ['prose', { first: 3, after: 'hello' }], ['nothing', { first: 3, after: '' }],
    ['an operator', { first: 3, after: cursor([{ $gt: 0 }, 'x']) }], ['too short', { first: 3, after: cursor([1]) }], ['too long', { first: 3, after: cursor([1, 'x', 2]) }], ['no list', { first: 3, after: cursor('x') }],
    ['an operator for an id', { first: 3, after: cursor([1, { $ne: '' }]) }],
  ])('%s', async (_name, page) => { await expect(store.prompts.list('pager', null, page)).rejects.toMatchObject({ code: 'BAD_INPUT' }); });
});
