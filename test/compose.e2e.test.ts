import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { parse } from 'yaml';
import { choosePort } from '../runtime/engines/port.js';
import { makeImage, type Image, type Program } from './compose-image.js';
import { envOf, expressions, interpolate, metricsOf, ours, read, readCompose } from './compose.js';
import { gql, mutate, reaches, root, send, traffic, until, type Json, type Ready } from './harness.js';
import { ALSO_GOOD, GOOD, judge, push, settle, start } from './world.js';

/**
 * docker-compose.yml without a container engine: each program of ours is started with its command, from a build in a read-only tree, as the
 * user of the image, with exactly the environment that Compose would give it, filled in from what deploy/secrets.sh makes. What differs:
 *
 * | in the file | here | why |
 * |---|---|---|
 * | mongodb-1, -2, -3 in MONGODB_URI | the engine of the tests, and SLIPWAY_DATABASE, a database of this run | one real MongoDB, one member |
 * | temporal:7233 | the engine of the tests | the same server, on SQLite |
 * | collector:4318 | a receiver in this file | it keeps what arrives |
 * | SLIPWAY_*_PORT and the same port in health checks and targets | a free port for each service | they share one machine, not a container each |
 * | service names | 127.0.0.1 | as above |
 * | /tmp | a folder for each service, named by TMPDIR | as above |
 */
const compose = readCompose();
const programs = ours(compose);
/** For a machine that does ten other things: nothing here is about time. */
const LIMIT_MS = 1_200_000;
/** `restart: unless-stopped` starts again what ends by itself; what does so this often is broken. */
const RESTARTS_MAX = 3;
const application = `compose-${randomBytes(4).toString('hex')}`;

let image: Image;
let collector: Server;
const home = mkdtempSync(path.join(tmpdir(), 'slipway-compose-e2e-'));
const running = new Map<string, Program>();
const ports = new Map<string, number>();
const envs = new Map<string, Record<string, string>>();
const services = new Set<string>();

const PORT = /^SLIPWAY_(API|EDGE|MODEL|WORKER)_PORT$/;
/** The port a service has in the file. */
const usualPort = (name: string): string => Object.entries(compose.services[name]?.environment ?? {}).find(([variable]) => PORT.test(variable))?.[1] ?? '';
const at = (name: string): string => `http://127.0.0.1:${String(ports.get(name))}`;
const environmentOf = (name: string, secrets: Record<string, string>): Record<string, string> => Object.fromEntries([
  ...Object.entries(compose.services[name]?.environment ?? {}).map(([variable, text]): [string, string] => {
    const value = interpolate(text, secrets);
    if (variable === 'MONGODB_URI') return [variable, inject('mongodbUri')];
    if (variable === 'TEMPORAL_ADDRESS') return [variable, inject('temporalAddress')];
    if (variable === 'OTEL_EXPORTER_OTLP_ENDPOINT') return [variable, `http://127.0.0.1:${String((collector.address() as AddressInfo).port)}`];
    return PORT.test(variable) ? [variable, String(ports.get(name))] : [variable, value];
  }),
  ['SLIPWAY_DATABASE', application],
]);
const healthCheck = (name: string): readonly string[] => (compose.services[name]?.healthcheck?.test ?? []).slice(1).map((word) => word.replace(`:${usualPort(name)}/`, `:${String(ports.get(name))}/`));
const up = (name: string): void => { running.set(name, image.run(name, compose.services[name]?.command ?? [], envs.get(name) ?? {})); };
/** Runs a command in a service, as `docker compose exec` does. */
const exec = async (name: string, command: readonly string[]): Promise<{ code: number | null; out: string }> => {
  const done = image.run(name, command, envs.get(name) ?? {});
  return { code: await done.ended, out: done.out() };
};
const logsOf = (): string => [...running].map(([name, { out }]) => `--- ${name}\n${out().slice(-3_000)}`).join('\n');

beforeAll(async () => {
  collector = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      if (request.url === '/v1/traces') for (const { resource } of JSON.parse(Buffer.concat(chunks).toString('utf8')).resourceSpans ?? []) services.add(String(resource.attributes.find((one: Json) => one.key === 'service.name')?.value?.stringValue));
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  });
  await new Promise<void>((resolve) => collector.listen(0, '127.0.0.1', resolve));
  image = makeImage();
  const secretsFile = path.join(home, 'made.env');
  expect(spawnSync('sh', [path.join(root, 'deploy/secrets.sh'), secretsFile]).status).toBe(0);
  const secrets = envOf(readFileSync(secretsFile, 'utf8'));
  const taken = new Set<number>();
  for (const [name] of programs) { const port = await choosePort(0, '127.0.0.1', taken); taken.add(port); ports.set(name, port); }
  for (const [name] of programs) { envs.set(name, environmentOf(name, secrets)); up(name); }
}, LIMIT_MS);
afterAll(async () => {
  await Promise.all([...running.values()].map((program) => program.end()));
  collector?.closeAllConnections();
  collector?.close();
  image?.remove();
  rmSync(home, { recursive: true, force: true });
}, LIMIT_MS);

let people: { admin: string; ci: string; app: string };
/** As the helpers of the tests know a stack: in production there are an ADMIN and keys, and nobody else yet. */
const stackAt = (api: string): Ready => ({
  api: at(api), edge: at('edge-1'), model: `${at('model')}/v1`, temporal: inject('temporalAddress'), temporalUi: null, mongodb: inject('mongodbUri'),
  people: { admin: people.admin, author: people.ci, releaseManager: people.admin, approver: people.admin, onCall: people.admin }, keys: { ci: people.ci, app: people.app },
});
const served = async (edge: string): Promise<string> => String((await send('POST', `${at(edge)}/ofrep/v1/evaluate/flags/answer`, { 'content-type': 'application/json', authorization: `Bearer ${people.app}` }, JSON.stringify({ context: { targetingKey: 'someone' } }))).json?.value?.messages?.[0]?.content);

describe('R-867 docker-compose.yml and what it names agree: files, settings, ports, doors, limits', () => {
  test('every program is up and its health check says so, on a tree it cannot write', async () => {
    for (const [name] of programs) {
      for (let restarts = 0, found = ''; found !== 'healthy'; restarts += 1) {
        if (restarts > 0) up(name);
        found = await until(`the health check of ${name}`, async () => (running.get(name)?.hasEnded() === true ? 'ended' : (await exec(name, healthCheck(name))).code === 0 && 'healthy'), LIMIT_MS, 1_000);
        if (found === 'ended') expect(restarts, logsOf()).toBeLessThan(RESTARTS_MAX);
      }
    }
    expect((await exec('worker-1', ['node', 'healthy.mjs'])).code).toBe(0);
    if (process.getuid?.() === 0) expect(readFileSync(`/proc/${String(running.get('api-1')?.pid)}/status`, 'utf8')).toMatch(/^Uid:\t65532\t65532/m);
    const tried = await exec('api-1', ['node', '-e', "for (const place of ['x', 'dist/x', 'node_modules/x']) try { require('node:fs').writeFileSync(place, ''); console.log('written'); } catch ({ code }) { console.log(code); }"]);
    expect(tried.out).toMatch(/^(EACCES\n){3}$/);
  }, LIMIT_MS);

  test('the first ADMIN is made once, from inside of an API', async () => {
    const first = await exec('api-1', ['node', 'dist/bin/api.js', 'keys', 'bootstrap']);
    expect(first.code, first.out).toBe(0);
    const { session } = JSON.parse(first.out) as { session: string };
    const again = await exec('api-2', ['node', 'dist/bin/api.js', 'keys', 'bootstrap']);
    expect([again.code, again.out]).toEqual([1, expect.stringMatching(/^CONFLICT: .+\n {2}.+\n$/)]);
    const api = at('api-1');
    await mutate(api, session, 'createApplication', { key: application, team: 'helpdesk', owner: 'ann', deputy: 'ben', tier: 'LOW', purpose: 'To see it run.', environments: [{ name: 'production', protected: false }] }, '{ key }');
    const key = async (kind: string, more: object): Promise<string> => String((await mutate(api, session, 'createApiKey', { application, kind, ...more }, '{ secret }')).secret);
    people = {
      admin: await key('SESSION', { name: 'admin' }), ci: await key('CI', { name: 'ci' }),
      app: await key('APPLICATION', { name: 'app', environment: 'production', scopes: ['SERVE', 'INGEST', 'FEEDBACK'] }),
    };
    expect((await gql(at('api-2'), people.admin, '{ me { kind grants { role } } }')).me).toEqual({ kind: 'person', grants: [{ role: 'ADMIN' }] });
  }, LIMIT_MS);

  test('a first release goes live through one API and is seen through the other, on both edges', async () => {
    await settle(stackAt('api-1'), { application });
    const { id } = await start(stackAt('api-1'), await push(stackAt('api-1'), GOOD, application), { application, token: people.ci });
    await reaches(stackAt('api-2'), id, ['PROMOTED'], LIMIT_MS).catch((error: unknown) => { throw new Error(`${String(error)}\n${logsOf()}`); });
    for (const edge of ['edge-1', 'edge-2']) await until(`${edge} to serve it`, async () => await served(edge) === GOOD, LIMIT_MS);
  }, LIMIT_MS);

  test('a second one climbs by what users of both edges report, and both acknowledge it under their own names', async () => {
    const users = ['edge-1', 'edge-2'].map((edge) => traffic({ edge: at(edge), keys: { app: people.app } }, { perSec: 15, guardrail: 'sloppy', judge }));
    try {
      const { id } = await start(stackAt('api-2'), await push(stackAt('api-2'), ALSO_GOOD, application), { application, token: people.ci });
      const release = await reaches(stackAt('api-1'), id, ['PROMOTED'], LIMIT_MS).catch((error: unknown) => { throw new Error(`${String(error)}\n${logsOf()}`); });
      for (const state of ['CANARY', 'BAKING']) expect(release.timeline.map((entry: Json) => entry.state)).toContain(state);
    } finally { await Promise.all(users.map((one) => one.stop())); }
    for (const edge of ['edge-1', 'edge-2']) await until(`${edge} to serve it`, async () => await served(edge) === ALSO_GOOD, LIMIT_MS);
    const { environment } = await gql(at('api-1'), people.admin, `{ environment(application: "${application}", name: "production") { readers { reader } } }`);
    expect(environment.readers.map(({ reader }: Json) => reader).sort()).toEqual(['edge-1', 'edge-2']);
  }, LIMIT_MS);

  test('traces arrive where the collector would listen', async () => {
    await until('spans of api, worker and model', async () => ['slipway-api', 'slipway-worker', 'slipway-model'].every((one) => services.has(one)), LIMIT_MS);
  }, LIMIT_MS);
});

describe('R-869 every metric that an alert or a panel names is one that the programs export', () => {
  test('each is found where Prometheus looks, with the labels that are asked for', async () => {
    // One of each kind that has labels: an unknown flag, a report without a token, a report that cannot be read.
    const headers = { 'content-type': 'application/json', authorization: `Bearer ${people.app}` };
    await send('POST', `${at('edge-1')}/ofrep/v1/evaluate/flags/nothing`, headers, JSON.stringify({ context: { targetingKey: 'someone' } }));
    const span = { traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), name: 'chat', kind: 3, startTimeUnixNano: `${String(Date.now())}000000`, endTimeUnixNano: `${String(Date.now())}000000`, status: {}, attributes: [{ key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }] };
    expect((await send('POST', `${at('edge-1')}/v1/traces`, headers, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: [span] }] }] }))).status).toBe(200);
    expect((await send('POST', `${at('edge-1')}/v1/traces`, headers, 'no JSON')).status).toBe(400);

    const { scrape_configs: jobs } = parse(read('deploy/prometheus/prometheus.yml')) as { scrape_configs: { static_configs: { targets: string[] }[] }[] };
    const targets = jobs.flatMap((job) => job.static_configs.flatMap((one) => one.targets)).map((target) => target.split(':')).filter(([name = '', port]) => ports.has(name) && port === usualPort(name));
    expect(targets.map(([name]) => name).sort()).toEqual(['api-1', 'api-2', 'edge-1', 'edge-2', 'worker-1', 'worker-2']);
    const exported = new Map<string, Set<string>>();
    for (const [name = ''] of targets) {
      const { status, text } = await send('GET', `${at(name)}/metrics`, {});
      expect(status, name).toBe(200);
      for (const [, metric = '', labels = ''] of text.matchAll(/^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? \S+/gm)) {
        const known = exported.get(metric) ?? new Set<string>();
        for (const [, label = ''] of labels.matchAll(/(\w+)="/g)) known.add(label);
        exported.set(metric, known);
      }
    }
    // `up` and the labels of a target are Prometheus's own.
    const missing = expressions().flatMap(({ where, expr }) => metricsOf(expr).filter(({ name }) => name !== 'up').flatMap(({ name, labels }) => [
      ...(exported.has(name) ? [] : [`${where}: ${name}`]), ...labels.filter((label) => !['job', 'instance'].includes(label) && exported.get(name)?.has(label) !== true).map((label) => `${where}: ${name}{${label}}`),
    ]));
    expect(missing).toEqual([]);
  }, LIMIT_MS);
});

describe('R-866 the image holds what runs and nothing else, and runs as nobody on a tree it cannot write', () => {
  test('the command line is in it', async () => {
    const status = image.run('cli', ['node', 'dist/bin/slipway.js', 'status', application, '--json'], { SLIPWAY_API_URL: at('api-1'), SLIPWAY_API_KEY: people.admin });
    expect([await status.ended, status.out()]).toEqual([0, expect.stringContaining(application)]);
  }, LIMIT_MS);
  test('on SIGTERM every program ends by itself, within its time, and has left nothing behind', async () => {
    const codes = await Promise.all([...running].map(async ([name, program]) => [name, await program.stop()]));
    expect(codes, logsOf()).toEqual([...running.keys()].map((name) => [name, 0]));
    expect(image.written()).toEqual([]);
  }, LIMIT_MS);
});
