import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient, type Db, type Document } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { verifyChain } from '../core/audit/index.js';
import { COLLECTION_NAMES } from '../store/collections.js';
import { readFixture, restore } from './fixtures/restore.js';
import { gql, mutate, reaches, releaseOf, send, startStack, traffic, until, type Json, type Stack, type Traffic } from './harness.js';
import { ALSO_GOOD, GOOD, judge, push, start } from './world.js';

// A data directory of the first version, with four releases open, under the programs of today. The fixture says where it comes from.
const fixture = readFixture('keel');
const { application } = fixture;
const LATER = { later: { than: 'all that today knows', list: [1, { deep: true }] } };
const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-upgrade-'));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const crowds: Traffic[] = [];
let stack: Stack;
let client: MongoClient;
let db: Db;

/** Every document but the events of the audit chain holds a field of a version to come. */
const planted = (collection: string, document: Document): Document => (collection === 'audit' ? document : { ...document, ...LATER });
beforeAll(async () => {
  await restore(fixture, dataDir, { changed: planted });
  stack = await startStack({ dataDir, env: { ...fixture.secrets } });
  client = await MongoClient.connect(stack.mongodb);
  db = client.db('slipway');
}, 240_000);
afterAll(async () => {
  await Promise.all(crowds.map((crowd) => crowd.stop()));
  await client?.close();
  await stack?.stop();
  rmSync(dataDir, { recursive: true, force: true });
});

const stored = (collection: string): readonly Document[] => fixture.documents.get(collection) ?? [];
const ask = (query: string, variables: Record<string, unknown> = {}): Promise<Json> => gql(stack.api, stack.people.admin, query, variables);
const keyFor = async (environment: string): Promise<string> => (await mutate(stack.api, stack.people.admin, 'createApiKey', { application, kind: 'APPLICATION', name: 'today', environment, scopes: ['SERVE', 'INGEST', 'FEEDBACK'], lifeDays: 1 }, '{ secret }')).secret as string;
const served = async (key: string): Promise<Json> => (await send('POST', `${stack.edge}/ofrep/v1/evaluate/flags/answer`, { 'content-type': 'application/json', authorization: `Bearer ${key}` }, JSON.stringify({ context: { targetingKey: 'somebody' } }))).json;
const textOf = (answer: Json): string => String(answer?.value?.messages?.[0]?.content ?? '');
const act = (name: string, who: keyof Stack['people'], id: string): Promise<Json> => mutate(stack.api, stack.people[who], name, { id, ...(name === 'approveRelease' ? { comment: 'seen' } : { reason: 'after the upgrade' }) }, '{ state }');
const usersOf = (key: string): void => { crowds.push(traffic(stack, { perSec: 20, guardrail: 'sloppy', judge, key })); };

/** Every page of a list, its nodes in order. */
async function everyNode(field: string, given: string, nodes: string): Promise<readonly Json[]> {
  const found: Json[] = [];
  for (let after: string | null = null; ;) {
    const { list } = await ask(`query($after: String) { list: ${field}(${given}${given === '' ? '' : ', '}first: 100, after: $after) { nodes ${nodes} pageInfo { hasNextPage endCursor } } }`, { after });
    found.push(...list.nodes);
    if (list.pageInfo.hasNextPage !== true) return found;
    after = String(list.pageInfo.endCursor);
  }
}
/** That of the people, `*`, has no door: it is read where it lies. */
const chainOf = async (key: string): Promise<readonly Json[]> => (key === '*' ? (await db.collection('audit').find({ application: key }).sort({ seq: 1 }).toArray()).map((event) => ({ ...event, at: (event['at'] as Date).toISOString() })) : everyNode('audit', `application: "${key}"`, '{ application seq at actor actorKind authMethod action subject beforeDigest afterDigest reason intentId previousHash hash }'));

/** Collections that the earlier version did not have. */
const YOUNGER: readonly string[] = ['limits', 'calibrations'];

describe('R-875 every stored document says its shape', () => {
  test.each([...fixture.documents.keys()])('%s of an earlier version', (name) => {
    expect(stored(name).length).toBeGreaterThan(0);
    for (const document of stored(name)) expect(Number(document['shape']), String(document['_id'])).toBe(1);
  });
  test('every collection there is has a document in the fixture, or is younger than it', () => {
    expect([...fixture.documents.keys(), ...YOUNGER].sort()).toEqual([...COLLECTION_NAMES].sort());
  });
});

describe('R-876 what an earlier version left is read through every door of today', () => {
  test('applications, and what is in them', async () => {
    for (const { _id, team, purpose, environments } of stored('applications')) {
      const { found } = await ask('query($key: ID!) { found: application(key: $key) { key team owner deputy tier purpose environmentNames { name protected } environments { name split { rev epoch stable weightBp } quarantine { digest } readers { reader } splits(first: 100) { nodes { rev stable } } } createdAt } }', { key: _id });
      expect(found).toMatchObject({ key: _id, team, purpose });
      expect(found.environmentNames.map((one: Json) => one.name)).toEqual((environments as Document[]).map((one) => one['name'] as string));
      const splits = stored('splits').filter((split) => split['application'] === _id);
      expect(found.environments.flatMap((one: Json) => one.splits.nodes.map((split: Json) => `${String(one.name)}/${String(split.rev)}/${String(split.stable)}`))).toEqual(expect.arrayContaining(splits.map((split) => `${String(split['environment'])}/${Number(split['rev'])}/${String(split['stable'])}`)));
    }
  });

  test('prompts, models, datasets, evaluators, policies, connections and keys', async () => {
    for (const { _id: key } of stored('applications')) {
      const own = (collection: string): readonly Document[] => stored(collection).filter((one) => one['application'] === key);
      const given = `application: "${String(key)}"`;
      const digests = (list: readonly Json[]): unknown[] => list.map((one) => one.digest as unknown).sort();
      const expected = (collection: string): unknown[] => own(collection).map((one) => one['digest'] as unknown).sort();
      expect(digests(await everyNode('promptVersions', given, '{ digest messages { role content } variables message author createdAt }'))).toEqual(expected('promptVersions'));
      expect(digests(await everyNode('datasets', given, '{ digest items name version }'))).toEqual(expected('datasets'));
      expect(digests(await everyNode('policies', given, '{ digest policy tier author }'))).toEqual(expected('policies'));
      expect((await everyNode('apiKeys', given, '{ id kind name scopes expiresAt revokedAt }')).map((one) => one.id as string)).toEqual(expect.arrayContaining(own('apiKeys').map((one) => String(one['_id']))));
      const rest = await ask(`{ prompts(${given}) connections(${given}) { name kind baseUrl } evaluators(${given}) { digest spec } }`);
      expect(rest.prompts).toEqual([...new Set(own('promptVersions').map((one) => String(one['prompt'])))]);
      expect(rest.connections.map((one: Json) => one.name).sort()).toEqual(own('connections').map((one) => String(one['name'])).sort());
      expect(digests(rest.evaluators)).toEqual(expected('evaluators'));
      for (const { name, version, digest } of own('modelVersions')) expect((await ask(`query($name: String!, $version: Int) { modelVersion(${given}, name: $name, version: $version) { digest parameters } }`, { name, version: Number(version) })).modelVersion.digest).toBe(digest);
    }
  });

  test('bundles, whose digests recompute', async () => {
    for (const { application: key, digest } of stored('bundles')) {
      const { bundle } = await ask('query($key: ID!, $digest: ID!) { bundle(application: $key, digest: $digest) { digest canonical prompts { digest } model { digest } authors } }', { key, digest });
      expect(bundle.digest).toBe(digest);
      expect(`sha256:${sha256(String(bundle.canonical))}`).toBe(digest);
    }
  });

  test('releases with timeline and evidence, evaluations with their verdict', async () => {
    const open = new Set(Object.values(fixture.open));
    for (const { _id, kind, state, timeline } of stored('releases').filter((one) => !open.has(String(one['_id'])))) {
      const found = await releaseOf(stack.api, stack.people.admin, String(_id));
      expect(found).toMatchObject({ id: _id, kind, state, open: false });
      expect(found.timeline.map((entry: Json) => [entry.seq, entry.type, entry.state])).toEqual((timeline as Document[]).map((entry) => [Number(entry['seq']), entry['type'], entry['state']]));
    }
    let seen = 0;
    for (const id of new Set(stored('blocks').map((one) => String(one['release'])).filter((one) => !open.has(one)))) {
      const blocks = stored('blocks').filter((one) => one['release'] === id);
      const sum = (metric: string, arm: 'stable' | 'candidate', count: 'n' | 'k'): number => blocks.filter((one) => one['metric'] === metric).reduce((all, one) => all + Number((one[arm] as Document)[count]), 0);
      const { release } = await ask('query($id: ID!) { release(id: $id) { exposure { metric requests badResponses } evidence { metric stable { units bad } candidate { units bad } } } }', { id });
      const { metric, requests, badResponses } = release.exposure;
      expect([requests, badResponses], id).toEqual([sum(String(metric), 'candidate', 'n'), sum(String(metric), 'candidate', 'k')]);
      // What was decided by is what the last receipt had read of it.
      for (const one of release.evidence) {
        expect(one.candidate.units).toBeLessThanOrEqual(sum(String(one.metric), 'candidate', 'n'));
        seen += Number(one.candidate.units);
      }
    }
    expect(seen).toBeGreaterThan(0);
    for (const { _id, state, verdict, progress } of stored('evaluations')) {
      const { evaluation } = await ask('query($id: ID!) { evaluation(id: $id) { id state verdict { kind evidence moreCasesNeeded } progress { items itemsTotal calls errors } error dataset { digest } } }', { id: _id });
      expect(evaluation).toMatchObject({ id: _id, state, verdict: verdict === null ? null : { kind: (JSON.parse(String(verdict)) as { kind: string }).kind }, progress: { items: Number((progress as Document)['items']) } });
    }
  });

  test('an application\'s key opens the edge, which serves what was stable', async () => {
    await until('the edge to serve', async () => textOf(await served(fixture.key)) === GOOD);
  });
});

describe('R-877 what was open when the programs were replaced is carried on', () => {
  test('AWAITING_APPROVAL: approved today, it climbs and is promoted', async () => {
    const id = fixture.open.AWAITING_APPROVAL;
    expect((await releaseOf(stack.api, stack.people.admin, id)).state).toBe('AWAITING_APPROVAL');
    usersOf(await keyFor('staging'));
    await act('approveRelease', 'approver', id);
    await reaches(stack, id, ['PROMOTED'], 150_000);
  });

  test('PAUSED by a person: it waits for a person', async () => {
    const id = fixture.open.PAUSED;
    expect((await releaseOf(stack.api, stack.people.admin, id)).state).toBe('PAUSED');
    await until('its pause to have been looked at', async () => ((await releaseOf(stack.api, stack.people.admin, id)).holds as string[]).includes('MANUAL_PAUSE'));
    expect((await act('resumeRelease', 'releaseManager', id)).state).toBe('CANARY');
    await act('rollbackRelease', 'onCall', id);
    await reaches(stack, id, ['ROLLED_BACK']);
  });

  test.each(['CANARY', 'BAKING'] as const)('%s: its lease is over, it comes back after a clean look, and is promoted by evidence of today', async (state) => {
    const id = fixture.open[state];
    const environment = String(stored('releases').find((one) => one['_id'] === id)?.['environment']);
    usersOf(environment === 'production' ? fixture.key : await keyFor(environment));
    const release = await reaches(stack, id, ['PROMOTED'], 150_000);
    const before = stored('releases').find((one) => one['_id'] === id)?.['timeline'] as Document[];
    const since = release.timeline.slice(before.length) as { state: string; reason: string | null }[];
    expect(before.at(-1)?.['state']).toBe(state);
    expect(since.map((entry) => entry.state)).toContain('PAUSED');
    expect(since.map((entry) => entry.state)).toContain(state);
  });
});

describe('R-878 today goes on where an earlier version stopped', () => {
  const environment = 'noted';
  const environmentNow = async (): Promise<Json> => (await ask('query($application: ID!, $environment: ID!) { environment(application: $application, name: $environment) { split { stable rev epoch } previous } }', { application, environment })).environment;

  test('a new release is promoted over an earlier bundle, and one write goes back to that', async () => {
    const key = await keyFor(environment);
    usersOf(key);
    const before = await environmentNow();
    const { id } = await start(stack, await push(stack, ALSO_GOOD.replace('kindly', 'today'), application), { application, environment });
    await reaches(stack, id, ['PROMOTED'], 150_000);
    expect((await environmentNow()).previous).toBe(before.split.stable);
    await until('the edge to serve it', async () => textOf(await served(key)).includes('today'));
    await mutate(stack.api, stack.people.onCall, 'rollbackEnvironment', { application, environment, reason: 'back to where it was' }, '{ id kind }');
    expect((await environmentNow()).split.stable).toBe(before.split.stable);
    await until('the edge to serve the earlier bundle', async () => textOf(await served(key)) === GOOD);
  });

  test('the chain of each application is sound over the earlier events and those of today', async () => {
    await until('every intent to be told', async () => (await db.collection('releases').countDocuments({ 'intents.0': { $exists: true } })) === 0);
    for (const { _id: key } of [...stored('applications'), { _id: '*' }]) {
      const events = await chainOf(String(key));
      const earlier = stored('audit').filter((one) => one['application'] === key).map((one) => one['hash'] as string).sort();
      expect(verifyChain(events as never, sha256)).toMatchObject({ kind: 'sound' });
      expect(earlier.length).toBeGreaterThan(0);
      expect(events.length).toBeGreaterThan(key === 'helpdesk' ? earlier.length - 1 : earlier.length);
      expect(events.map((event) => event.hash as string)).toEqual(expect.arrayContaining(earlier));
    }
  });

  test('R-875 what today wrote says its shape too', async () => {
    for (const name of COLLECTION_NAMES) expect([name, await db.collection(name).countDocuments({ shape: { $ne: 1 } })]).toEqual([name, 0]);
  });

  test('a field that today does not know is kept by whatever today wrote', async () => {
    await mutate(stack.api, stack.people.admin, 'createApplication', { key: application, team: 'shop', owner: 'rita', deputy: 'oscar', tier: 'LOW', purpose: 'Answers what customers ask.', environments: (stored('applications').find((one) => one['_id'] === application)?.['environments'] as Document[]).map((one) => ({ name: one['name'] as string, protected: one['protected'] as boolean })) }, '{ key }');
    const [key] = stored('apiKeys').filter((one) => one['application'] === application);
    await mutate(stack.api, stack.people.admin, 'revokeApiKey', { application, id: String(key?.['_id']), reason: 'an old one' }, '{ id }');
    let changed = 0;
    for (const [name, documents] of fixture.documents) {
      if (name === 'audit') continue;
      const now = new Map((await db.collection(name).find().toArray()).map((one) => [String(one._id), one]));
      for (const { _id } of documents) {
        const found = now.get(String(_id));
        if (found === undefined) continue;   // its time was over
        expect(found['later'], `${name} ${String(_id)}`).toEqual(LATER.later);
        changed += 1;
      }
    }
    expect(changed).toBeGreaterThan(500);
  });
});
