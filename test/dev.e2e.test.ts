import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, inject, test } from 'vitest';
import { ROOT } from '../runtime/engines/place.js';
import { answersOk, isListening, waitUntil } from '../runtime/engines/port.js';
import { surroundings } from '../runtime/settings.js';

// A checkout with the real launcher and small programs in the place of ours, on the engines of the test run. It has no scripts/: nothing
// may install packages behind the link to ours.
const root = mkdtempSync(path.join(tmpdir(), 'slipway-checkout-'));
const endedFile = path.join(root, 'ended');
const PROGRAM = `
import { createServer } from 'node:http'; import { appendFileSync, writeFileSync } from 'node:fs';
const name = process.argv[1].replace(/.*\\/(\\w+)\\.ts$/, '$1'), env = process.env;
if (name === 'api') writeFileSync(env.SLIPWAY_DEV_FILE, JSON.stringify({ people: { admin: 'slp_st_a' }, keys: { ci: 'slp_ci_c' } }), { mode: 0o600 });
process.on('SIGTERM', () => { appendFileSync(${JSON.stringify(endedFile)}, name + ' ' + process.pid + '\\n'); process.exit(0); });
createServer((q, r) => { if (q.url === '/crash') process.exit(9); r.end(JSON.stringify({ pid: process.pid, uri: env.MONGODB_URI, model: env.SLIPWAY_MODEL_URL })); }).listen(+env['SLIPWAY_' + name.toUpperCase() + '_PORT'], '127.0.0.1');`;

beforeAll(() => {
  for (const part of ['runtime', 'schema/settings.ts', 'bin/dev.ts', 'package.json']) cpSync(path.join(ROOT, part), path.join(root, part), { recursive: true });
  for (const name of ['api', 'worker', 'edge', 'model']) writeFileSync(path.join(root, 'bin', `${name}.ts`), PROGRAM);
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(root, 'node_modules'));
  mkdirSync(path.join(root, '.slipway'));
  symlinkSync(path.join(ROOT, '.slipway', 'engines'), path.join(root, '.slipway', 'engines'));
});
afterAll(() => { rmSync(root, { recursive: true, force: true, maxRetries: 50 }); });

type Launcher = ChildProcessByStdio<Writable, Readable, Readable>;
interface Ready { readonly api: string; readonly edge: string; readonly model: string; readonly devFile: string; readonly people: Record<string, string>; readonly keys: Record<string, string> }
const running = new Set<Launcher>();
afterEach(() => { for (const child of running) child.kill('SIGKILL'); running.clear(); });

const environment = (more: Record<string, string | undefined> = {}): NodeJS.ProcessEnv => surroundings({
  NODE_ENV: undefined, MONGODB_URI: inject('mongodbUri'), TEMPORAL_ADDRESS: inject('temporalAddress'), TMPDIR: root,
  SLIPWAY_API_PORT: '0', SLIPWAY_EDGE_PORT: '0', SLIPWAY_MODEL_PORT: '0', SLIPWAY_WORKER_PORT: '0', ...more,
});
const COMMAND = ['--import', 'tsx', 'bin/dev.ts', '--json'];

async function dev(words: readonly string[], more: Record<string, string | undefined> = {}): Promise<{ child: Launcher; ready: Ready; said: () => string }> {
  const child: Launcher = spawn(process.execPath, [...COMMAND, ...words], { cwd: root, env: environment(more), stdio: ['pipe', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  child.stderr.on('data', (text: Buffer) => { said += text.toString(); });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', (code) => { reject(new Error(`${code}: ${said}`)); });
  });
  return { child, ready: JSON.parse(line) as Ready, said: () => said };
}
const exitOf = (child: Launcher): Promise<number | null> => new Promise((resolve) => { child.once('exit', (code) => { resolve(code); }); });
const refusal = (words: readonly string[], more: Record<string, string | undefined> = {}): { code: number | null; said: string } => {
  const done = spawnSync(process.execPath, [...COMMAND, ...words], { cwd: root, env: environment(more), encoding: 'utf8', timeout: 30_000 });
  return { code: done.status, said: done.stderr };
};
const noneLeft = (...addresses: string[]): Promise<void> => waitUntil('the end of the programs', async () =>
  (await Promise.all(addresses.map((address) => isListening(Number(new URL(address).port))))).every((is) => !is), { limitMs: 15_000 });

describe('R-823 slipway dev starts all programs, and ends them however it ends itself', () => {
  test('ready, private, one launcher a directory; a crash is mended; a stop goes in reverse order', async () => {
    const data = path.join(root, 'data');
    const busy = createServer();
    await new Promise<void>((resolve) => { busy.listen(0, '127.0.0.1', resolve); });
    const busyPort = (busy.address() as { port: number }).port;
    const { child, ready, said } = await dev(['--data', data], { SLIPWAY_API_PORT: String(busyPort) });
    expect(new URL(ready.api).port).not.toBe(String(busyPort));
    busy.close();
    expect(ready).toMatchObject({ people: { admin: 'slp_st_a' }, keys: { ci: 'slp_ci_c' }, devFile: path.join(data, 'dev.json') });
    expect(statSync(ready.devFile).mode & 0o777).toBe(0o600);
    expect(JSON.parse(readFileSync(ready.devFile, 'utf8'))).toMatchObject({ api: ready.api, model: ready.model, temporal: inject('temporalAddress'), temporalUi: null });

    expect(refusal(['--data', data])).toMatchObject({ code: 1, said: expect.stringMatching(new RegExp(`in use by process ${child.pid}`)) as string });

    await answersOk(`${ready.edge}/crash`);
    await waitUntil('the edge again', () => answersOk(`${ready.edge}/readyz`), { limitMs: 15_000 });
    expect(said()).toMatch(/edge ended with code 9; again in 1 s/);

    child.kill('SIGINT');
    expect(await exitOf(child)).toBe(0);
    expect(readFileSync(endedFile, 'utf8').trim().split('\n').map((line) => line.split(' ')[0])).toEqual(['api', 'edge', 'worker', 'model']);
    expect(readdirSync(data).sort()).toEqual(['dev.json', 'logs', 'people.json']);
  });
  test('SIGKILL leaves no program; the temporary directory it left is removed by the next, which removes its own', async () => {
    const first = await dev(['--ephemeral']);
    const left = path.dirname(first.ready.devFile);
    first.child.kill('SIGKILL');
    await noneLeft(first.ready.api, first.ready.edge, first.ready.model);
    expect(existsSync(left)).toBe(true);
    const second = await dev(['--ephemeral', '--tether']);
    expect(existsSync(left)).toBe(false);
    second.child.stdin.end();   // tethered: the end of its input is its end
    expect(await exitOf(second.child)).toBe(0);
    expect(existsSync(path.dirname(second.ready.devFile))).toBe(false);
    await noneLeft(second.ready.api, second.ready.edge, second.ready.model);
  });
  test('a given model is used and none is started', async () => {
    const { child, ready } = await dev(['--ephemeral'], { SLIPWAY_MODEL_URL: 'http://127.0.0.1:9/v1' });
    expect(ready.model).toBe('http://127.0.0.1:9/v1');
    child.kill('SIGTERM');
    expect(await exitOf(child)).toBe(0);
  });
  test.each<[string, string[], Record<string, string>, RegExp]>([
    ['production', [], { NODE_ENV: 'production' }, /does not run with NODE_ENV=production/],
    ['two places at once', ['--ephemeral', '--data', 'x'], {}, /exclude each other/],
    ['a word it does not know', ['--fast'], {}, /--fast/],
    ['a misspelt setting', [], { SLIPWAY_TURBO: '1' }, /SLIPWAY_TURBO is not a setting/],
  ])('%s is refused', (_name, words, more, message) => { expect(refusal(words, more)).toMatchObject({ code: 1, said: expect.stringMatching(message) as string }); });
});
