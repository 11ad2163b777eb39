import { ProviderError, type Completion, type CompletionRequest, type Provider } from './provider.js';
import { createWire, fieldOf, type WireDeps } from './wire.js';

/** Vectors of 3 072 numbers in decimal stay below the cap of an answer. */
const TEXTS_A_CALL = 24;

/**
 * Any server that speaks OpenAI's `chat/completions` and `embeddings`: OpenAI itself, Azure (v1), vLLM, Ollama, LM Studio, LiteLLM, the
 * sandbox model. Every field of an answer but its choices is optional.
 *
 * @param connection.baseUrl  up to and including the version, such as `https://api.openai.com/v1`
 */
export function createOpenAI(connection: { readonly kind: Provider['kind']; readonly baseUrl: string; readonly apiKey?: string }, deps: WireDeps): Provider {
  const post = createWire(connection, deps);
  const limitField = isOpenAIs(connection.baseUrl) ? 'max_completion_tokens' : 'max_tokens';
  return {
    kind: connection.kind,
    complete: async (request, signal) => {
      const startedMs = deps.monotonicMs();
      const answer = await post('/chat/completions', bodyOf(request, limitField), signal);
      return completionOf(answer, request.model, deps.monotonicMs() - startedMs);
    },
    embed: async (model, texts, signal) => {
      const vectors: Float32Array[] = [];
      for (let from = 0; from < texts.length; from += TEXTS_A_CALL) {
        const input = texts.slice(from, from + TEXTS_A_CALL);
        vectors.push(...vectorsOf(await post('/embeddings', { model, input, encoding_format: 'float' }, signal), input.length));
      }
      return vectors;
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
    stream: false,
  };
}

function completionOf(answer: unknown, modelAsked: string, durationMs: number): Completion {
  const choices = fieldOf(answer, 'choices');
  const choice: unknown = Array.isArray(choices) ? choices[0] : undefined;
  const message = fieldOf(choice, 'message');
  if (typeof message !== 'object' || message === null) throw new ProviderError('garbage', 'The answer has no choice with a message.', { status: 200 });
  const content = fieldOf(message, 'content') ?? fieldOf(message, 'refusal') ?? '';
  if (typeof content !== 'string') throw new ProviderError('garbage', 'The content of the answer is not a text.', { status: 200 });
  const model = fieldOf(answer, 'model');
  const finishReason = fieldOf(choice, 'finish_reason');
  const usage = fieldOf(answer, 'usage');
  return {
    text: content,
    finishReason: typeof finishReason === 'string' ? finishReason : null,
    model: typeof model === 'string' && model !== '' ? model : modelAsked,
    inputTokens: countOf(fieldOf(usage, 'prompt_tokens')),
    outputTokens: countOf(fieldOf(usage, 'completion_tokens')),
    durationMs,
  };
}

function vectorsOf(answer: unknown, wanted: number): Float32Array[] {
  const garbage = (why: string): ProviderError => new ProviderError('garbage', why, { status: 200 });
  const data = fieldOf(answer, 'data');
  if (!Array.isArray(data) || data.length !== wanted) throw garbage(`The answer does not hold ${wanted} vectors.`);
  const vectors = new Array<Float32Array | undefined>(wanted).fill(undefined);
  for (const [position, entry] of (data as unknown[]).entries()) {
    const index = fieldOf(entry, 'index') ?? position;
    const numbers = fieldOf(entry, 'embedding');
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= wanted || vectors[index] !== undefined) throw garbage('The vectors are not numbered as the texts are.');
    if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every((n) => typeof n === 'number' && Number.isFinite(n))) throw garbage('A vector is not a list of numbers.');
    vectors[index] = Float32Array.from(numbers as number[]);
  }
  return vectors.map((vector) => { if (vector === undefined) throw garbage('A vector is missing.'); return vector; });
}

/** Unknown is null, never 0. */
const countOf = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null);
