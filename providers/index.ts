import { unreachable } from '../core/ids.js';
import { createAnthropic } from './anthropic.js';
import { createOpenAI } from './openai.js';
import { createOpenAIResponses } from './openai-responses.js';
import type { Provider } from './provider.js';
import type { WireDeps } from './wire.js';

export { PROVIDER_KINDS, ProviderError, type Completion, type CompletionRequest, type Provider, type ProviderFault, type ProviderKind, type ToolCall, type Usage } from './provider.js';
export { cosine, createLocalEmbedder, type LocalEmbedder, type Vector } from './embedding.js';
export { createChecks, type ScoreLibraries } from './checks.js';
export { SANDBOX_EMBEDDING_MODEL, SANDBOX_MODEL, createSandboxModel, type SandboxDeps, type SandboxEvent, type SandboxModel, type SandboxSpan } from './sandbox.js';
export type { WireDeps, WireLimits } from './wire.js';

/** Where a provider is and how it is spoken to. The key is the secret itself, already fetched from its reference. */
export interface ProviderConnection { readonly kind: Provider['kind']; readonly baseUrl: string; readonly apiKey?: string }

/**
 * The adapter for one connection. It holds sockets open between calls; make one per connection and keep it.
 * @throws RangeError when `baseUrl` is not an http(s) URL without user-info, query and fragment
 */
export function createProvider(connection: ProviderConnection, deps: WireDeps): Provider {
  switch (connection.kind) {
    case 'openai-compatible': case 'sandbox': return createOpenAI(connection, deps);
    case 'openai-responses': return createOpenAIResponses(connection, deps);
    case 'anthropic': return createAnthropic(connection, deps);
    default: return unreachable(connection.kind);
  }
}
