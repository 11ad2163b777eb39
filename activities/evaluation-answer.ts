/** One answer of one bundle to one case: looked up, or asked for and stored, so that nothing that was paid for is paid twice. */
import { placeholdersOf, render } from '../core/bundle/index.js';
import { messagesFor } from '../core/dataset/index.js';
import { answerId } from '../core/results/index.js';
import type { AnswerDoc, BundleContent, DatasetItemDoc, PromptVersionDoc } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import type { Purse } from './evaluation-purse.js';
import { final } from './failure.js';
import { callProvider, type CallDeps } from './provider-call.js';

export type Answer = Omit<AnswerDoc, 'shape' | 'at' | 'expiresAt'>;

/**
 * @returns the answer, with its error where there is none; `null` when the budget is spent
 */
export async function answerOf(deps: CallDeps & Pick<ActivityDeps, 'evaluations'>, content: BundleContent, item: DatasetItemDoc, repetition: number, keepSec: number, purse: Purse): Promise<Answer | null> {
  const { model, connection } = content;
  if (model === null || connection === null) throw final('BAD_INPUT', `Bundle ${content.digest} pins no model, so there is nothing to evaluate.`);
  const nothing = { text: null, error: null, finishReason: null, model: null, inputTokens: null, outputTokens: null, costUsd: null, durationMs: 0 };
  const about = { _id: answerId(content.application, content.digest, item.itemDigest, repetition), application: content.application, bundle: content.digest, item: item.itemDigest, repetition };
  const messages = messagesOf(content.prompts, item);
  if (typeof messages === 'string') return keep({ ...about, ...nothing, error: messages });
  const parameters = repetition === 0 || model.parameters.seed === undefined ? model.parameters : { ...model.parameters, seed: model.parameters.seed + repetition };
  const request = { messages, parameters, ...(content.tools.length === 0 || connection.kind === 'sandbox' ? {} : { tools: content.tools }) };
  const begunMs = deps.monotonicMs();
  const called = await callProvider(deps, { model, connection }, () => request, purse);
  if (called === null) return null;
  if ('error' in called) return keep({ ...about, ...nothing, error: called.error, durationMs: Math.round(deps.monotonicMs() - begunMs) });
  const { completion: { text, finishReason, inputTokens, outputTokens, durationMs, fingerprint, cachedInputTokens, reasoningTokens, firstTokenMs, toolCalls, model: answered }, costUsd } = called;
  return keep({
    ...about, text, error: null, finishReason, model: answered, inputTokens, outputTokens, costUsd, durationMs,
    fingerprint: fingerprint ?? null, cachedInputTokens: cachedInputTokens ?? null, reasoningTokens: reasoningTokens ?? null, firstTokenMs: firstTokenMs ?? null,
    ...(toolCalls === undefined || toolCalls.length === 0 ? {} : { toolCalls }),
  });

  async function keep(answer: Answer): Promise<Answer> {
    await deps.evaluations.saveAnswers([answer], keepSec);
    return answer;
  }
}

/**
 * The first prompt, by name, that the case has every variable for; or why none could be rendered. A case that is a whole conversation takes
 * the place of the prompt's turns, so that only its system messages have to be filled.
 */
function messagesOf(prompts: readonly PromptVersionDoc[], { item }: DatasetItemDoc): readonly { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }[] | string {
  const sorted = [...prompts].sort((a, b) => (a.prompt < b.prompt ? -1 : 1));
  const asked = ({ messages, variables }: PromptVersionDoc): readonly string[] => (item.messages === undefined ? variables : messages.filter(({ role }) => role === 'system').flatMap(({ content }) => placeholdersOf(content)));
  try {
    const prompt = sorted.find((one) => asked(one).every((name) => Object.hasOwn(item.variables, name))) ?? sorted[0];
    return prompt === undefined ? 'template: the bundle pins no prompt' : messagesFor(prompt.messages, item, (content) => render(content, item.variables, prompt.variables));
  } catch (error) { return `template: ${error instanceof Error ? error.message : String(error)}`; }
}
