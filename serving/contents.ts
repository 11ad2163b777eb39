import type { BundleDigest } from '../core/ids.js';
import type { BundleContent } from '../store/index.js';

/** What a bundle answers, written out once: bundles are immutable. */
export interface PreparedBundle {
  readonly digest: BundleDigest;
  /** by flag key; the value as JSON, and the version of the prompt; `bundle` is the whole */
  readonly flags: ReadonlyMap<string, { readonly json: string; readonly version: number | null }>;
}

/** The flag that is the whole bundle. */
export const BUNDLE_FLAG = 'bundle';
const SIZE_MAX = 4 * 1024 * 1024;
const PROMPTS_MAX = 1_000;

/**
 * The values of a bundle's flags. Placeholders stay in the templates: the application renders.
 *
 * @throws RangeError for a bundle over the limits, TypeError for one that is not of the promised shape; it is not served then
 */
export function prepareBundle(content: BundleContent, digest: BundleDigest): PreparedBundle {
  if (content.digest !== digest) throw new TypeError(`bundle ${digest} came with the digest ${content.digest}`);
  if (content.prompts.length > PROMPTS_MAX) throw new RangeError(`bundle ${digest} has more than ${PROMPTS_MAX} prompts`);
  const model = content.model === null ? null : { provider: content.model.connection, name: content.model.model };
  const params = content.model?.parameters ?? {};
  const tools = content.tools.length > 0 ? { tools: content.tools } : {};
  const flags = new Map<string, { json: string; version: number | null }>();
  const prompts: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  let size = 0;
  for (const prompt of content.prompts) {
    if (prompt.prompt === BUNDLE_FLAG) continue;
    const value = {
      schema: 'slipway.prompt/v1', name: prompt.prompt, version: prompt.version, digest: prompt.digest, model, params,
      messages: prompt.messages.map(({ role, content: text }) => ({ role, content: text })), variables: [...prompt.variables], ...tools,
    };
    const json = JSON.stringify(value);
    size += json.length;
    flags.set(prompt.prompt, { json, version: prompt.version });
    prompts[prompt.prompt] = value;
  }
  const whole = JSON.stringify({
    schema: 'slipway.bundle/v1', digest, prompts, model: content.model === null ? null : { ...model, version: content.model.version }, params,
    context: content.context === null ? null : { name: content.context.name, version: content.context.version, embeddingModel: content.context.embeddingModel, index: content.context.index, topK: content.context.topK, reranker: content.context.reranker },
    guardrails: content.guardrails.map(({ name, version, checks }) => ({ name, version, checks })), tools: content.tools, safety: content.safety,
  });
  if (size + whole.length > 2 * SIZE_MAX) throw new RangeError(`bundle ${digest} is larger than ${SIZE_MAX} characters`);
  flags.set(BUNDLE_FLAG, { json: whole, version: null });
  return { digest, flags };
}
