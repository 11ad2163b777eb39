/** A provider that answers as it is told to: right by default, and wrong in every way that real ones have been. Speaks OpenAI's and Anthropic's wire. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { embeddingBodyOf, errorBodyOf, wholeOf, eventsOf, type StubAnswer, type StubDialect } from './provider-dialects.js';

export type { StubAnswer, StubDialect } from './provider-dialects.js';

/** One way to go wrong. `latency` may come with any; the rest exclude each other. */
export type Misbehaviour =
  | { readonly kind: 'latency'; readonly ms: number }
  | { readonly kind: 'rateLimit'; readonly retryAfterSec?: number }
  | { readonly kind: 'overload'; readonly status?: 500 | 502 | 503 | 529 }
  | { readonly kind: 'contextLength' | 'contentFilter' | 'auth' | 'quota' }
  /** Bytes without end, up to this many; what was really written is counted. */
  | { readonly kind: 'huge'; readonly bytes: number }
  /** One byte in so many milliseconds. */
  | { readonly kind: 'drip'; readonly everyMs: number }
  | { readonly kind: 'silence' | 'invalidUtf8' | 'truncated' | 'html' | 'errorAfter200' | 'hangUp' | 'missingUsage' | 'deep' | 'emptyStream' }
  /** All of it, and then the end does not come. */
  | { readonly kind: 'lingers' }
  | { readonly kind: 'wrongModel'; readonly model: string; readonly fingerprint?: string };

/** What was asked, in the order in which it came. */
export interface StubCall { readonly dialect: StubDialect | 'embeddings'; readonly atMs: number; readonly body: Readonly<Record<string, unknown>>; readonly headers: IncomingMessage['headers']; readonly wrong: Misbehaviour | null; status: number }

/** A bucket of the stub's own; a call that finds it empty is answered 429. */
export interface StubRate { readonly perSec: number; readonly burst: number; readonly retryAfterSec?: number }

export interface ProviderStub {
  /** Up to and including `/v1`. */
  readonly baseUrl: string;
  readonly calls: readonly StubCall[];
  /** Bytes of bodies that were handed to the sockets. */
  bytesWritten(): number;
  /** The most calls that were open at once. */
  openMax(): number;
  /** From now on; null is good behaviour. A function is asked for each call, by its number from 0. */
  behave(how: Misbehaviour | null | ((call: number, body: StubCall['body']) => Misbehaviour | null)): void;
  limit(rate: StubRate | null): void;
  close(): Promise<void>;
}

export interface ProviderStubOptions {
  /** @default a fixed text, 12 tokens in, of which 4 cached, 5 out, of which 2 thought */
  readonly answer?: (question: string, call: number) => Partial<StubAnswer> | string;
  readonly latencyMs?: number;
  readonly monotonicMs?: () => number;
}

const PATHS: Readonly<Record<string, StubCall['dialect']>> = { '/v1/chat/completions': 'chat', '/v1/responses': 'responses', '/v1/messages': 'anthropic', '/v1/embeddings': 'embeddings' };
const DEFAULT: StubAnswer = { text: 'Gut, „danke“ 🦊', model: 'm-1-dated', fingerprint: 'fp-1', toolCalls: [], finishReason: 'stop', usage: { input: 12, output: 5, cached: 4, reasoning: 2 } };
const CHUNK = Buffer.alloc(64 * 1024, 0x20);

export async function startProviderStub(options: ProviderStubOptions = {}): Promise<ProviderStub> {
  const monotonicMs = options.monotonicMs ?? (() => performance.now());
  const calls: StubCall[] = [];
  let how: Parameters<ProviderStub['behave']>[0] = null;
  let rate: StubRate | null = null;
  let bucket = { tokens: 0, atMs: 0 };
  let open = 0;
  let openMax = 0;
  let written = 0;

  const spend = (): boolean => {
    if (rate === null) return true;
    const nowMs = monotonicMs();
    bucket = { tokens: Math.min(rate.burst, bucket.tokens + ((nowMs - bucket.atMs) * rate.perSec) / 1_000), atMs: nowMs };
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  };
  const send = async (response: ServerResponse, bytes: Buffer): Promise<void> => {
    written += bytes.length;
    if (response.write(bytes) || response.destroyed) return;
    await new Promise<void>((resolve) => {
      const go = (): void => { response.off('drain', go).off('close', go); resolve(); };
      response.on('drain', go).on('close', go);
    });
  };

  async function answer(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
    const dialect = PATHS[request.url ?? ''];
    if (dialect === undefined) { response.writeHead(404).end('{"error":{"type":"not_found"}}'); return; }
    const body = JSON.parse(text) as StubCall['body'];
    const number = calls.length;
    const wrong = spend() ? typeof how === 'function' ? how(number, body) : how : { kind: 'rateLimit', ...(rate?.retryAfterSec === undefined ? {} : { retryAfterSec: rate.retryAfterSec }) } as const;
    const call: StubCall = { dialect, atMs: monotonicMs(), body, headers: request.headers, wrong, status: 200 };
    calls.push(call);
    const waitMs = (options.latencyMs ?? 0) + (wrong?.kind === 'latency' ? wrong.ms : 0);
    if (waitMs > 0) await delay(waitMs);
    const refuse = (status: number, type: string, message = 'no', headers: Record<string, string> = {}): void => {
      call.status = status;
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(errorBodyOf(dialect, type, message)));
    };
    const isAnthropic = dialect === 'anthropic';
    switch (wrong?.kind) {
      case 'rateLimit': refuse(429, isAnthropic ? 'rate_limit_error' : 'rate_limit_exceeded', 'slow down', wrong.retryAfterSec === undefined ? {} : { 'retry-after': String(wrong.retryAfterSec) }); return;
      case 'overload': refuse(wrong.status ?? (isAnthropic ? 529 : 503), isAnthropic ? 'overloaded_error' : 'server_error'); return;
      case 'quota': refuse(429, 'insufficient_quota'); return;
      case 'contextLength': refuse(400, isAnthropic ? 'invalid_request_error' : 'context_length_exceeded', isAnthropic ? 'prompt is too long: 300000 tokens > 200000 maximum' : 'too long'); return;
      case 'contentFilter': refuse(400, 'content_filter'); return;
      case 'auth': refuse(401, isAnthropic ? 'authentication_error' : 'invalid_api_key', `this key is wrong: ${String(request.headers.authorization ?? request.headers['x-api-key'])}`); return;
      case 'silence': return;
      case 'hangUp': request.socket.destroy(); return;
      case 'html': response.writeHead(200, { 'content-type': 'text/html' }).end('<html><body>Welcome to nginx!</body></html>'); return;
      case 'deep': response.writeHead(200, { 'content-type': 'application/json' }).end('['.repeat(100_000) + ']'.repeat(100_000)); return;
      default: break;
    }
    const given = options.answer?.(questionOf(body), number) ?? {};
    const said: StubAnswer = { ...DEFAULT, ...(typeof given === 'string' ? { text: given } : given), ...(wrong?.kind === 'wrongModel' ? { model: wrong.model, fingerprint: wrong.fingerprint ?? 'fp-other' } : {}), ...(wrong?.kind === 'missingUsage' ? { usage: null } : {}) };
    const isStream = body['stream'] === true && dialect !== 'embeddings';
    const pieces = dialect === 'embeddings' ? [JSON.stringify(embeddingBodyOf(body))] : isStream ? eventsOf(dialect, said) : [JSON.stringify(wholeOf(dialect, said))];
    const whole = Buffer.from(pieces.join(''), 'utf8');
    response.writeHead(200, { 'content-type': isStream ? 'text/event-stream; charset=utf-8' : 'application/json' });
    switch (wrong?.kind) {
      case 'huge':
        await send(response, isStream ? Buffer.from('data: "') : Buffer.from('"'));
        for (let sent = 0; sent < wrong.bytes && !response.destroyed; sent += CHUNK.length) await send(response, CHUNK);
        response.end();
        return;
      case 'drip': {
        let at = 0;
        const timer = setInterval(() => { if (response.destroyed || at >= whole.length) { clearInterval(timer); response.end(); } else { response.write(whole.subarray(at, at += 1)); written += 1; } }, wrong.everyMs);
        response.once('close', () => { clearInterval(timer); });
        return;
      }
      case 'invalidUtf8': await send(response, isStream ? Buffer.from('data: {"choices":[{"delta":{"content":"') : Buffer.from('{"choices":[{"message":{"content":"')); await send(response, Buffer.from([0xff, 0xfe, 0xc0])); response.end('"}}]}\n\n'); return;
      case 'truncated': {
        // Of a stream all but its last events, and a proper end; of a whole answer half, and a socket that is gone.
        if (isStream) { response.end(pieces.slice(0, 2).join('')); return; }
        await send(response, whole.subarray(0, whole.length >> 1));
        setImmediate(() => response.destroy());
        return;
      }
      case 'emptyStream': response.end(); return;
      case 'errorAfter200': {
        const error = errorBodyOf(dialect, isAnthropic ? 'overloaded_error' : 'server_error', 'too much');
        response.end(isStream ? `${pieces.slice(0, 2).join('')}${isAnthropic ? 'event: error\n' : ''}data: ${JSON.stringify(dialect === 'responses' ? { type: 'error', code: 'server_error', message: 'too much' } : error)}\n\n` : JSON.stringify(error));
        return;
      }
      default:
        for (const piece of pieces) await send(response, Buffer.from(piece, 'utf8'));
        if (wrong?.kind !== 'lingers') response.end();
    }
  }

  const server: Server = createServer((request, response) => {
    open += 1;
    openMax = Math.max(openMax, open);
    response.once('close', () => { open -= 1; });
    response.on('error', () => undefined);
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
      answer(request, response, Buffer.concat(chunks).toString('utf8')).catch(() => { response.destroy(); });
    });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    calls, bytesWritten: () => written, openMax: () => openMax,
    behave: (next) => { how = next; },
    limit: (next) => { rate = next; bucket = { tokens: next?.burst ?? 0, atMs: monotonicMs() }; },
    close: () => new Promise((resolve) => { server.close(() => { resolve(); }); server.closeAllConnections(); }),
  };
}

/** The last thing that was said to it, whatever the dialect. */
function questionOf(body: StubCall['body']): string {
  const messages = (body['messages'] ?? body['input']) as readonly { readonly content?: unknown }[] | undefined;
  const last = Array.isArray(messages) ? (messages as readonly { readonly content?: unknown }[]).at(-1)?.content : undefined;
  return typeof last === 'string' ? last : '';
}
