import type { Completion, CompletionRequest, Provider, ToolCall, Usage } from './provider.js';
import { ProviderError } from './provider.js';
import { createEmbeddings } from './openai-embeddings.js';
import { countOf, faultOfError, fieldOf, listOf, malformed, textOf } from './wire-fault.js';
import { createWire, type WireDeps, type WireTarget } from './wire.js';

const TOOL_CALLS_MAX = 128;

/**
 * Any server that speaks OpenAI's `chat/completions` and `embeddings`: OpenAI itself, Azure (v1), vLLM, Ollama, LM Studio, LiteLLM, the
 * sandbox model. Every field of an answer but its choices is optional.
 *
 * @param connection.baseUrl  up to and including the version, such as `https://api.openai.com/v1`
 */
export function createOpenAI(connection: WireTarget & { readonly kind: Provider['kind'] }, deps: WireDeps): Provider {
  const post = createWire(connection, deps);
  const limitField = isOpenAIs(connection.baseUrl) ? 'max_completion_tokens' : 'max_tokens';
  return {
    kind: connection.kind,
    embed: createEmbeddings(post),
    complete: async (request, signal) => {
      const startedMs = deps.monotonicMs();
      const sinceMs = (): number => deps.monotonicMs() - startedMs;
      const body = bodyOf(request, limitField);
      if (request.parameters.stream !== true) return completionOf(await post('/chat/completions', body, signal), request.model, connection.apiKey, sinceMs());
      const stream = createStream(connection.apiKey, sinceMs);
      const whole = await post('/chat/completions', { ...body, stream: true, stream_options: { include_usage: true } }, signal, stream.take);
      return whole === undefined ? stream.completion(request.model) : completionOf(whole, request.model, connection.apiKey, sinceMs());
    },
  };
}

/** OpenAI's newer models refuse `max_tokens`; most other servers know nothing else. */
function isOpenAIs(baseUrl: string): boolean {
  const host = new URL(baseUrl).hostname;
  return host === 'api.openai.com' || host.endsWith('.openai.azure.com');
}

function bodyOf(request: CompletionRequest, limitField: string): Record<string, unknown> {
  const { temperature, topP, maxTokens, seed, stop } = request.parameters;
  return {
    model: request.model,
    messages: request.messages.map(({ role, content }) => ({ role, content })),
    ...(temperature === undefined ? {} : { temperature }),
    ...(topP === undefined ? {} : { top_p: topP }),
    ...(maxTokens === undefined ? {} : { [limitField]: maxTokens }),
    ...(seed === undefined ? {} : { seed }),
    ...(stop === undefined || stop.length === 0 ? {} : { stop: [...stop] }),
    ...(request.tools === undefined || request.tools.length === 0 ? {} : {
      tools: request.tools.map(({ name, description, schema }) => ({ type: 'function', function: { name, ...(description === undefined ? {} : { description }), parameters: schema } })),
    }),
    stream: false,
  };
}

function completionOf(answer: unknown, modelAsked: string, apiKey: string | undefined, durationMs: number): Completion {
  const error = fieldOf(answer, 'error');
  if (error !== undefined && error !== null) throw faultOfError(error, apiKey);
  const choice = listOf(fieldOf(answer, 'choices'))[0];
  const message = fieldOf(choice, 'message');
  if (typeof message !== 'object' || message === null) throw malformed('The answer has no choice with a message.');
  const content = fieldOf(message, 'content') ?? fieldOf(message, 'refusal') ?? '';
  if (typeof content !== 'string') throw malformed('The content of the answer is not a text.');
  return {
    text: content, finishReason: textOf(fieldOf(choice, 'finish_reason')), ...aboutOf(answer, modelAsked), ...usageOf(fieldOf(answer, 'usage')),
    toolCalls: listOf(fieldOf(message, 'tool_calls')).slice(0, TOOL_CALLS_MAX).map((one): ToolCall => {
      const called = fieldOf(one, 'function');
      return { name: textOf(fieldOf(called, 'name')) ?? '', arguments: textOf(fieldOf(called, 'arguments')) ?? '' };
    }),
    firstTokenMs: null, durationMs,
  };
}

const aboutOf = (answer: unknown, modelAsked: string): Pick<Completion, 'model' | 'fingerprint'> =>
  ({ model: nameOf(fieldOf(answer, 'model')) ?? modelAsked, fingerprint: nameOf(fieldOf(answer, 'system_fingerprint')) });
/** An empty name is none. */
const nameOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value.slice(0, 200) : null);

const usageOf = (usage: unknown): Usage => ({
  inputTokens: countOf(fieldOf(usage, 'prompt_tokens')), outputTokens: countOf(fieldOf(usage, 'completion_tokens')),
  cachedInputTokens: countOf(fieldOf(fieldOf(usage, 'prompt_tokens_details'), 'cached_tokens')), reasoningTokens: countOf(fieldOf(fieldOf(usage, 'completion_tokens_details'), 'reasoning_tokens')),
});

/** One answer in pieces. Whole when a reason to finish or `[DONE]` was seen: a stream that ends without either broke off. */
function createStream(apiKey: string | undefined, sinceMs: () => number) {
  const pieces: string[] = [];
  const calls = new Map<number, { name: string; readonly pieces: string[] }>();
  let about: unknown;
  let usage: unknown;
  let finishReason: string | null = null;
  let firstTokenMs: number | null = null;
  let isWhole = false;
  let hasChoices = false;

  const piece = (value: unknown, into: string[]): void => {
    if (value === undefined || value === null || value === '') return;
    if (typeof value !== 'string') throw malformed('A piece of the answer is not a text.');
    firstTokenMs ??= sinceMs();
    into.push(value);
  };
  const toolPiece = (one: unknown): void => {
    const index = fieldOf(one, 'index') ?? 0;
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= TOOL_CALLS_MAX) throw malformed('A call of a tool has no place.');
    const call = calls.get(index) ?? { name: '', pieces: [] };
    calls.set(index, call);
    const called = fieldOf(one, 'function');
    if (call.name === '') call.name = textOf(fieldOf(called, 'name')) ?? '';
    if (call.name !== '') firstTokenMs ??= sinceMs();
    piece(fieldOf(called, 'arguments'), call.pieces);
  };
  return {
    take: (event: unknown): boolean => {
      if (event === '[DONE]') { isWhole = true; return true; }
      const error = fieldOf(event, 'error');
      if (error !== undefined && error !== null) throw faultOfError(error, apiKey);
      about ??= event;
      usage = fieldOf(event, 'usage') ?? usage;
      const choice = listOf(fieldOf(event, 'choices')).find((one) => (fieldOf(one, 'index') ?? 0) === 0);
      if (choice === undefined) return false;
      hasChoices = true;
      const delta = fieldOf(choice, 'delta');
      piece(fieldOf(delta, 'content') ?? fieldOf(delta, 'refusal'), pieces);
      for (const one of listOf(fieldOf(delta, 'tool_calls'))) toolPiece(one);
      finishReason = textOf(fieldOf(choice, 'finish_reason')) ?? finishReason;
      return false;
    },
    completion: (modelAsked: string): Completion => {
      if (!isWhole && finishReason === null) throw new ProviderError('transport', 'The stream broke off.', { status: 200 });
      if (!hasChoices) throw malformed('The stream has no choice.');
      return {
        text: pieces.join(''), finishReason, ...aboutOf(about, modelAsked), ...usageOf(usage), firstTokenMs, durationMs: sinceMs(),
        toolCalls: [...calls.entries()].sort(([a], [b]) => a - b).map(([, call]) => ({ name: call.name, arguments: call.pieces.join('') })),
      };
    },
  };
}
