import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { MongoClient } from 'mongodb';
import { ulid } from 'ulid';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { createActivities } from '../activities/index.js';
import { digestOf } from '../core/canonical.js';
import { evaluationPlanOf, isOpen, policyOf } from '../core/release/index.js';
import type { BundleContent, NewRelease, ReleaseDoc, Store } from '../store/index.js';
import { openStore } from '../store/index.js';
import type { Orders } from '../temporal/index.js';
import { createOrders } from '../temporal/index.js';
import type { Host } from '../worker/index.js';
import { bundleOf, createWorker, installRuntime } from '../worker/index.js';
import type { EvaluationOrder } from '../workflows/messages.js';

// Real workflow, real activities, real store. Models answer at once, and blocks are made here: what the fold would find is the test's to say.
const database = `release_loop_${process.pid}`;
const application = 'helpdesk';
const environment = `loop-${process.pid}`;
const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-loop-'));
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const digest = (value: unknown): string => digestOf(value, sha256);
const common = { shape: 1 as const, application, author: 'person:eve', once: { key: 'k', args: 'sha256:x' }, createdAt: new Date(0), intents: [] };
let store: Store;
let worker: Host;
let orders: Orders;
let folding: NodeJS.Timeout;
/** Share of bad units by candidate bundle. */
const bad = new Map<string, number>();
/** Bundles whose model takes its time. */
const slow = new Set<string>();

const bundle = (name: string): string => digest({ bundle: name });
const content = (of: string): BundleContent => ({
  digest: of, contents: of, application, authors: [], context: null, guardrails: [], tools: [], safety: {},
  prompts: [{ ...common, _id: 'p', prompt: 'answer', version: 1, digest: of, messages: [{ role: 'user', content: '{{question}}' }], variables: ['question'], message: 'm', source: null }],
  model: { ...common, _id: 'm', name: 'm', version: 1, digest: 'sha256:m', connection: 'c', model: of, floating: false, parameters: {}, safety: {}, priceUsdPerMTok: null },
  connection: { ...common, createdBy: 'person:eve', _id: 'c', name: 'c', kind: 'sandbox', baseUrl: 'http://127.0.0.1/v1', secretRef: null },
});

beforeAll(async () => {
  const address = inject('temporalAddress');
  store = await openStore({ uri: inject('mongodbUri'), database, appName: 'loop-test', role: 'control' });
  orders = createOrders({ address, namespace: 'default', limitMs: 20_000 });
  const activities = createActivities({
    releases: store.releases, environments: store.environments, evaluations: store.evaluations, calibrations: store.calibrations, watches: store.watches, blocks: store.blocks, orders,
    bundles: { content: (_application, of) => Promise.resolve(content(of)) },
    datasets: { items: (_application, name, version, indexes) => Promise.resolve(indexes.map((index) => ({ ...common, _id: `${name}/${version}/${index}`, dataset: name, index, itemDigest: digest({ index }), item: { id: `i${index}`, variables: { question: `q${index}` }, expected: 'right' } }))) },
    evaluators: { find: (_application, name) => Promise.resolve({ ...common, _id: `${application}/${name}/1`, name, version: 1, digest: 'sha256:exact', spec: { kind: 'exact' } }) },
    permits: { take: async () => () => undefined },
    providerFor: () => ({
      kind: 'sandbox', embed: () => Promise.resolve([]),
      complete: async ({ model }) => {
        if (slow.has(model)) await new Promise((resolve) => { setTimeout(resolve, 200); });
        return { text: 'right', finishReason: 'stop', model, inputTokens: 1, outputTokens: 1, durationMs: 1 };
      },
    }),
    score: (_spec, { text }) => Promise.resolve({ value: text === 'right' ? 1 : 0 }), judgeFor: () => Promise.resolve(null),
    auditLagSec: () => Promise.resolve(0), digest, newId: ulid, monotonicMs: () => performance.now(), trace: { span: (_name, _attributes, run) => run() }, code: 'test', tell: () => undefined,
  });
  installRuntime({ tell: () => undefined });
  worker = await createWorker({ address, namespace: 'default', activities, bundle: await bundleOf({ cacheDir: dataDir, digest: sha256 }), graceMs: 100 });
  let isFolding = false;
  folding = setInterval(() => { if (!isFolding) { isFolding = true; void fold().finally(() => { isFolding = false; }); } }, 150);
});
afterAll(async () => {
  clearInterval(folding);
  await orders.close();
  await worker.shutdown();
  await store.close();
  const raw = new MongoClient(inject('mongodbUri'));
  await raw.db(database).dropDatabase();
  await raw.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function fold(): Promise<void> {
  for (const release of await store.releases.exposed()) {
    if (release.stage === null || !isOpen(release.state)) continue;
    const nowMs = (await store.environments.now()).getTime();
    const { through } = await store.blocks.folded(release._id);
    const from = (through['bad'] ?? Math.floor(release.stage.since.getTime() / 1_000) - 1) + 1;
    const to = Math.floor((nowMs - 250) / 1_000) - 1;
    const candidate = Math.round(400 * release.stage.weightBp / 10_000);
    const blocks = Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
      _id: `${application}/${release._id}/bad/${String(from + index).padStart(12, '0')}`, application, release: release._id, metric: 'bad', block: from + index,
      stable: { n: 400 - candidate, k: Math.round((400 - candidate) * 0.01) }, candidate: { n: candidate, k: Math.round(candidate * (bad.get(release.candidate) ?? 0.01)) },
    }));
    if (blocks.length > 0) { await store.blocks.insert(blocks); await store.blocks.through(release._id, { bad: to }); }
  }
}

const plan = policyOf({
  name: 'quick', approvals: { count: 0 }, blockSec: 1, leaseMs: 8_000, evaluation: { dataset: 'cases', evaluators: [{ name: 'exact', floor: 0.5 }] },
  metrics: [{ name: 'bad', from: 'guardrail:bad', margin: 0.1, maturityMs: 0 }],
  stages: [{ weightBp: 1_000, durationMinSec: 1, durationMaxSec: 600 }, { weightBp: 5_000, durationMinSec: 1, durationMaxSec: 600 }], bake: { durationMinSec: 1, durationMaxSec: 600 },
}, 'LOW');
const evaluators = [{ name: 'exact', version: 1, digest: 'sha256:exact', role: 'guardrail' as const, margin: 0.05, floor: 0.5 }];
const dataset = { name: 'cases', version: 1, digest: 'sha256:cases', items: 150 };
const policy = { name: 'quick', version: 1, digest: 'sha256:quick', plan };
const newRelease = (name: string, key = ulid()): NewRelease => ({
  _id: ulid(), application, environment, once: { key, args: digest({ name }) }, candidate: bundle(name), contents: bundle(name), requestedBy: { id: 'person:rob', kind: 'person' }, message: name, tier: 'LOW',
  ownerTeam: 'support', authors: ['person:eve'], policy, dataset, evaluators, approvalsNeeded: 0,
});
const find = async (id: string): Promise<ReleaseDoc> => {
  const found = await store.releases.find(id);
  if (found === null) throw new Error(`no release ${id}`);
  return found;
};
async function ended(id: string): Promise<ReleaseDoc> {
  for (const endMs = performance.now() + 60_000; performance.now() < endMs;) {
    const found = await find(id);
    if (!isOpen(found.state)) return found;
    await new Promise((resolve) => { setTimeout(resolve, 100); });
  }
  throw new Error(`release ${id} never ended: ${JSON.stringify((await find(id)).timeline.map(({ type, reason }) => [type, reason]))}`);
}
async function release(name: string): Promise<ReleaseDoc> {
  const made = newRelease(name);
  expect(await orders.startRelease({ release: made, reason: name })).toMatchObject({ kind: 'opened', release: made._id });
  return ended(made._id);
}
const served = async () => (await store.environments.find(application, environment))?.split;

describe('R-336 the loop, over real engines', () => {
  test('the first release becomes stable without a canary; a good one climbs and is promoted; a bad one is taken back and stays out', async () => {
    const first = await release('v1');
    expect(first).toMatchObject({ state: 'PROMOTED', baseline: 'none', ticket: { baseline: 'none', verdict: 'PASS' } });
    expect(await served()).toMatchObject({ stable: bundle('v1') });

    const good = await release('v2');
    expect(good).toMatchObject({ state: 'PROMOTED', baseline: bundle('v1') });
    expect(good.timeline.map(({ type }) => type).filter((type) => type !== 'release.held')).toEqual(['release.requested', 'release.evaluating', 'release.evaluated', 'release.stage_started', 'release.stage_started', 'release.baking', 'release.promoted']);
    expect(good.timeline.map(({ seq }) => seq)).toEqual(good.timeline.map((_, index) => index + 1));
    expect(await served()).toMatchObject({ stable: bundle('v2'), weightBp: 0 });
    expect((await store.environments.find(application, environment))?.open).toBeNull();

    bad.set(bundle('v3'), 0.6);
    const worse = await release('v3');
    expect(worse).toMatchObject({ state: 'ROLLED_BACK', rollback: { forCause: true, reason: expect.stringContaining('HARM') as string, convergeMs: 0, stragglers: [] } });
    expect(worse.rollback?.receipt).toMatch(new RegExp(`^${worse._id}/\\d{8}$`));
    expect(await served()).toMatchObject({ stable: bundle('v2'), weightBp: 0 });
    const receipts = (await store.releases.receipts(worse._id, { first: 100 })).items;
    expect(receipts.map(({ seq }) => seq).sort((a, b) => a - b)).toEqual(receipts.map((_, index) => index + 1));

    const again = newRelease('v3');
    expect(await orders.startRelease({ release: again, reason: 'again' })).toMatchObject({ kind: 'refused', code: 'QUARANTINED' });
    expect(await find(again._id)).toMatchObject({ state: 'REJECTED', open: false });
    expect((await store.environments.find(application, environment))?.open).toBeNull();
  });

  test('a rollback by the API in mid-canary ends the release under its reason', async () => {
    const made = newRelease('v4');
    await orders.startRelease({ release: made, reason: 'v4' });
    for (let doc = await find(made._id); (await served())?.weightBp === 0 && isOpen(doc.state); doc = await find(made._id)) await new Promise((resolve) => { setTimeout(resolve, 50); });
    const actor = { id: 'person:oncall', kind: 'person' as const };
    const back = await store.environments.rollback({ application, environment, release: made._id, candidate: made.candidate, contents: made.contents, forCause: true, reason: 'people complain', intent: { id: ulid(), application, action: 'release.rolled_back', actor, subject: made._id } });
    if (back.kind !== 'rolledBack') throw new Error(back.kind);
    await orders.noteRolledBack(`release/${application}/${environment}`, { release: made._id, rev: back.rev, epoch: back.epoch, forCause: true, reason: 'people complain', actor });
    expect(await ended(made._id)).toMatchObject({ state: 'ROLLED_BACK', rollback: { rev: back.rev, decidedBy: 'person:oncall', committedAt: back.at } });
    expect(await served()).toMatchObject({ stable: bundle('v2') });
  });
});

describe('R-247 an evaluation is started or joined, and can be cancelled', () => {
  const orderOf = (name: string, key: string): EvaluationOrder => {
    const pinned = evaluationPlanOf({ bundle: bundle(name), baseline: bundle('v1'), dataset, evaluators, policy }, digest);
    return { evaluation: ulid(), application, identity: digest(pinned), attempt: 1, once: { key, args: digest(pinned) }, requestedBy: { id: 'ci:github', kind: 'ci' }, plan: pinned, answersKeepSec: 600 };
  };
  test('two who ask for the same content get the same evaluation', async () => {
    slow.add(bundle('v5'));
    const [one, other] = [orderOf('v5', 'a'), orderOf('v5', 'b')];
    const births = await Promise.all([orders.startEvaluation(one), orders.startEvaluation(other)]);
    const [first] = births;
    if (first?.kind !== 'opened') throw new Error(JSON.stringify(births));
    expect(births[1]).toMatchObject({ evaluation: first.evaluation });
    await orders.cancelEvaluation(application, one.identity, 1, { evaluation: first.evaluation, actor: one.requestedBy, reason: 'no longer wanted', id: ulid() });
    for (let tries = 0; tries < 100 && (await store.evaluations.find(first.evaluation))?.state === 'RUNNING'; tries += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
    expect(await store.evaluations.find(first.evaluation)).toMatchObject({ state: 'CANCELLED', error: 'no longer wanted', verdict: null });
  });
});
