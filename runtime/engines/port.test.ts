import { createServer } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { isMongoHealthy } from './mongodb.js';
import { answersOk, choosePort, isListening, waitUntil } from './port.js';
import { isTemporalHealthy } from './temporal.js';

const servers: Server[] = [];
const listen = async <S extends Server>(server: S): Promise<number> => {
  servers.push(server);
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return (server.address() as AddressInfo).port;
};
afterEach(async () => { for (const server of servers.splice(0)) await new Promise((resolve) => { server.close(resolve); (server as ReturnType<typeof createServer>).closeAllConnections?.(); }); });

describe('R-815 a port in use is replaced by a free one', () => {
  test('in use: another', async () => {
    const busy = await listen(createTcpServer());
    const chosen = await choosePort(busy);
    expect(chosen).not.toBe(busy);
    expect(await isListening(chosen)).toBe(false);
  });
  test('free, but promised to somebody: another', async () => {
    const free = await choosePort(0);
    expect(await choosePort(free, '127.0.0.1', new Set([free]))).not.toBe(free);
  });
  test('never one that the system hands out to callers', async () => {
    for (let round = 0; round < 50; round += 1) { const port = await choosePort(0); expect(port).toBeGreaterThan(1_024); expect(port).toBeLessThan(32_768); }
  });
  test('free: this one', async () => {
    const free = await choosePort(0);
    expect(await choosePort(free)).toBe(free);
  });
  test('free, but promised to another process: another, until that process is gone', async () => {
    const { mkdirSync, rmSync, writeFileSync } = await import('node:fs');
    const { tmpdir } = await import('node:os');
    const folder = `${tmpdir()}/slipway-ports`;
    mkdirSync(folder, { recursive: true });
    const server = createTcpServer();
    const free = await listen(server);
    servers.splice(servers.indexOf(server), 1);
    await new Promise((resolve) => { server.close(resolve); });
    writeFileSync(`${folder}/${free}`, String(process.ppid));
    try {
      expect(await choosePort(free)).not.toBe(free);
      writeFileSync(`${folder}/${free}`, '2147483646');
      expect(await choosePort(free)).toBe(free);
    } finally { rmSync(`${folder}/${free}`, { force: true }); }
  });
  test('an address that is not ours is an error, not a loop', async () => { await expect(choosePort(0, '192.0.2.1')).rejects.toThrow(/no free port/); });
});

describe('R-816 healthy is who answers as asked, not who listens', () => {
  test.each<[string, (port: number) => Promise<boolean>]>([
    ['Temporal', (port) => isTemporalHealthy(`127.0.0.1:${port}`, 200)], ['MongoDB', (port) => isMongoHealthy(port, '127.0.0.1', 200)], ['a program', (port) => answersOk(`http://127.0.0.1:${port}/readyz`, 200)],
  ])('%s is not healthy', async (_name, ask) => {
    const silent = await listen(createTcpServer((socket) => { socket.on('error', () => undefined).resume(); }));
    expect(await ask(silent)).toBe(false);
    const rude = await listen(createTcpServer((socket) => { socket.on('error', () => undefined).resume().end('what?\n'); }));
    expect(await ask(rude)).toBe(false);
    expect(await ask(await choosePort(0))).toBe(false);
  });
  test('a program that answers 503 is not ready, 200 is', async () => {
    let status = 503;
    const port = await listen(createServer((_request, response) => { response.writeHead(status).end(); }));
    expect(await answersOk(`http://127.0.0.1:${port}/readyz`)).toBe(false);
    status = 200;
    expect(await answersOk(`http://127.0.0.1:${port}/readyz`)).toBe(true);
  });
  test('waiting ends when it has become pointless, and when time is up', async () => {
    await expect(waitUntil('x', () => Promise.resolve(false), { limitMs: 60_000, hopeless: () => 'it is gone' })).rejects.toThrow('x: it is gone');
    await expect(waitUntil('x', () => Promise.resolve(false), { limitMs: 5, everyMs: 1 })).rejects.toThrow(/not ready/);
  });
});
