import { createHmac } from 'node:crypto';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { OFREPApi } from '@openfeature/ofrep-core';
import { MongoClient } from 'mongodb';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { composeKey } from '../core/access.js';
import { ROOT, programCommand } from '../runtime/engines/place.js';
import { waitUntil } from '../runtime/engines/port.js';
import { surroundings } from '../runtime/settings.js';
import { openStore } from '../store/index.js';
import type { Actor, Intent, Store } from '../store/index.js';
import { metric, releaseDoc } from './edge-world.js';

const database = `edge_${process.pid}`;
const application = 'helpdesk';
const environment = 'production';
const actor: Actor = { id: 'person:ann', kind: 'person', authMethod: 'dev' };
const secret = Buffer.alloc(32, 9).toString('base64url');
const KEY = composeKey('ap', 'K'.repeat(30));
const [OLD, NEW] = [`sha256:${'1'.repeat(64)}`, `sha256:${'2'.repeat(64)}`];
const [FIRST, SECOND] = ['01HZXW5T8S9Q2M4N6P7R8V0AA1', '01HZXW5T8S9Q2M4N6P7R8V0AA2'];
const intent = (id: string): Intent => ({ id, application, action: 'test.made', actor, subject: id });
const bare = (id: string): Omit<Intent, 'subject'> => ({ id, application, action: 'test.made', actor });
const once = (key: string) => ({ key, args: 'sha256:args' });

let store: Store;
let child: ChildProcess;
let url = '';
let at = { epoch: 0, rev: 0 };

async function bundle(digest: string, text: string): Promise<void> {
  const prompt = await store.prompts.insert({ application, prompt: 'answer', digest: `${digest}p`, messages: [{ role: 'system', content: text }], variables: [], message: 'm', author: actor.id, source: null, once: once(`${digest}/prompt`) }, bare(`${digest}/prompt`));
  await store.bundles.insert({ application, digest, contents: `${digest}c`, parts: { prompts: { answer: { version: prompt.doc.version, digest: `${digest}p` } }, model: { name: 'main', version: 1, digest: 'sha256:m' } }, authors: [actor.id], floatingModel: false, createdBy: actor.id }, intent(`${digest}/bundle`));
}

beforeAll(async () => {
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'edge-test', role: 'control' });
  await store.connections.insert({ _id: `${application}/sandbox`, application, name: 'sandbox', kind: 'sandbox', baseUrl: 'http://127.0.0.1:9/v1', secretRef: null, once: once('connection'), createdBy: actor.id }, intent('connection'));
  await store.bundles.insertModel({ application, name: 'main', digest: 'sha256:m', connection: 'sandbox', model: 'm-1', floating: false, parameters: { temperature: 0 }, safety: {}, priceUsdPerMTok: { input: 1, output: 10 }, author: actor.id, once: once('model') }, bare('model'));
  await bundle(OLD, 'old');
  await bundle(NEW, 'new');
  await store.apiKeys.insert({ _id: KEY.id, kind: 'ap', hash: createHmac('sha256', Buffer.from(secret, 'base64url')).update(KEY.secret).digest('hex'), name: 'app', application, environment, scopes: ['serve', 'ingest', 'feedback'], once: once('key'), createdBy: actor.id, lifeSec: 3_600 }, intent('key'));

  const opened = await store.environments.open({ application, environment, release: FIRST, candidate: OLD, contents: `${OLD}c`, intent: intent('open-1') });
  if (opened.kind !== 'opened') throw new Error(opened.kind);
  await store.environments.promote({ application, environment, release: FIRST, epoch: opened.epoch, rev: opened.rev, candidate: OLD, leaseMs: 60_000, intent: intent('promote-1') });

  const [command, ...words] = programCommand('edge');
  child = spawn(command, words, { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'], env: surroundings({ MONGODB_URI: inject('mongodbUri'), SLIPWAY_DATABASE: database, SLIPWAY_EDGE_PORT: '0', SLIPWAY_HOST: '127.0.0.1', SLIPWAY_TOKEN_KEY: secret, SLIPWAY_PEPPER: secret, SLIPWAY_READER: 'edge-e2e', NODE_ENV: 'test' }) });
  const port = await new Promise<number>((resolve, reject) => {
    child.once('exit', (code) => { reject(new Error(`the edge ended with ${String(code)}`)); });
    createInterface({ input: child.stdout ?? process.stdin }).on('line', (line) => {
      const told = JSON.parse(line) as { event?: string; port?: number };
      if (told.event === 'listening') resolve(told.port ?? 0);
    });
  });
  url = `http://127.0.0.1:${port}`;
  await waitUntil('readiness', async () => (await fetch(`${url}/readyz`)).status === 200, { limitMs: 20_000 });
});
afterAll(async () => {
  child.kill('SIGKILL');
  await store.close();
  const raw = await MongoClient.connect(inject('mongodbUri'));
  await raw.db(database).dropDatabase();
  await raw.close();
});

type Answer = { value: { messages: { content: string }[] }; variant: string; reason: string; metadata: Record<string, string> };
async function ask(targetingKey: string): Promise<Answer> {
  const api = new OFREPApi({ baseUrl: url, headers: [['Authorization', `Bearer ${KEY.secret}`]] });
  return (await api.postEvaluateFlag('answer', { context: { targetingKey } })).value as unknown as Answer;
}
const post = (path: string, body: string) => fetch(`${url}${path}`, { method: 'POST', headers: { 'content-type': 'application/json', 'x-api-key': KEY.secret }, body });
const reader = async () => (await store.environments.readers(application, environment)).find((one) => one.reader === 'edge-e2e');

describe('R-490 an edge on a real database serves, counts and goes back', () => {
  test('stable to everybody, and nobody without a key', async () => {
    expect(await ask('user-1')).toMatchObject({ reason: 'STATIC', variant: 'stable', value: { messages: [{ content: 'old' }], model: { provider: 'sandbox', name: 'm-1' } } });
    expect((await fetch(`${url}/ofrep/v1/evaluate/flags/answer`, { method: 'POST', body: '{}' })).status).toBe(401);
    await waitUntil('the acknowledgement', async () => (await reader())?.rev === 1, { limitMs: 5_000 });
  });

  test('a candidate to some, whose observations become blocks with every unit once', async () => {
    const opened = await store.environments.open({ application, environment, release: SECOND, candidate: NEW, contents: `${NEW}c`, intent: intent('open-2') });
    if (opened.kind !== 'opened') throw new Error(opened.kind);
    const weighed = await store.environments.setWeight({ application, environment, release: SECOND, epoch: opened.epoch, rev: opened.rev, candidate: NEW, weightBp: 5_000, leaseMs: 60_000, intent: intent('weight-2') });
    at = { epoch: weighed.epoch, rev: weighed.rev };
    const { requestedBy, message, tier, ownerTeam, authors, policy, dataset } = releaseDoc([
      metric({ maturityMs: 1_500 }), metric({ name: 'thumbs', from: 'feedback:thumbs_down', maturityMs: 1_500 }), metric({ name: 'slow', from: 'slow', maturityMs: 1_500, objectiveMs: 2_000, missingAs: 1 }),
      metric({ name: 'cost', from: 'cost', kind: 'mean', relative: true, maturityMs: 1_500, missingAs: null }), metric({ name: 'quality', from: 'evaluation:helpful', kind: 'score', maturityMs: 1_500, missingAs: null }),
    ], { blockSec: 1 });
    const gate = { format: 1, metrics: [{ id: 'cost', type: 'histogram', cap: 0.0003, role: 'observe', prior: { mean: 0.0001, variance: 1e-8 } }, { id: 'assignment', type: 'units' }] } as const;
    await store.releases.insert({ _id: SECOND, application, environment, once: once('release-2'), candidate: NEW, contents: `${NEW}c`, requestedBy, message, tier, ownerTeam, authors, policy, dataset, evaluators: [], approvalsNeeded: 0 }, { id: 'born', type: 'release.requested', actor }, intent('born'));
    await store.releases.move(SECOND, 'REQUESTED', 'CANARY', { id: 'canary', type: 'release.canary', actor }, { epoch: opened.epoch, baseline: OLD, gate, stage: { index: 0, weightBp: 5_000 } }, intent('canary'));
    await waitUntil('the candidate', async () => (await ask('user-1')).reason === 'SPLIT', { limitMs: 5_000 });

    const people = Array.from({ length: 40 }, (_, i) => `user-${i}`);
    const answers = await Promise.all(people.map(ask));
    const candidates = answers.filter(({ variant }) => variant === 'candidate');
    expect(candidates.length).toBeGreaterThan(5);
    for (const { variant, value } of answers) expect(value.messages[0]?.content).toBe(variant === 'candidate' ? 'new' : 'old');

    // The candidate fails, takes three times as long, costs twice as much, and is judged worse.
    const spans = answers.map(({ variant, metadata }, i) => {
      const isCandidate = variant === 'candidate';
      const texts = [['gen_ai.operation.name', 'chat'], ['gen_ai.request.model', 'm-1'], ['slipway.assignment', metadata['slipway.assignment'] ?? '']].map(([key, stringValue]) => ({ key, value: { stringValue } }));
      const tokens = [['gen_ai.usage.input_tokens', isCandidate ? 200 : 100], ['gen_ai.usage.output_tokens', isCandidate ? 20 : 10]].map(([key, intValue]) => ({ key, value: { intValue } }));
      const judged = [{ key: 'gen_ai.evaluation.name', value: { stringValue: 'helpful' } }, { key: 'gen_ai.evaluation.score.value', value: { doubleValue: isCandidate ? 0.5 : 0.9 } }];
      return {
        traceId: (i + 1).toString(16).padStart(32, '0'), spanId: (i + 1).toString(16).padStart(16, '0'), name: 'chat', status: { code: isCandidate ? 2 : 1 },
        startTimeUnixNano: '1795262400000000000', endTimeUnixNano: isCandidate ? '1795262403000000000' : '1795262401000000000', attributes: [...texts, ...tokens], events: [{ name: 'gen_ai.evaluation.result', attributes: judged }],
      };
    });
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
    for (let i = 0; i < 3; i += 1) expect((await post('/v1/traces', body)).status).toBe(200);
    expect((await post('/v1/traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [...spans].reverse() }] }] }))).status).toBe(200);   // packed anew
    const thumb = await post('/v1/feedback', JSON.stringify({ token: answers[0]?.metadata['slipway.assignment'], label: 'thumbs_down', value: 1 }));
    expect(await thumb.json()).toEqual({ counted: true });
    expect((await post('/v1/traces', JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [{ ...spans[0], attributes: spans[0]?.attributes.slice(0, 2) }] }] }] }))).status).toBe(200);

    const sums = async () => Object.fromEntries((await store.blocks.totals(application, SECOND)).map(({ metric: name, stable, candidate }) => [name, [stable.n, stable.k, candidate.n, candidate.k]]));
    // Every unit is in one of the blocks of each metric.
    await waitUntil('the blocks', async () => { const all = Object.values(await sums()); return all.length === 6 && all.every(([stable = 0, , candidate = 0]) => stable + candidate === people.length); }, { limitMs: 20_000 });
    const isFirstCandidate = answers[0]?.variant === 'candidate' ? 1 : 0;
    expect(await sums()).toEqual({
      errors: [people.length - candidates.length, 0, candidates.length, candidates.length],
      thumbs: [people.length - candidates.length, 1 - isFirstCandidate, candidates.length, isFirstCandidate],
      slow: [people.length - candidates.length, 0, candidates.length, candidates.length],
      cost: [people.length - candidates.length, 0, candidates.length, 0], quality: [people.length - candidates.length, 0, candidates.length, 0], assignment: [people.length - candidates.length, 0, candidates.length, 0],
    });
    const blocksOf = (name: string) => store.blocks.after(application, SECOND, name, -1);
    const means = Object.fromEntries((await store.blocks.totals(application, SECOND)).map(({ metric: name, stable, candidate }) => [name, [stable.sum / stable.n, candidate.sum / candidate.n]]));
    // 200 and 400 millionths of a dollar, the second up to the cap that is pinned with the release; badness in hundredths.
    expect(means['cost']).toEqual([expect.closeTo(0.0002, 5), expect.closeTo(0.0003, 12)]);
    expect(means['quality']).toEqual([expect.closeTo(0.1, 12), expect.closeTo(0.5, 12)]);
    for (const block of await blocksOf('assignment')) expect(block).toMatchObject({ rev: at.rev, both: 0, readers: [{ reader: 'edge-e2e', stable: block.stable.n, candidate: block.candidate.n }] });
    expect(await store.batches.uncounted(application, 3_600)).toEqual({ no_token: 1 });
  });

  test('a rollback is served and acknowledged within 3 s; old tokens still count for what they were', async () => {
    const before = await ask('user-1');
    const begunMs = performance.now();
    const rolled = await store.environments.rollback({ application, environment, release: SECOND, candidate: NEW, contents: `${NEW}c`, forCause: true, reason: 'worse', intent: intent('rollback-2') });
    expect(rolled.kind).toBe('rolledBack');
    await waitUntil('stable', async () => (await ask('user-1')).reason === 'STATIC', { limitMs: 3_000 });
    await waitUntil('the acknowledgement', async () => (await reader())?.rev === at.rev + 1, { limitMs: 3_000 });
    expect(performance.now() - begunMs).toBeLessThan(3_000);
    for (let i = 0; i < 10; i += 1) expect((await ask(`user-${i}`)).variant).toBe('stable');
    const thumb = await post('/v1/feedback', JSON.stringify({ token: before.metadata['slipway.assignment'], label: 'thumbs_down', value: 0 }));
    expect(await thumb.json()).toEqual({ counted: true });
  });

  test('it ends when asked to', async () => {
    const code = new Promise<number | null>((resolve) => { child.once('exit', resolve); });
    child.kill('SIGTERM');
    expect(await code).toBe(0);
  });
});
