import net from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { UnavailableError } from '../core/errors.js';
import { orderOf } from '../test/release-script.js';
import { createOrders } from './index.js';
import type { Orders } from './index.js';

const LIMIT_MS = 400;
const closing: (() => unknown)[] = [];
afterEach(async () => { for (const close of closing.splice(0)) await close(); });

const ordersTo = (address: string): Orders => {
  const orders = createOrders({ address, namespace: 'default', limitMs: LIMIT_MS });
  closing.push(() => orders.close());
  return orders;
};
/** A server that takes connections and never says a word. */
async function blackHole(): Promise<string> {
  const sockets = new Set<net.Socket>();
  const server = net.createServer((socket) => { sockets.add(socket); socket.on('error', () => undefined); });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  closing.push(() => { for (const socket of sockets) socket.destroy(); server.close(); });
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}
async function nobody(): Promise<string> {
  const server = net.createServer();
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => { server.close(resolve); });
  return `127.0.0.1:${port}`;
}
const act = { release: 'R1', actor: { id: 'person:ann', kind: 'person' as const }, name: 'Ann', team: 'risk', reason: 'because', id: 'a1' };
const note = { release: 'R1', rev: 1, epoch: 1, forCause: true, reason: 'bad', actor: act.actor };
const VERBS: readonly [string, (orders: Orders) => Promise<unknown>][] = [
  ['startRelease', (orders) => orders.startRelease(orderOf())],
  ['approve', (orders) => orders.approve('helpdesk', 'production', act)],
  ['pause', (orders) => orders.pause('helpdesk', 'production', act)],
  ['acknowledge', (orders) => orders.acknowledge('helpdesk', 'production', { ...act, metric: 'cost' })],
  ['cancelEvaluation', (orders) => orders.cancelEvaluation('helpdesk', 'sha256:1', 1, { evaluation: 'E1', actor: act.actor, reason: 'no', id: 'c1' })],
  ['noteRolledBack', (orders) => orders.noteRolledBack('release/helpdesk/production', note)],
  ['isReleaseGone', (orders) => orders.isReleaseGone('helpdesk', 'production')],
  ['ping', (orders) => orders.ping()],
];

describe('R-337 with Temporal away every order says UNAVAILABLE, in bounded time', () => {
  test.each(VERBS)('%s, where nobody listens', async (_name, order) => {
    const begunMs = performance.now();
    await expect(order(ordersTo(await nobody()))).rejects.toBeInstanceOf(UnavailableError);
    expect(performance.now() - begunMs).toBeLessThan(LIMIT_MS + 1_500);
  });
  test.each(VERBS)('%s, where nobody answers', async (_name, order) => {
    const begunMs = performance.now();
    await expect(order(ordersTo(await blackHole()))).rejects.toBeInstanceOf(UnavailableError);
    expect(performance.now() - begunMs).toBeLessThan(LIMIT_MS + 1_500);
  });
});
