import type { IncomingMessage, ServerResponse } from 'node:http';

/** Pages of these origins may call the data plane; none by default, and never with credentials. @returns true when it was a preflight and is answered */
export function createCors(origins: readonly string[]): (request: IncomingMessage, response: ServerResponse) => boolean {
  const allowed = new Set(origins);
  return (request, response) => {
    const { origin } = request.headers;
    if (allowed.size === 0 || origin === undefined) return false;
    response.setHeader('vary', 'Origin');
    const isAllowed = allowed.has(origin);
    if (isAllowed) {
      response.setHeader('access-control-allow-origin', origin);
      response.setHeader('access-control-expose-headers', 'ETag, Retry-After');
    }
    if (request.method !== 'OPTIONS' || request.headers['access-control-request-method'] === undefined) return false;
    if (isAllowed) {
      response.setHeader('access-control-allow-methods', 'GET, POST');
      response.setHeader('access-control-allow-headers', 'Authorization, X-API-Key, Content-Type, Content-Encoding, If-None-Match, Last-Event-ID');
      response.setHeader('access-control-max-age', '600');
    }
    response.writeHead(204).end();
    return true;
  };
}
