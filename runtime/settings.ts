import { hostname } from 'node:os';
import { SettingsVariables } from '../schema/settings.js';

/** A setting is missing, misspelt or out of bounds. Nothing starts. */
export class SettingsError extends Error {
  override readonly name = 'SettingsError';
  readonly hint: string;
  constructor(message: string, hint: string) { super(message); this.hint = hint; }
}

/** All settings of all programs. What has no default and was not given is `undefined`; see `required`. */
export interface Settings {
  readonly environment: 'development' | 'production' | 'test';
  readonly mongodbUri: string | undefined;
  readonly database: string;
  /** `host:port` */
  readonly temporalAddress: string | undefined;
  readonly temporalNamespace: string;
  readonly host: string;
  readonly apiPort: number;
  readonly edgePort: number;
  readonly modelPort: number;
  readonly workerPort: number;
  readonly modelUrl: string | undefined;
  /** what a connection may name as `env:…`: every variable that ends in `_API_KEY` and is not Slipway's own */
  readonly providerKeys: Readonly<Record<string, string>>;
  /** where the files are that a connection may name */
  readonly secretsDir: string | undefined;
  readonly openaiBaseUrl: string | undefined;
  /** base64url, as given; `readSecrets` of runtime/secrets.ts turns the three into bytes, or makes them in development */
  readonly tokenKey: string | undefined;
  readonly signingKey: string | undefined;
  readonly pepper: string | undefined;
  readonly dataDir: string;
  readonly devFile: string | undefined;
  readonly corsOrigins: readonly string[];
  readonly logLevel: SettingsVariables['SLIPWAY_LOG_LEVEL'];
  readonly apiUrl: string | undefined;
  readonly edgeUrl: string | undefined;
  /** the key of the command line */
  readonly apiKey: string | undefined;
  readonly otlpEndpoint: string | undefined;
  readonly serviceName: string | undefined;
  readonly reader: string;
}

/** Which variable a setting comes from, for messages. */
const VARIABLE = {
  mongodbUri: 'MONGODB_URI', temporalAddress: 'TEMPORAL_ADDRESS', modelUrl: 'SLIPWAY_MODEL_URL', apiUrl: 'SLIPWAY_API_URL',
  edgeUrl: 'SLIPWAY_EDGE_URL', apiKey: 'SLIPWAY_API_KEY', devFile: 'SLIPWAY_DEV_FILE', otlpEndpoint: 'OTEL_EXPORTER_OTLP_ENDPOINT',
} as const satisfies Partial<Record<keyof Settings, string>>;

/** Environment variables as the process has them. A misspelt limit must not mean "no limit": an unknown `SLIPWAY_…` is refused. */
export type Variables = Readonly<Record<string, string | undefined>>;

/**
 * The only reader of the process's environment.
 *
 * @param variables  the environment; an empty value counts as not set
 * @throws SettingsError that names every faulty variable, never its value
 */
export function readSettings(variables: Variables = process.env): Settings {
  const known = Object.keys(SettingsVariables.shape);
  const given = Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '');
  for (const [name] of given) {
    if (!name.startsWith('SLIPWAY_') || known.includes(name)) continue;
    throw new SettingsError(`${name} is not a setting of Slipway.`, `Did you mean ${nearest(name, known)}? All of them are in docs/settings.md.`);
  }
  const outcome = SettingsVariables.safeParse(Object.fromEntries(given));
  if (!outcome.success) {
    const faults = outcome.error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
    throw new SettingsError(faults.join('; '), 'Correct or unset these variables; docs/settings.md says what each may be.');
  }
  const read = outcome.data;
  return {
    environment: read.NODE_ENV, mongodbUri: read.MONGODB_URI, database: read.SLIPWAY_DATABASE,
    temporalAddress: read.TEMPORAL_ADDRESS, temporalNamespace: read.TEMPORAL_NAMESPACE,
    host: read.SLIPWAY_HOST, apiPort: read.SLIPWAY_API_PORT, edgePort: read.SLIPWAY_EDGE_PORT, modelPort: read.SLIPWAY_MODEL_PORT, workerPort: read.SLIPWAY_WORKER_PORT,
    modelUrl: read.SLIPWAY_MODEL_URL, openaiBaseUrl: read.OPENAI_BASE_URL, secretsDir: read.SLIPWAY_SECRETS_DIR,
    providerKeys: Object.fromEntries(given.filter(([name]) => name.endsWith('_API_KEY') && !name.startsWith('SLIPWAY_'))),
    tokenKey: read.SLIPWAY_TOKEN_KEY, signingKey: read.SLIPWAY_SIGNING_KEY, pepper: read.SLIPWAY_PEPPER,
    dataDir: read.SLIPWAY_DATA_DIR, devFile: read.SLIPWAY_DEV_FILE, corsOrigins: read.SLIPWAY_CORS_ORIGINS, logLevel: read.SLIPWAY_LOG_LEVEL,
    apiUrl: read.SLIPWAY_API_URL, edgeUrl: read.SLIPWAY_EDGE_URL, apiKey: read.SLIPWAY_API_KEY,
    otlpEndpoint: read.OTEL_EXPORTER_OTLP_ENDPOINT, serviceName: read.OTEL_SERVICE_NAME, reader: read.SLIPWAY_READER ?? `edge-${hostname().slice(0, 60)}-${process.pid}`,
  };
}

/**
 * A setting that this program cannot do without: `required(settings, 'mongodbUri')`.
 *
 * @throws SettingsError that names the variable and what gives one
 */
export function required<Name extends keyof typeof VARIABLE>(settings: Settings, name: Name): NonNullable<Settings[Name]> {
  const value = settings[name];
  if (value === undefined) throw new SettingsError(`${VARIABLE[name]} is not set.`, 'Set it, or run the whole stack with: slipway dev');
  return value;
}

/** A copy of the process's environment for a child process, with additions; an addition that is `undefined` takes the variable away. */
export function surroundings(additions: Variables = {}): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries({ ...process.env, ...additions }).filter(([, value]) => value !== undefined));
}

/** The known name with the fewest differences, by Levenshtein's distance. */
function nearest(name: string, known: readonly string[]): string {
  const distances = known.map((candidate) => ({ candidate, distance: differences(name, candidate) }));
  return distances.reduce((best, next) => (next.distance < best.distance ? next : best)).candidate;
}

function differences(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, column) => column);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const same = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(same, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
