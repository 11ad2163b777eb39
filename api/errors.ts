import type { GraphQLError } from 'graphql';
import { createGraphQLError } from 'graphql-yoga';
import { ERRORS, RateLimitedError, SlipwayError } from '../core/errors.js';
import type { ErrorCode } from '../core/errors.js';
import type { ApiDeps } from './context.js';
import { LIMITS } from './limits.js';

/** Codes of the library, in ours. Another one that it may come to have is a fault of what was sent, unless it says that it is its own. */
const FOREIGN: Readonly<Record<string, ErrorCode>> = {
  GRAPHQL_PARSE_FAILED: 'BAD_INPUT', GRAPHQL_VALIDATION_FAILED: 'BAD_INPUT', BAD_REQUEST: 'BAD_INPUT', OPERATION_RESOLUTION_FAILURE: 'BAD_INPUT', BAD_USER_INPUT: 'BAD_INPUT',
  REQUEST_ENTITY_TOO_LARGE: 'TOO_LARGE', PAYLOAD_TOO_LARGE: 'TOO_LARGE', INTERNAL_SERVER_ERROR: 'INTERNAL',
};
const BY_STATUS: Readonly<Record<number, ErrorCode>> = { 403: 'FORBIDDEN', 413: 'TOO_LARGE', 415: 'UNSUPPORTED' };
/** Only these change the status of an answer that was executed: the rest is told beside the data, with 200. */
const WITH_STATUS: readonly ErrorCode[] = ['UNAUTHENTICATED', 'RATE_LIMITED'];

export type Mask = (error: unknown) => GraphQLError;

/**
 * Turns whatever was thrown into an error of the catalogue: `extensions` hold `code` and `hint`, of a masked one also the `requestId` under
 * which the log has the whole. Nothing that has no code of ours keeps its message.
 */
export function createMask({ tell, newId }: Pick<ApiDeps, 'tell' | 'newId'>): Mask {
  const masked = new WeakSet();
  const finished = (error: GraphQLError): GraphQLError => { masked.add(error); return error; };

  return (error) => {
    if (isGraphQLError(error) && masked.has(error)) return error;
    const cause = causeOf(error);
    const place: Parameters<typeof createGraphQLError>[1] = isGraphQLError(error) ? { nodes: error.nodes ?? null, source: error.source ?? null, positions: error.positions ?? null, path: error.path ?? null } : {};
    const requestId = newId();
    if (cause instanceof SlipwayError) {
      tell({ event: 'api.refused', level: 'debug', requestId, code: cause.code, message: cause.message });
      return finished(createGraphQLError(cause.message, { ...place, extensions: { code: cause.code, hint: cause.hint, ...httpOf(cause) } }));
    }
    if (isGraphQLError(cause)) {
      const code = codeOf(cause);
      if (code !== 'INTERNAL') {
        return finished(createGraphQLError(code === 'TOO_LARGE' ? `The body is larger than ${LIMITS.bodyBytes} bytes.` : withoutValue(withoutSuggestion(cause.message)), { ...place, extensions: { code, hint: hintOf(code, cause), ...statusOf(cause) } }));
      }
    }
    const failure = cause instanceof Error ? cause : new Error(String(cause));
    tell({ event: 'api.failed', level: 'error', requestId, message: failure.message, stack: failure.stack ?? null });
    return finished(createGraphQLError('Something went wrong here.', { ...place, extensions: { code: 'INTERNAL', hint: ERRORS.INTERNAL.hint, requestId, ...(isGraphQLError(error) && error.path !== undefined ? {} : { http: { status: 500 } }) } }));
  };
}

/** By its name: a process may hold two copies of the library, and both throw. */
const isGraphQLError = (error: unknown): error is GraphQLError => error instanceof Error && error.name === 'GraphQLError';

/** What was thrown at first, under any number of wrappings. */
function causeOf(error: unknown): unknown {
  let cause = error;
  while (isGraphQLError(cause) && cause.originalError !== undefined && !(String(cause.extensions['code']) in FOREIGN)) cause = cause.originalError;
  if (cause instanceof SyntaxError && !(isGraphQLError(error))) return createGraphQLError('The request is not JSON that can be read.', { extensions: { code: 'BAD_REQUEST', http: { status: 400 } } });
  return cause;
}

function codeOf(error: GraphQLError): ErrorCode {
  const { code, http } = error.extensions as { readonly code?: unknown; readonly http?: { readonly status?: number } };
  const byStatus = BY_STATUS[http?.status ?? 0];
  if (byStatus !== undefined) return byStatus;
  if (typeof code === 'string' && code in ERRORS) return code as ErrorCode;
  return FOREIGN[typeof code === 'string' ? code : ''] ?? 'BAD_INPUT';
}

function hintOf(code: ErrorCode, error: GraphQLError): string {
  return code === 'BAD_INPUT' && error.extensions['code'] !== 'BAD_REQUEST' ? 'Hold the document and its variables against the schema.' : ERRORS[code].hint;
}

/** The library's status. What was no request at all is 400 in every media type; a document that is wrong may be told beside 200. */
function statusOf({ extensions }: GraphQLError): { readonly http?: unknown } {
  const http = extensions['http'] as { readonly status?: number; readonly headers?: object } | undefined;
  if (http === undefined) return {};
  return { http: extensions['code'] === 'BAD_REQUEST' ? { status: http.status, ...(http.headers === undefined ? {} : { headers: http.headers }) } : http };
}

/** What was sent is not told back: a prompt or a user's words in the wrong place must not end in whatever keeps error bodies. */
const withoutValue = (message: string): string => message
  .replace(/^(Variable "\$\w+" got invalid value) [^]*$/, '$1.')
  .replace(/^(Syntax Error: [^"]*\b(?:String|BlockString)) "[^]*$/, '$1.')
  .replace(/^((?:Enum "\w+"|\w+) cannot represent) [^]*$/, '$1 this value.')
  .replace(/^Value [^]* does not exist in ("\w+" enum\.)$/, 'This value does not exist in $1')
  .replace(/^(Expected value of type "[^"]*"), found [^]*$/, '$1.');

/** A schema is asked, not guessed. */
const withoutSuggestion = (message: string): string => message.replace(/\s*Did you mean [^?]*\?/g, '');

function httpOf(error: SlipwayError): { readonly http?: object } {
  if (!WITH_STATUS.includes(error.code)) return {};
  return { http: { status: ERRORS[error.code].http, ...(error instanceof RateLimitedError ? { headers: { 'Retry-After': String(error.retryAfterSec) } } : {}) } };
}

/** The same for doors before GraphQL. */
export const bodyOf = (error: SlipwayError): string => JSON.stringify({ errors: [{ message: error.message, extensions: { code: error.code, hint: error.hint } }] });
