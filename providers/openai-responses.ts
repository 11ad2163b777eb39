import { ProviderError, type Completion, type CompletionRequest, type Provider, type ToolCall } from './provider.js';
import { createEmbeddings } from './openai-embeddings.js';
import { countOf, faultOfError, fieldOf, listOf, malformed, textOf } from './wire-fault.js';
import { createWire, type WireDeps, type WireTarget } from './wire.js';

const ENDS = ['response.completed', 'response.incomplete', 'response.failed'];

/**
 * OpenAI's `responses`, whose last event of a stream is the whole answer. Few servers but OpenAI's own speak it. It knows neither `seed`
 * nor `stop`: a model version that asks for one is refused rather than half obeyed.
 */
export function createOpenAIResponses(connection: WireTarget, deps: WireDeps): Provider {
  const post = createWire(connection, deps);
  return {
    kind: 'openai-responses',
    embed: createEmbeddings(post),
    complete: async (request, signal) => {
      const startedMs = deps.monotonicMs();
      const body = bodyOf(request);
      if (request.parameters.stream !== true) return completionOf(await post('/responses', body, signal), request.model, connection.apiKey, null, deps.monotonicMs() - startedMs);
      let firstTokenMs: number | null = null;
      let last: unknown;
      const whole = await post('/responses', { ...body, stream: true }, signal, (event) => {
        const type = fieldOf(event, 'type');
        if (type === 'error') throw faultOfError(fieldOf(event, 'error') ?? event, connection.apiKey);
        if (typeof type === 'string' && type.endsWith('.delta')) firstTokenMs ??= deps.monotonicMs() - startedMs;
        if (typeof type !== 'string' || !ENDS.includes(type)) return false;
        last = fieldOf(event, 'response');
        return true;
      });
      if (whole === undefined && last === undefined) throw new ProviderError('transport', 'The stream broke off.', { status: 200 });
      return completionOf(whole ?? last, request.model, connection.apiKey, firstTokenMs, deps.monotonicMs() - startedMs);
    },
  };
}

function bodyOf({ model, messages, parameters, tools }: CompletionRequest): Record<string, unknown> {
  const { temperature, topP, maxTokens, seed, stop } = parameters;
  const unknown = [...(seed === undefined ? [] : ['seed']), ...(stop === undefined || stop.length === 0 ? [] : ['stop'])];
  if (unknown.length > 0) throw new ProviderError('refused', `The responses API has no ${unknown.join(' and no ')}: make a model version without.`);
  return {
    model, input: messages.map(({ role, content }) => ({ role, content })),
    ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }), ...(maxTokens === undefined ? {} : { max_output_tokens: maxTokens }),
    ...(tools === undefined || tools.length === 0 ? {} : { tools: tools.map(({ name, description, schema }) => ({ type: 'function', name, ...(description === undefined ? {} : { description }), parameters: schema, strict: false })) }),
    store: false, stream: false,
  };
}

function completionOf(answer: unknown, modelAsked: string, apiKey: string | undefined, firstTokenMs: number | null, durationMs: number): Completion {
  const error = fieldOf(answer, 'error');
  if (error !== undefined && error !== null) throw faultOfError(error, apiKey);
  const status = fieldOf(answer, 'status');
  const output = fieldOf(answer, 'output');
  if (!Array.isArray(output)) throw malformed('The answer has no output.');
  if (status === 'failed' || status === 'cancelled') throw faultOfError(undefined, apiKey);
  const texts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const item of output as unknown[]) {
    if (fieldOf(item, 'type') === 'function_call') toolCalls.push({ name: textOf(fieldOf(item, 'name')) ?? '', arguments: textOf(fieldOf(item, 'arguments')) ?? '' });
    if (fieldOf(item, 'type') !== 'message') continue;
    for (const part of listOf(fieldOf(item, 'content'))) {
      const text = fieldOf(part, 'text') ?? fieldOf(part, 'refusal') ?? '';
      if (typeof text !== 'string') throw malformed('The content of the answer is not a text.');
      texts.push(text);
    }
  }
  const usage = fieldOf(answer, 'usage');
  const model = textOf(fieldOf(answer, 'model'));
  return {
    text: texts.join(''), toolCalls, fingerprint: null, firstTokenMs, durationMs, model: model === null || model === '' ? modelAsked : model.slice(0, 200),
    finishReason: textOf(fieldOf(fieldOf(answer, 'incomplete_details'), 'reason')) ?? (status === 'completed' ? toolCalls.length > 0 ? 'tool_calls' : 'stop' : textOf(status)),
    inputTokens: countOf(fieldOf(usage, 'input_tokens')), outputTokens: countOf(fieldOf(usage, 'output_tokens')),
    cachedInputTokens: countOf(fieldOf(fieldOf(usage, 'input_tokens_details'), 'cached_tokens')), reasoningTokens: countOf(fieldOf(fieldOf(usage, 'output_tokens_details'), 'reasoning_tokens')),
  };
}
