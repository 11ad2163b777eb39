import type { IncomingMessage, ServerResponse } from 'node:http';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Principal } from '../core/access.js';
import { BadInputError, ERRORS, ForbiddenError, RateLimitedError, SlipwayError } from '../core/errors.js';
import type { Arrival, Authenticate } from './authenticate.js';
import type { ApiDeps } from './context.js';
import { bodyOf } from './errors.js';

/** Who sends which request; kept beside it, because a request has no field of ours. */
export interface Arrivals { readonly arrivalOf: (request: object) => Arrival; readonly principalOf: (request: object) => Principal | null; readonly requestIdOf: (request: object) => string }

/**
 * What is decided before GraphQL: which content, from which origin, by whom. A page of a stranger can send forms and plain text without being
 * asked, never JSON; a key is no cookie, so what it cannot read it cannot send either. Both are held here, and by the plugin again.
 */
export function createDoor(deps: Pick<ApiDeps, 'newId' | 'tell'>, { authenticate, origins }: { readonly authenticate: Authenticate; readonly origins: readonly string[] }): { readonly handler: RequestHandler; readonly arrivals: Arrivals } {
  const principals = new WeakMap<object, Principal | null>();
  const ids = new WeakMap<object, string>();

  const admit = async (request: Request, response: Response): Promise<void> => {
    assertContent(request);
    assertOrigin(request, origins);
    ids.set(request, String(response.getHeader('x-request-id')));
    principals.set(request, await authenticate(arrivalOf(request)));
  };
  return {
    handler: (request: Request, response: Response, next: NextFunction) => {
      response.setHeader('x-request-id', deps.newId());
      response.setHeader('cache-control', 'no-store');
      admit(request, response).then(() => { next(); }, (error: unknown) => { refuse(deps, response, error); });
    },
    arrivals: { arrivalOf: (request) => arrivalOf(request as IncomingMessage), principalOf: (request) => principals.get(request) ?? null, requestIdOf: (request) => ids.get(request) ?? '' },
  };
}

function arrivalOf(request: IncomingMessage): Arrival {
  const key = request.headers['x-api-key'];
  return { authorization: request.headers.authorization, apiKey: Array.isArray(key) ? key.join(',') : key, address: request.socket.remoteAddress ?? 'unknown' };
}

const HINT = 'Send a POST with Content-Type: application/json.';
function assertContent({ method, headers }: IncomingMessage): void {
  const type = headers['content-type'];
  if (method === 'POST' && type === undefined) throw new BadInputError('The request says no content type.', HINT);
  if (method === 'POST' && !/^application\/json\s*(;\s*charset="?utf-?8"?\s*)?$/i.test(type ?? '')) {
    throw new SlipwayError('UNSUPPORTED', `The content type ${(type ?? '').slice(0, 100)} is not taken here.`, HINT);
  }
  if (method !== 'POST' && type !== undefined) throw new SlipwayError('UNSUPPORTED', `A ${method ?? ''} has no content.`, HINT);
}

function assertOrigin({ headers }: IncomingMessage, origins: readonly string[]): void {
  const { origin, host } = headers;
  if (origin === undefined || origins.includes(origin)) return;
  if (URL.canParse(origin) && new URL(origin).host === host) return;
  throw new ForbiddenError(`Pages of ${origin.slice(0, 100)} may not call this API.`, 'SLIPWAY_CORS_ORIGINS names the origins that may.');
}

/** An error of the catalogue in the shape of a GraphQL answer, with its status; anything else as INTERNAL. */
export function refuse({ newId, tell }: Pick<ApiDeps, 'newId' | 'tell'>, response: ServerResponse, error: unknown): void {
  const known = error instanceof SlipwayError ? error : null;
  if (known === null) {
    const requestId = newId();
    tell({ event: 'api.failed', level: 'error', requestId, message: error instanceof Error ? error.message : String(error), stack: error instanceof Error ? error.stack ?? null : null });
    send(response, 500, JSON.stringify({ errors: [{ message: 'Something went wrong here.', extensions: { code: 'INTERNAL', hint: ERRORS.INTERNAL.hint, requestId } }] }));
    return;
  }
  if (known instanceof RateLimitedError) response.setHeader('retry-after', String(known.retryAfterSec));
  if (known.code === 'UNAUTHENTICATED') response.setHeader('www-authenticate', 'Bearer');
  send(response, ERRORS[known.code].http, bodyOf(known));
}

function send(response: ServerResponse, status: number, body: string): void {
  if (response.headersSent) { response.destroy(); return; }
  response.statusCode = status;
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(body);
}
