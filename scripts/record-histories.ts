/**
 * Records what test/replay.test.ts replays and test/upgrade.e2e.test.ts carries on:
 *
 *     npx tsx scripts/record-histories.ts --histories DIR [--fixture DIR] [--checkout DIR]
 *
 *   --histories DIR   the history of every workflow of the run, one file each, compressed
 *   --fixture DIR     the database and Temporal's file as well, taken while four releases are open and the worker stands still
 *   --checkout DIR    another checkout, with its packages and engines: its programs are run, by its own `slipway demo --keep`
 *   --short           without the demo: its manifest is applied, and no simulated user comes
 *   --demo            the demo and nothing else
 *
 * Everything goes through the public doors. Nothing of the machine that records goes into a file: neither its name nor its paths.
 */
/* eslint-disable @typescript-eslint/no-unsafe-member-access, @typescript-eslint/no-unsafe-assignment, @typescript-eslint/no-unsafe-argument -- what came over the wire is read as in test/harness.ts */
import { spawn, type ChildProcess } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { gzipSync } from 'node:zlib';
import { BSON, MongoClient } from 'mongodb';
import { gql, mutate as mutateOnce, reaches, Refused, releaseOf, root, traffic, until, type Json, type Ready } from '../test/harness.js';
import { ALSO_GOOD, EMPTY, GOOD, judge, push as pushOnce, putPolicy as putPolicyOnce, settle as settleOnce, SLOPPY, start as startOnce } from '../test/world.js';
import { histories } from './histories.js';

const { values } = parseArgs({ options: { histories: { type: 'string' }, fixture: { type: 'string' }, checkout: { type: 'string', default: root }, short: { type: 'boolean', default: false }, demo: { type: 'boolean', default: false } } });
if (values.histories === undefined) throw new Error('--histories DIR says where the histories go.');
const checkout = path.resolve(values.checkout);
const say = (line: string): void => { process.stderr.write(`${line}\n`); };

/** Secrets of nobody: whoever restores the fixture needs them to open its keys. */
const secretOf = (name: string): string => createHash('sha256').update(`slipway fixture ${name}`).digest('base64url');
const SECRETS = { SLIPWAY_TOKEN_KEY: secretOf('token key'), SLIPWAY_SIGNING_KEY: secretOf('signing key'), SLIPWAY_PEPPER: secretOf('pepper') };
const APPLICATION = 'shop';
const ENVIRONMENTS = ['production', 'staging', 'held', 'baking', 'rejected', 'cancelled', 'taken', 'expired', 'lost', 'noted', 'resumed', 'harmed', 'failing', 'killed', 'stuck', 'refused'] as const;
type Name = typeof ENVIRONMENTS[number];
/** A recording has time: the machine may be busy. */
const PATIENCE_MS = 1_200_000;

/** What was refused stays refused; what found nobody is asked again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  for (const endMs = performance.now() + PATIENCE_MS; ;) {
    try { return await ask(); } catch (error) { if ((error instanceof Refused && error.code !== 'UNAVAILABLE') || performance.now() > endMs) throw error; }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
}
const mutate = (api: string, token: string, name: string, input: Record<string, unknown>, fields: string): Promise<Json> => {
  const once = { idempotencyKey: randomBytes(12).toString('hex'), ...input };
  return patiently(() => mutateOnce(api, token, name, once, fields));
};
const push: typeof pushOnce = (...given) => patiently(() => pushOnce(...given));
const settle: typeof settleOnce = (...given) => patiently(() => settleOnce(...given));
const putPolicy: typeof putPolicyOnce = (...given) => patiently(() => putPolicyOnce(...given));
const start: typeof startOnce = (stack, version, options) => { const idempotencyKey = `start-${randomBytes(8).toString('hex')}`; return patiently(() => startOnce(stack, version, { idempotencyKey, ...options })); };

interface Links { readonly ready: Ready; readonly dataDir: string; stop(): Promise<void> }

/** The demo as anybody runs it; its stack stays up. */
async function demo(): Promise<Links> {
  const env: NodeJS.ProcessEnv = { ...process.env, ...SECRETS };
  for (const name of ['MONGODB_URI', 'TEMPORAL_ADDRESS', 'NODE_ENV', 'VITEST']) delete env[name];
  const child = spawn(process.execPath, [path.join(checkout, 'scripts/slipway.mjs'), 'demo', '--json', '--keep'], { cwd: checkout, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  const data = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const { type, ...record } = JSON.parse(line) as { type: string; data?: string; candidate?: string; outcome?: string };
      if (type === 'outcome') say(`demo: ${record.candidate ?? ''} ${record.outcome ?? ''}`);
      if (type === 'links') resolve(record.data ?? '');
    });
    void ended.then(() => { reject(new Error('the demo ended too soon')); });
  });
  const ready = JSON.parse(readFileSync(path.join(data, 'dev.json'), 'utf8')) as Ready;
  return { ready, dataDir: data, stop: async () => { child.kill('SIGTERM'); await ended; } };
}

/** A stack with the demo's manifest, and its first and last prompt: the one that goes live, and the one that no user sees. */
async function short(): Promise<Links> {
  const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-record-'));
  const env: NodeJS.ProcessEnv = { ...process.env, ...SECRETS };
  for (const name of ['MONGODB_URI', 'TEMPORAL_ADDRESS', 'NODE_ENV', 'VITEST']) delete env[name];
  const run = (name: string, words: readonly string[], stdout: 'pipe' | 'ignore' = 'pipe'): ChildProcess => {
    const built = path.join(checkout, 'dist/bin', `${name}.js`);
    return spawn(process.execPath, [...(existsSync(built) ? [built] : ['--import', 'tsx', path.join(checkout, 'bin', `${name}.ts`)]), ...words], { cwd: checkout, env, stdio: ['ignore', stdout, 'inherit'] });
  };
  const child = run('dev', ['--json', '--headless', '--data', dataDir]);
  const ended = new Promise<void>((resolve) => child.once('exit', () => { resolve(); }));
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => { const said = JSON.parse(line) as Ready & { type: string }; if (said.type === 'ready') resolve(said); });
    void ended.then(() => { reject(new Error('the stack ended too soon')); });
  });
  const slipway = async (...words: readonly string[]): Promise<void> => {
    env['SLIPWAY_MODEL_URL'] = ready.model;
    const one = run('slipway', [...words, '--data', dataDir, '--json'], 'ignore');
    const code = await new Promise<number | null>((resolve) => one.once('exit', resolve));
    if (code !== 0) throw new Error(`slipway ${words.join(' ')} ended with ${String(code)}`);
  };
  const links = { ready, dataDir, stop: async () => { child.kill('SIGTERM'); await ended; rmSync(dataDir, { recursive: true, force: true }); } };
  try {
    await slipway('apply', '-f', 'examples/helpdesk/slipway.yaml', '--yes');
    for (const [version, end] of [[1, 'PROMOTED'], [4, 'REJECTED']] as const) {
      await slipway('prompt', 'push', `examples/helpdesk/prompts/answer.v${String(version)}.prompt.yml`);
      const number = version === 1 ? 1 : 2;
      const candidate = number === 1 ? { bundle: (await mutate(ready.api, ready.people.releaseManager, 'createBundle', { application: 'helpdesk', prompts: [{ name: 'answer', version: 1 }], model: { name: 'sandbox', version: 1 } }, '{ digest }')).digest as string } : { prompt: 'answer', version: 2 };
      const { id } = await mutate(ready.api, ready.people.releaseManager, 'startRelease', { application: 'helpdesk', environment: 'production', candidate, policy: 'demo' }, '{ id }');
      say(`answer@${String(number)} ${String((await reaches(ready, String(id), [end], PATIENCE_MS)).state)}`);
    }
    return links;
  } catch (error) { await links.stop(); throw error; }
}

/** A vendor that hangs under /slow, and refuses whatever else it is asked. */
async function vendor(): Promise<{ readonly url: string; close(): void }> {
  const server = http.createServer((request, response) => {
    request.resume();
    if (!(request.url ?? '').startsWith('/slow')) response.writeHead(400, { 'content-type': 'application/json' }).end('{"error":{"message":"not like this"}}');
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return { url: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`, close: () => { server.closeAllConnections(); server.close(); } };
}

/** One release for each way to end, and four that stay open. */
async function stories(stack: Ready, dataDir: string): Promise<{ readonly open: Record<string, string>; readonly key: string }> {
  const { api, people } = stack;
  const application = APPLICATION;
  const longSec = 30 * 86_400;
  await mutate(api, people.admin, 'createApplication', { key: application, team: 'shop', owner: 'rita', deputy: 'arthur', tier: 'LOW', purpose: 'Answers what customers ask.', environments: ENVIRONMENTS.map((name) => ({ name })) }, '{ key }');
  await settle(stack, { application, leaseMs: 30_000 });
  await putPolicy(stack, { application, policy: 'lost', stages: [{ weightBp: 5_000, durationMinSec: 600, durationMaxSec: longSec }] });
  const stages = (durationMinSec: number) => [{ weightBp: 5_000, durationMinSec, durationMaxSec: longSec }];
  await putPolicy(stack, { application, policy: 'slow', leaseMs: 30_000, stages: stages(600) });
  await putPolicy(stack, { application, policy: 'slow-bake', leaseMs: 30_000, bake: { durationMinSec: 600, durationMaxSec: longSec, holdbackBp: 1_000 } });
  for (const [name, expireSec] of [['approved', longSec], ['brief', 60]] as const) {
    await mutate(api, people.releaseManager, 'putRolloutPolicy', {
      application, name, evaluation: { dataset: 'facts', evaluators: [{ name: 'knows', margin: 0.1, floor: 0.5 }], callsMax: 600 }, approvals: { count: 1, expireSec }, blockSec: 1, leaseMs: 30_000,
      alpha: { harm: 0.001, promote: 0.05 }, errorBudget: 1_000, stages: stages(1), metrics: [{ name: 'sloppy', from: 'guardrail:sloppy', role: 'GUARDRAIL', maturityMs: 500, tolerance: 0, margin: 0.2 }],
      bake: { durationMinSec: 1, durationMaxSec: longSec, holdbackBp: 1_000 },
    }, '{ version }');
  }
  await mutate(api, people.author, 'createContextVersion', { application, name: 'faq', embeddingModel: 'all-MiniLM-L6-v2', index: 'faq-1', topK: 3 }, '{ version }');
  await mutate(api, people.author, 'createGuardrailPolicy', { application, name: 'polite', checks: [{ name: 'sloppy', kind: 'heuristic', threshold: 0.5 }] }, '{ version }');
  const keys = Object.fromEntries(await Promise.all(ENVIRONMENTS.map(async (environment) => [environment, (await mutate(api, people.admin, 'createApiKey', { application, kind: 'APPLICATION', name: environment, environment, scopes: ['SERVE', 'INGEST', 'FEEDBACK'], lifeDays: 365 }, '{ secret }')).secret as string]))) as Record<Name, string>;
  const users = (environment: Name) => traffic(stack, { perSec: 20, guardrail: 'sloppy', judge, key: keys[environment] });
  const act = (name: string, who: keyof Ready['people'], id: string, reason = 'to be recorded'): Promise<unknown> => mutate(api, people[who], name, { id, reason }, '{ state }');
  const begin = async (environment: Name, text: string, policy: string): Promise<string> => String((await start(stack, await push(stack, text, application), { application, environment, policy })).id);
  const good = (word: string): string => ALSO_GOOD.replace('kindly', word);
  const canary = async (environment: Name, policy = 'slow', text = good(environment)): Promise<string> => { const id = await begin(environment, text, policy); await reaches(stack, id, ['CANARY'], PATIENCE_MS); return id; };
  const waiting = async (environment: Name, policy = 'approved'): Promise<string> => { const id = await begin(environment, good(environment), policy); await reaches(stack, id, ['AWAITING_APPROVAL'], PATIENCE_MS); return id; };
  const onModel = async (environment: Name, model: string): Promise<string> => {
    const version = await push(stack, good(environment), application);
    const { digest } = await mutate(api, people.releaseManager, 'createBundle', { application, prompts: [{ name: 'answer', version }], model: { name: model, version: 1 } }, '{ digest }');
    return String((await mutate(api, people.releaseManager, 'startRelease', { application, environment, candidate: { bundle: digest }, policy: 'quick' }, '{ id }')).id);
  };
  const worker = (signal: NodeJS.Signals): void => { process.kill(-Number((JSON.parse(readFileSync(path.join(dataDir, 'pids.json'), 'utf8')) as Record<string, number>)['worker']), signal); };

  const first = await push(stack, GOOD, application);
  for (const environment of ENVIRONMENTS) await reaches(stack, (await start(stack, first, { application, environment })).id, ['PROMOTED'], PATIENCE_MS);
  say('every environment has a stable bundle');
  const away = await vendor();
  for (const name of ['slow', 'refusing']) {
    await mutate(api, people.admin, 'createConnection', { application, name, kind: 'OPENAI_COMPATIBLE', baseUrl: `${away.url}/${name}` }, '{ name }');
    await mutate(api, people.author, 'createModelVersion', { application, name, connection: name, model: name }, '{ version }');
  }

  const ends: Record<string, string> = {};
  const told = async (what: string, story: Promise<string>): Promise<string> => { const id = await story; ends[what] = id; say(`${what}: ${String((await releaseOf(api, people.releaseManager, id)).state)}`); return id; };
  await Promise.all([
    told('rejected', waiting('rejected').then(async (id) => { await act('rejectRelease', 'approver', id); return id; })),
    told('cancelled', waiting('cancelled').then(async (id) => { await act('cancelRelease', 'releaseManager', id); return id; })),
    told('taken', waiting('taken').then(async (id) => { await act('rollbackRelease', 'onCall', id); await reaches(stack, id, ['CANCELLED'], PATIENCE_MS); return id; })),
    told('expired', waiting('expired', 'brief').then(async (id) => { await reaches(stack, id, ['CANCELLED'], PATIENCE_MS); return id; })),
    told('noted', canary('noted').then(async (id) => { await act('rollbackRelease', 'onCall', id); await reaches(stack, id, ['ROLLED_BACK'], PATIENCE_MS); return id; })),
    told('failing', begin('failing', EMPTY, 'quick').then(async (id) => { await reaches(stack, id, ['REJECTED'], PATIENCE_MS); return id; })),
    told('refused', onModel('refused', 'refusing').then(async (id) => { await reaches(stack, id, ['REJECTED'], PATIENCE_MS); return id; })),
    told('stuck', onModel('stuck', 'slow').then(async (id) => {
      const running = await until('its evaluation to run', async () => (await releaseOf(api, people.releaseManager, id)).evaluation as { id: string } | null, PATIENCE_MS);
      await mutate(api, people.author, 'cancelEvaluation', { id: running.id, reason: 'to be recorded' }, '{ state }');
      await reaches(stack, id, ['CANCELLED', 'REJECTED'], PATIENCE_MS);
      return id;
    })),
  ]);
  const crowd = users('harmed');
  await told('harmed', begin('harmed', SLOPPY, 'quick').then(async (id) => { await reaches(stack, id, ['ROLLED_BACK'], PATIENCE_MS); return id; }));
  await crowd.stop();

  const resuming = users('resumed');
  await told('resumed', canary('resumed').then(async (id) => {
    await act('pauseRelease', 'onCall', id); await act('resumeRelease', 'releaseManager', id); await act('rollbackRelease', 'onCall', id);
    await reaches(stack, id, ['ROLLED_BACK'], PATIENCE_MS);
    const again = await begin('resumed', good('again'), 'quick');
    await reaches(stack, again, ['PROMOTED'], PATIENCE_MS);
    await mutate(api, people.onCall, 'rollbackEnvironment', { application, environment: 'resumed', reason: 'to be recorded' }, '{ id }');
    return again;
  }));
  await resuming.stop();

  await told('lost', canary('lost', 'lost').then(async (id) => {
    await until('it to have weight', async () => ((await gql(api, people.admin, `{ environment(application: "${application}", name: "lost") { split { weightBp } } }`)).environment.split.weightBp as number) > 0, PATIENCE_MS);
    worker('SIGSTOP');
    try { await new Promise((resolve) => setTimeout(resolve, 9_000)); } finally { worker('SIGCONT'); }
    await until('its lease to be lost', async () => ((await releaseOf(api, people.releaseManager, id)).timeline as { state: string }[]).some(({ state }) => state === 'PAUSED'), PATIENCE_MS);
    await reaches(stack, id, ['CANARY'], PATIENCE_MS);
    await act('rollbackRelease', 'onCall', id);
    await reaches(stack, id, ['ROLLED_BACK'], PATIENCE_MS);
    return id;
  }));

  await told('killed', begin('killed', good('bravely'), 'approved').then(async (id) => {
    await reaches(stack, id, ['EVALUATING', 'AWAITING_APPROVAL'], PATIENCE_MS);
    worker('SIGKILL');
    await reaches(stack, id, ['AWAITING_APPROVAL'], PATIENCE_MS);
    await act('rejectRelease', 'approver', id);
    return id;
  }));

  const open: Record<string, string> = {};
  open['AWAITING_APPROVAL'] = await told('staging', waiting('staging'));
  open['PAUSED'] = await told('held', canary('held').then(async (id) => { await act('pauseRelease', 'onCall', id); return id; }));
  const baking = users('baking');
  open['BAKING'] = await told('baking', begin('baking', good('patiently'), 'slow-bake').then(async (id) => { await reaches(stack, id, ['BAKING'], PATIENCE_MS); return id; }));
  const buying = users('production');
  open['CANARY'] = await told('production', canary('production').then(async (id) => {
    await until('evidence of it', async () => ((await releaseOf(api, people.releaseManager, id)).evidence as { candidate: { units: number } }[]).some(({ candidate }) => candidate.units > 60), PATIENCE_MS);
    return id;
  }));
  await Promise.all([baking.stop(), buying.stop()]);
  away.close();
  await until('no intent to wait', async () => (await gql(api, people.admin, '{ audit(application: "shop", first: 1) { nodes { seq } } }')).audit.nodes.length === 1);
  return { open, key: keys.production };
}

/** Every document as it lies there, a line each in canonical EJSON; and Temporal's own file. */
async function fixture({ ready, dataDir }: Links, folder: string, about: object): Promise<void> {
  rmSync(path.join(folder, 'temporal.db.gz'), { force: true });
  for (const name of existsSync(folder) ? readdirSync(folder) : []) if (name.endsWith('.jsonl.gz')) rmSync(path.join(folder, name));
  mkdirSync(folder, { recursive: true });
  const pids = JSON.parse(readFileSync(path.join(dataDir, 'pids.json'), 'utf8')) as Record<string, number>;
  const group = (name: string): number => -Number(pids[name]);
  process.kill(group('worker'), 'SIGSTOP');
  const client = await MongoClient.connect(ready.mongodb);
  const database = client.db('slipway');
  for (const { name } of await database.listCollections().toArray()) {
    const lines = (await database.collection(name).find().sort({ _id: 1 }).toArray()).map((document) => BSON.EJSON.stringify(document, { relaxed: false }));
    writeFileSync(path.join(folder, `${name}.jsonl.gz`), gzipSync(lines.join('\n'), { level: 9 }));
    say(`${name}: ${String(lines.length)}`);
  }
  const [{ now } = { now: new Date() }] = await database.aggregate<{ now: Date }>([{ $documents: [{ _id: 0 }] }, { $project: { now: '$$NOW' } }]).toArray();
  await client.close();
  process.kill(group('temporal'), 'SIGSTOP');
  const copy = path.join(folder, 'temporal');
  cpSync(path.join(dataDir, 'temporal'), copy, { recursive: true });
  process.kill(group('temporal'), 'SIGCONT');
  process.kill(group('worker'), 'SIGCONT');
  writeFileSync(path.join(folder, 'fixture.json'), `${JSON.stringify({ takenAt: now.toISOString(), secrets: SECRETS, ...about }, null, 2)}\n`);
}

const links = values.short ? await short() : await demo();
try {
  const made = values.demo ? {} : await stories(links.ready, links.dataDir);
  say(`${String(await histories(links.ready.temporal, path.resolve(values.histories), checkout))} histories`);
  if (values.fixture !== undefined) await fixture(links, path.resolve(values.fixture), { application: APPLICATION, ...made });
} finally { await links.stop(); }
