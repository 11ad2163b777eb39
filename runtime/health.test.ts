import { request } from 'node:http';
import { afterEach, describe, expect, test } from 'vitest';
import { createHealth, startHealthServer } from './health.js';
import type { HealthOptions, HealthServer } from './health.js';

const servers: HealthServer[] = [];
afterEach(async () => { for (const server of servers.splice(0)) await server.close(); });

async function ask(options: HealthOptions, path: string, method = 'GET'): Promise<{ status: number; body: string }> {
  const server = await startHealthServer({ host: '127.0.0.1', port: 0, health: createHealth(options) });
  servers.push(server);
  return new Promise((resolve, reject) => {
    request({ port: server.port, path, method, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (text: string) => { body += text; }).on('end', () => { resolve({ status: response.statusCode ?? 0, body }); });
    }).on('error', reject).end();
  });
}

describe('R-806 a program is ready only when every check is met', () => {
  test.each<[string, HealthOptions['checks'], Record<string, boolean>]>([
    ['one says false', { mongodb: () => true, temporal: () => false }, { mongodb: true, temporal: false }],
    ['one rejects', { mongodb: () => Promise.reject(new Error('down')) }, { mongodb: false }],
    ['one throws', { mongodb: () => { throw new Error('down'); } }, { mongodb: false }],
    ['one never answers', { mongodb: () => new Promise<boolean>(() => undefined), other: () => true }, { mongodb: false, other: true }],
  ])('not ready: %s', async (_name, checks, answered) => {
    const { status, body } = await ask({ checks, checkMs: 20 }, '/readyz');
    expect(status).toBe(503);
    expect(JSON.parse(body)).toEqual({ ready: false, checks: answered });
  });
  test('ready when all are met', async () => {
    expect(await ask({ checks: { mongodb: () => true, temporal: () => Promise.resolve(true) } }, '/readyz?verbose')).toEqual({ status: 200, body: '{"ready":true,"checks":{"mongodb":true,"temporal":true}}' });
  });
  test('alive although not ready', async () => { expect((await ask({ checks: { mongodb: () => false } }, '/healthz')).status).toBe(200); });
  test('a write is refused', async () => { expect((await ask({ checks: {} }, '/readyz', 'POST')).status).toBe(405); });
  test('metrics come from who has them, and are absent otherwise', async () => {
    expect((await ask({ checks: {} }, '/metrics')).status).toBe(404);
    expect(await ask({ checks: {}, serveMetrics: (_request, response) => { response.end('up 1\n'); } }, '/metrics')).toEqual({ status: 200, body: 'up 1\n' });
  });
  test.each(['/', '/readyz/x', '/v1/traces', '/metricsx'])('%s is somebody else\'s', async (path) => { expect((await ask({ checks: {} }, path)).status).toBe(404); });
});
