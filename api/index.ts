/** GraphQL words to our words and back; carries intents out. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { makeExecutableSchema } from '@graphql-tools/schema';
import { useCSRFPrevention } from '@graphql-yoga/plugin-csrf-prevention';
import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import express from 'express';
import type { Express, NextFunction, Request, Response } from 'express';
import { createYoga, isAsyncIterable } from 'graphql-yoga';
import type { Plugin } from 'graphql-yoga';
import helmet from 'helmet';
import { NotFoundError } from '../core/errors.js';
import { typeDefs } from '../schema/index.js';
import { createAuthenticate } from './authenticate.js';
import { createLoaders } from './context.js';
import type { ApiDeps, RequestContext } from './context.js';
import { createDoor, refuse } from './door.js';
import { createMask } from './errors.js';
import type { Mask } from './errors.js';
import { introspectionPlugin, LIMITS, limitPlugin } from './limits.js';
import { resolvers } from './resolvers/index.js';
import { tracingPlugin } from './tracing.js';

export { ACTION_OF } from './actions.js';
export { bootstrapAdmin, bootstrapDevelopment } from './bootstrap.js';
export type { BootstrapDeps, DevelopmentFile } from './bootstrap.js';
export type { ApiDeps, ApiEvent, ApiStore, FeedbackReport } from './context.js';
export { LIMITS } from './limits.js';
export { createRelay } from './relay.js';
export type { Relay, RelayDeps, RelayEvent } from './relay.js';

export interface ApiOptions {
  readonly environment: 'development' | 'production' | 'test';
  /** Whose pages may call; none but our own by default. */
  readonly corsOrigins: readonly string[];
  /** Answers `/healthz`, `/readyz` and `/metrics`: true when it did. */
  readonly health: (request: IncomingMessage, response: ServerResponse) => boolean;
}
export interface Api { readonly app: Express; /** Ends the streams. */ close(): Promise<void> }

const CSRF_HEADER = 'x-slipway-csrf';

export const createSchema = () => makeExecutableSchema({ typeDefs: [...typeDefs], resolvers });

/** The whole of `bin/api` but its surroundings: `POST /graphql`, subscriptions over server-sent events, health. */
export function createApi(deps: ApiDeps, { environment, corsOrigins, health }: ApiOptions): Api {
  const authenticate = createAuthenticate(deps, { isProduction: environment === 'production' });
  const { handler: door, arrivals } = createDoor(deps, { authenticate, origins: corsOrigins });
  const mask = createMask(deps);
  const isDevelopment = environment === 'development';

  const yoga = createYoga<{ req: IncomingMessage; res: ServerResponse }, RequestContext>({
    schema: createSchema(), graphqlEndpoint: '/graphql', landingPage: false, batching: false, multipart: false, logging: false,
    // The page is whole in itself: nothing is loaded from elsewhere.
    graphiql: isDevelopment ? { title: 'Slipway' } : false, ...(isDevelopment ? { renderGraphiQL } : {}), healthCheckEndpoint: '/graphql/alive',
    cors: corsOrigins.length === 0 ? false : { origin: [...corsOrigins], credentials: false, methods: ['GET', 'POST'], allowedHeaders: ['authorization', 'content-type', 'x-api-key', CSRF_HEADER], maxAge: 600 },
    maxRequestBodySize: LIMITS.bodyBytes,
    // Whether a document is valid depends on who asks: it is not remembered from one to the next.
    parserAndValidationCache: false,
    maskedErrors: { maskError: mask },
    context: ({ req }) => ({
      deps, loaders: createLoaders(deps), requestId: arrivals.requestIdOf(req), principal: arrivals.principalOf(req),
      again: () => authenticate(arrivals.arrivalOf(req)).catch(() => null),
    }),
    plugins: [
      useCSRFPrevention({ requestHeaders: [CSRF_HEADER] }), limitPlugin(),
      introspectionPlugin((context) => ('req' in context ? arrivals.principalOf(context.req as object) : null)), maskingPlugin(mask),
      tracingPlugin(deps.traced),
    ],
  });

  const app = express();
  app.disable('x-powered-by').disable('etag');
  // GraphiQL brings scripts of its own; it is there in development only.
  app.use(helmet({ contentSecurityPolicy: isDevelopment ? false : { useDefaults: false, directives: { 'default-src': ["'none'"], 'frame-ancestors': ["'none'"] } } }));
  app.use((request: Request, response: Response, next: NextFunction) => { if (!health(request, response)) next(); });
  // Yoga answers with a promise that it settles itself.
  app.use('/graphql', door, (request: Request, response: Response) => { request.url = request.originalUrl; void yoga(request, response); });
  app.use((request: Request, response: Response) => { refuse(deps, response, new NotFoundError('page', request.path.slice(0, 100))); });
  // Express knows an error handler by its four parameters.
  app.use((error: unknown, _request: Request, response: Response, _next: NextFunction) => { refuse(deps, response, error); });
  return { app, close: async () => { await yoga.dispose(); } };
}

/** Errors of reading and validating a document do not pass the library's mask. */
const maskingPlugin = (mask: Mask): Plugin => ({
  onResultProcess(process) {
    const { result } = process;
    if (isAsyncIterable(result) || Array.isArray(result) || !('errors' in result) || result.errors === undefined) return;
    process.setResult({ ...result, errors: result.errors.map(mask) });
  },
});
