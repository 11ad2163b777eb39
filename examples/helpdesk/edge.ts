import type { Message, Parameters } from './model.js';

/** A prompt as it is served: ready to be filled in, with the model and the parameters to send it to. */
export interface ServedPrompt {
  readonly messages: readonly Message[];
  readonly model: string;
  readonly provider: string;
  readonly parameters: Parameters;
  /** What ties the outcome to this answer. It is passed on as it came, and never looked into. Without one nothing is counted. */
  readonly token: string | undefined;
}

/** The part of an OFREP answer that this application reads. */
interface Evaluation {
  readonly value?: {
    readonly schema?: string; readonly messages?: readonly Message[];
    readonly model?: { readonly provider?: string; readonly name?: string } | null; readonly params?: Parameters | null;
  };
  readonly metadata?: Readonly<Record<string, unknown>>;
}

const TIMEOUT_MS = 1_000;

export interface Edge {
  /**
   * The prompt for this user, over OpenFeature's remote evaluation protocol (OFREP).
   * @returns undefined when Slipway does not answer in a second, or says to use the prompt in the code: that is not an error here
   */
  promptFor(targetingKey: string): Promise<ServedPrompt | undefined>;
  /** Tries three times while the edge is busy or away. @returns whether it was taken */
  sendFeedback(token: string, label: string): Promise<boolean>;
}

/** @param options.flag the key of the prompt */
export function createEdge(options: { readonly url: string; readonly apiKey: string; readonly flag: string }): Edge {
  const post = (path: string, body: unknown): Promise<Response> => fetch(`${options.url}${path}`, {
    method: 'POST', body: JSON.stringify(body), signal: AbortSignal.timeout(TIMEOUT_MS),
    headers: { 'content-type': 'application/json', authorization: `Bearer ${options.apiKey}` },
  });
  return {
    promptFor: async (targetingKey) => {
      try {
        const response = await post(`/ofrep/v1/evaluate/flags/${encodeURIComponent(options.flag)}`, { context: { targetingKey } });
        if (!response.ok) { await response.body?.cancel(); return undefined; }
        return servedPromptOf(await response.json() as Evaluation);
      } catch { return undefined; }
    },
    sendFeedback: async (token, label) => {
      for (const pauseMs of [200, 1_000, 0]) {
        const status = await post('/v1/feedback', { token, label, value: 1 }).then(async (response) => { await response.body?.cancel(); return response.status; }, () => 503);
        if (status < 300) return true;
        if (status !== 429 && status !== 503) return false;
        await new Promise((resolve) => { setTimeout(resolve, pauseMs); });
      }
      return false;
    },
  };
}

function servedPromptOf({ value, metadata }: Evaluation): ServedPrompt | undefined {
  const model = value?.model?.name;
  if (value?.schema !== 'slipway.prompt/v1' || !Array.isArray(value.messages) || typeof model !== 'string') return undefined;
  const token = metadata?.['slipway.assignment'];
  return { messages: value.messages, model, provider: value.model?.provider ?? 'unknown', parameters: value.params ?? {}, token: typeof token === 'string' ? token : undefined };
}
