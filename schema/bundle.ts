import { z } from 'zod';
import { application, filled, idempotencyKey, json, name, settings, term, unique, version } from './terms.js';

/** What a worker takes a reference for is in its settings; here only its form is looked at. */
export const secretRef = z.string().regex(/^(env:[A-Z][A-Z0-9_]{0,99}|file:[a-z0-9][a-z0-9._-]{0,99})$/, 'a reference such as env:OPENAI_API_KEY or file:openai, never the secret itself');

export const CreateConnectionInput = z.strictObject({
  application, name, kind: z.enum(['openai-compatible', 'openai-responses', 'anthropic', 'sandbox']),
  baseUrl: z.string().max(2_048).refine(isPlainUrl, 'an http or https URL without user, password, query and fragment'),
  secretRef: secretRef.optional(), requestsPerMin: z.int().min(1).max(10_000_000).optional(), concurrencyMax: z.int().min(1).max(10_000).optional(), idempotencyKey,
});
export type CreateConnectionInput = z.output<typeof CreateConnectionInput>;

function isPlainUrl(text: string): boolean {
  try {
    const url = new URL(text);
    return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && url.search === '' && url.hash === '';
  } catch { return false; }
}

const parameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional(), topP: z.number().min(0).max(1).optional(), maxTokens: z.int().min(1).max(1_000_000).optional(),
  seed: z.int().optional(), stop: z.array(filled(100)).max(16).optional(), stream: z.boolean().optional(),
});
const safety = settings(50, 1_000);
const money = z.number().min(0).max(1_000_000);

/** Without `floating` a model counts as dated. */
export const CreateModelVersionInput = z.strictObject({
  application, name, connection: name, model: filled(200), floating: z.boolean().default(false), parameters: parameters.default({}), safety: safety.default({}),
  priceUsdPerMTok: z.strictObject({ input: money, output: money, cachedInput: money.optional(), reasoning: money.optional() }).optional(), idempotencyKey,
});
export type CreateModelVersionInput = z.output<typeof CreateModelVersionInput>;

export const CreateContextVersionInput = z.strictObject({
  application, name, embeddingModel: filled(200), index: filled(500), topK: z.int().min(1).max(1_000), reranker: filled(200).optional(), idempotencyKey,
});
export type CreateContextVersionInput = z.output<typeof CreateContextVersionInput>;

export const CreateGuardrailPolicyInput = z.strictObject({
  application, name, checks: z.array(z.strictObject({ name: term, kind: term, threshold: z.number().optional() })).min(1).max(50).superRefine(unique((one) => one.name, 'check')), idempotencyKey,
});
export type CreateGuardrailPolicyInput = z.output<typeof CreateGuardrailPolicyInput>;

const part = z.strictObject({ name, version });
const parts = z.array(part).max(100).superRefine(unique((one) => one.name, 'part'));
/** `from` names an environment; what is named besides replaces that part of its stable bundle. */
export const CreateBundleInput = z.strictObject({
  application, from: name.optional(), prompts: parts.optional(), model: part.optional(), context: part.optional(), guardrails: parts.optional(),
  tools: z.array(z.strictObject({ name: term, schema: json })).max(100).superRefine(unique((one) => one.name, 'tool')).optional(), safety: safety.optional(), idempotencyKey,
}).refine((input) => Object.keys(input).some((key) => !['application', 'from', 'idempotencyKey'].includes(key)), 'names no part: at least one of prompts, model, context, guardrails, tools, safety');
export type CreateBundleInput = z.output<typeof CreateBundleInput>;
