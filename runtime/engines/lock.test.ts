import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { DataDirInUseError, isLocked, lockDataDir } from './lock.js';

const folders: string[] = [];
const folder = (): string => { const made = mkdtempSync(path.join(tmpdir(), 'slipway-lock-')); folders.push(made); return made; };
afterEach(() => { for (const made of folders.splice(0)) rmSync(made, { recursive: true, force: true }); });
const file = (dir: string): string => path.join(dir, 'launcher.pid');

/** The pid of a process that has ended. */
const deadPid = async (): Promise<number> => { const child = spawn('/bin/true'); await new Promise((resolve) => { child.once('exit', resolve); }); return child.pid ?? 0; };

describe('R-810 two launchers never share a data directory', () => {
  test('the second one is refused, with the first one\'s process and a hint', () => {
    const dir = folder();
    lockDataDir(dir);
    expect(() => lockDataDir(dir)).toThrow(new DataDirInUseError(dir, process.pid));
    try { lockDataDir(dir); } catch (error) { expect((error as DataDirInUseError).hint).toContain('--data DIR'); }
    expect(isLocked(dir)).toBe(true);
  });
  test('another user\'s living process counts, too', () => {
    const dir = folder();
    writeFileSync(file(dir), JSON.stringify({ pid: 1, born: '' }));
    expect(() => lockDataDir(dir)).toThrow(DataDirInUseError);
  });
  test.each<[string, () => Promise<string>]>([
    ['a dead process', async () => JSON.stringify({ pid: await deadPid(), born: 'x' })],
    ['a process id that now belongs to somebody else', () => Promise.resolve(JSON.stringify({ pid: process.pid, born: 'long ago' }))],
    ['half a file', () => Promise.resolve('{"pid":')],
    ['an empty file', () => Promise.resolve('')],
  ])('what %s left is taken over', async (_name, text) => {
    const dir = folder();
    writeFileSync(file(dir), await text());
    expect(isLocked(dir)).toBe(false);
    lockDataDir(dir);
    expect(JSON.parse(readFileSync(file(dir), 'utf8'))).toMatchObject({ pid: process.pid });
    expect(readdirSync(dir)).toEqual(['launcher.pid']);
  });
  test('released, it is free; and nobody releases another\'s', () => {
    const dir = folder();
    const lock = lockDataDir(dir);
    lock.release();
    expect(existsSync(file(dir))).toBe(false);
    writeFileSync(file(dir), JSON.stringify({ pid: 1, born: '' }));
    lock.release();
    expect(existsSync(file(dir))).toBe(true);
  });
});
