import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bundleDigest, bundleForm, contentsDigest, contextDigest, guardrailDigest, modelDigest, promptDigest, type Parts } from './index.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const digest = (letter: string): string => `sha256:${letter.repeat(64)}`;
const page = readFileSync(new URL('../../docs/bundle.md', import.meta.url), 'utf8');
const vectors = (/```jsonl\n([\s\S]*?)```/.exec(page)?.[1] ?? '').trim().split('\n').map((line) => JSON.parse(line) as { name: string; parts: Parts; form: string; digest: string; contents: string });

const whole: Parts = {
  prompts: { answer: { version: 3, digest: digest('a') } }, model: { name: 'main', version: 1, digest: digest('b') }, context: { name: 'handbook', version: 2, digest: digest('c') },
  guardrails: { pii: { version: 1, digest: digest('d') } }, tools: [{ name: 'search', schema: { type: 'object' } }], safety: { hate: 'block' },
};

describe('R-122 the digest of a bundle is the one of docs/bundle.md', () => {
  test('there are vectors', () => { expect(vectors.length).toBeGreaterThanOrEqual(5); });
  test.each(vectors)('$name', ({ parts, form, digest: expected, contents }) => {
    expect(bundleForm(parts)).toBe(form);
    expect(bundleDigest(parts, sha256)).toBe(expected);
    expect(`sha256:${sha256(form)}`).toBe(expected);
    expect(contentsDigest(parts, sha256)).toBe(contents);
  });

  test('an empty part and an absent one are the same', () => {
    expect(bundleForm({ ...whole, guardrails: {}, tools: [], safety: {} })).toBe(bundleForm((({ prompts, model, context }) => ({ prompts, model, context }) as Parts)(whole)));
    expect(bundleForm({})).toBe('{}');
  });

  test('the order in which parts are named means nothing', () => {
    const one = { prompts: { a: { version: 1, digest: digest('1') }, b: { version: 2, digest: digest('2') } }, tools: [{ name: 'x', schema: 1 }, { name: 'y', schema: 2 }] };
    const other = { tools: [...one.tools].reverse(), prompts: { b: one.prompts.b, a: one.prompts.a } };
    expect(bundleDigest(one, sha256)).toBe(bundleDigest(other, sha256));
  });
});

describe('R-123 another bundle has another digest', () => {
  test.each<[string, Parts]>([
    ['another version number', { ...whole, prompts: { answer: { version: 4, digest: digest('a') } } }],
    ['another text', { ...whole, prompts: { answer: { version: 3, digest: digest('e') } } }],
    ['another name', { ...whole, prompts: { reply: { version: 3, digest: digest('a') } } }],
    ['one prompt more', { ...whole, prompts: { ...whole.prompts, more: { version: 1, digest: digest('a') } } }],
    ['another model', { ...whole, model: { name: 'main', version: 1, digest: digest('e') } }],
    ['no context', (({ context: _context, ...rest }) => rest)(whole)],
    ['another tool schema', { ...whole, tools: [{ name: 'search', schema: { type: 'string' } }] }],
    ['another safety setting', { ...whole, safety: { hate: 'warn' } }],
  ])('%s', (_name, parts) => { expect(bundleDigest(parts, sha256)).not.toBe(bundleDigest(whole, sha256)); });

  test('without version numbers the contents are the same under any numbers, and only then', () => {
    fc.assert(fc.property(fc.integer({ min: 1 }), fc.integer({ min: 1 }), (a, b) => {
      const again = { ...whole, prompts: { answer: { version: a, digest: digest('a') } }, model: { name: 'main', version: b, digest: digest('b') } };
      expect(contentsDigest(again, sha256)).toBe(contentsDigest(whole, sha256));
    }));
    expect(contentsDigest({ ...whole, prompts: { answer: { version: 3, digest: digest('e') } } }, sha256)).not.toBe(contentsDigest(whole, sha256));
  });
});

describe('R-124 the digest of a version covers what reaches the model', () => {
  const messages = [{ role: 'system', content: 'Answer from {{passage}}.' }, { role: 'user', content: '{{question}}' }];
  test('the declared order of variables does not matter, messages and their order do', () => {
    expect(promptDigest(messages, ['question', 'passage'], sha256)).toBe(promptDigest(messages, ['passage', 'question'], sha256));
    expect(promptDigest([...messages].reverse(), ['passage', 'question'], sha256)).not.toBe(promptDigest(messages, ['passage', 'question'], sha256));
    expect(promptDigest(messages, ['question'], sha256)).not.toBe(promptDigest(messages, ['passage', 'question'], sha256));
  });
  test('model, context and guardrails by each of their fields', () => {
    const model = { connection: 'sandbox', model: 'm-1', parameters: { temperature: 0 }, safety: {} };
    expect(new Set([model, { ...model, connection: 'x' }, { ...model, model: 'm-2' }, { ...model, parameters: {} }, { ...model, safety: { a: 'b' } }].map((m) => modelDigest(m, sha256))).size).toBe(5);
    const context = { embeddingModel: 'e', index: 'i', topK: 3, reranker: null };
    expect(new Set([context, { ...context, embeddingModel: 'x' }, { ...context, index: 'x' }, { ...context, topK: 4 }, { ...context, reranker: 'r' }].map((c) => contextDigest(c, sha256))).size).toBe(5);
    const check = { name: 'pii', kind: 'regex', threshold: null };
    expect(new Set([[check], [], [{ ...check, threshold: 1 }], [{ ...check, kind: 'x' }]].map((c) => guardrailDigest(c, sha256))).size).toBe(4);
  });
});
