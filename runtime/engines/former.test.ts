import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { awaitFormer } from './former.js';

const folder = mkdtempSync(path.join(tmpdir(), 'slipway-former-'));
afterAll(() => { rmSync(folder, { recursive: true, force: true }); });
const file = path.join(folder, 'pids.json');
const start = (script: string, name: string) => spawn('/bin/sh', ['-c', script, name], { detached: true, stdio: 'ignore' });
const exited = (child: ReturnType<typeof start>): Promise<unknown> => new Promise((resolve) => child.once('exit', (code, signal) => { resolve(signal ?? code); }));

describe.runIf(process.platform === 'linux')('R-824 a launcher waits for what an earlier one on its data directory still ends', () => {
  test('it goes on as soon as that is gone', async () => {
    const child = start('sleep 0.3', 'guard.sh');
    const gone = exited(child);
    writeFileSync(file, JSON.stringify({ temporal: child.pid }));
    expect(await awaitFormer(file, 5_000)).toEqual([]);
    expect(await gone).toBe(0);
  });
  test('what does not end in time is killed and named', async () => {
    const child = start('sleep 30', 'guard.sh');
    const gone = exited(child);
    writeFileSync(file, JSON.stringify({ temporal: child.pid }));
    expect(await awaitFormer(file, 100)).toEqual(['temporal']);
    expect(await gone).toBe('SIGKILL');
  });
  test('a process of somebody else under the same number is left alone', async () => {
    const child = start('sleep 30', 'theirs');
    writeFileSync(file, JSON.stringify({ temporal: child.pid }));
    expect(await awaitFormer(file, 100)).toEqual([]);
    expect(child.exitCode).toBeNull();
    const gone = exited(child);
    child.kill('SIGKILL');
    await gone;
  });
  test.each([['no file', null], ['not JSON', '{'], ['hostile numbers', '{"a":0,"b":-1,"c":1,"d":"x"}']])('%s: nothing to wait for', async (_name, text) => {
    rmSync(file, { force: true });
    if (text !== null) writeFileSync(file, text);
    expect(await awaitFormer(file, 1_000)).toEqual([]);
  });
});
