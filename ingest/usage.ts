import type { Attributes, Value } from './otlp.js';

/** Tokens of one call, cached and reasoning ones among them, as the client counted them. */
export interface Usage { readonly input: number; readonly output: number }

const INPUT = ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'llm.usage.prompt_tokens', 'llm.token_count.prompt', 'ai.usage.inputTokens', 'ai.usage.promptTokens', 'ai.usage.tokens'];
const OUTPUT = ['gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.usage.completion_tokens', 'llm.token_count.completion', 'ai.usage.outputTokens', 'ai.usage.completionTokens'];
/** No model takes so many; above it somebody counts something else. */
const TOKENS_MAX = 100_000_000;

/**
 * What a call used, in every dialect. Null where the client does not say what went in: a cost that is half known is not known. Without tokens
 * out, as of an embedding, there were none.
 */
export function usageOf(attributes: Attributes): Usage | null {
  const input = firstOf(attributes, INPUT);
  if (input !== null) return { input, output: firstOf(attributes, OUTPUT) ?? 0 };
  return ofLangfuse(attributes) ?? ofMlflow(attributes);
}

function firstOf(attributes: Attributes, keys: readonly string[]): number | null {
  for (const key of keys) { const tokens = tokensOf(attributes.get(key)); if (tokens !== null) return tokens; }
  return null;
}

/** Numbers may arrive as texts. */
function tokensOf(value: unknown): number | null {
  const number = typeof value === 'string' && /^[0-9]{1,12}$/.test(value) ? Number(value) : value;
  return typeof number === 'number' && number >= 0 && number <= TOKENS_MAX ? number : null;
}

/** JSON in one attribute: `input` and `input_…` are parts of what went in, `output` and `output_…` of what came out. */
function ofLangfuse(attributes: Attributes): Usage | null {
  const details = objectIn(attributes.get('langfuse.observation.usage_details'));
  if (details === null) return null;
  const sum = (name: string): number | null => {
    const parts = Object.entries(details).filter(([key]) => key === name || key.startsWith(`${name}_`)).flatMap(([, value]) => tokensOf(value) ?? []);
    return parts.length === 0 ? null : parts.reduce((total, part) => total + part, 0);
  };
  const input = sum('input');
  return input === null ? null : { input, output: sum('output') ?? 0 };
}

function ofMlflow(attributes: Attributes): Usage | null {
  const usage = objectIn(attributes.get('mlflow.chat.tokenUsage'));
  const input = tokensOf(usage?.['input_tokens']);
  return usage === null || input === null ? null : { input, output: tokensOf(usage['output_tokens']) ?? 0 };
}

function objectIn(value: Value | undefined): Readonly<Record<string, unknown>> | null {
  if (typeof value !== 'string' || !value.startsWith('{')) return null;
  try { return JSON.parse(value) as Readonly<Record<string, unknown>>; } catch { return null; }
}
