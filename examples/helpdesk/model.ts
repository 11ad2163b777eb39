/** What was asked of the model and what came back; of the answer only what is reported. */
export interface ModelAnswer { readonly text: string; readonly model: string; readonly inputTokens: number | null; readonly outputTokens: number | null }
export interface Message { readonly role: string; readonly content: string }
export type Parameters = Readonly<Record<string, number | string | readonly string[]>>;

export interface Model {
  chat(model: string, messages: readonly Message[], parameters: Parameters, traceparent: string): Promise<ModelAnswer>;
  embed(texts: readonly string[]): Promise<number[][]>;
}

interface ChatAnswer { readonly model?: string; readonly choices?: readonly { readonly message?: { readonly content?: string | null } }[]; readonly usage?: { readonly prompt_tokens?: number; readonly completion_tokens?: number } }
interface EmbeddingAnswer { readonly data: readonly { readonly index: number; readonly embedding: number[] }[] }

/** How Slipway names a parameter, and how the model server does. */
const PARAMETER: Readonly<Record<string, string>> = { temperature: 'temperature', topP: 'top_p', maxTokens: 'max_tokens', seed: 'seed', stop: 'stop' };
const TIMEOUT_MS = 60_000;

/**
 * Any OpenAI-compatible model server.
 * @param options.url  base URL with its version, such as `http://127.0.0.1:4200/v1`
 */
export function createModel(options: { readonly url: string; readonly apiKey?: string; readonly embeddingModel: string }): Model {
  const post = async <Answer>(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> => {
    const response = await fetch(`${options.url}${path}`, {
      method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS),
      headers: { 'content-type': 'application/json', ...(options.apiKey === undefined ? {} : { authorization: `Bearer ${options.apiKey}` }), ...headers },
    });
    if (!response.ok) { await response.body?.cancel(); throw new Error(`The model server answered ${response.status}.`); }
    return await response.json() as Answer;
  };
  return {
    chat: async (model, messages, parameters, traceparent) => {
      const named = Object.entries(parameters).flatMap(([name, value]) => (PARAMETER[name] === undefined ? [] : [[PARAMETER[name], value]]));
      const answer = await post<ChatAnswer>('/chat/completions', { model, messages, ...Object.fromEntries(named) as object }, { traceparent });
      const text = answer.choices?.[0]?.message?.content;
      if (typeof text !== 'string') throw new Error('The model server answered without a text.');
      return { text, model: answer.model ?? model, inputTokens: answer.usage?.prompt_tokens ?? null, outputTokens: answer.usage?.completion_tokens ?? null };
    },
    embed: async (texts) => {
      const answer = await post<EmbeddingAnswer>('/embeddings', { model: options.embeddingModel, input: texts, encoding_format: 'float' });
      return [...answer.data].sort((a, b) => a.index - b.index).map(({ embedding }) => embedding);
    },
  };
}
