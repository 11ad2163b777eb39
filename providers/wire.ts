import http from 'node:http';
import https from 'node:https';
import { ProviderError } from './provider.js';

export interface WireLimits {
  /** Longest silence on the socket. */
  readonly idleMs: number;
  /** Longest time for the whole call, from connecting to the last byte. */
  readonly totalMs: number;
  readonly answerBytesMax: number;
}

export interface WireDeps {
  /** Headers for this call, such as `traceparent`; asked for at every call. */
  readonly headers?: () => Record<string, string>;
  readonly monotonicMs: () => number;
  readonly limits?: Partial<WireLimits>;
}

const LIMITS: WireLimits = { idleMs: 30_000, totalMs: 120_000, answerBytesMax: 2 * 1024 * 1024 };
const RETRY_AFTER_MAX_MS = 60 * 60 * 1000;
const SOCKETS_MAX = 64;

/** Posts JSON to `path` below the base URL and reads JSON back. Throws ProviderError, or the signal's reason. */
export type Post = (path: string, body: unknown, signal: AbortSignal) => Promise<unknown>;

/**
 * A client for one base URL on `node:http(s)`: keep-alive, no redirects, every size and time capped.
 * @throws RangeError when the URL is not one that can be used
 */
export function createWire(connection: { readonly baseUrl: string; readonly apiKey?: string }, deps: WireDeps): Post {
  const base = baseOf(connection.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const limits = { ...LIMITS, ...deps.limits };
  const scheme = base.protocol === 'https:' ? https : http;
  const agent = new scheme.Agent({ keepAlive: true, keepAliveMsecs: 10_000, maxSockets: SOCKETS_MAX, maxFreeSockets: 8, scheduling: 'lifo' });

  return async (path, body, signal) => {
    signal.throwIfAborted();
    const bytes = Buffer.from(JSON.stringify(body), 'utf8');
    const reply = await exchange(scheme, {
      agent, method: 'POST', protocol: base.protocol, hostname: base.hostname.replace(/^\[|\]$/g, ''), port: base.port, path: `${prefix}${path}`,
      headers: {
        ...deps.headers?.(),
        'content-type': 'application/json', accept: 'application/json', 'user-agent': 'slipway', 'content-length': String(bytes.length),
        ...(connection.apiKey === undefined ? {} : { authorization: `Bearer ${connection.apiKey}` }),
      },
    }, bytes, signal, limits);
    if (reply.status < 200 || reply.status > 299) throw errorOf(reply, connection.apiKey);
    return jsonOf(reply);
  };
}

interface Reply { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly body: Buffer }

function exchange(scheme: typeof http | typeof https, options: https.RequestOptions, bytes: Buffer, signal: AbortSignal, limits: WireLimits): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = scheme.request(options);
    const settle = (finish: () => void): void => {
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      finish();
    };
    const fail = (error: Error): void => { settle(() => { reject(error); }); request.destroy(); };
    const abort = (): void => { fail(signal.reason instanceof Error ? signal.reason : new Error('aborted')); };
    const deadline = setTimeout(() => { fail(new ProviderError('timeout', `No complete answer within ${limits.totalMs} ms.`)); }, limits.totalMs);
    signal.addEventListener('abort', abort, { once: true });
    request.setTimeout(limits.idleMs, () => { fail(new ProviderError('timeout', `No byte for ${limits.idleMs} ms.`)); });
    request.on('error', (error: NodeJS.ErrnoException) => { fail(new ProviderError('connection', `No answer: ${error.code ?? 'the connection broke'}.`)); });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const chunks: Buffer[] = [];
      let size = 0;
      response.on('data', (chunk: Buffer) => {
        size += chunk.length;
        if (size > limits.answerBytesMax) { fail(tooLarge(status, response.headers, limits)); return; }
        chunks.push(chunk);
      });
      response.on('end', () => {
        if (!response.complete) { fail(new ProviderError('connection', 'The answer broke off.', { status })); return; }
        settle(() => { resolve({ status, headers: response.headers, body: Buffer.concat(chunks) }); });
      });
      response.on('error', () => { fail(new ProviderError('connection', 'The answer broke off.', { status })); });
    });
    request.end(bytes);
  });
}

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new RangeError('The base URL is not an http or https URL.');
  if (url.username !== '' || url.password !== '') throw new RangeError('The base URL carries a user name or password; give the key by reference.');
  if (url.search !== '' || url.hash !== '') throw new RangeError('The base URL has a query or a fragment.');
  return url;
}

/** Too large an answer is garbage; too large an error is still that error. */
function tooLarge(status: number, headers: http.IncomingHttpHeaders, limits: WireLimits): ProviderError {
  if (status > 299) return errorOf({ status, headers, body: Buffer.alloc(0) }, undefined);
  return new ProviderError('garbage', `The answer is larger than ${limits.answerBytesMax} bytes.`, { status });
}

function jsonOf(reply: Reply): unknown {
  try { return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply.body)) as unknown; } catch {
    throw new ProviderError('garbage', `HTTP ${reply.status} with a body that is not JSON.`, { status: reply.status });
  }
}

function errorOf(reply: Reply, apiKey: string | undefined): ProviderError {
  const { status } = reply;
  const named = namesOf(reply.body).filter((name) => apiKey === undefined || !name.includes(apiKey));
  const message = `HTTP ${status}${named.length === 0 ? '' : ` (${named.join(', ')})`}.`;
  const retryAfterMs = retryAfterOf(reply.headers);
  if (status === 429 && named.includes('insufficient_quota')) return new ProviderError('quota', message, { status });
  if (status === 408 || status === 409 || status === 429 || status >= 500) return new ProviderError('busy', message, { status, retryAfterMs });
  return new ProviderError('refused', message, { status });
}

/** `type` and `code` of an error body, when they look like names: free text may repeat the prompt or the key. */
function namesOf(body: Buffer): string[] {
  let value: unknown;
  try { value = JSON.parse(body.toString('utf8')); } catch { return []; }
  const error = fieldOf(value, 'error');
  const names = [fieldOf(error, 'type'), fieldOf(error, 'code')];
  return [...new Set(names.filter((name): name is string => typeof name === 'string' && /^[a-z][a-z0-9_.]{0,47}$/.test(name)))];
}

/** `Retry-After` in seconds or as a date, and the finer `retry-after-ms`. A date is held against the answer's own `Date`, not our clock. */
function retryAfterOf(headers: http.IncomingHttpHeaders): number | undefined {
  const fine = headers['retry-after-ms'];
  if (typeof fine === 'string' && /^\d+(\.\d+)?$/.test(fine)) return capped(Number(fine));
  const coarse = headers['retry-after'];
  if (coarse === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(coarse)) return capped(Number(coarse) * 1000);
  const waitMs = Date.parse(coarse) - Date.parse(headers.date ?? '');
  return Number.isFinite(waitMs) && waitMs >= 0 ? capped(waitMs) : undefined;
}

const capped = (waitMs: number): number => Math.min(RETRY_AFTER_MAX_MS, Math.ceil(waitMs));

/** A field of a value that may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
