/** One answer of one bundle to one case: looked up, or asked for and stored, so that nothing that was paid for is paid twice. */
import { cancellationSignal, sleep } from '@temporalio/activity';
import { render } from '../core/bundle/index.js';
import { costUsdOf, mostUsdOf } from '../core/money/index.js';
import type { Completion } from '../providers/index.js';
import type { AnswerDoc, BundleContent, DatasetItemDoc, PromptVersionDoc } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import type { Purse } from './evaluation-purse.js';
import { final } from './failure.js';

export type Answer = Omit<AnswerDoc, 'shape' | 'at' | 'expiresAt'>;

/** Of what may pass; refusals of the rate are no tries. */
const TRIES = 3;
const PASSING = ['overload', 'timeout', 'transport'];
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 20_000;
/** A provider that refuses for so long is not busy, it is away. */
const REFUSED_MAX_MS = 10 * 60_000;

export const answerId = (application: string, bundle: string, item: string, repetition: number): string => `${application}/${bundle}/${item}/${repetition}`;

/**
 * @returns the answer, with its error where there is none; `null` when the budget is spent
 */
export async function answerOf({ providerFor, permits, evaluations, monotonicMs }: Pick<ActivityDeps, 'providerFor' | 'permits' | 'evaluations' | 'monotonicMs'>,
  content: BundleContent, item: DatasetItemDoc, repetition: number, keepSec: number, purse: Purse): Promise<Answer | null> {
  const { model, connection } = content;
  if (model === null || connection === null) throw final('BAD_INPUT', `Bundle ${content.digest} pins no model, so there is nothing to evaluate.`);
  const nothing = { text: null, error: null, finishReason: null, model: null, inputTokens: null, outputTokens: null, costUsd: null, durationMs: 0 };
  const about = { _id: answerId(content.application, content.digest, item.itemDigest, repetition), application: content.application, bundle: content.digest, item: item.itemDigest, repetition };
  const messages = messagesOf(content.prompts, item);
  if (typeof messages === 'string') return keep({ ...about, ...nothing, error: messages });
  const provider = providerFor(connection);
  const parameters = repetition === 0 || model.parameters.seed === undefined ? model.parameters : { ...model.parameters, seed: model.parameters.seed + repetition };
  const request = { model: model.model, messages, parameters, ...(content.tools.length === 0 || connection.kind === 'sandbox' ? {} : { tools: content.tools }) };
  const mostUsd = mostUsdOf(model.priceUsdPerMTok, messages.reduce((sum, { content: text }) => sum + Buffer.byteLength(text), 0), model.parameters.maxTokens);
  const begunMs = monotonicMs();
  let error = 'never asked';
  for (let tried = 1; tried <= TRIES;) {
    const end = await permits.take(connection, cancellationSignal());
    const call = purse.take();
    if (call === null) { end({ kind: 'unused' }); return null; }
    let completion: Completion;
    try {
      completion = await provider.complete(request, cancellationSignal());
    } catch (failure) {
      const { kind, message, retryAfterMs } = faultOf(failure);
      // What broke off on the way may have been written, and billed, all the same; what was refused for its rate was not even a call.
      if (kind === 'timeout' || kind === 'transport') call.lost(mostUsd); else if (kind === 'rateLimit') call.back(); else call.free();
      end(kind === 'rateLimit' ? { kind: 'refused', retryAfterMs } : { kind: 'done' });
      cancellationSignal().throwIfAborted();
      error = `${kind}: ${message}`;
      if (kind === 'rateLimit' && monotonicMs() - begunMs < REFUSED_MAX_MS) continue;   // the next leave comes when the provider has had its rest
      if (!PASSING.includes(kind) || tried === TRIES) break;
      await sleep(Math.min(PAUSE_MAX_MS, retryAfterMs ?? PAUSE_MS * 2 ** tried * (0.5 + Math.random())));
      tried += 1;
      continue;
    }
    end({ kind: 'done' });
    const costUsd = costUsdOf(model.priceUsdPerMTok, completion);
    call.cost(costUsd);
    const { text, finishReason, inputTokens, outputTokens, durationMs, fingerprint, cachedInputTokens, reasoningTokens, firstTokenMs, toolCalls } = completion;
    return keep({
      ...about, text, error: null, finishReason, model: completion.model, inputTokens, outputTokens, costUsd, durationMs,
      fingerprint: fingerprint ?? null, cachedInputTokens: cachedInputTokens ?? null, reasoningTokens: reasoningTokens ?? null, firstTokenMs: firstTokenMs ?? null,
      ...(toolCalls === undefined || toolCalls.length === 0 ? {} : { toolCalls }),
    });
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

/** A provider's error says of itself whether another try may help; anything else is taken for one that may not. */
function faultOf(failure: unknown): { readonly kind: string; readonly message: string; readonly retryAfterMs: number | undefined } {
  const { kind, message, retryAfterMs } = failure as { readonly kind?: unknown; readonly message?: unknown; readonly retryAfterMs?: unknown };
  return {
    kind: typeof kind === 'string' ? kind : 'failed', message: typeof message === 'string' ? message.slice(0, 500) : 'no answer',
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
  };
}
