import { describe, expect, test } from 'vitest';
import { messagesFor } from '../dataset/index.js';
import { score, toolCallsMatch, type Checks, type ExpectedCall, type MadeCall } from './index.js';

/** Stands for the schema library: `const` alone, and a schema that is broken. */
const fits: Checks['fits'] = (schema, text) => {
  if (schema['broken'] === true) return { error: 'the schema cannot be compiled' };
  let value: unknown;
  try { value = JSON.parse(text); } catch { return { holds: false, why: 'the answer is not JSON' }; }
  return !('const' in schema) || schema['const'] === value ? { holds: true } : { holds: false, why: 'must be equal to constant' };
};
const call = (name: string, value: unknown = 1): MadeCall => ({ name, arguments: JSON.stringify(value) });
const want = (name: string, value?: unknown): ExpectedCall => ({ name, ...(value === undefined ? {} : { arguments: { const: value } }) });
const match = (order: 'strict' | 'any', calls: readonly ExpectedCall[], made: readonly MadeCall[]): unknown => { const result = toolCallsMatch({ order, calls }, made, fits); return 'value' in result ? result.value : result.error; };

describe('R-945 the tools an answer called are held against names, schemas and order', () => {
  test('as an evaluator: of the calls that were made, and an error where the case expects none to be judged', () => {
    const checks: Checks = { matches: () => ({ holds: true }), fits, similarity: () => undefined, editDistance: () => 0 };
    const toolCalls = { order: 'strict', calls: [want('a')] } as const;
    expect(score({ kind: 'toolCalls' }, { text: '', toolCalls: [call('a')] }, { toolCalls }, checks)).toMatchObject({ value: 1 });
    expect(score({ kind: 'toolCalls' }, { text: 'I will do that.' }, { toolCalls }, checks)).toMatchObject({ value: 0, explanation: 'expected a; called no tool' });
    expect(score({ kind: 'toolCalls' }, { text: '' }, {}, checks)).toEqual({ error: 'the item does not say which tools should be called' });
  });
  test.each<[string, 'strict' | 'any', readonly ExpectedCall[], readonly MadeCall[], number]>([
    ['the right call', 'strict', [want('a', 1)], [call('a')], 1], ['without a schema any arguments', 'strict', [want('a')], [call('a', { x: [] })], 1], ['another tool', 'strict', [want('a')], [call('b')], 0], ['other arguments', 'strict', [want('a', 2)], [call('a')], 0],
    ['arguments that are no JSON', 'strict', [want('a', 1)], [{ name: 'a', arguments: '{' }], 0], ['one too many', 'any', [want('a')], [call('a'), call('a')], 0], ['one too few', 'any', [want('a'), want('b')], [call('a')], 0],
    ['no tool expected, none called', 'strict', [], [], 1], ['no tool expected, one called', 'any', [], [call('a')], 0],
    ['in order', 'strict', [want('a'), want('b')], [call('a'), call('b')], 1], ['out of order', 'strict', [want('a'), want('b')], [call('b'), call('a')], 0], ['out of order, where any will do', 'any', [want('a'), want('b')], [call('b'), call('a')], 1],
    ['a broad schema does not take a narrow one\'s call', 'any', [want('a'), want('a', 1)], [call('a', 1), call('a', 2)], 1], ['nor where three change places', 'any', [want('a'), want('a'), want('a', 1)], [call('a', 1), call('a', 2), call('a', 3)], 1],
    ['one call does not serve two', 'any', [want('a', 1), want('a', 1)], [call('a', 1), call('a', 2)], 0],
  ])('%s', (_name, order, calls, made, value) => { expect(match(order, calls, made)).toBe(value); });
  test('a schema that is broken is an error, not a bad answer', () => { expect(match('any', [{ name: 'a', arguments: { broken: true } }], [call('b'), call('a')])).toMatch(/tool a: the schema cannot be compiled/); });
  test('it says what was missing', () => {
    expect(toolCallsMatch({ order: 'strict', calls: [want('a', 2)] }, [call('a')], fits)).toMatchObject({ explanation: expect.stringContaining('must be equal to constant') as string });
    expect(toolCallsMatch({ order: 'strict', calls: [want('a')] }, [], fits)).toMatchObject({ explanation: 'expected a; called no tool' });
  });
  test('a flood of calls is a bad answer', () => { expect(match('any', [want('a')], Array.from({ length: 1_000 }, () => call('a')))).toBe(0); });
});

describe('R-951 a conversation takes the place of the prompt\'s turns and keeps its system messages', () => {
  const prompt = [{ role: 'system', content: 'Be {{tone}}.' }, { role: 'user', content: '{{question}}' }] as const;
  const fill = (content: string): string => content.replace('{{tone}}', 'kind').replace('{{question}}', 'How?');
  test('without one the prompt is filled', () => { expect(messagesFor(prompt, {}, fill)).toEqual([{ role: 'system', content: 'Be kind.' }, { role: 'user', content: 'How?' }]); });
  test('with one its turns follow, as they are', () => {
    const messages = [{ role: 'user', content: 'Hi' }, { role: 'assistant', content: 'Hello' }, { role: 'user', content: '{{question}}' }] as const;
    expect(messagesFor(prompt, { messages }, fill)).toEqual([{ role: 'system', content: 'Be kind.' }, ...messages]);
  });
});
