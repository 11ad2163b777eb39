import { spawn } from 'node:child_process';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { UnavailableError } from '../core/errors.js';
import { SettingsError, surroundings } from './settings.js';
import { orExplain } from './start.js';

const root = path.resolve(import.meta.dirname, '..');
const key = 'k'.repeat(43);

/** A program as it is started in production, with these settings and no others. */
function start(program: string, settings: Record<string, string>, words: readonly string[] = []): Promise<{ code: number | null; out: string; err: string }> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'bin', `${program}.ts`), ...words], { cwd: root, env: { PATH: surroundings()['PATH'] ?? '', NODE_ENV: 'production', ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
    let [out, err] = ['', ''];
    child.stdout.on('data', (text: Buffer) => { out += text.toString(); });
    child.stderr.on('data', (text: Buffer) => { err += text.toString(); });
    child.on('close', (code) => { resolve({ code, out, err }); });
  });
}

describe('R-865 a program that lacks what it needs says what, in two lines with code and hint, and does not start', () => {
  const away = { MONGODB_URI: 'mongodb://127.0.0.1:1/', TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const secrets = { SLIPWAY_TOKEN_KEY: key, SLIPWAY_PEPPER: key };
  test.each<[string, string, Record<string, string>, readonly string[], RegExp]>([
    ['api without secrets', 'api', away, [], /^BAD_INPUT: SLIPWAY_TOKEN_KEY, SLIPWAY_PEPPER must be set in production\.\n {2}Make one with: .*\n$/],
    ['the first ADMIN while the database is away', 'api', { ...secrets, MONGODB_URI: away.MONGODB_URI }, ['keys', 'bootstrap'], /^UNAVAILABLE: .*\n {2}\S.*\n$/],
    ['worker without Temporal', 'worker', { MONGODB_URI: away.MONGODB_URI }, [], /^BAD_INPUT: TEMPORAL_ADDRESS is not set\.\n {2}\S.*\n$/],
    ['edge without secrets', 'edge', { MONGODB_URI: away.MONGODB_URI, SLIPWAY_TOKEN_KEY: key }, [], /^BAD_INPUT: SLIPWAY_PEPPER must be set in production\.\n {2}Make one with: .*\n$/],
    ['a misspelt setting', 'model', { SLIPWAY_MODLE_URL: 'http://x' }, [], /^BAD_INPUT: SLIPWAY_MODLE_URL is not a setting of Slipway\.\n {2}Did you mean SLIPWAY_MODEL_URL\?.*\n$/],
  ])('%s', async (_name, program, settings, words, said) => {
    const { code, err } = await start(program, settings, words);
    expect(err).toMatch(said);
    expect(code).toBe(1);
  }, 120_000);

  const world = () => { const written: string[] = []; return { written, stderr: { write: (text: string) => written.push(text) }, exit: (code: number): never => { throw new Error(`exit ${String(code)}`); } }; };
  test('an error of the catalogue under its own code, one of settings as BAD_INPUT', async () => {
    const from = world();
    await expect(orExplain(() => { throw new UnavailableError('The database does not answer.'); }, from)).rejects.toThrow('exit 1');
    await expect(orExplain(() => Promise.reject(new SettingsError('X is not set.', 'Set it.')), from)).rejects.toThrow('exit 1');
    expect(from.written[0]).toMatch(/^UNAVAILABLE: The database does not answer\.\n {2}.+\n$/);
    expect(from.written[1]).toBe('BAD_INPUT: X is not set.\n  Set it.\n');
  });
  test.each([[new TypeError('a bug')], ['a text'], [Object.assign(new Error('odd'), { hint: 3 })]])('%s is no such thing, and goes on', async (fault) => {
    const from = world();
    await expect(orExplain(() => Promise.reject(fault as Error), from)).rejects.toBe(fault);
    expect(from.written).toEqual([]);
  });
  test('nothing is said of what begins well', async () => { expect(await orExplain(() => 7, world())).toBe(7); });
});
