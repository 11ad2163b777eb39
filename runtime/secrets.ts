import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
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
