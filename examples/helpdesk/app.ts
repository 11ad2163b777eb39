import { randomBytes } from 'node:crypto';
import type { Content } from './content.js';
import { createEdge, type ServedPrompt } from './edge.js';
import { createModel, type Message } from './model.js';
import { createReporter } from './reporter.js';
import { createRetrieval, isUngrounded } from './retrieval.js';

/** Where things are. The key is this application's own, for one environment. */
export interface HelpdeskOptions {
  readonly edgeUrl: string;
  readonly edgeKey: string;
  /** Base URL of the model server, with its version. */
  readonly modelUrl: string;
  readonly modelKey?: string;
  readonly embeddingModel?: string;
  readonly content: Pick<Content, 'passages' | 'faq'>;
}

export interface HelpdeskAnswer {
  /** Empty when the model could not be asked. */
  readonly text: string;
  readonly failed: boolean;
  readonly ungrounded: boolean;
  /** Whether the prompt came from Slipway, or from the code below because Slipway did not answer. */
  readonly isServed: boolean;
  readonly token: string | undefined;
}

export interface Helpdesk {
  /** Answers one user's question. Never throws: a failed call is an answer that failed. */
  answer(targetingKey: string, question: string): Promise<HelpdeskAnswer>;
  /** The user is unhappy with this answer. @returns whether that was taken */
  thumbsDown(answer: HelpdeskAnswer): Promise<boolean>;
  readonly reported: { readonly sent: number; readonly dropped: number };
  /** Sends what is still to be reported and stops. */
  close(): Promise<void>;
}

const PASSAGES = 3;

/** What is used when Slipway does not answer. An application must not fail because its control plane is away. */
const PROMPT_IN_CODE: ServedPrompt = {
  model: 'sandbox-extractive-1', provider: 'sandbox', parameters: { temperature: 0 }, token: undefined,
  messages: [
    { role: 'system', content: 'You are the helpdesk of Brightwater. Answer the question in one sentence, using only this passage of the handbook.\n\n<context>\n{{passage}}\n</context>' },
    { role: 'user', content: '{{question}}' },
  ],
};

/**
 * A helpdesk over a small handbook: find passages, ask Slipway which prompt this user gets, fill it in, ask the model, report how it went.
 * It treats every prompt alike. Which one it got is Slipway's business; what happened is what it reports.
 */
export function createHelpdesk(options: HelpdeskOptions): Helpdesk {
  const edge = createEdge({ url: options.edgeUrl, apiKey: options.edgeKey, flag: 'answer' });
  const model = createModel({ url: options.modelUrl, ...(options.modelKey === undefined ? {} : { apiKey: options.modelKey }), embeddingModel: options.embeddingModel ?? 'sandbox-minilm-1' });
  const reporter = createReporter({ url: options.edgeUrl, apiKey: options.edgeKey, serviceName: 'helpdesk' });
  const retrieve = createRetrieval(options.content.passages, (texts) => model.embed(texts));

  const ask = async (prompt: ServedPrompt, question: string, passages: readonly string[]): Promise<HelpdeskAnswer> => {
    const traceId = randomBytes(16).toString('hex');
    const spanId = randomBytes(8).toString('hex');
    const variables = { question, ...contextOf(passages, options.content.faq) };
    const startedAtMs = performance.timeOrigin + performance.now();
    const answer = await model.chat(prompt.model, fill(prompt.messages, variables), prompt.parameters, `00-${traceId}-${spanId}-01`).catch(() => undefined);
    const ungrounded = answer !== undefined && isUngrounded(answer.text, passages);
    reporter.report({
      traceId, spanId, startedAtMs, endedAtMs: performance.timeOrigin + performance.now(),
      provider: prompt.provider, requestModel: prompt.model, responseModel: answer?.model ?? null,
      inputTokens: answer?.inputTokens ?? null, outputTokens: answer?.outputTokens ?? null,
      token: prompt.token, guardrails: answer === undefined ? {} : { ungrounded }, failed: answer === undefined,
    });
    return { text: answer?.text ?? '', failed: answer === undefined, ungrounded, isServed: prompt !== PROMPT_IN_CODE, token: prompt.token };
  };

  return {
    answer: async (targetingKey, question) => {
      try {
        const passages = await retrieve(question, PASSAGES);
        return await ask(await edge.promptFor(targetingKey) ?? PROMPT_IN_CODE, question, passages);
      } catch { return { text: '', failed: true, ungrounded: false, isServed: false, token: undefined }; }
    },
    thumbsDown: async ({ token }) => token !== undefined && edge.sendFeedback(token, 'thumbs_down'),
    reported: reporter.counts,
    close: () => reporter.close(),
  };
}

/** The variables that a prompt of this application may use, besides `question`. */
export const contextOf = (passages: readonly string[], faq: string): { readonly passage: string; readonly passages: string; readonly faq: string } =>
  ({ passage: passages[0] ?? '', passages: passages.join('\n\n'), faq });

/** `{{name}}` becomes the value, once; a name nobody knows is left for the evaluation to find. */
const fill = (messages: readonly Message[], variables: Readonly<Record<string, string>>): Message[] => messages.map(({ role, content }) => ({
  role, content: content.replaceAll(/\{\{[ \t]*([\w.-]+)[ \t]*\}\}/g, (whole, name: string) => (Object.hasOwn(variables, name) ? variables[name] ?? '' : whole)),
}));
