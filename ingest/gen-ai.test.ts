import { describe, expect, test } from 'vitest';
import { modelCalls, reportedByLogs, reportedBySpans } from './gen-ai.js';
import type { Attributes, Span, Value } from './otlp.js';

const TRACE = 'a'.repeat(32);
let next = 0;
const attributes = (of: Record<string, Value>): Attributes => new Map(Object.entries(of));
function span(of: Record<string, Value>, over: Partial<Omit<Span, 'attributes'>> = {}): Span {
  next += 1;
  return { traceId: TRACE, spanId: String(next).padStart(16, '0'), parentSpanId: '', name: 'x', isError: false, durationMs: null, attributes: attributes(of), events: [], resource: new Map(), ...over };
}
const chat = { 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' };

describe('R-601 one model call is one counted span, in every dialect', () => {
  test.each<[string, Record<string, Value>]>([
    ['OpenTelemetry today', { 'gen_ai.operation.name': 'chat', 'gen_ai.provider.name': 'openai', 'gen_ai.request.model': 'm' }],
    ['OpenTelemetry, embeddings', { 'gen_ai.operation.name': 'embeddings', 'gen_ai.request.model': 'm' }],
    ['OpenTelemetry, response model only', { 'gen_ai.operation.name': 'generate_content', 'gen_ai.response.model': 'm' }],
    ['OpenTelemetry, first generation', { 'gen_ai.system': 'openai', 'gen_ai.request.model': 'm' }],
    ['Traceloop, older', { 'llm.request.type': 'chat', 'llm.request.model': 'm' }],
    ['Traceloop', { 'llm.request.type': 'completion', 'gen_ai.request.model': 'm', 'gen_ai.system': 'OpenAI' }],
    ['OpenInference', { 'openinference.span.kind': 'LLM', 'llm.model_name': 'm' }],
    ['OpenInference, failed before a model was known', { 'openinference.span.kind': 'LLM' }],
    ['OpenInference, embedding', { 'openinference.span.kind': 'EMBEDDING' }],
    ['Vercel', { 'ai.operationId': 'ai.generateText.doGenerate', 'ai.model.id': 'm' }],
    ['Vercel, stream', { 'ai.operationId': 'ai.streamText.doStream', 'gen_ai.request.model': 'm' }],
    ['Vercel, embedding', { 'ai.operationId': 'ai.embed.doEmbed' }],
    ['Langfuse', { 'langfuse.observation.type': 'generation' }],
    ['MLflow, JSON-quoted', { 'mlflow.spanType': '"CHAT_MODEL"' }],
  ])('%s is', (_name, of) => { expect(modelCalls([span(of)]).size).toBe(1); });
  test.each<[string, Record<string, Value>]>([
    ['nothing known', { 'http.method': 'POST' }],
    ['a model without an operation or a provider', { 'gen_ai.request.model': 'm' }],
    ['an operation without a model', { 'gen_ai.operation.name': 'chat' }],
    ['an agent', { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm' }],
    ['a tool', { 'gen_ai.operation.name': 'execute_tool', 'gen_ai.request.model': 'm' }],
    ['retrieval', { 'gen_ai.operation.name': 'retrieval', 'gen_ai.request.model': 'm' }],
    ['OpenInference, chain', { 'openinference.span.kind': 'CHAIN', 'llm.model_name': 'm' }],
    ['Vercel, the outer span that repeats its usage', { 'ai.operationId': 'ai.generateText', 'ai.model.id': 'm', 'gen_ai.request.model': 'm', 'gen_ai.system': 'openai' }],
    ['Vercel, tool', { 'ai.operationId': 'ai.toolCall' }],
    ['Traceloop, workflow', { 'traceloop.span.kind': 'workflow', 'gen_ai.operation.name': 'chat', 'gen_ai.request.model': 'm' }],
    ['Langfuse, agent', { 'langfuse.observation.type': 'agent', 'gen_ai.request.model': 'm' }],
    ['MLflow, tool', { 'mlflow.spanType': '"TOOL"' }],
    ['Logfire, second record of a stream', { 'logfire.span_type': 'log', ...chat }],
    ['Logfire, pending', { 'logfire.span_type': 'pending_span', ...chat }],
  ])('%s is not', (_name, of) => { expect(modelCalls([span(of)]).size).toBe(0); });
});

describe('R-602 a call that shows twice, one span within the other, counts once', () => {
  const usage = { 'gen_ai.usage.input_tokens': 7 };
  test.each<[string, Record<string, Value>, Record<string, Value>, 'outer' | 'inner']>([
    ['both have usage', usage, usage, 'outer'], ['neither has', {}, {}, 'outer'], ['only the outer has', usage, {}, 'outer'], ['only the inner has', {}, usage, 'inner'],
  ])('%s', (_name, ofOuter, ofInner, wanted) => {
    const outer = span({ ...chat, ...ofOuter });
    const inner = span({ ...chat, ...ofInner }, { parentSpanId: outer.spanId });
    for (const order of [[outer, inner], [inner, outer]]) expect([...modelCalls(order)]).toEqual([wanted === 'outer' ? outer : inner]);
  });
  test('two calls within an agent are two; the same id in another trace is another span', () => {
    const agent = span({ 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.request.model': 'm' });
    const outer = span({ ...chat, ...usage });
    expect(modelCalls([agent, span(chat, { parentSpanId: agent.spanId }), span(chat, { parentSpanId: agent.spanId })]).size).toBe(2);
    expect(modelCalls([outer, span(chat, { parentSpanId: outer.spanId, traceId: 'b'.repeat(32) })]).size).toBe(2);
  });
  test('a span that calls itself its parent still counts', () => {
    const odd = span(chat, { spanId: 'f'.repeat(16), parentSpanId: 'f'.repeat(16) });
    expect(modelCalls([odd]).size).toBe(1);
    expect(reportedBySpans([odd])[0]?.token).toBeNull();
  });
});

describe('R-603 feeds: error from the status, guardrails from attribute and event', () => {
  const feedsOf = (one: Span) => reportedBySpans([one])[0]?.feeds;
  test('error is 0 or 1 on a call, and nothing on anything else', () => {
    expect(feedsOf(span(chat))).toEqual([{ feed: 'error', value: 0 }]);
    expect(feedsOf(span(chat, { isError: true }))).toEqual([{ feed: 'error', value: 1 }]);
    expect(feedsOf(span({ 'langfuse.observation.type': 'generation', 'langfuse.observation.level': 'ERROR' }))).toEqual([{ feed: 'error', value: 1 }]);
    expect(feedsOf(span({}, { isError: true }))).toEqual([]);
  });
  test.each<[Value, number | null]>([[true, 1], [false, 0], ['true', 1], ['false', 0], [1, 1], [0, 0], ['1', 1], ['maybe', null], [2, null], [null, null], [[], null]])('slipway.guardrail.x = %j', (value, wanted) => {
    expect(feedsOf(span({ 'slipway.guardrail.x': value }))).toEqual(wanted === null ? [] : [{ feed: 'guardrail:x', value: wanted }]);
  });
  test.each(['', 'with space', 'a/b', 'x'.repeat(65), '$where'])('a guardrail called %j is none', (name) => { expect(feedsOf(span({ [`slipway.guardrail.${name}`]: true }))).toEqual([]); });
  test.each([['fail', [{ feed: 'guardrail:pii', value: 1 }]], ['FAIL', [{ feed: 'guardrail:pii', value: 1 }]], ['pass', [{ feed: 'guardrail:pii', value: 0 }]], ['relevant', []], ['', []]])('an evaluation labelled %j', (label, wanted) => {
    const of = attributes({ 'gen_ai.evaluation.name': 'pii', 'gen_ai.evaluation.score.label': label, 'slipway.assignment': 't' });
    expect(feedsOf(span({}, { events: [{ name: 'gen_ai.evaluation.result', attributes: of }] }))).toEqual(wanted);
    expect(feedsOf(span({}, { events: [{ name: 'another.event', attributes: of }] }))).toEqual([]);
    expect(reportedByLogs([{ traceId: TRACE, spanId: '', eventName: 'gen_ai.evaluation.result', attributes: of, resource: new Map() }])).toEqual([{ token: wanted.length === 0 ? null : 't', feeds: wanted }]);
  });
});

describe('R-604 the token is on the span, above it, elsewhere in its trace, or on the resource', () => {
  const tokenOf = (...spans: Span[]) => reportedBySpans(spans)[0]?.token;
  test.each<[string, Record<string, Value>]>([
    ['itself', { 'slipway.assignment': 't' }], ['Traceloop\'s association', { 'traceloop.association.properties.slipway.assignment': 't' }], ['Vercel\'s metadata', { 'ai.telemetry.metadata.slipway.assignment': 't' }],
    ['Vercel\'s headers', { 'ai.request.headers.x-slipway-assignment': 't' }], ['Langfuse\'s metadata', { 'langfuse.trace.metadata.slipwayAssignment': 't' }], ['metadata as JSON', { metadata: '{"tenant":"acme","slipway.assignment":"t"}' }],
    ['metadata as a map', { metadata: attributes({ 'slipway.assignment': 't' }) }], ['JSON-quoted', { 'slipway.assignment': '"t"' }], ['parameters', { 'llm.invocation_parameters': '{"metadata":{"slipway.assignment":"t"}}' }],
  ])('%s', (_name, of) => { expect(tokenOf(span({ ...chat, ...of }))).toBe('t'); });
  test.each<[string, Record<string, Value>]>([['nothing', {}], ['a number', { 'slipway.assignment': 7 }], ['empty', { 'slipway.assignment': '' }], ['endless', { 'slipway.assignment': 'x'.repeat(2_000) }], ['another name', { 'my.slipway.assignments': 't' }]])('%s is none', (_name, of) => {
    expect(tokenOf(span({ ...chat, ...of }))).toBeNull();
  });
  test('nearest first: own, parent, its parent, any of the trace, the resource', () => {
    const root = span({ 'slipway.assignment': 'root' });
    const parent = span({ 'slipway.assignment': 'parent' }, { parentSpanId: root.spanId });
    const between = span({}, { parentSpanId: root.spanId });
    const resource = attributes({ 'slipway.assignment': 'resource' });
    expect(tokenOf(span(chat, { parentSpanId: parent.spanId, resource }), root, parent)).toBe('parent');
    expect(tokenOf(span(chat, { parentSpanId: between.spanId, resource }), parent, between, root)).toBe('root');
    expect(tokenOf(span(chat, { parentSpanId: 'ffff', resource }), parent)).toBe('parent');
    expect(tokenOf(span(chat, { traceId: 'c'.repeat(32), resource }), parent)).toBe('resource');
    expect(tokenOf(span(chat, { traceId: 'c'.repeat(32) }), parent)).toBeNull();
    expect(tokenOf(span(chat, { events: [{ name: 'feature_flag.evaluation', attributes: attributes({ 'slipway.assignment': 'event' }) }] }))).toBe('event');
  });
});

describe('R-613 a counted call says how long it took and what it used, in every dialect', () => {
  const feedsOf = (one: Span, keys?: ReadonlySet<string>) => reportedBySpans([one], keys)[0]?.feeds;
  test('the span\'s duration, where it has one', () => {
    expect(feedsOf(span(chat, { durationMs: 1_234.5 }))).toEqual([{ feed: 'error', value: 0 }, { feed: 'slow', value: 1_234.5 }]);
    expect(feedsOf(span(chat))).toEqual([{ feed: 'error', value: 0 }]);
    expect(feedsOf(span({ 'http.method': 'POST' }, { durationMs: 5 }))).toEqual([]);
  });
  test.each<[string, Record<string, Value>, readonly [number, number] | null]>([
    ['OpenTelemetry today', { 'gen_ai.usage.input_tokens': 103, 'gen_ai.usage.output_tokens': 21 }, [103, 21]],
    ['OpenTelemetry, first generation', { 'gen_ai.usage.prompt_tokens': 103, 'gen_ai.usage.completion_tokens': 21 }, [103, 21]],
    ['Traceloop, older', { 'llm.usage.prompt_tokens': 103, 'llm.usage.completion_tokens': 21 }, [103, 21]],
    ['OpenInference', { 'llm.token_count.prompt': 103, 'llm.token_count.completion': 21 }, [103, 21]],
    ['Vercel', { 'ai.usage.inputTokens': 103, 'ai.usage.outputTokens': 21 }, [103, 21]], ['Vercel, older', { 'ai.usage.promptTokens': 103, 'ai.usage.completionTokens': 21 }, [103, 21]],
    ['Vercel, an embedding', { 'ai.usage.tokens': 7 }, [7, 0]],
    ['Langfuse, by parts', { 'langfuse.observation.usage_details': '{"input":71,"input_cached_tokens":32,"output":16,"output_reasoning_tokens":5,"total":124}' }, [103, 21]],
    ['MLflow', { 'mlflow.chat.tokenUsage': '{"input_tokens":103,"output_tokens":21,"cache_read_input_tokens":32}' }, [103, 21]],
    ['texts', { 'gen_ai.usage.input_tokens': '103', 'gen_ai.usage.output_tokens': '21' }, [103, 21]],
    ['none out', { 'gen_ai.usage.input_tokens': 7 }, [7, 0]],
    ['none in', { 'gen_ai.usage.output_tokens': 7 }, null], ['nothing', {}, null], ['negative', { 'gen_ai.usage.input_tokens': -1 }, null], ['not a number', { 'gen_ai.usage.input_tokens': Number.NaN }, null],
    ['endless', { 'gen_ai.usage.input_tokens': 1e15 }, null], ['words', { 'langfuse.observation.usage_details': '{"input":"many"}' }, null], ['no JSON', { 'mlflow.chat.tokenUsage': '{"input' }, null],
  ])('%s', (_name, usage, wanted) => {
    const one = span({ ...chat, ...usage });
    expect(feedsOf(one)?.slice(1)).toEqual(wanted === null ? [] : [{ feed: 'cost', value: wanted[0], output: wanted[1], call: one.spanId }]);
  });
});

describe('R-614 a score is the value of an evaluation, an attribute what a metric asks for, and nothing else is kept', () => {
  const event = (value: Value, more: Record<string, Value> = {}) => ({ name: 'gen_ai.evaluation.result', attributes: attributes({ 'gen_ai.evaluation.name': 'helpful', 'gen_ai.evaluation.score.value': value, 'slipway.assignment': 't', ...more }) });
  test.each<[Value, number | null]>([[0.75, 0.75], [0, 0], [1, 1], ['0.5', 0.5], [1.01, null], [-0.1, null], [Number.NaN, null], ['high', null], [null, null]])('a score of %j', (value, wanted) => {
    const one = span({}, { events: [event(value)] });
    expect(reportedBySpans([one])[0]?.feeds).toEqual(wanted === null ? [] : [{ feed: 'evaluation:helpful', value: wanted, call: one.spanId }]);
  });
  test('value and label are two feeds; a log names the span it judges, or the response', () => {
    const logOf = (spanId: string, of = event(0.5, { 'gen_ai.evaluation.score.label': 'fail', 'gen_ai.response.id': 'response-7' })) => reportedByLogs([{ traceId: TRACE, spanId, eventName: of.name, attributes: of.attributes, resource: new Map() }])[0];
    expect(logOf('f'.repeat(16))).toEqual({ token: 't', feeds: [{ feed: 'guardrail:helpful', value: 1 }, { feed: 'evaluation:helpful', value: 0.5, call: 'f'.repeat(16) }] });
    expect(logOf('')?.feeds[1]).toEqual({ feed: 'evaluation:helpful', value: 0.5, call: 'response-7' });
    expect(logOf('', event(0.5))?.feeds).toEqual([{ feed: 'evaluation:helpful', value: 0.5, call: '' }]);
  });
  test.each<[Value, number | null]>([[3, 3], [2.5, 2.5], [-1, -1], ['7', 7], [true, 1], ['true', 1], [false, 0], ['seven', null], [Number.POSITIVE_INFINITY, null], [null, null], [[], null]])('an attribute of %j', (value, wanted) => {
    const one = span({ 'agent.steps': value, other: 9, 'slipway.assignment': 't' });
    const feeds = wanted === null ? [] : [{ feed: 'attribute:agent.steps', value: wanted, call: one.spanId }];
    expect(reportedBySpans([one], new Set(['agent.steps']))).toEqual([{ token: feeds.length === 0 ? null : 't', feeds }]);
    expect(reportedBySpans([one])[0]?.feeds).toEqual([]);
  });
});
