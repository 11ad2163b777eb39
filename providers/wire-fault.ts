/** What a provider's refusal means, read from its status and from the names in its body; never from anything that is then shown. */
import type { IncomingHttpHeaders } from 'node:http';
import { ProviderError, type ProviderFault } from './provider.js';

export interface Reply { readonly status: number; readonly headers: IncomingHttpHeaders; readonly body: Buffer }

const RETRY_AFTER_MAX_MS = 60 * 60 * 1000;
const CONTEXT = /context_length|context_window|string_above_max_length|request_too_large|context length|context window|prompt is too long|too many (input )?tokens/;
const FILTER = /content_filter|content_policy|responsible_ai|content management policy|safety_check/;
const QUOTA = /insufficient_quota|billing|credit balance/;
const AUTH = /authentication|permission|invalid_api_key/;
const RATE = /rate_limit|too_many_requests/;

/** Of an answer whose status is no success. */
export function faultOfReply(reply: Reply, apiKey: string | undefined): ProviderError {
  const { status } = reply;
  const error = fieldOf(parsed(reply.body), 'error');
  const words = wordsOf(error);
  const message = `HTTP ${status}${shown(error, apiKey)}.`;
  const kind = kindOfStatus(status, words);
  const waits = kind === 'rateLimit' || kind === 'overload';
  return new ProviderError(kind, message, waits ? { status, retryAfterMs: retryAfterOf(reply.headers) } : { status });
}

function kindOfStatus(status: number, words: string): ProviderFault {
  if (status === 402 || (status < 500 && QUOTA.test(words))) return 'quota';
  if (status === 429) return 'rateLimit';
  if (status === 408 || status === 409 || status >= 500) return 'overload';
  if (status === 401 || status === 403) return 'auth';
  if (status === 413 || CONTEXT.test(words)) return 'contextLength';
  return FILTER.test(words) ? 'contentFilter' : 'refused';
}

/** Of an error that came after a 200, as the whole answer or inside a stream. What it does not name is taken for the provider's trouble. */
export function faultOfError(error: unknown, apiKey: string | undefined): ProviderError {
  const words = wordsOf(error);
  const kind: ProviderFault = QUOTA.test(words) ? 'quota' : RATE.test(words) ? 'rateLimit' : AUTH.test(words) ? 'auth' : CONTEXT.test(words) ? 'contextLength'
    : FILTER.test(words) ? 'contentFilter' : /invalid_request|invalid_prompt/.test(words) ? 'refused' : 'overload';
  return new ProviderError(kind, `An error after HTTP 200${shown(error, apiKey)}.`, { status: 200 });
}

/** Looked at, not shown: type, code and message, of which the last is free text. */
const wordsOf = (error: unknown): string =>
  [typeof error === 'string' ? error : '', ...['type', 'code', 'message'].map((name) => fieldOf(error, name))].filter((one): one is string => typeof one === 'string').join('\n').slice(0, 4_000).toLowerCase();

/** `type` and `code` when they look like names: free text may repeat the prompt or the key. */
function shown(error: unknown, apiKey: string | undefined): string {
  const names = [fieldOf(error, 'type'), fieldOf(error, 'code')].filter((name): name is string => typeof name === 'string' && /^[a-z][a-z0-9_.]{0,47}$/.test(name));
  const named = [...new Set(names)].filter((name) => apiKey === undefined || !name.includes(apiKey));
  return named.length === 0 ? '' : ` (${named.join(', ')})`;
}

function parsed(body: Buffer): unknown {
  try { return JSON.parse(body.toString('utf8')) as unknown; } catch { return undefined; }
}

/** `Retry-After` in seconds or as a date, and the finer `retry-after-ms`. A date is held against the answer's own `Date`, not our clock. */
function retryAfterOf(headers: IncomingHttpHeaders): number | undefined {
  const fine = headers['retry-after-ms'];
  if (typeof fine === 'string' && /^\d+(\.\d+)?$/.test(fine)) return capped(Number(fine));
  const coarse = headers['retry-after'];
  if (coarse === undefined) return undefined;
  if (/^\d+(\.\d+)?$/.test(coarse)) return capped(Number(coarse) * 1000);
  const waitMs = Date.parse(coarse) - Date.parse(headers.date ?? '');
  return Number.isFinite(waitMs) && waitMs >= 0 ? capped(waitMs) : undefined;
}

const capped = (waitMs: number): number => Math.min(RETRY_AFTER_MAX_MS, Math.ceil(waitMs));

/** A field of a value that may be anything. */
export function fieldOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}
export const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null);
/** A list, or none. */
export const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
/** Unknown is null, never 0. */
export const countOf = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null);
export const malformed = (why: string): ProviderError => new ProviderError('malformed', why, { status: 200 });
