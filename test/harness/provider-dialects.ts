/** How one answer is said on each wire, whole and in events. */
export type StubDialect = 'chat' | 'responses' | 'anthropic';
export interface StubAnswer {
  readonly text: string; readonly model: string; readonly fingerprint: string | null; readonly finishReason: string;
  readonly toolCalls: readonly { readonly name: string; readonly arguments: string }[];
  readonly usage: { readonly input: number; readonly output: number; readonly cached: number; readonly reasoning: number } | null;
}

export const errorBodyOf = (dialect: StubDialect | 'embeddings', type: string, message: string): unknown =>
  (dialect === 'anthropic' ? { type: 'error', error: { type, message } } : { error: { message, type, param: null, code: type } });

/** Vectors of two numbers: the length of the text, and one. */
export function embeddingBodyOf(body: Readonly<Record<string, unknown>>): unknown {
  const input = [body['input']].flat() as readonly string[];
  return { object: 'list', model: 'e-1', data: input.map((text, index) => ({ object: 'embedding', index, embedding: [text.length, 1] })), usage: { prompt_tokens: 3, total_tokens: 3 } };
}

const chatUsage = ({ usage }: StubAnswer) => (usage === null ? null : {
  prompt_tokens: usage.input, completion_tokens: usage.output, total_tokens: usage.input + usage.output,
  prompt_tokens_details: { cached_tokens: usage.cached }, completion_tokens_details: { reasoning_tokens: usage.reasoning },
});
/** Here what is cached is no part of the input, and thoughts are not told apart. */
const anthropicUsage = ({ usage }: StubAnswer) => (usage === null ? {} : { input_tokens: usage.input - usage.cached, cache_read_input_tokens: usage.cached, cache_creation_input_tokens: 0, output_tokens: usage.output });
const anthropicReason = ({ finishReason, toolCalls }: StubAnswer): string => (toolCalls.length > 0 ? 'tool_use' : finishReason === 'stop' ? 'end_turn' : finishReason);

export function wholeOf(dialect: StubDialect, said: StubAnswer): unknown {
  const { text, model, toolCalls, usage } = said;
  switch (dialect) {
    case 'chat': return {
      id: 'chatcmpl-1', object: 'chat.completion', created: 1_700_000_000, model, ...(said.fingerprint === null ? {} : { system_fingerprint: said.fingerprint }), ...(usage === null ? {} : { usage: chatUsage(said) }),
      choices: [{ index: 0, finish_reason: toolCalls.length > 0 ? 'tool_calls' : said.finishReason, message: {
        role: 'assistant', content: text, refusal: null,
        ...(toolCalls.length === 0 ? {} : { tool_calls: toolCalls.map((call, index) => ({ id: `call_${index}`, type: 'function', function: call })) }),
      } }],
    };
    case 'responses': return {
      id: 'resp_1', object: 'response', created_at: 1_700_000_000, status: said.finishReason === 'stop' ? 'completed' : 'incomplete', error: null, incomplete_details: said.finishReason === 'stop' ? null : { reason: said.finishReason }, model,
      output: [
        ...toolCalls.map((call, index) => ({ type: 'function_call', id: `fc_${index}`, call_id: `call_${index}`, status: 'completed', ...call })),
        { type: 'message', id: 'msg_1', role: 'assistant', status: 'completed', content: [{ type: 'output_text', text, annotations: [] }] },
      ],
      ...(usage === null ? {} : { usage: { input_tokens: usage.input, input_tokens_details: { cached_tokens: usage.cached }, output_tokens: usage.output, output_tokens_details: { reasoning_tokens: usage.reasoning }, total_tokens: usage.input + usage.output } }),
    };
    case 'anthropic': return {
      id: 'msg_1', type: 'message', role: 'assistant', model, stop_reason: anthropicReason(said), stop_sequence: null, usage: anthropicUsage(said),
      content: [{ type: 'text', text }, ...toolCalls.map((call, index) => ({ type: 'tool_use', id: `toolu_${index}`, name: call.name, input: JSON.parse(call.arguments) as unknown }))],
    };
  }
}

/** Pieces of three letters, cut where a character may be cut in two. */
const inPieces = (text: string): string[] => text.match(/[^]{1,3}/gu) ?? [];
const data = (value: unknown, event?: string): string => `${event === undefined ? '' : `event: ${event}\n`}data: ${JSON.stringify(value)}\n\n`;
const named = (value: { readonly type: string } & Readonly<Record<string, unknown>>): string => data(value, value.type);

/** Each element is one event as it stands on the wire. */
export function eventsOf(dialect: StubDialect, said: StubAnswer): readonly string[] {
  const { text, model, toolCalls } = said;
  switch (dialect) {
    case 'chat': {
      const chunk = (delta: unknown, finish: string | null = null, more: object = {}) => data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model, system_fingerprint: said.fingerprint, choices: [{ index: 0, delta, finish_reason: finish }], ...more });
      return [
        chunk({ role: 'assistant', content: '' }), ...inPieces(text).map((content) => chunk({ content })),
        ...toolCalls.flatMap((call, index) => [
          chunk({ tool_calls: [{ index, id: `call_${index}`, type: 'function', function: { name: call.name, arguments: '' } }] }),
          ...inPieces(call.arguments).map((piece) => chunk({ tool_calls: [{ index, function: { arguments: piece } }] })),
        ]),
        chunk({}, toolCalls.length > 0 ? 'tool_calls' : said.finishReason),
        ...(said.usage === null ? [] : [data({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model, choices: [], usage: chatUsage(said) })]), 'data: [DONE]\n\n',
      ];
    }
    case 'responses': {
      const whole = wholeOf(dialect, said) as Readonly<Record<string, unknown>>;
      return [
        named({ type: 'response.created', sequence_number: 0, response: { ...whole, output: [], status: 'in_progress', usage: null } }),
        ...inPieces(text).map((delta, index) => named({ type: 'response.output_text.delta', sequence_number: index + 1, item_id: 'msg_1', output_index: 0, content_index: 0, delta })),
        named({ type: said.finishReason === 'stop' ? 'response.completed' : 'response.incomplete', sequence_number: 99, response: whole }),
      ];
    }
    case 'anthropic': {
      const block = (index: number, start: unknown, deltas: readonly unknown[]) => [
        named({ type: 'content_block_start', index, content_block: start }), ...deltas.map((delta) => named({ type: 'content_block_delta', index, delta })), named({ type: 'content_block_stop', index }),
      ];
      return [
        named({ type: 'message_start', message: { ...(wholeOf(dialect, said) as object), content: [], stop_reason: null, usage: { ...anthropicUsage(said), ...(said.usage === null ? {} : { output_tokens: 1 }) } } }),
        named({ type: 'ping' }),
        ...block(0, { type: 'text', text: '' }, inPieces(text).map((piece) => ({ type: 'text_delta', text: piece }))),
        ...toolCalls.flatMap((call, index) => block(index + 1, { type: 'tool_use', id: `toolu_${index}`, name: call.name, input: {} }, inPieces(call.arguments).map((piece) => ({ type: 'input_json_delta', partial_json: piece })))),
        named({ type: 'message_delta', delta: { stop_reason: anthropicReason(said), stop_sequence: null }, usage: said.usage === null ? {} : { output_tokens: said.usage.output } }),
        named({ type: 'message_stop' }),
      ];
    }
  }
}
