import http from 'node:http';
import { ERRORS, SlipwayError, UnavailableError, type ErrorCode } from '../core/errors.js';
import type { Connection } from './connection.js';
import { InterruptedError, pause } from './context.js';

export interface ClientOptions extends Connection {
  readonly signal: AbortSignal;
  readonly timeoutMs?: number;
  /** Waits before further tries where the API says UNAVAILABLE: none, a person had better be told; a program that starts a stack is patient. */
  readonly patienceMs?: readonly number[];
  /** waits between tries; a test hands over one that does not wait */
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** Our own API, like any other client of it. */
export interface Client {
  readonly url: string;
  readonly key: string;
  /** @throws SlipwayError with the API's code, message and hint */
  ask<T>(query: string, variables?: Readonly<Record<string, unknown>>): Promise<T>;
  /**
   * `mutation name(input)`. Without an `idempotencyKey` in the input a fresh one is made; when no answer comes it is sent again under the
   * same key, which is why that is harmless.
   */
  mutate<T>(name: string, input: Readonly<Record<string, unknown>>, fields: string): Promise<T>;
}

const ANSWER_BYTES_MAX = 64 * 1_048_576;
const TIMEOUT_MS = 20_000;
const AGAIN_MS = [300, 1_500] as const;

export function createClient({ url, key, signal, timeoutMs = TIMEOUT_MS, patienceMs = [], pause: wait = pause }: ClientOptions): Client {
  const once = async <T>(query: string, variables: Readonly<Record<string, unknown>>): Promise<T> =>
    dataOf<T>(await send(`${url}/graphql`, { key, signal, timeoutMs, accept: 'application/json', body: JSON.stringify({ query, variables }) }), url);
  const patiently = async <T>(work: () => Promise<T>, againMs: readonly number[], isWorthIt: (error: unknown) => boolean): Promise<T> => {
    for (let tries = 0; ; tries += 1) {
      try { return await work(); } catch (error) {
        const ms = againMs[tries];
        if (ms === undefined || !isWorthIt(error)) throw error;
        await wait(ms, signal);
      }
    }
  };
  const ask = <T>(query: string, variables: Readonly<Record<string, unknown>> = {}): Promise<T> => patiently(() => once<T>(query, variables), patienceMs, isUnavailable);
  return {
    url, key, ask,
    async mutate<T>(name: string, input: Readonly<Record<string, unknown>>, fields: string): Promise<T> {
      const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}Input`;
      const variables = { input: { idempotencyKey: crypto.randomUUID(), ...input } };
      return patiently(async () => (await once<Record<string, T>>(`mutation($input: ${type}!) { ${name}(input: $input) ${fields} }`, variables))[name] as T,
        patienceMs.length > 0 ? patienceMs : AGAIN_MS, patienceMs.length > 0 ? isUnavailable : (error) => error instanceof NoAnswerError);
    },
  };
}

export const isUnavailable = (error: unknown): boolean => error instanceof SlipwayError && error.code === 'UNAVAILABLE';

/** Nobody answered, or not to the end: what was asked may have been done. */
export class NoAnswerError extends UnavailableError {}

interface Sent { readonly key: string | undefined; readonly signal: AbortSignal; readonly timeoutMs: number; readonly accept: string; readonly body: string }
interface Answer { readonly status: number; readonly text: string }

/** One POST, its own connection: a command makes few calls, and an idle socket would keep it from ending. */
export async function send(url: string, sent: Sent): Promise<Answer> {
  const response = await open(url, sent);
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of response) {
      bytes += (chunk as Buffer).length;
      if (bytes > ANSWER_BYTES_MAX) throw new NoAnswerError(`${url} sent more than ${ANSWER_BYTES_MAX} bytes.`);
      chunks.push(chunk as Buffer);
    }
  } catch (error) {
    if (sent.signal.aborted) throw new InterruptedError();
    throw error instanceof SlipwayError ? error : noAnswer(url, error);
  }
  return { status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString('utf8') };
}

/** The answer as it begins; used by `send` and by event streams. `timeoutMs` is silence on the wire, not the whole. */
export async function open(url: string, { key, signal, timeoutMs, accept, body }: Sent): Promise<http.IncomingMessage> {
  // TLS is loaded when it is spoken: most of what a call to this machine would otherwise wait for.
  const { request: ask } = url.startsWith('https:') ? await import('node:https') : http;
  return new Promise((resolve, reject) => {
    if (signal.aborted) { reject(new InterruptedError()); return; }
    let request: http.ClientRequest;
    try {
      const target = new URL(url);
      request = ask(target, {
        method: 'POST', agent: false, signal, timeout: timeoutMs,
        headers: { 'content-type': 'application/json', accept, 'content-length': Buffer.byteLength(body), ...(key === undefined ? {} : { authorization: `Bearer ${key}` }) },
      }, resolve);
    } catch (error) { reject(noAnswer(url, error)); return; }
    request.on('timeout', () => { request.destroy(new Error(`no answer in ${timeoutMs / 1_000} s`)); });
    request.on('error', (error) => { reject(signal.aborted ? new InterruptedError() : noAnswer(url, error)); });
    request.end(body);
  });
}

function noAnswer(url: string, cause: unknown): NoAnswerError {
  const host = URL.canParse(url) ? new URL(url).origin : url;
  const why = cause instanceof Error ? ('code' in cause && cause.code === 'ECONNREFUSED' ? 'nothing listens there' : cause.message || cause.name) : String(cause);
  return new NoAnswerError(`No answer from ${host}: ${why}.`, 'Is the stack up? slipway doctor looks at every part; slipway dev starts one.');
}

interface GraphQLAnswer { readonly data?: unknown; readonly errors?: readonly { readonly message?: string; readonly extensions?: { readonly code?: string; readonly hint?: string } }[] }

/** @throws SlipwayError for anything but data without errors */
function dataOf<T>({ status, text }: Answer, url: string): T {
  let answer: GraphQLAnswer;
  try { answer = JSON.parse(text) as GraphQLAnswer; } catch { throw new UnavailableError(`${url} answered ${status}, and not as an API does.`, 'Is this the address of the API, and not of something before it?'); }
  return dataOrError<T>(answer, status);
}

export function dataOrError<T>(answer: GraphQLAnswer, status: number): T {
  const error = answer.errors?.[0];
  if (error !== undefined) throw errorOf(error.extensions?.code, error.message ?? 'An error without a message.', error.extensions?.hint);
  if (answer.data === undefined || answer.data === null) throw errorOf(codeOfStatus(status), `The API answered ${status} without data.`, undefined);
  return answer.data as T;
}

function errorOf(code: string | undefined, message: string, hint: string | undefined): SlipwayError {
  if (code !== undefined && code in ERRORS) return new SlipwayError(code as ErrorCode, message, hint);
  if (code !== undefined && /^(GRAPHQL_|BAD_REQUEST|BAD_USER_INPUT)/.test(code)) return new SlipwayError('BAD_INPUT', message, 'The API is of another version than this command line: slipway --version, slipway doctor.');
  return new SlipwayError('INTERNAL', message, hint);
}

const codeOfStatus = (status: number): ErrorCode => (Object.entries(ERRORS).find(([, { http: known }]) => known === status)?.[0] as ErrorCode | undefined) ?? 'UNAVAILABLE';
