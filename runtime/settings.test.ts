import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { SettingsVariables } from '../schema/settings.js';
import { SettingsError, readSettings, required, surroundings } from './settings.js';

const key = 'k'.repeat(43);

describe('R-801 a setting that is unknown, misspelt or out of bounds is refused, never guessed', () => {
  test.each<[string, Record<string, string>, RegExp]>([
    ['a misspelt name', { SLIPWAY_DATABSE: 'x' }, /SLIPWAY_DATABSE is not a setting/],
    ['a name nobody knows', { SLIPWAY_TURBO: '1' }, /SLIPWAY_TURBO/],
    ['a port that is no number', { SLIPWAY_API_PORT: 'http' }, /SLIPWAY_API_PORT/],
    ['a port above all ports', { SLIPWAY_API_PORT: '65536' }, /SLIPWAY_API_PORT/],
    ['a negative port', { SLIPWAY_EDGE_PORT: '-1' }, /SLIPWAY_EDGE_PORT/],
    ['half a port', { SLIPWAY_EDGE_PORT: '4100.5' }, /SLIPWAY_EDGE_PORT/],
    ['an environment that does not exist', { NODE_ENV: 'prod' }, /NODE_ENV/],
    ['a database of another kind', { MONGODB_URI: 'postgres://localhost/x' }, /MONGODB_URI/],
    ['a Temporal address without a port', { TEMPORAL_ADDRESS: 'localhost' }, /TEMPORAL_ADDRESS/],
    ['a Temporal address that is a URL', { TEMPORAL_ADDRESS: 'http://localhost:7233' }, /TEMPORAL_ADDRESS/],
    ['a model URL that is no URL', { SLIPWAY_MODEL_URL: 'localhost:4200' }, /SLIPWAY_MODEL_URL/],
    ['a model URL of another protocol', { SLIPWAY_MODEL_URL: 'file:///etc/passwd' }, /SLIPWAY_MODEL_URL/],
    ['a secret that is too short', { SLIPWAY_PEPPER: 'pepper' }, /SLIPWAY_PEPPER/],
    ['a secret that is not base64url', { SLIPWAY_TOKEN_KEY: '+'.repeat(43) }, /SLIPWAY_TOKEN_KEY/],
    ['an origin that is every origin', { SLIPWAY_CORS_ORIGINS: '*' }, /SLIPWAY_CORS_ORIGINS/],
    ['an origin with a path', { SLIPWAY_CORS_ORIGINS: 'https://a.example/x' }, /SLIPWAY_CORS_ORIGINS/],
    ['a log level that does not exist', { SLIPWAY_LOG_LEVEL: 'loud' }, /SLIPWAY_LOG_LEVEL/],
    ['a key of another form', { SLIPWAY_API_KEY: 'secret' }, /SLIPWAY_API_KEY/],
    ['a database name with a slash', { SLIPWAY_DATABASE: 'a/b' }, /SLIPWAY_DATABASE/],
  ])('%s', (_name, variables, message) => {
    expect(() => readSettings(variables)).toThrow(SettingsError);
    expect(() => readSettings(variables)).toThrow(message);
  });

  test('the hint names what was probably meant', () => {
    try { readSettings({ SLIPWAY_DATABSE: 'x' }); expect.unreachable(); } catch (error) { expect((error as SettingsError).hint).toContain('SLIPWAY_DATABASE'); }
  });
  test('the message never holds the value, which may be a secret', () => {
    try { readSettings({ SLIPWAY_PEPPER: 'hunter2', OPENAI_API_KEY: 'x'.repeat(600) }); expect.unreachable(); } catch (error) { expect(String(error)).not.toMatch(/hunter2|xxx/); }
  });
  test('what a program cannot do without is asked for by name', () => {
    expect(() => required(readSettings({}), 'mongodbUri')).toThrow(/MONGODB_URI is not set/);
    expect(required(readSettings({ MONGODB_URI: 'mongodb://db' }), 'mongodbUri')).toBe('mongodb://db');
  });

  test('nothing set gives the defaults, and an empty value is not set', () => {
    expect(readSettings({ SLIPWAY_API_PORT: '', MONGODB_URI: '' })).toMatchObject({
      environment: 'development', database: 'slipway', mongodbUri: undefined, temporalNamespace: 'default', host: '127.0.0.1',
      apiPort: 4000, edgePort: 4100, modelPort: 4200, workerPort: 4300, dataDir: '.slipway', corsOrigins: [], logLevel: 'info', reader: `edge-${hostname().slice(0, 60)}-${process.pid}`,
    });
  });
  test('what is set is read, and variables of others are left alone', () => {
    expect(readSettings({
      HOME: '/', TEMPORAL_ADDRESS: 't.example:7233', SLIPWAY_API_PORT: '0', SLIPWAY_MODEL_URL: 'http://127.0.0.1:4200/v1/', SLIPWAY_PEPPER: key,
      SLIPWAY_CORS_ORIGINS: 'https://a.example, http://localhost:5173', SLIPWAY_READER: 'edge-blue',
    })).toMatchObject({
      temporalAddress: 't.example:7233', apiPort: 0, modelUrl: 'http://127.0.0.1:4200/v1', pepper: key, corsOrigins: ['https://a.example', 'http://localhost:5173'], reader: 'edge-blue',
    });
  });
  test('a child gets additions, and an undefined one takes a variable away', () => {
    expect(surroundings({ SLIPWAY_LOG_LEVEL: 'warn', PATH: undefined })).toMatchObject({ SLIPWAY_LOG_LEVEL: 'warn' });
    expect(surroundings({ PATH: undefined })).not.toHaveProperty('PATH');
  });
});

describe('R-802 docs/settings.md says what the programs read', () => {
  /** The table as the page must have it; run this test and paste what it expected. */
  const table = Object.entries(SettingsVariables.shape).map(([name, shape]) => {
    const usual = shape.safeParse(undefined).data as string | number | readonly string[] | undefined;
    return `| \`${name}\` | ${usual === undefined || usual instanceof Array ? '' : `\`${usual}\``} | ${shape.description ?? 'NOT DESCRIBED'} |`;
  });
  const page = readFileSync(path.resolve(import.meta.dirname, '..', 'docs', 'settings.md'), 'utf8');
  test('variable by variable', () => { expect(page.split('\n').filter((line) => line.startsWith('| `'))).toEqual(table); });
});
