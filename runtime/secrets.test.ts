import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { createReferences, hkdfSha256, hmacSha256, keyDigestOf, readSecrets } from './secrets.js';
import { SettingsError, readSettings } from './settings.js';

const folders: string[] = [];
const folder = (): string => { const made = mkdtempSync(path.join(tmpdir(), 'slipway-secrets-')); folders.push(made); return made; };
afterAll(() => { for (const made of folders) rmSync(made, { recursive: true, force: true }); });
const key = (letter: string): string => letter.repeat(43);
const all = ['tokenKey', 'signingKey', 'pepper'] as const;

describe('R-803 production has the secrets it was given, development makes them once', () => {
  test('production without any refuses and names all three', async () => {
    const dir = folder();
    const settings = readSettings({ NODE_ENV: 'production', SLIPWAY_DATA_DIR: dir });
    await expect(readSecrets(settings, all)).rejects.toThrow(/SLIPWAY_TOKEN_KEY, SLIPWAY_SIGNING_KEY, SLIPWAY_PEPPER must be set/);
    expect(existsSync(path.join(dir, 'secrets.json'))).toBe(false);
  });
  test('production with two of three refuses and names the third', async () => {
    const settings = readSettings({ NODE_ENV: 'production', SLIPWAY_TOKEN_KEY: key('a'), SLIPWAY_PEPPER: key('c') });
    await expect(readSecrets(settings, all)).rejects.toThrow(/^SLIPWAY_SIGNING_KEY must be set/);
  });
  test('production does not take what development made', async () => {
    const dir = folder();
    await readSecrets(readSettings({ SLIPWAY_DATA_DIR: dir }), all);
    await expect(readSecrets(readSettings({ NODE_ENV: 'production', SLIPWAY_DATA_DIR: dir }), all)).rejects.toThrow(SettingsError);
  });
  test('an edge in production needs no signing key, and gets none', async () => {
    const secrets = await readSecrets(readSettings({ NODE_ENV: 'production', SLIPWAY_TOKEN_KEY: key('a'), SLIPWAY_PEPPER: key('c') }), ['tokenKey', 'pepper']);
    expect(Object.keys(secrets)).toEqual(['tokenKey', 'pepper']);
    expect(secrets.tokenKey).toEqual(new Uint8Array(Buffer.from(key('a'), 'base64url')));
  });
  test.each([['cut off', '{"tokenKey":"hunter2'], ['with a short secret', JSON.stringify({ tokenKey: 'hunter2', signingKey: key('b'), pepper: key('c') })], ['of another kind', '[]']])(
    'a file %s is refused without quoting it', async (_name, text) => {
      const dir = folder();
      writeFileSync(path.join(dir, 'secrets.json'), text);
      const refusal: unknown = await readSecrets(readSettings({ SLIPWAY_DATA_DIR: dir }), all).catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(SettingsError);
      expect(String(refusal)).not.toContain('hunter2');
    });

  test('programs that start together agree, the file is its owner\'s alone, and a second start reads the same', async () => {
    const dir = folder();
    const settings = readSettings({ SLIPWAY_DATA_DIR: dir });
    const made = await Promise.all(Array.from({ length: 8 }, () => readSecrets(settings, all)));
    for (const one of made) expect(one).toEqual(made[0]);
    expect(await readSecrets(settings, all)).toEqual(made[0]);
    expect(made[0]?.tokenKey.length).toBe(32);
    expect(made[0]?.tokenKey).not.toEqual(made[0]?.pepper);
    expect(statSync(path.join(dir, 'secrets.json')).mode & 0o777).toBe(0o600);
    expect(readFileSync(path.join(dir, 'secrets.json'), 'utf8')).toContain('signingKey');
  });
  test('one that is given wins over the file', async () => {
    const secrets = await readSecrets(readSettings({ SLIPWAY_DATA_DIR: folder(), SLIPWAY_PEPPER: key('c') }), all);
    expect(secrets.pepper).toEqual(new Uint8Array(Buffer.from(key('c'), 'base64url')));
  });
});

describe('R-803 production has the secrets it was given, development makes them once', () => {
  test('what is computed with them is the standard: RFC 4231 case 2, RFC 5869 case 3', () => {
    const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
    expect(hex(hmacSha256(Buffer.from('Jefe'), Buffer.from('what do ya want for nothing?')))).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    expect(keyDigestOf(Buffer.from('Jefe'))('what do ya want for nothing?')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
    expect(hex(hkdfSha256(new Uint8Array(22).fill(0x0b), ''))).toBe('8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d');
  });
});

describe('R-292 a provider’s key is a reference to a variable or a file, and is never said', () => {
  const KEY = 'sk-planted-marker-0123456789';
  const refusal = (work: () => unknown): string => {
    try { work(); } catch (error) {
      expect(error).toBeInstanceOf(SettingsError);
      const said = `${String(error)} ${(error as SettingsError).hint} ${(error as SettingsError).stack ?? ''}`;
      expect(said).not.toContain(KEY);
      return said;
    }
    throw new Error('nothing was refused');
  };
  const references = (variables: Record<string, string>, monotonicMs = () => 0) => createReferences(readSettings(variables), monotonicMs);

  test('a variable that ends in _API_KEY, whatever the provider is called', () => {
    const secretOf = references({ OPENAI_API_KEY: 'a', MISTRAL_API_KEY: KEY });
    expect([secretOf('env:OPENAI_API_KEY'), secretOf('env:MISTRAL_API_KEY')]).toEqual(['a', KEY]);
  });
  test.each(['env:MISTRAL_API_KEY', 'env:SLIPWAY_API_KEY', 'env:SLIPWAY_SIGNING_KEY', 'env:MONGODB_URI', 'env:PATH', 'env:__proto__', 'env:constructor', 'OPENAI_API_KEY', 'file:../x', 'file:/etc/passwd', 'file:', 'vault:x', ''])('%j is not given out', (reference) => {
    const secretOf = references({ OPENAI_API_KEY: 'a', SLIPWAY_API_KEY: `slp_st_${'a'.repeat(36)}`, SLIPWAY_SIGNING_KEY: key('b'), MONGODB_URI: 'mongodb://127.0.0.1/x', PATH: KEY, SLIPWAY_SECRETS_DIR: folder() });
    refusal(() => secretOf(reference));
  });
  test('a file of the folder for secrets, without its last line break; a changed one is read again', () => {
    const dir = folder();
    let nowMs = 0;
    const secretOf = references({ SLIPWAY_SECRETS_DIR: dir }, () => nowMs);
    writeFileSync(path.join(dir, 'openai'), `${KEY}\n`);
    expect(secretOf('file:openai')).toBe(KEY);
    writeFileSync(path.join(dir, 'openai'), 'another\r\n');
    expect(secretOf('file:openai')).toBe(KEY);
    nowMs = 10_000;
    expect(secretOf('file:openai')).toBe('another');
  });
  test('no folder, no file, an empty one, two lines, and one without end', () => {
    const dir = folder();
    const secretOf = references({ SLIPWAY_SECRETS_DIR: dir });
    expect(refusal(() => references({})('file:openai'))).toContain('SLIPWAY_SECRETS_DIR');
    expect(refusal(() => secretOf('file:openai'))).toContain('cannot be read');
    for (const [text, words] of [['', 'holds no key'], [`${KEY}\n${KEY}\n`, 'holds no key'], [KEY.repeat(1_000), 'larger than']] as const) {
      writeFileSync(path.join(dir, 'openai'), text);
      expect(refusal(() => secretOf('file:openai'))).toContain(words);
    }
  });
});
