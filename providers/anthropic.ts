import { ProviderError, type Completion, type CompletionRequest, type Provider, type ToolCall, type Usage } from './provider.js';
import { countOf, faultOfError, fieldOf, malformed, textOf } from './wire-fault.js';
import { createWire, type WireDeps, type WireTarget } from './wire.js';

const VERSION = '2023-06-01';
/** The API wants a limit; what a model version does not say is this. */
const MAX_TOKENS = 4_096;
const BLOCKS_MAX = 1_000;

/**
 * Anthropic's `messages`. System messages go where the API has a place for them. It knows no `seed`, and no embeddings.
 *
 * @param connection.baseUrl  up to and including the version, such as `https://api.anthropic.com/v1`
 */
export function createAnthropic(connection: WireTarget, deps: WireDeps): Provider {
  const post = createWire(connection, { ...deps, headers: () => ({ ...deps.headers?.(), 'anthropic-version': VERSION }) }, (apiKey) => ({ 'x-api-key': apiKey }));
  return {
    kind: 'anthropic',
    embed: () => Promise.reject(new ProviderError('refused', 'Anthropic has no embeddings: use a connection of another kind.')),
    complete: async (request, signal) => {
      const startedMs = deps.monotonicMs();
      const sinceMs = (): number => deps.monotonicMs() - startedMs;
      const body = bodyOf(request);
      if (request.parameters.stream !== true) return completionOf(await post('/messages', body, signal), request.model, connection.apiKey, null, sinceMs());
      const stream = createStream(connection.apiKey, sinceMs);
      const whole = await post('/messages', { ...body, stream: true }, signal, stream.take);
      return whole === undefined ? stream.completion(request.model) : completionOf(whole, request.model, connection.apiKey, null, sinceMs());
    },
  };
}

function bodyOf({ model, messages, parameters, tools }: CompletionRequest): Record<string, unknown> {
  const { temperature, topP, maxTokens, seed, stop } = parameters;
  if (seed !== undefined) throw new ProviderError('refused', 'Anthropic has no seed: make a model version without.');
  const system = messages.filter(({ role }) => role === 'system').map(({ content }) => content).join('\n\n');
  return {
    model, max_tokens: maxTokens ?? MAX_TOKENS, messages: messages.filter(({ role }) => role !== 'system').map(({ role, content }) => ({ role, content })),
    ...(system === '' ? {} : { system }),
    ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { top_p: topP }), ...(stop === undefined || stop.length === 0 ? {} : { stop_sequences: [...stop] }),
    ...(tools === undefined || tools.length === 0 ? {} : { tools: tools.map(({ name, description, schema }) => ({ name, ...(description === undefined ? {} : { description }), input_schema: schema })) }),
    stream: false,
  };
}

function completionOf(answer: unknown, modelAsked: string, apiKey: string | undefined, firstTokenMs: number | null, durationMs: number): Completion {
  if (fieldOf(answer, 'type') === 'error') throw faultOfError(fieldOf(answer, 'error'), apiKey);
  const content = fieldOf(answer, 'content');
  if (!Array.isArray(content)) throw malformed('The answer has no content.');
  const texts: string[] = [];
  const toolCalls: ToolCall[] = [];
  for (const block of content as unknown[]) {
    const type = fieldOf(block, 'type');
    if (type === 'tool_use') toolCalls.push({ name: textOf(fieldOf(block, 'name')) ?? '', arguments: JSON.stringify(fieldOf(block, 'input') ?? {}) });
    if (type !== 'text') continue;
    const text = fieldOf(block, 'text');
    if (typeof text !== 'string') throw malformed('The content of the answer is not a text.');
    texts.push(text);
  }
  return { text: texts.join(''), toolCalls, finishReason: textOf(fieldOf(answer, 'stop_reason')), ...modelOf(answer, modelAsked), ...usageOf(fieldOf(answer, 'usage')), firstTokenMs, durationMs };
}

const modelOf = (answer: unknown, modelAsked: string): Pick<Completion, 'model' | 'fingerprint'> => {
  const model = textOf(fieldOf(answer, 'model'));
  return { model: model === null || model === '' ? modelAsked : model.slice(0, 200), fingerprint: null };
};

/** Here the input leaves out what was read from a cache and what was written to one; ours is all of it. */
function usageOf(usage: unknown): Usage {
  const fresh = countOf(fieldOf(usage, 'input_tokens'));
  const cached = countOf(fieldOf(usage, 'cache_read_input_tokens'));
  const written = countOf(fieldOf(usage, 'cache_creation_input_tokens'));
  return { inputTokens: fresh === null ? null : fresh + (cached ?? 0) + (written ?? 0), outputTokens: countOf(fieldOf(usage, 'output_tokens')), cachedInputTokens: cached, reasoningTokens: null };
}

/** Block by block, until `message_stop`. */
function createStream(apiKey: string | undefined, sinceMs: () => number) {
  const blocks = new Map<number, { readonly isTool: boolean; readonly name: string; readonly pieces: string[] }>();
  let message: unknown;
  let usage: Record<string, unknown> = {};
  let finishReason: string | null = null;
  let firstTokenMs: number | null = null;
  let isWhole = false;
  const spent = (value: unknown): void => { if (typeof value === 'object' && value !== null) usage = { ...usage, ...Object.fromEntries(Object.entries(value).filter(([, count]) => count !== null)) }; };

  return {
    take: (event: unknown): boolean => {
      const index = fieldOf(event, 'index');
      switch (fieldOf(event, 'type')) {
        case 'error': throw faultOfError(fieldOf(event, 'error'), apiKey);
        case 'message_start': message = fieldOf(event, 'message'); spent(fieldOf(message, 'usage')); return false;
        case 'content_block_start': {
          if (typeof index !== 'number' || blocks.size >= BLOCKS_MAX) throw malformed('A block of the answer has no place.');
          const block = fieldOf(event, 'content_block');
          blocks.set(index, { isTool: fieldOf(block, 'type') === 'tool_use', name: textOf(fieldOf(block, 'name')) ?? '', pieces: [textOf(fieldOf(block, 'text')) ?? ''] });
          return false;
        }
        case 'content_block_delta': {
          const block = blocks.get(index as number);
          if (block === undefined) throw malformed('A piece of the answer belongs to no block.');
          const delta = fieldOf(event, 'delta');
          const piece = fieldOf(delta, block.isTool ? 'partial_json' : 'text');
          if (piece === undefined) return false;   // a thought, a signature, a citation
          if (typeof piece !== 'string') throw malformed('A piece of the answer is not a text.');
          firstTokenMs ??= sinceMs();
          block.pieces.push(piece);
          return false;
        }
        case 'message_delta': spent(fieldOf(event, 'usage')); finishReason = textOf(fieldOf(fieldOf(event, 'delta'), 'stop_reason')) ?? finishReason; return false;
        case 'message_stop': isWhole = true; return true;
        default: return false;
      }
    },
    completion: (modelAsked: string): Completion => {
      if (!isWhole) throw new ProviderError('transport', 'The stream broke off.', { status: 200 });
      const all = [...blocks.entries()].sort(([a], [b]) => a - b).map(([, block]) => ({ ...block, text: block.pieces.join('') }));
      return {
        text: all.filter(({ isTool }) => !isTool).map(({ text }) => text).join(''), toolCalls: all.filter(({ isTool }) => isTool).map(({ name, text }) => ({ name, arguments: text === '' ? '{}' : text })),
        finishReason, ...modelOf(message, modelAsked), ...usageOf(usage), firstTokenMs, durationMs: sinceMs(),
      };
    },
  };
}
