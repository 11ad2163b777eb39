/** USD per million tokens. A kind that is not said costs what others of its side cost. */
export interface Price { readonly input: number; readonly output: number; readonly cachedInput?: number; readonly reasoning?: number }
/** As billed; null and absent are not reported. The parts are parts: cached ones are among the input, thought ones among the output. */
export interface Usage { readonly inputTokens: number | null; readonly outputTokens: number | null; readonly cachedInputTokens?: number | null; readonly reasoningTokens?: number | null }

/**
 * What a call has cost, in USD; null when that cannot be known, never 0. Where a part has a price of its own and was not reported, the
 * whole side counts at the dearer price: the cost may then be less, not more.
 */
export function costUsdOf(price: Price | null, usage: Usage): number | null {
  if (price === null || usage.inputTokens === null || usage.outputTokens === null) return null;
  const input = sideOf(usage.inputTokens, price.input, usage.cachedInputTokens ?? null, price.cachedInput ?? price.input);
  const output = sideOf(usage.outputTokens, price.output, usage.reasoningTokens ?? null, price.reasoning ?? price.output);
  return (input + output) / 1_000_000;
}

/** The most that a call can cost that has not been answered: a token is a byte or more, and none are written above the limit. Without a limit what is written is left out. */
export const mostUsdOf = (price: Price | null, inputBytes: number, maxTokens: number | undefined): number =>
  (price === null ? 0 : (inputBytes * price.input + (maxTokens ?? 0) * Math.max(price.output, price.reasoning ?? 0)) / 1_000_000);

/** A part that is larger than its whole is a report that nobody can read: the whole counts. */
function sideOf(tokens: number, price: number, part: number | null, partPrice: number): number {
  if (part === null || part > tokens) return tokens * Math.max(price, partPrice);
  return (tokens - part) * price + part * partPrice;
}
