import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { surroundings } from '../settings.js';
import { ROOT } from './place.js';
import { waitUntil } from './port.js';
import { runToEnd, startProcess, tailOf } from './process.js';
import type { ProcessEvent } from './process.js';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-process-'));
afterAll(() => { rmSync(dir, { recursive: true, force: true }); });
const env = surroundings();
let made = 0;
const logFile = (): string => path.join(dir, `${made += 1}`, 'program.log');

/** Writes its own pid and that of a child of its own to `pids`, then stays. */
const PARENT = `
import { spawn } from 'node:child_process'; import { writeFileSync } from 'node:fs';
const [file, stubborn] = process.argv.slice(2);
if (stubborn) process.on('SIGTERM', () => {});
const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1e6)'], { stdio: 'ignore' });
writeFileSync(file, JSON.stringify([process.pid, child.pid]));
setInterval(() => {}, 1e6);`;
const parent = path.join(dir, 'parent.mjs');
writeFileSync(parent, PARENT);

const isAlive = (pid: number): boolean => { try { process.kill(pid, 0); return true; } catch { return false; } };
const pidsIn = (file: string): number[] => { try { return JSON.parse(readFileSync(file, 'utf8')) as number[]; } catch { return []; } };
const gone = (pids: readonly number[], limitMs = 5_000): Promise<void> => waitUntil(`the end of ${pids.join(', ')}`, () => Promise.resolve(!pids.some(isAlive)), { limitMs });

describe('R-808 no program outlives its launcher, however the launcher ends', () => {
  test('SIGKILL of the launcher ends what it started, what that started, and what does not want to', async () => {
    const files = [path.join(dir, 'obedient'), path.join(dir, 'stubborn')];
    const order = { dir: path.join(dir, 'killed'), programs: [[process.execPath, parent, files[0]], [process.execPath, parent, files[1], 'stubborn']] };
    const launcher = spawn(process.execPath, ['--import', 'tsx', 'test/launcher.ts', JSON.stringify(order)], { cwd: ROOT, stdio: ['ignore', 'pipe', 'inherit'] });
    const first = await new Promise<string>((resolve) => { createInterface({ input: launcher.stdout }).once('line', resolve); });
    const guards = (JSON.parse(first) as { pids: number[] }).pids;
    await waitUntil('both programs', () => Promise.resolve(files.every((file) => pidsIn(file).length === 2)), { limitMs: 10_000 });
    const all = [...guards, ...files.flatMap(pidsIn)];
    expect(all.filter(isAlive)).toHaveLength(6);
    launcher.kill('SIGKILL');
    await gone(pidsIn(files[0] ?? ''));
    await gone(all, 15_000);
  });
  test('SIGKILL of the guard takes the program with it', async () => {
    const file = path.join(dir, 'unguarded');
    const one = startProcess({ name: 'x', command: [process.execPath, parent, file], env, logFile: logFile() });
    await waitUntil('the program', () => Promise.resolve(pidsIn(file).length === 2), { limitMs: 10_000 });
    process.kill(one.pid() ?? 0, 'SIGKILL');
    await one.down;
    await gone(pidsIn(file));
  });
  test('a program that ignores SIGTERM is killed after its time, with its own children', async () => {
    const file = path.join(dir, 'ignores');
    const events: ProcessEvent[] = [];
    const one = startProcess({ name: 'x', command: [process.execPath, parent, file, 'stubborn'], env, logFile: logFile(), stopMs: 200, tell: (event) => { events.push(event); } });
    await waitUntil('the program', () => Promise.resolve(pidsIn(file).length === 2), { limitMs: 10_000 });
    await Promise.all([one.stop(), one.stop()]);
    await gone(pidsIn(file));
    expect(events.map(({ event }) => event)).toEqual(['process.started', 'process.stopped']);
  });
});

describe('R-809 a program that ends by itself is started again, later each time', () => {
  const ends = async (command: readonly [string, ...string[]], backoff: { firstMs: number; maxMs: number; steadyMs: number } | undefined, count: number): Promise<{ waits: (number | undefined)[]; why: string | undefined }> => {
    const waits: (number | undefined)[] = [];
    const one = startProcess({ name: 'x', command, env, logFile: logFile(), ...(backoff === undefined ? {} : { backoff }), tell: (event) => { if (event.event === 'process.ended') waits.push(event.againInMs); } });
    await waitUntil('its ends', () => Promise.resolve(waits.length >= count), { limitMs: 10_000, everyMs: 2 });
    const why = one.lastEnd();
    await one.stop();
    return { waits: waits.slice(0, count), why };
  };
  test('twice as long each time, up to the most', async () => {
    expect(await ends(['/bin/sh', '-c', 'exit 3'], { firstMs: 5, maxMs: 20, steadyMs: 60_000 }, 5)).toEqual({ waits: [5, 10, 20, 20, 20], why: 'ended with code 3' });
  });
  test('soon again, when it had run for long', async () => {
    expect((await ends(['/bin/sh', '-c', 'exit 0'], { firstMs: 5, maxMs: 20, steadyMs: 0 }, 4)).waits).toEqual([5, 5, 5, 5]);
  });
  test('a signal is named, and without backoff it stays down', async () => {
    expect(await ends(['/bin/sh', '-c', 'kill -SEGV $$'], undefined, 1)).toEqual({ waits: [undefined], why: 'ended by signal 11' });
  });
  test('a program that does not exist ends too', async () => {
    expect(await ends(['/nowhere/program'], undefined, 1)).toEqual({ waits: [undefined], why: 'ended with code 127' });
  });
  test('a stop while it waits to be started again is final', async () => {
    const events: string[] = [];
    const one = startProcess({ name: 'x', command: ['/bin/sh', '-c', 'exit 1'], env, logFile: logFile(), backoff: { firstMs: 60_000, maxMs: 60_000, steadyMs: 0 }, tell: ({ event }) => { events.push(event); } });
    await waitUntil('its end', () => Promise.resolve(one.lastEnd() !== undefined), { limitMs: 5_000 });
    await one.stop();
    await one.down;
    expect(events).toEqual(['process.started', 'process.ended']);
    expect(one.pid()).toBeUndefined();
  });
});

describe('R-813 each program has a log, and those of the two starts before are kept', () => {
  test('both outputs are in it, and it is rotated at the start', async () => {
    const log = logFile();
    for (const word of ['one', 'two', 'three', 'four']) await startProcess({ name: 'x', command: ['/bin/sh', '-c', `echo ${word}; echo oops >&2`], env, logFile: log }).down;
    expect(tailOf(log)).toBe('four\noops');
    expect(readdirSync(path.dirname(log)).sort()).toEqual(['program.log', 'program.log.1', 'program.log.2']);
    expect(readFileSync(`${log}.2`, 'utf8')).toBe('two\noops\n');
  });
  test('no log is no error', () => { expect(tailOf(path.join(dir, 'nothing.log'))).toBe(''); });
  test('a program that is run to its end gives its exit code, its environment and its folder', async () => {
    const out = path.join(dir, 'ran');
    expect(await runToEnd(['/bin/sh', '-c', 'pwd > ran; echo "$WORD" >> ran; exit 7'], { cwd: dir, env: { ...env, WORD: 'hello' } })).toBe(7);
    expect(existsSync(out) && readFileSync(out, 'utf8').trimEnd().split('\n').at(-1)).toBe('hello');
    expect(await runToEnd(['/nowhere/program'], { cwd: dir, env })).toBe(127);
  });
});
