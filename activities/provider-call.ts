/** The one way to call a provider, of answers and judges alike: with leave, out of the purse, and again where another try may help. */
import { cancellationSignal, sleep } from '@temporalio/activity';
import { costUsdOf, mostUsdOf } from '../core/money/index.js';
import type { Completion, CompletionRequest } from '../providers/index.js';
import type { ConnectionDoc, ModelVersionDoc } from '../store/index.js';
import type { ActivityDeps } from './deps.js';
import type { Call, Purse } from './evaluation-purse.js';

/** A model, and where it is asked. */
export interface Seat { readonly model: ModelVersionDoc; readonly connection: ConnectionDoc }
/** What became of a call; an error begins with its kind. */
export type Called = { readonly completion: Completion; /** Unknown is null, never 0. */ readonly costUsd: number | null } | { readonly error: string };
export type CallDeps = Pick<ActivityDeps, 'providerFor' | 'permits' | 'monotonicMs'>;

/** Of what may pass; refusals of the rate are no tries. */
const TRIES = 3;
const PASSING = ['overload', 'timeout', 'transport'];
const PAUSE_MS = 500;
const PAUSE_MAX_MS = 20_000;
/** A provider that refuses for so long is not busy, it is away. */
const REFUSED_MAX_MS = 10 * 60_000;

/**
 * @param requestFor  called before each try: what must not be said twice is made in it. An error is returned, and nobody is asked
 * @returns           `null` when the budget is spent
 * @throws what the purse throws, what the store throws that gives leave, and the reason of a cancellation
 */
export async function callProvider({ providerFor, permits, monotonicMs }: CallDeps, { model, connection }: Seat,
  requestFor: () => Omit<CompletionRequest, 'model'> | { readonly error: string }, purse: Purse): Promise<Called | null> {
  const provider = providerFor(connection);
  const begunMs = monotonicMs();
  let error = 'never asked';
  for (let tried = 1; tried <= TRIES;) {
    const request = requestFor();
    if ('error' in request) return request;
    const end = await permits.take(connection, cancellationSignal());
    let call: Call | null = null;
    try { call = purse.take(); } finally { if (call === null) end({ kind: 'unused' }); }
    if (call === null) return null;
    let completion: Completion;
    try {
      completion = await provider.complete({ model: model.model, ...request }, cancellationSignal());
    } catch (failure) {
      const { kind, message, retryAfterMs } = faultOf(failure);
      // What broke off on the way may have been written, and billed, all the same; what was refused for its rate was not even a call.
      if (kind === 'timeout' || kind === 'transport') call.lost(mostUsd(model, request)); else if (kind === 'rateLimit') call.back(); else call.free();
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
    return { completion, costUsd };
  }
  return { error };
}

const mostUsd = ({ priceUsdPerMTok }: ModelVersionDoc, { messages, parameters }: Omit<CompletionRequest, 'model'>): number =>
  mostUsdOf(priceUsdPerMTok, messages.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0), parameters.maxTokens);

/** A provider's error says of itself whether another try may help; anything else is taken for one that may not. */
function faultOf(failure: unknown): { readonly kind: string; readonly message: string; readonly retryAfterMs: number | undefined } {
  const { kind, message, retryAfterMs } = failure as { readonly kind?: unknown; readonly message?: unknown; readonly retryAfterMs?: unknown };
  return {
    kind: typeof kind === 'string' ? kind : 'failed', message: typeof message === 'string' ? message.slice(0, 500) : 'no answer',
    retryAfterMs: typeof retryAfterMs === 'number' ? retryAfterMs : undefined,
  };
}
