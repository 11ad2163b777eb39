import { z } from 'zod';

/**
 * Every environment variable of the programs, in the order of docs/settings.md, which a test holds equal to this file.
 * An empty value means "not set". What `description` says is what the page says.
 */
const port = (usual: number, description: string) =>
  z.coerce.number().int().min(0).max(65_535).default(usual).describe(`${description} 0 takes any free one.`);
const address = (description: string) =>
  z.string().regex(/^[A-Za-z0-9._[\]:-]+:\d{1,5}$/, 'must be host:port').optional().describe(description);
const url = (description: string) => z.url({ protocol: /^https?$/ }).transform((text) => text.replace(/\/+$/, '')).optional().describe(description);
const key = (description: string) =>
  z.string().regex(/^[A-Za-z0-9_-]{43,512}$/, 'must be at least 32 random bytes as base64url (43 characters)').optional().describe(description);
const word = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be letters, digits, dot, dash or underscore');

export const SettingsVariables = z.object({
  NODE_ENV: z.enum(['development', 'production', 'test']).default('development')
    .describe('`production` refuses generated secrets, `slipway dev` and its people.'),

  MONGODB_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must begin with mongodb:// or mongodb+srv://').optional()
    .describe('Where MongoDB is. Without it `slipway dev` starts one; every other program that needs it refuses to start.'),
  SLIPWAY_DATABASE: z.string().regex(/^[A-Za-z0-9_-]{1,38}$/, 'must be 1 to 38 letters, digits, dashes or underscores').default('slipway')
    .describe('Name of the database.'),
  TEMPORAL_ADDRESS: address('`host:port` of Temporal. Without it `slipway dev` starts one; `bin/api` and `bin/worker` refuse to start.'),
  TEMPORAL_NAMESPACE: word.default('default').describe('Temporal namespace.'),

  SLIPWAY_HOST: z.string().regex(/^[A-Za-z0-9.:-]{1,253}$/, 'must be an address or host name').default('127.0.0.1')
    .describe('Address that the programs listen on. `0.0.0.0` in a container.'),
  SLIPWAY_API_PORT: port(4000, 'Port of `bin/api`.'),
  SLIPWAY_EDGE_PORT: port(4100, 'Port of `bin/edge`.'),
  SLIPWAY_MODEL_PORT: port(4200, 'Port of `bin/model`, the sandbox model.'),
  SLIPWAY_WORKER_PORT: port(4300, 'Port of `bin/worker`, health and metrics only.'),

  SLIPWAY_MODEL_URL: url('Base URL of the sandbox model or of any OpenAI-compatible endpoint, up to and including its `/v1`. `slipway dev` starts the sandbox model when it is not set.'),
  OPENAI_API_KEY: z.string().min(1).max(512).optional().describe('Key of an OpenAI-compatible provider. Never logged.'),
  OPENAI_BASE_URL: url('Base URL that belongs to `OPENAI_API_KEY`, when it is not OpenAI itself.'),
  ANTHROPIC_API_KEY: z.string().min(1).max(512).optional().describe('Key of Anthropic. Never logged.'),

  SLIPWAY_SECRETS_DIR: z.string().min(1).max(4096).optional()
    .describe('Folder whose files a connection may name as `file:…`, such as `/run/secrets`. Without it no file is read.'),

  SLIPWAY_TOKEN_KEY: key('Seals assignment tokens. The same for api, worker and every edge.'),
  SLIPWAY_SIGNING_KEY: key('Seed of the Ed25519 key that signs audit checkpoints and evidence; control plane only.'),
  SLIPWAY_PEPPER: key('Goes into the stored hash of every API key. Changing it revokes them all.'),

  SLIPWAY_DATA_DIR: z.string().min(1).max(4096).default('.slipway')
    .describe('Where `slipway dev` keeps its databases, logs, secrets and `dev.json`.'),
  SLIPWAY_DEV_FILE: z.string().min(1).max(4096).optional()
    .describe('File into which `bin/api` writes the people and keys it makes in development. Set by `slipway dev`.'),
  SLIPWAY_CORS_ORIGINS: z.string().max(4096).transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''))
    .pipe(z.array(z.string().regex(/^https?:\/\/[A-Za-z0-9.:[\]-]+$/, 'must be origins such as https://console.example.com')).max(50)).default([])
    .describe('Origins, separated by commas, whose pages may call the API and the edge. None by default.'),
  SLIPWAY_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info').describe('Least level that is logged.'),

  SLIPWAY_API_URL: url('Where the command line finds the API, such as `http://127.0.0.1:4000`.'),
  SLIPWAY_EDGE_URL: url('Where the command line and the examples find an edge.'),
  SLIPWAY_API_KEY: z.string().regex(/^slp_(ap|ci|pt|st)_[0-9A-Za-z]{36}$/, 'must be a key such as slp_st_…').optional()
    .describe('Session or CI key with which the command line calls the API. Never logged.'),

  OTEL_EXPORTER_OTLP_ENDPOINT: url('OTLP/HTTP endpoint of a collector, without `/v1/traces`. Without it nothing is exported.'),
  OTEL_SERVICE_NAME: word.optional().describe('`service.name` of what is exported; `slipway-` and the program by default.'),
  SLIPWAY_READER: word.optional().describe('Name under which this edge acknowledges revisions, of its own for each; `edge-`, host and process id by default.'),
});

/** What the variables say once they are read: defaults filled in, numbers as numbers. */
export type SettingsVariables = z.infer<typeof SettingsVariables>;
