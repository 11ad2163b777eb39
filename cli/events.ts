import type { Client } from './client.js';
import { dataOrError, NoAnswerError, open } from './client.js';
import { InterruptedError, pause } from './context.js';

export interface Subscription<T> {
  readonly query: string;
  readonly field: string;
  /** Variables of the first connection, and of every later one: they say what was seen last, so that nothing is missed. */
  readonly variables: (last: T | undefined) => Readonly<Record<string, unknown>>;
  readonly signal: AbortSignal;
  readonly pause?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** The server pings every 12 s; a connection that is silent for longer than this is dead. */
const SILENT_MAX_MS = 30_000;
const AGAIN_MS = [250, 500, 1_000, 2_000, 5_000] as const;
/** So many connections in a row that brought nothing: the API is down. */
const FRUITLESS_MAX = 20;

/** A GraphQL subscription over server-sent events. A connection that breaks is opened again, from the last event on. */
export async function* subscribe<T>(client: Client, { query, field, variables, signal, pause: wait = pause }: Subscription<T>): AsyncGenerator<T, void> {
  let last: T | undefined;
  for (let fruitless = 0; ;) {
    try {
      const response = await open(`${client.url}/graphql`, { key: client.key, signal, timeoutMs: SILENT_MAX_MS, accept: 'text/event-stream', body: JSON.stringify({ query, variables: variables(last) }) });
      response.setEncoding('utf8');
      if (!(response.headers['content-type'] ?? '').startsWith('text/event-stream')) {
        let text = '';
        for await (const chunk of response) text += String(chunk);
        dataOrError(jsonOf(text), response.statusCode ?? 0);
        throw new NoAnswerError('The API does not stream events.');
      }
      for await (const message of messagesOf(response)) {
        if (message.event === 'complete') return;
        if (message.event !== 'next') continue;
        const event = dataOrError<Readonly<Record<string, unknown>>>(jsonOf(message.data), 200)[field] as T;
        last = event;
        fruitless = 0;
        yield event;
      }
    } catch (error) {
      if (signal.aborted) throw new InterruptedError();
      if (error instanceof Error && 'code' in error && !(error instanceof NoAnswerError) && 'hint' in error) throw error;   // the API's own answer
      if (fruitless >= FRUITLESS_MAX) throw error;
    }
    fruitless += 1;
    if (fruitless > FRUITLESS_MAX) throw new NoAnswerError(`${client.url} ends every event stream at once.`);
    await wait(AGAIN_MS[Math.min(fruitless, AGAIN_MS.length) - 1] ?? 5_000, signal);
  }
}

interface Message { readonly event: string; readonly data: string }
const MESSAGE_CHARACTERS_MAX = 4_000_000;

/** Server-sent events: blocks of lines divided by an empty line; lines with a colon first are pings. */
async function* messagesOf(stream: AsyncIterable<unknown>): AsyncGenerator<Message> {
  let rest = '';
  for await (const chunk of stream) {
    rest += String(chunk).replace(/\r/g, '');
    if (rest.length > MESSAGE_CHARACTERS_MAX) throw new NoAnswerError('An event is larger than 4 MB.');
    for (let end = rest.indexOf('\n\n'); end >= 0; end = rest.indexOf('\n\n')) {
      const lines = rest.slice(0, end).split('\n');
      rest = rest.slice(end + 2);
      const valueOf = (name: string): string => lines.filter((line) => line.startsWith(`${name}:`)).map((line) => line.slice(name.length + 1).replace(/^ /, '')).join('\n');
      if (lines.some((line) => line !== '' && !line.startsWith(':'))) yield { event: valueOf('event') || 'message', data: valueOf('data') };
    }
  }
}

const jsonOf = (text: string): Record<string, unknown> => { try { return JSON.parse(text) as Record<string, unknown>; } catch { return {}; } };
