import { once } from 'node:events';
import { createServer, connect } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { until } from '../harness.js';
import { startProxy } from './proxy.js';
import type { Proxy } from './proxy.js';

/** Says back what it is told, in capitals, and remembers it. */
let server: Server;
let heard = '';
let proxy: Proxy;
const sockets: Socket[] = [];
beforeEach(async () => {
  heard = '';
  server = createServer((socket) => { socket.on('error', () => undefined).on('data', (chunk) => { heard += chunk.toString(); socket.write(chunk.toString().toUpperCase()); }); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  proxy = await startProxy('test', { port: (server.address() as AddressInfo).port });
});
afterEach(async () => { for (const socket of sockets.splice(0)) socket.destroy(); await proxy.close(); server.close(); });

interface Client { readonly socket: Socket; said(): string; ended(): boolean; failed(): boolean }
async function client(): Promise<Client> {
  const socket = connect(proxy.port, '127.0.0.1');
  sockets.push(socket);
  let said = '', isEnded = false, hasFailed = false;
  socket.on('data', (chunk) => { said += chunk.toString(); }).on('error', () => { hasFailed = true; }).on('close', () => { isEnded = true; });
  await once(socket, 'connect').catch(() => undefined);
  return { socket, said: () => said, ended: () => isEnded, failed: () => hasFailed };
}
const soon = (what: string, is: () => boolean) => until(what, () => Promise.resolve(is()), 5_000, 5);

describe('R-830 a fault between two programs is exactly the one that was asked for', () => {
  test('pass: bytes and ends go through in both directions', async () => {
    const { socket, said, ended } = await client();
    socket.write('a');
    socket.end('b');
    await soon('the answer and the end', () => said() === 'AB' && ended());
  });

  test('black hole: nothing arrives and nobody is told; afterwards everything arrives in order', async () => {
    const { socket, said, ended } = await client();
    socket.write('a');
    await soon('the first answer', () => said() === 'A');
    proxy.blackHole();
    const other = await client();
    socket.write('b');
    other.socket.write('x');
    proxy.slow(0);   // any other mode lets go
    await soon('both', () => said() === 'AB' && other.said() === 'X');
    proxy.blackHole();
    socket.write('c');
    const witness = await client();   // its connection was made after the write, and proves nothing came through before
    expect([witness.ended(), said(), heard.includes('c'), ended()]).toEqual([false, 'AB', false, false]);
    proxy.pass();
    await soon('what was held back', () => said() === 'ABC');
  });

  test('cut: connections are reset, new ones too, until it passes again', async () => {
    const { socket, failed } = await client();
    socket.write('a');
    await soon('the connection to carry', () => heard === 'a');
    proxy.cut();
    await soon('the reset', failed);
    const refused = await client();
    await soon('the new one to be reset', () => refused.failed() || refused.ended());
    proxy.pass();
    const { socket: next, said } = await client();
    next.write('b');
    await soon('an answer', () => said() === 'B');
  });

  test('lost reply: what was asked had its effect, and the asker learns nothing but that the connection is gone', async () => {
    const { socket, said, failed } = await client();
    proxy.loseReplies();
    socket.write('a');
    await soon('the connection to be gone', failed);
    expect([heard, said(), proxy.lost()]).toEqual(['a', '', 1]);
  });

  test('lost reply to one command: others are answered', async () => {
    const [one, two] = [await client(), await client()];
    proxy.loseReplies('update');
    one.socket.write('find');
    await soon('the answer to the other command', () => one.said() === 'FIND');
    two.socket.write('update');
    await soon('the connection to be gone', two.failed);
    expect([one.failed(), two.said()]).toEqual([false, '']);
  });

  test.each([['slow', false], ['lateReplies', true]] as const)('%s: later, and in order', async (mode, isHeardAtOnce) => {
    const { socket, said } = await client();
    proxy[mode](150);
    const begunMs = performance.now();
    socket.write('a');
    if (isHeardAtOnce) { await soon('the server to hear it', () => heard === 'a'); expect(said()).toBe(''); }
    await soon('the answer', () => said() === 'A');
    expect(performance.now() - begunMs).toBeGreaterThan(140);
    socket.write('b');
    await soon('the server to hear it', () => isHeardAtOnce ? heard === 'ab' : true);
    proxy.pass();
    socket.write('c');
    await soon('all answers', () => said() === 'ABC');
  });

  test.each([['slow', ''], ['lateReplies', 'update']] as const)('%s where it is meant: others are not held up', async (mode, isHeard) => {
    const [one, two] = [await client(), await client()];
    proxy[mode](60_000, /up.ate/);
    two.socket.write('update');
    await soon('it to be held', () => proxy.held() === 1);
    one.socket.write('find');
    await soon('the answer to the other command', () => one.said() === 'FIND');
    expect([heard.replace('find', ''), two.said()]).toEqual([isHeard, '']);
    proxy.pass();
    await soon('the answer', () => two.said() === 'UPDATE');
  });

  test('nobody behind it: the connection ends', async () => {
    server.close();
    await once(server, 'close');
    const { ended, failed } = await client();
    await soon('the end', () => ended() || failed());
  });
});

describe('R-831 a shifted wall clock shifts nothing but dates', () => {
  test('Date, by the file, while it runs; timers and the monotonic clock stay', async () => {
    const dir = mkdtempSync(path.join(tmpdir(), 'slipway-skew-'));
    const file = path.join(dir, 'skew');
    const program = `
      let last = performance.now();
      setInterval(() => {
        const step = performance.now() - last; last += step;
        console.log(JSON.stringify({ now: Date.now(), made: +new Date(), given: +new Date(5), isDate: new Date() instanceof Date, tag: Object.prototype.toString.call(new Date()), step }));
      }, 20);`;
    const child = spawn(process.execPath, ['--import', path.join(import.meta.dirname, 'skew.mjs'), '--input-type=module', '-e', program], { env: { ...process.env, SKEW_FILE: file }, stdio: ['ignore', 'pipe', 'inherit'] });
    try {
      const lines: { now: number; made: number; given: number; isDate: boolean; tag: string; step: number; atMs: number }[] = [];
      createInterface({ input: child.stdout }).on('line', (line) => { lines.push({ ...JSON.parse(line) as typeof lines[number], atMs: Date.now() }); });
      const shifted = (ms: number) => soon(`a shift of ${ms}`, () => { const last = lines.at(-1); return last !== undefined && Math.abs(last.now - last.atMs - ms) < 10_000 && Math.abs(last.made - last.now) < 10_000; });
      await shifted(0);
      for (const ms of [3_600_000, -31_536_000_000, 0]) { writeFileSync(file, String(ms)); await shifted(ms); }
      expect(lines.every(({ given, isDate, tag, step }) => given === 5 && isDate && tag === '[object Date]' && step >= 0 && step < 60_000)).toBe(true);
    } finally { child.kill('SIGKILL'); rmSync(dir, { recursive: true, force: true }); }
  });
});
