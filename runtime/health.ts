import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What must be so before traffic is welcome; a check that throws, says false or takes longer than a second is not met. */
export type Checks = Readonly<Record<string, () => boolean | Promise<boolean>>>;

/** @returns true when the request was for `/healthz`, `/readyz` or `/metrics` and is answered; false: somebody else's */
export type HealthHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

export interface HealthOptions {
  readonly checks: Checks;
  /** answers `/metrics`; `serveMetrics` of runtime/telemetry.ts */
  readonly serveMetrics?: (request: IncomingMessage, response: ServerResponse) => void;
  /** how long one check may take */
  readonly checkMs?: number;
}

/**
 * `/healthz` says that the process lives, `/readyz` that it can do its work (200, or 503 with the checks that are not met), `/metrics` what
 * Prometheus reads.
 */
export function createHealth({ checks, serveMetrics, checkMs = 1_000 }: HealthOptions): HealthHandler {
  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0];
    if (path !== '/healthz' && path !== '/readyz' && path !== '/metrics') return false;
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('allow', 'GET, HEAD');
      answer(response, 405, { error: 'method not allowed' });
    } else if (path === '/healthz') answer(response, 200, { ok: true });
    else if (path === '/readyz') void readiness(checks, checkMs).then((state) => { answer(response, state.ready ? 200 : 503, state); });
    else if (serveMetrics === undefined) answer(response, 404, { error: 'this program has no metrics' });
    else serveMetrics(request, response);
    return true;
  };
}

/** Each check with its answer. */
export async function readiness(checks: Checks, checkMs: number): Promise<{ ready: boolean; checks: Record<string, boolean> }> {
  const met = await Promise.all(Object.entries(checks).map(async ([name, check]): Promise<[string, boolean]> => [name, await isMet(check, checkMs)]));
  return { ready: met.every(([, isSo]) => isSo), checks: Object.fromEntries(met) };
}

async function isMet(check: () => boolean | Promise<boolean>, limitMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<false>((resolve) => { timer = setTimeout(() => { resolve(false); }, limitMs); });
  try {
    return await Promise.race([Promise.resolve().then(check), tooLate]);
  } catch { return false; } finally { clearTimeout(timer); }
}

function answer(response: ServerResponse, status: number, body: unknown): void {
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(JSON.stringify(body));
}

export interface HealthServer { readonly port: number; close(): Promise<void> }

/** A server for a program that has no other door, such as the worker. `port` 0 takes a free one. */
export async function startHealthServer({ host, port, health }: { readonly host: string; readonly port: number; readonly health: HealthHandler }): Promise<HealthServer> {
  const server = createServer({ requestTimeout: 5_000 }, (request, response) => {
    if (!health(request, response)) answer(response, 404, { error: 'not found' });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(port, host, resolve); });
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }),
  };
}
