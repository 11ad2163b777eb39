import http from 'node:http';
import https from 'node:https';
import { ProviderError } from './provider.js';
import { guardedLookup, isForbidden } from './wire-address.js';
import { createEventReader } from './wire-events.js';
import { faultOfReply, type Reply } from './wire-fault.js';

export interface WireLimits {
  /** Longest silence on the socket. */
  readonly idleMs: number;
  /** Longest time for the whole call, from connecting to the last byte. */
  readonly totalMs: number;
  /** Of a stream all that its events are made of. */
  readonly answerBytesMax: number;
}

export interface WireDeps {
  /** Headers for this call, such as `traceparent`; asked for at every call. */
  readonly headers?: () => Record<string, string>;
  readonly monotonicMs: () => number;
  readonly limits?: Partial<WireLimits>;
}

const LIMITS: WireLimits = { idleMs: 30_000, totalMs: 120_000, answerBytesMax: 2 * 1024 * 1024 };
const SOCKETS_MAX = 64;
/** What comes after the last event is waited for no longer than this, so that the socket can be kept. */
const TAIL_MS = 1_000;

/** Where and with which headers: the key is in them. */
export interface WireTarget { readonly baseUrl: string; readonly apiKey?: string }
export type KeyHeaders = (apiKey: string) => Readonly<Record<string, string>>;
const BEARER: KeyHeaders = (apiKey) => ({ authorization: `Bearer ${apiKey}` });

/**
 * Posts JSON to `path` below the base URL and reads JSON back. Throws ProviderError, or the signal's reason.
 *
 * @param onEvent  asks for a stream, and gets each event as it comes; true means that it was the last. A server that answers in one piece
 *                 nevertheless is read so.
 * @returns        the JSON; undefined when it came as a stream, whole or not: only who reads the events can tell
 */
export type Post = (path: string, body: unknown, signal: AbortSignal, onEvent?: (event: unknown) => boolean) => Promise<unknown>;

/**
 * A client for one base URL on `node:http(s)`: keep-alive, no redirects, every size and time capped.
 * @throws RangeError when the URL is not one that can be used
 */
export function createWire(target: WireTarget, deps: WireDeps, keyHeaders: KeyHeaders = BEARER): Post {
  const base = baseOf(target.baseUrl);
  const prefix = base.pathname.replace(/\/+$/, '');
  const limits = { ...LIMITS, ...deps.limits };
  const scheme = base.protocol === 'https:' ? https : http;
  const agent = new scheme.Agent({ keepAlive: true, keepAliveMsecs: 10_000, maxSockets: SOCKETS_MAX, maxFreeSockets: 8, scheduling: 'lifo', lookup: guardedLookup });

  return async (path, body, signal, onEvent) => {
    signal.throwIfAborted();
    const bytes = Buffer.from(JSON.stringify(body), 'utf8');
    const reply = await exchange(scheme, {
      agent, method: 'POST', protocol: base.protocol, hostname: bare(base.hostname), port: base.port, path: `${prefix}${path}`, timeout: limits.idleMs,
      headers: {
        ...deps.headers?.(),
        'content-type': 'application/json', accept: onEvent === undefined ? 'application/json' : 'text/event-stream, application/json', 'user-agent': 'slipway', 'content-length': String(bytes.length),
        ...(target.apiKey === undefined ? {} : keyHeaders(target.apiKey)),
      },
    }, { bytes, signal, limits, apiKey: target.apiKey, ...(onEvent === undefined ? {} : { onEvent }) });
    return reply === undefined ? undefined : jsonOf(reply);
  };
}

interface Call { readonly bytes: Buffer; readonly signal: AbortSignal; readonly limits: WireLimits; readonly apiKey: string | undefined; readonly onEvent?: (event: unknown) => boolean }

function exchange(scheme: typeof http | typeof https, options: https.RequestOptions, { bytes, signal, limits, apiKey, onEvent }: Call): Promise<Reply | undefined> {
  return new Promise((resolve, reject) => {
    const request = scheme.request(options);
    let isSettled = false;
    const settle = (finish: () => void): void => {
      if (isSettled) return;
      isSettled = true;
      clearTimeout(deadline);
      signal.removeEventListener('abort', abort);
      finish();
    };
    const fail = (error: unknown): void => { settle(() => { reject(error instanceof Error ? error : new Error('failed')); }); request.destroy(); };
    const abort = (): void => { fail(signal.reason instanceof Error ? signal.reason : new Error('aborted')); };
    const deadline = setTimeout(() => { fail(new ProviderError('timeout', `No complete answer within ${limits.totalMs} ms.`)); }, limits.totalMs);
    signal.addEventListener('abort', abort, { once: true });
    request.on('timeout', () => { fail(new ProviderError('timeout', `No byte for ${limits.idleMs} ms.`)); });
    request.on('error', (error: NodeJS.ErrnoException) => { fail(new ProviderError('transport', `No answer: ${error.code ?? 'the connection broke'}.`)); });
    request.on('response', (response) => {
      const status = response.statusCode ?? 0;
      const isGood = status >= 200 && status <= 299;
      const chunks: Buffer[] = [];
      let size = 0;
      const events = isGood && onEvent !== undefined && /^text\/event-stream\b/i.test(response.headers['content-type'] ?? '') ? createEventReader(onEvent) : undefined;
      const refused = (body: Buffer): ProviderError => faultOfReply({ status, headers: response.headers, body }, apiKey);
      const last = (): void => {
        const tail = setTimeout(() => { request.destroy(); }, TAIL_MS).unref();
        response.once('close', () => { clearTimeout(tail); });
        settle(() => { resolve(undefined); });
      };
      response.on('data', (chunk: Buffer) => {
        if (isSettled) return;
        size += chunk.length;
        // Too large an answer is malformed; too large an error is still that error.
        if (size > limits.answerBytesMax) { fail(isGood ? new ProviderError('malformed', `The answer is larger than ${limits.answerBytesMax} bytes.`, { status }) : refused(Buffer.alloc(0))); return; }
        if (events === undefined) { chunks.push(chunk); return; }
        try { if (events(chunk)) last(); } catch (error) { fail(error); }
      });
      response.on('end', () => {
        if (!response.complete) { fail(new ProviderError('transport', 'The answer broke off.', { status })); return; }
        if (events !== undefined) { settle(() => { resolve(undefined); }); return; }
        const body = Buffer.concat(chunks);
        settle(() => { if (isGood) resolve({ status, headers: response.headers, body }); else reject(refused(body)); });
      });
      response.on('error', () => { fail(new ProviderError('transport', 'The answer broke off.', { status })); });
    });
    request.end(bytes);
  });
}

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/g, '');

function baseOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) throw new RangeError('The base URL is not an http or https URL.');
  if (url.username !== '' || url.password !== '') throw new RangeError('The base URL carries a user name or password; give the key by reference.');
  if (url.search !== '' || url.hash !== '') throw new RangeError('The base URL has a query or a fragment.');
  if (isForbidden(bare(url.hostname))) throw new RangeError('The base URL is the address of a cloud’s own answers, where no model lives.');
  return url;
}

function jsonOf(reply: Reply): unknown {
  try { return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(reply.body)) as unknown; } catch {
    throw new ProviderError('malformed', `HTTP ${reply.status} with a body that is not JSON.`, { status: reply.status });
  }
}
