import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { LocalEmbedder } from './embedding.js';
import { NO_ANSWER, extract, readPrompt } from './extract.js';
import { ChatRequest, EmbeddingRequest, PrewarmRequest, SandboxRefusal, readJson } from './sandbox-request.js';

/** The model that answers by quoting: real sentence embeddings, no generation. Labelled wherever it appears. */
export const SANDBOX_MODEL = 'sandbox-extractive-1';
export const SANDBOX_EMBEDDING_MODEL = 'sandbox-minilm-1';

const FINGERPRINT = 'sandbox';
const SENTENCES_MAX = 500;

/** Runs `run` inside a span that continues the trace of these headers. */
export type SandboxSpan = <T>(headers: IncomingHttpHeaders, name: string, run: () => Promise<T>) => Promise<T>;

export interface SandboxEvent { readonly event: 'answered' | 'refused'; readonly level: 'debug'; readonly route: string; readonly status: number }

export interface SandboxDeps {
  readonly embedder: Pick<LocalEmbedder, 'embed' | 'counts'>;
  readonly nowMs: () => number;
  readonly span?: SandboxSpan;
  readonly tell?: (event: SandboxEvent) => void;
}

/** A handler for `http.createServer`; never throws, never rejects. */
export type SandboxModel = (request: IncomingMessage, response: ServerResponse) => void;

/**
 * A local OpenAI-compatible model server that answers *extractively*: it quotes the sentence of the prompt's `<context>` blocks that is
 * nearest to the last user message, or says "I do not know.". The same messages give the same answer, always; temperature, seed and the
 * like are accepted and change nothing. It reads the messages and nothing else, so a prompt that loses its context really answers worse.
 *
 * Tokens are counted as characters / 4, rounded up: an approximation, as good as any without a vocabulary.
 */
export function createSandboxModel(deps: SandboxDeps): SandboxModel {
  const span: SandboxSpan = deps.span ?? ((_headers, _name, run) => run());

  const chat = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = ChatRequest(await readJson(request));
    if (asked.model !== SANDBOX_MODEL) throw new SandboxRefusal(404, 'model_not_found', `This server has one chat model: ${SANDBOX_MODEL}.`);
    await span(request.headers, `chat ${SANDBOX_MODEL}`, async () => {
      const reading = readPrompt(asked.messages);
      if (reading.sentences.length > SENTENCES_MAX) throw new SandboxRefusal(400, 'context_length_exceeded', `The context has more than ${SENTENCES_MAX} sentences.`);
      const whole = await answerTo(reading);
      const charsMax = asked.tokensMax === undefined ? Number.POSITIVE_INFINITY : asked.tokensMax * 4;
      const text = whole.slice(0, charsMax);
      const finishReason = text.length < whole.length ? 'length' : 'stop';
      const usage = usageOf(tokensOf(asked.messages.map(({ content }) => content).join('\n')), tokensOf(text));
      const id = `chatcmpl-sandbox-${createHash('sha256').update(JSON.stringify(asked.messages)).digest('hex').slice(0, 24)}`;
      const about = { id, created: Math.floor(deps.nowMs() / 1000), model: SANDBOX_MODEL, system_fingerprint: FINGERPRINT };
      if (asked.streams) stream(response, about, text, finishReason, asked.wantsUsage ? usage : undefined);
      else {
        sendJson(response, 200, {
          ...about, object: 'chat.completion',
          choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: finishReason, logprobs: null }], usage,
        });
      }
    });
  };

  const answerTo = async (reading: ReturnType<typeof readPrompt>): Promise<string> => {
    if (reading.question === '' || reading.sentences.length === 0) return NO_ANSWER;
    const [question, ...sentences] = await deps.embedder.embed([reading.question, ...reading.sentences]);
    return question === undefined ? NO_ANSWER : extract(reading, question, sentences);
  };

  const embeddings = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const asked = EmbeddingRequest(await readJson(request));
    if (asked.model !== SANDBOX_EMBEDDING_MODEL) throw new SandboxRefusal(404, 'model_not_found', `This server has one embedding model: ${SANDBOX_EMBEDDING_MODEL}.`);
    const vectors = await deps.embedder.embed(asked.texts);
    const tokens = tokensOf(asked.texts.join('\n'));
    sendJson(response, 200, {
      object: 'list', model: SANDBOX_EMBEDDING_MODEL, usage: { prompt_tokens: tokens, total_tokens: tokens },
      data: vectors.map((vector, index) => ({ object: 'embedding', index, embedding: asked.base64 ? Buffer.from(vector.buffer, vector.byteOffset, vector.byteLength).toString('base64') : [...vector] })),
    });
  };

  /** Computes vectors ahead of the first question, so that a demonstration does not begin with a pause. */
  const prewarm = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const texts = PrewarmRequest(await readJson(request));
    const before = deps.embedder.counts().computed;
    await deps.embedder.embed(texts);
    sendJson(response, 200, { texts: texts.length, computed: deps.embedder.counts().computed - before });
  };

  const models = (): unknown => ({
    object: 'list', data: [SANDBOX_MODEL, SANDBOX_EMBEDDING_MODEL].map((id) => ({ id, object: 'model', created: 0, owned_by: 'slipway-sandbox' })),
  });

  const routes: Readonly<Record<string, { readonly method: 'GET' | 'POST'; readonly run: (request: IncomingMessage, response: ServerResponse) => Promise<void> | void }>> = {
    '/v1/chat/completions': { method: 'POST', run: chat },
    '/v1/embeddings': { method: 'POST', run: embeddings },
    '/v1/prewarm': { method: 'POST', run: prewarm },
    '/v1/models': { method: 'GET', run: (_request, response) => { sendJson(response, 200, models()); } },
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?')[0] ?? '';
    const route = Object.hasOwn(routes, path) ? routes[path] : undefined;
    response.once('finish', () => { deps.tell?.({ event: response.statusCode < 400 ? 'answered' : 'refused', level: 'debug', route: route === undefined ? 'other' : path, status: response.statusCode }); });
    response.setHeader('x-slipway-model', 'sandbox');
    try {
      if (route === undefined) throw new SandboxRefusal(404, 'not_found', 'There is nothing at this path.');
      if (request.method !== route.method) { response.setHeader('allow', route.method); throw new SandboxRefusal(405, 'method_not_allowed', `Use ${route.method}.`); }
      await route.run(request, response);
    } catch (error) { refuse(request, response, error); }
  };

  return (request, response) => { void serve(request, response); };
}

function refuse(request: IncomingMessage, response: ServerResponse, error: unknown): void {
  if (response.headersSent) { response.destroy(); return; }
  const refusal = error instanceof SandboxRefusal ? error : new SandboxRefusal(503, 'overloaded', 'The embedder does not answer now.');
  if (refusal.status === 503) response.setHeader('retry-after', '1');
  // What was not read is not read later: the connection ends with this answer.
  if (!request.complete) { response.setHeader('connection', 'close'); request.resume(); }
  sendJson(response, refusal.status, { error: { message: refusal.message, type: refusal.status >= 500 ? 'server_error' : 'invalid_request_error', param: null, code: refusal.code } });
}

type About = Readonly<Record<'id' | 'model' | 'system_fingerprint', string>> & { readonly created: number };

/** Server-sent events, a word a chunk; usage in a chunk of its own when it was asked for. */
function stream(response: ServerResponse, about: About, text: string, finishReason: string, usage: object | undefined): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-store' });
  const event = (delta: object, finish: string | null): void => {
    response.write(`data: ${JSON.stringify({ ...about, object: 'chat.completion.chunk', choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }], ...(usage === undefined ? {} : { usage: null }) })}\n\n`);
  };
  event({ role: 'assistant', content: '' }, null);
  for (const word of text.match(/\s*\S+/g) ?? []) event({ content: word }, null);
  event({}, finishReason);
  if (usage !== undefined) response.write(`data: ${JSON.stringify({ ...about, object: 'chat.completion.chunk', choices: [], usage })}\n\n`);
  response.end('data: [DONE]\n\n');
}

const tokensOf = (text: string): number => Math.ceil(text.length / 4);
const usageOf = (prompt: number, completion: number) => ({ prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion });

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'content-length': Buffer.byteLength(text), 'cache-control': 'no-store' });
  response.end(text);
}
