/** One answer of one bundle to one case: looked up, or asked for and stored, so that nothing that was paid for is paid twice. */
import { cancellationSignal, sleep } from '@temporalio/activity';
import { render } from '../core/bundle/index.js';
import type { Completion } from '../providers/index.js';
import type { AnswerDoc, BundleContent, DatasetItemDoc, ModelVersionDoc, PromptVersionDoc } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import { final } from './failure.js';

export type Answer = Omit<AnswerDoc, 'shape' | 'at' | 'expiresAt'>;
/** What may still be spent; asked before each call. */
export interface Purse { take(): boolean; spend(costUsd: number | null): void }

export const TRIES = 3;
export const PAUSE_MS = 500;
export const PAUSE_MAX_MS = 20_000;

export const answerId = (application: string, bundle: string, item: string, repetition: number): string => `${application}/${bundle}/${item}/${repetition}`;

/**
 * @returns the answer, with its error where there is none; `null` when the budget is spent
 */
export async function answerOf({ providerFor, evaluations, monotonicMs }: Pick<ActivityDeps, 'providerFor' | 'evaluations' | 'monotonicMs'>,
  content: BundleContent, item: DatasetItemDoc, repetition: number, keepSec: number, purse: Purse): Promise<Answer | null> {
  const { model, connection } = content;
  if (model === null || connection === null) throw final('BAD_INPUT', `Bundle ${content.digest} pins no model, so there is nothing to evaluate.`);
  const nothing = { text: null, error: null, finishReason: null, model: null, inputTokens: null, outputTokens: null, costUsd: null, durationMs: 0 };
  const about = { _id: answerId(content.application, content.digest, item.itemDigest, repetition), application: content.application, bundle: content.digest, item: item.itemDigest, repetition };
  const messages = messagesOf(content.prompts, item);
  if (typeof messages === 'string') return keep({ ...about, ...nothing, error: messages });
  const provider = providerFor(connection);
  const parameters = repetition === 0 || model.parameters.seed === undefined ? model.parameters : { ...model.parameters, seed: model.parameters.seed + repetition };
  const begunMs = monotonicMs();
  let error = 'never asked';
  for (let tried = 1; tried <= TRIES; tried += 1) {
    if (!purse.take()) return null;
    try {
      const completion = await provider.complete({ model: model.model, messages, parameters }, cancellationSignal());
      const costUsd = costOf(model, completion);
      purse.spend(costUsd);
      const { text, finishReason, inputTokens, outputTokens, durationMs } = completion;
      return await keep({ ...about, text, error: null, finishReason, model: completion.model, inputTokens, outputTokens, costUsd, durationMs });
    } catch (failure) {
      cancellationSignal().throwIfAborted();
      const { kind, message, retryAfterMs } = faultOf(failure);
      error = `${kind}: ${message}`;
      if (tried === TRIES || !['busy', 'timeout', 'connection'].includes(kind)) break;
      await sleep(Math.min(retryAfterMs ?? PAUSE_MS * 2 ** tried, PAUSE_MAX_MS));
    }
  }
  return keep({ ...about, ...nothing, error, durationMs: Math.round(monotonicMs() - begunMs) });

  async function keep(answer: Answer): Promise<Answer> {
    await evaluations.saveAnswer(answer, keepSec);
    return answer;
  }
}

/** The first prompt, by name, that the case has every variable for; or why none could be rendered. */
function messagesOf(prompts: readonly PromptVersionDoc[], { item }: DatasetItemDoc): readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[] | string {
  const sorted = [...prompts].sort((a, b) => (a.prompt < b.prompt ? -1 : 1));
  const prompt = sorted.find(({ variables }) => variables.every((name) => Object.hasOwn(item.variables, name))) ?? sorted[0];
  if (prompt === undefined) return 'template: the bundle pins no prompt';
  try {
    return prompt.messages.map(({ role, content }) => ({ role, content: render(content, item.variables, prompt.variables) }));
  } catch (error) { return `template: ${error instanceof Error ? error.message : String(error)}`; }
}

/** Unknown is null, never 0. */
export function costOf({ priceUsdPerMTok: price }: ModelVersionDoc, { inputTokens, outputTokens }: Completion): number | null {
  return price === null || inputTokens === null || outputTokens === null ? null : (price.input * inputTokens + price.output * outputTokens) / 1_000_000;
}

/** A provider's error says of itself whether another try may help; anything else is taken for one that may not. */
export function faultOf(failure: unknown): { readonly kind: string; readonly message: string; readonly retryAfterMs: number | undefined } {
  const { kind, message, retryAfterMs } = failure as { readonly kind?: unknown; readonly message?: unknown; readonly retryAfterMs?: unknown };
  return {
    kind: typeof kind === 'string' ? kind : 'failed', message: typeof message === 'string' ? message.slice(0, 500) : 'no answer',
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
  };
}
