/** What can be asked of a model, in the words that every provider shares. */
export interface CompletionRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[];
  readonly parameters: { readonly temperature?: number; readonly topP?: number; readonly maxTokens?: number; readonly seed?: number; readonly stop?: readonly string[] };
}

export interface Completion {
  /** What the model said, or its refusal in words; may be empty. */
  readonly text: string;
  /** As the provider named it (`stop`, `length`, `content_filter` …); null when it did not. A cut or refused answer is a result. */
  readonly finishReason: string | null;
  /** The model that says it answered. */
  readonly model: string;
  /** As billed. Not reported is null, never 0. */
  readonly inputTokens: number | null;
  readonly outputTokens: number | null;
  readonly durationMs: number;
}

export interface Provider {
  readonly kind: 'openai-compatible' | 'sandbox';
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
 * Why there is no answer. `busy`, `timeout` and `connection` are worth another try; `quota`, `refused` and `garbage` come again.
 *
 * `busy` 408, 409, 429, 5xx · `quota` 429 that no waiting ends · `refused` any other 3xx or 4xx · `timeout` ours, idle or in all ·
 * `connection` no HTTP answer, or one that broke off · `garbage` a 200 that is no answer, or too large
 */
export type ProviderFault = 'busy' | 'quota' | 'refused' | 'timeout' | 'connection' | 'garbage';

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
