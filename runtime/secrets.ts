import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { SettingsError } from './settings.js';
import type { Settings } from './settings.js';

/** The three secrets as bytes, each 32 or more. They leave this file for `bin` only, which hands rooms a function and never the key. */
export interface Secrets {
  /** seals assignment tokens */
  readonly tokenKey: Uint8Array;
  /** seed of the Ed25519 key; the first 32 bytes count */
  readonly signingKey: Uint8Array;
  /** goes into the hash of every stored key */
  readonly pepper: Uint8Array;
}

/** HMAC-SHA256, 32 bytes. The API and every edge must compute what follows alike, so it is written once. */
export const hmacSha256 = (key: Uint8Array, data: Uint8Array): Uint8Array => createHmac('sha256', key).update(data).digest();
/** HKDF-SHA256 without salt, 32 bytes. */
export const hkdfSha256 = (key: Uint8Array, info: string): Uint8Array => new Uint8Array(hkdfSync('sha256', key, '', info, 32));
/** The hash under which a key is stored and looked for: hex of HMAC-SHA256 over its whole text. */
export const keyDigestOf = (pepper: Uint8Array) => (text: string): string => createHmac('sha256', pepper).update(text).digest('hex');

const NAMES = { tokenKey: 'SLIPWAY_TOKEN_KEY', signingKey: 'SLIPWAY_SIGNING_KEY', pepper: 'SLIPWAY_PEPPER' } as const;
export type SecretName = keyof typeof NAMES;

/**
 * Reads the secrets from the settings. Development and tests make what is missing, once, in `<dataDir>/secrets.json` (0600); programs
 * that start at the same moment agree on one file.
 *
 * @param needs  the secrets that this program uses; production asks for these and no others (an edge has no signing key)
 * @throws SettingsError in production when one of `needs` is missing, and when the file is not ours to trust
 */
export async function readSecrets<Name extends SecretName>(settings: Settings, needs: readonly Name[]): Promise<Pick<Secrets, Name>> {
  const missing = needs.filter((name) => settings[name] === undefined);
  if (missing.length > 0 && settings.environment === 'production') {
    throw new SettingsError(
      `${missing.map((name) => NAMES[name]).join(', ')} must be set in production.`,
      `Make one with: node -e "console.log(require('node:crypto').randomBytes(32).toString('base64url'))"`,
    );
  }
  const made = missing.length > 0 ? await makeOnce(settings.dataDir) : {};
  const bytes = needs.map((name) => [name, new Uint8Array(Buffer.from(settings[name] ?? made[name] ?? '', 'base64url'))] as const);
  return Object.fromEntries(bytes) as unknown as Pick<Secrets, Name>;   // what was not asked for is not there, rather than empty
}

async function makeOnce(dataDir: string): Promise<Partial<Record<SecretName, string>>> {
  const file = path.join(dataDir, 'secrets.json');
  await mkdir(dataDir, { recursive: true });
  const found = await readFile(file, 'utf8').catch(() => undefined);
  if (found === undefined) {
    const draft = `${file}.${process.pid}.${randomBytes(4).toString('hex')}`;
    const fresh = Object.fromEntries(Object.keys(NAMES).map((name) => [name, randomBytes(32).toString('base64url')]));
    await writeFile(draft, `${JSON.stringify(fresh, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    // A link fails when the file is there: of several programs that start together exactly one makes it.
    await link(draft, file).catch((error: NodeJS.ErrnoException) => { if (error.code !== 'EEXIST') throw error; });
    await rm(draft, { force: true });
  }
  await chmod(file, 0o600);
  const secrets = parse(found ?? (await readFile(file, 'utf8')));
  for (const name of Object.keys(NAMES) as SecretName[]) {
    if (!/^[\w-]{43,512}$/.test(secrets[name] ?? '')) {
      throw new SettingsError(`${file} holds no valid ${name}.`, 'Restore the file, or remove it together with the data directory: its secrets are gone.');
    }
  }
  return secrets;
}

/** An empty object for anything else: the parser's own message would quote the secret. */
function parse(text: string): Partial<Record<SecretName, string>> {
  try {
    const read: unknown = JSON.parse(text);
    return read !== null && typeof read === 'object' ? read : {};
  } catch { return {}; }
}

const SECRET_BYTES_MAX = 8_192;
/** A file is read again after this long: whoever changes a key need not start the worker again. */
const SECRET_KEPT_MS = 10_000;
const CONTROL = /[\x00-\x1f\x7f]/;   // eslint-disable-line no-control-regex -- a key goes into a header

/**
 * What a connection's reference stands for: `env:NAME`, a variable that ends in `_API_KEY` and is not Slipway's own, or `file:name`, a file of
 * the folder for secrets, its last line break left off.
 *
 * @throws SettingsError that names the reference, never what it stands for
 */
export function createReferences({ providerKeys, secretsDir }: Pick<Settings, 'providerKeys' | 'secretsDir'>, monotonicMs: () => number): (reference: string) => string {
  const files = new Map<string, { readonly secret: string; readonly readMs: number }>();
  return (reference) => {
    const variable = /^env:(.+)$/.exec(reference)?.[1];
    if (variable !== undefined) {
      const secret = Object.hasOwn(providerKeys, variable) ? providerKeys[variable] : undefined;
      if (secret === undefined) throw new SettingsError(`${reference} is not set.`, 'Set the variable that the connection names, which has to end in _API_KEY, and start the worker again.');
      return usable(reference, secret);
    }
    const file = /^file:([a-z0-9][a-z0-9._-]{0,99})$/.exec(reference)?.[1];
    if (file === undefined) throw new SettingsError(`${reference} is no reference to a secret.`, 'Name a variable as env:NAME, or a file as file:name.');
    if (secretsDir === undefined) throw new SettingsError(`${reference} cannot be read: no folder for secrets is set.`, 'Set SLIPWAY_SECRETS_DIR to the folder that holds the file, and start the worker again.');
    const known = files.get(reference);
    if (known !== undefined && monotonicMs() - known.readMs < SECRET_KEPT_MS) return known.secret;
    const secret = usable(reference, contentOf(path.join(secretsDir, file), reference));
    files.set(reference, { secret, readMs: monotonicMs() });
    return secret;
  };
}

function contentOf(file: string, reference: string): string {
  try {
    const { size } = statSync(file);
    if (size <= SECRET_BYTES_MAX) return readFileSync(file, 'utf8').replace(/\r?\n$/, '');
  } catch { throw new SettingsError(`${reference} cannot be read.`, 'Put the file into the folder that SLIPWAY_SECRETS_DIR names, readable by the worker.'); }
  throw new SettingsError(`${reference} is larger than ${SECRET_BYTES_MAX} bytes.`, 'The file holds the key and nothing else.');
}

function usable(reference: string, secret: string): string {
  if (secret === '' || secret.length > SECRET_BYTES_MAX || CONTROL.test(secret)) throw new SettingsError(`${reference} holds no key.`, 'A key is one line of text.');
  return secret;
}
