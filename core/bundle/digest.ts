import { canonical, digestOf } from '../canonical.js';
import type { BundleDigest, Digest, Sha256 } from '../ids.js';

/** A part names its version and pins its content. */
export interface Pin { readonly version: number; readonly digest: Digest }
export interface NamedPin extends Pin { readonly name: string }
export interface ToolPart { readonly name: string; readonly schema: unknown }

/** What a bundle is made of; a part that is absent and one that is empty are the same bundle. */
export interface Parts {
  readonly prompts?: Readonly<Record<string, Pin>>;
  readonly model?: NamedPin;
  readonly context?: NamedPin;
  readonly guardrails?: Readonly<Record<string, Pin>>;
  readonly tools?: readonly ToolPart[];
  readonly safety?: Readonly<Record<string, string>>;
}

/**
 * The text whose hash is the bundle's name: RFC 8785 over the parts that are not empty, tools in the order of their names.
 * The form is fixed by the vectors in docs/bundle.md; a part that comes later never changes the digest of a bundle without it.
 *
 * @throws RangeError, TypeError when a tool's schema is no JSON
 */
export const bundleForm = (parts: Parts): string => canonical(formOf(parts, ({ version, digest }) => ({ version, digest })));

/** `sha256:` + the hash of `bundleForm`. */
export const bundleDigest = (parts: Parts, sha256: Sha256): BundleDigest => `sha256:${sha256(bundleForm(parts))}`;

/** The same without version numbers: registering a text again does not change it, so a quarantine holds on to this. */
export const contentsDigest = (parts: Parts, sha256: Sha256): Digest => digestOf(formOf(parts, ({ digest }) => ({ digest })), sha256);

function formOf(parts: Parts, pinOf: (pin: Pin) => object): object {
  const pins = (named: Readonly<Record<string, Pin>> | undefined): object | undefined =>
    named === undefined || Object.keys(named).length === 0 ? undefined : Object.fromEntries(Object.entries(named).map(([name, pin]) => [name, pinOf(pin)]));
  const one = (pin: NamedPin | undefined): object | undefined => (pin === undefined ? undefined : { name: pin.name, ...pinOf(pin) });
  const tools = [...(parts.tools ?? [])].sort((a, b) => (a.name < b.name ? -1 : 1)).map(({ name, schema }) => ({ name, schema }));
  const safety = parts.safety ?? {};
  return {
    prompts: pins(parts.prompts), model: one(parts.model), context: one(parts.context), guardrails: pins(parts.guardrails),
    tools: tools.length === 0 ? undefined : tools, safety: Object.keys(safety).length === 0 ? undefined : safety,
  };
}

// ── what a version's digest is made of: what reaches a model or decides, never who wrote it, when, or what it costs ───────

/** The order in which variables are declared means nothing. */
export const promptDigest = (messages: readonly { readonly role: string; readonly content: string }[], variables: readonly string[], sha256: Sha256): Digest =>
  digestOf({ messages: messages.map(({ role, content }) => ({ role, content })), variables: [...variables].sort() }, sha256);

/** Price and the claim `floating` are about a model, not in it. */
export const modelDigest = (model: { readonly connection: string; readonly model: string; readonly parameters: object; readonly safety: Readonly<Record<string, string>> }, sha256: Sha256): Digest =>
  digestOf({ connection: model.connection, model: model.model, parameters: { ...model.parameters }, safety: model.safety }, sha256);

export const contextDigest = (context: { readonly embeddingModel: string; readonly index: string; readonly topK: number; readonly reranker: string | null }, sha256: Sha256): Digest =>
  digestOf({ embeddingModel: context.embeddingModel, index: context.index, topK: context.topK, reranker: context.reranker }, sha256);

export const guardrailDigest = (checks: readonly { readonly name: string; readonly kind: string; readonly threshold: number | null }[], sha256: Sha256): Digest =>
  digestOf(checks.map(({ name, kind, threshold }) => ({ name, kind, threshold })), sha256);
