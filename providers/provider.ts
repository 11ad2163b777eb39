/** What can be asked of a model, in the words that every provider shares. */
export interface CompletionRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly parameters: CompletionParameters;
  /** What the model may call; the schema is of the arguments. */
  readonly tools?: readonly { readonly name: string; readonly description?: string; readonly schema: unknown }[];
}
export interface CompletionParameters {
  readonly temperature?: number; readonly topP?: number; readonly maxTokens?: number; readonly seed?: number; readonly stop?: readonly string[];
  /** The answer is read as it is written, and the time to its first token is known. @default false */
  readonly stream?: boolean;
}

export interface Completion extends Usage {
  /** What the model said, or its refusal in words; may be empty. */
  readonly text: string;
  /** As the provider named it (`stop`, `length`, `content_filter` …); null when it did not. A cut or refused answer is a result. */
  readonly finishReason: string | null;
  /** The model that says it answered. */
  readonly model: string;
  /** What the provider says of the machinery behind the model; null when it does not. A change may be another model under the same name. */
  readonly fingerprint?: string | null;
  /** What the model wants called, in its order; nobody calls it. */
  readonly toolCalls?: readonly ToolCall[];
  /** From the request to the first piece of text or of a tool call; null when the answer came in one piece. */
  readonly firstTokenMs?: number | null;
  readonly durationMs: number;
}
/** `arguments` is the text the model wrote, which need not be JSON. */
export interface ToolCall { readonly name: string; readonly arguments: string }

/** As billed. Not reported is null, never 0. */
export interface Usage {
  /** All of them, those from a cache and those written to one included. */
  readonly inputTokens: number | null;
  /** All of them, those of the reasoning included. */
  readonly outputTokens: number | null;
  /** Of the input, read from the provider's cache. */
  readonly cachedInputTokens?: number | null;
  /** Of the output, thought and not said. */
  readonly reasoningTokens?: number | null;
}

export const PROVIDER_KINDS = ['openai-compatible', 'openai-responses', 'anthropic', 'sandbox'] as const;
export type ProviderKind = (typeof PROVIDER_KINDS)[number];

export interface Provider {
  readonly kind: ProviderKind;
  /**
   * Asks once; retrying is the caller's. When `signal` aborts, its reason is thrown.
   * @throws ProviderError
   */
  complete(request: CompletionRequest, signal: AbortSignal): Promise<Completion>;
  /**
   * One vector per text, in order.
   * @throws ProviderError
   */
  embed(model: string, texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]>;
}

/**
 * Why there is no answer. `rateLimit`, `overload`, `timeout` and `transport` are worth another try; the others come again.
 *
 * `rateLimit` 429 · `quota` 429 that no waiting ends · `overload` 408, 409, 5xx, and an error that a stream ends with · `contextLength` more
 * than the model can read · `contentFilter` the provider would not read or write it · `auth` 401, 403 · `refused` any other 3xx or 4xx ·
 * `timeout` ours, idle or in all · `transport` no HTTP answer, or one that broke off · `malformed` a 200 that is no answer, or too large
 */
export type ProviderFault = 'rateLimit' | 'quota' | 'overload' | 'contextLength' | 'contentFilter' | 'auth' | 'refused' | 'timeout' | 'transport' | 'malformed';

/** The message holds status, type and code, never what was sent, the key, or the provider's free text. */
export class ProviderError extends Error {
  override readonly name = 'ProviderError';
  readonly kind: ProviderFault;
  readonly status: number | undefined;
  /** What the provider asked us to wait; undefined when it did not say. */
  readonly retryAfterMs: number | undefined;
  constructor(kind: ProviderFault, message: string, about: { readonly status?: number | undefined; readonly retryAfterMs?: number | undefined } = {}) {
    super(message);
    this.kind = kind;
    this.status = about.status;
    this.retryAfterMs = about.retryAfterMs;
  }
}
