import type { Attributes, LogRecord, Span, Value } from './otlp.js';
import { usageOf } from './usage.js';

/** A value of one feed, as `Obs` of the store keeps it. */
export interface Fed { readonly feed: string; readonly value: number; readonly call?: string; readonly output?: number }
/** What one span or log says that counts: values by feed, and the token that ties them to an assignment. */
export interface Reported { readonly token: string | null; readonly feeds: readonly Fed[] }

const GUARDRAIL = 'slipway.guardrail.';
const FEED_NAME = /^[A-Za-z0-9._-]{1,64}$/;
const TOKEN_MAX = 1_600;
const CALL_MAX = 64;
const NUMBER = /^-?[0-9]{1,15}(\.[0-9]{1,15})?$/;
/** Inference and embeddings, in the spellings of every generation. Agents, tools, retrieval and workflows are not model calls. */
const OPERATIONS = new Set(['chat', 'generate_content', 'text_completion', 'completion', 'embeddings', 'embedding']);
const MODELS = ['gen_ai.request.model', 'gen_ai.response.model', 'llm.request.model', 'llm.model_name', 'embedding.model_name', 'ai.model.id'];
const USAGES = ['gen_ai.usage.input_tokens', 'gen_ai.usage.prompt_tokens', 'gen_ai.usage.output_tokens', 'gen_ai.usage.completion_tokens', 'llm.usage.total_tokens', 'llm.token_count.total', 'llm.token_count.prompt', 'ai.usage.promptTokens', 'ai.usage.inputTokens'];

const NO_KEYS: ReadonlySet<string> = new Set();

/**
 * Feeds of each span, in the order of the spans; none for a span that is no counted call and says nothing else that counts.
 *
 * @param attributeKeys  attributes that somebody's metric reads; others are not looked at
 */
export function reportedBySpans(spans: readonly Span[], attributeKeys: ReadonlySet<string> = NO_KEYS): readonly Reported[] {
  const counted = modelCalls(spans);
  const tokenOf = tokensOf(spans);
  return spans.map((span) => {
    const feeds = [...guardrailsOf(span), ...attributesOf(span, attributeKeys), ...(counted.has(span) ? callOf(span) : [])];
    return { token: feeds.length === 0 ? null : tokenOf(span), feeds };
  });
}

/** What every counted call says: whether it failed, how long it took, what it used; of the last two as much as is known. */
function callOf(span: Span): readonly Fed[] {
  const { attributes, durationMs, spanId } = span;
  const usage = usageOf(attributes);
  return [
    { feed: 'error', value: isFailed(span) ? 1 : 0 },
    ...(durationMs === null ? [] : [{ feed: 'slow', value: durationMs }]),
    ...(usage === null ? [] : [{ feed: 'cost', value: usage.input, output: usage.output, call: spanId }]),
  ];
}

function attributesOf({ attributes, spanId }: Span, keys: ReadonlySet<string>): readonly Fed[] {
  return [...keys].flatMap((key) => {
    const value = numberOf(attributes.get(key));
    return value === null ? [] : [{ feed: `attribute:${key}`, value, call: spanId }];
  });
}

/** Feeds of each log record: an evaluation's result, when a token came with it. */
export const reportedByLogs = (logs: readonly LogRecord[]): readonly Reported[] => logs.map(({ spanId, eventName, attributes, resource }) => {
  const feeds = evaluationOf(eventName, attributes, spanId);
  return { token: feeds.length === 0 ? null : tokenIn(attributes) ?? tokenIn(resource), feeds };
});

/**
 * The spans that are one model call each. A call may appear more than once, as a client's span within a framework's: the outer one counts
 * when it has the usage, else those within it.
 */
export function modelCalls(spans: readonly Span[]): ReadonlySet<Span> {
  const calls = new Set(spans.filter(isModelCall));
  const byId = new Map([...calls].map((span) => [`${span.traceId}/${span.spanId}`, span]));
  const outerWithout = new Set<Span>();
  for (const span of calls) {
    const outer = byId.get(`${span.traceId}/${span.parentSpanId}`);
    if (outer === undefined || outer === span) continue;
    if (!hasUsage(outer) && hasUsage(span)) outerWithout.add(outer);
  }
  for (const span of [...calls]) {
    const outer = byId.get(`${span.traceId}/${span.parentSpanId}`);
    if (outer !== undefined && outer !== span && !outerWithout.has(outer)) calls.delete(span);
  }
  for (const outer of outerWithout) calls.delete(outer);
  return calls;
}

/** In the words of each dialect, most specific first: a framework that marks its spans is believed about them. */
function isModelCall({ attributes }: Span): boolean {
  const of = (key: string): string => textOf(attributes.get(key));
  if (of('logfire.span_type') === 'log' || of('logfire.span_type') === 'pending_span') return false;
  const mlflow = of('mlflow.spanType').replaceAll('"', '');
  if (mlflow !== '') return mlflow === 'CHAT_MODEL' || mlflow === 'LLM' || mlflow === 'EMBEDDING';
  const langfuse = of('langfuse.observation.type');
  if (langfuse !== '') return langfuse === 'generation' || langfuse === 'embedding';
  const openInference = of('openinference.span.kind');
  if (openInference !== '') return openInference === 'LLM' || openInference === 'EMBEDDING';
  const vercel = of('ai.operationId');
  if (vercel !== '') return /\.do(Generate|Stream|Embed)$/.test(vercel);
  if (of('traceloop.span.kind') !== '') return false;
  if (!MODELS.some((key) => attributes.has(key))) return false;
  const operation = of('gen_ai.operation.name') || of('llm.request.type');
  if (operation !== '') return OPERATIONS.has(operation);
  // The first generation had no operation: a provider and the model that was asked.
  return (attributes.has('gen_ai.system') || attributes.has('gen_ai.provider.name')) && attributes.has('gen_ai.request.model');
}

const hasUsage = ({ attributes }: Span): boolean => USAGES.some((key) => attributes.has(key));
const isFailed = ({ isError, attributes }: Span): boolean => isError || textOf(attributes.get('langfuse.observation.level')) === 'ERROR';
const textOf = (value: Value | undefined): string => (typeof value === 'string' ? value : '');

function guardrailsOf({ attributes, events, spanId }: Span): readonly Fed[] {
  const feeds: Fed[] = events.flatMap((event) => evaluationOf(event.name, event.attributes, spanId));
  for (const [key, value] of attributes) {
    const name = key.startsWith(GUARDRAIL) ? key.slice(GUARDRAIL.length) : '';
    const isBad = flagOf(value);
    if (FEED_NAME.test(name) && isBad !== null) feeds.push({ feed: `guardrail:${name}`, value: isBad ? 1 : 0 });
  }
  return feeds;
}

/**
 * `gen_ai.evaluation.result`: the label says fail or pass, other labels are no guardrail's; the value is a score where it lies in [0, 1]. What was
 * judged is the span, or the response where the record names only that.
 */
function evaluationOf(eventName: string, attributes: Attributes, spanId: string): readonly Fed[] {
  if (eventName !== 'gen_ai.evaluation.result') return [];
  const name = textOf(attributes.get('gen_ai.evaluation.name'));
  if (!FEED_NAME.test(name)) return [];
  const label = textOf(attributes.get('gen_ai.evaluation.score.label')).toLowerCase();
  const score = numberOf(attributes.get('gen_ai.evaluation.score.value'));
  return [
    ...(label === 'fail' || label === 'pass' ? [{ feed: `guardrail:${name}`, value: label === 'fail' ? 1 : 0 }] : []),
    ...(score !== null && score >= 0 && score <= 1 ? [{ feed: `evaluation:${name}`, value: score, call: spanId === '' ? textOf(attributes.get('gen_ai.response.id')).slice(0, CALL_MAX) : spanId }] : []),
  ];
}

/** Numbers and booleans arrive as such and as texts; null for what is neither. */
function numberOf(value: Value | undefined): number | null {
  if (typeof value === 'boolean' || value === 'true' || value === 'false') return value === true || value === 'true' ? 1 : 0;
  const number = typeof value === 'string' && NUMBER.test(value) ? Number(value) : value;
  return typeof number === 'number' && Number.isFinite(number) ? number : null;
}

/** Booleans arrive as booleans, numbers and texts; null for what is none. */
function flagOf(value: Value): boolean | null {
  if (typeof value === 'boolean') return value;
  if (value === 1 || value === '1' || value === 'true') return true;
  return value === 0 || value === '0' || value === 'false' ? false : null;
}

/** Where the token of a span is: on it, on the nearest span above, on any span of its trace in this request, on the resource. */
function tokensOf(spans: readonly Span[]): (span: Span) => string | null {
  const own = new Map<string, { readonly parent: string; readonly token: string | null }>();
  const ofTrace = new Map<string, string>();
  for (const span of spans) {
    const token = tokenIn(span.attributes) ?? firstOf(span.events, (event) => tokenIn(event.attributes));
    own.set(`${span.traceId}/${span.spanId}`, { parent: `${span.traceId}/${span.parentSpanId}`, token });
    if (token !== null && !ofTrace.has(span.traceId)) ofTrace.set(span.traceId, token);
  }
  return (span) => {
    let id = `${span.traceId}/${span.spanId}`;
    // A trace may claim to go round in circles.
    for (let steps = 0; steps < 64; steps += 1) {
      const found = own.get(id);
      if (found === undefined) break;
      if (found.token !== null) return found.token;
      id = found.parent;
    }
    return ofTrace.get(span.traceId) ?? tokenIn(span.resource);
  };
}

/** The attribute itself, under a prefix of the framework that carried it, or inside the metadata that a framework wrote as JSON. */
function tokenIn(attributes: Attributes): string | null {
  const direct = attributes.get('slipway.assignment');
  if (typeof direct === 'string') return bounded(direct);
  for (const [key, value] of attributes) {
    if (typeof value === 'string' && /(?:[._-]|^)slipway[._-]?assignment$/i.test(key)) return bounded(value);
    if (!key.endsWith('metadata') && key !== 'llm.invocation_parameters') continue;
    if (value instanceof Map) { const inner = (value as Attributes).get('slipway.assignment'); if (typeof inner === 'string') return bounded(inner); }
    const written = typeof value === 'string' ? /"slipway[._]?assignment"\s*:\s*"([^"\\]{1,1600})"/i.exec(value)?.[1] : undefined;
    if (written !== undefined) return written;
  }
  return null;
}

/** Some clients write every attribute as JSON: the quotes are not the token's. */
function bounded(text: string): string | null {
  const token = text.replace(/^"(.*)"$/, '$1');
  return token === '' || token.length > TOKEN_MAX ? null : token;
}
function firstOf<T>(items: readonly T[], of: (item: T) => string | null): string | null {
  for (const item of items) { const found = of(item); if (found !== null) return found; }
  return null;
}
