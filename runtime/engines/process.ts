import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, statSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { GUARD } from './place.js';

/** How long to wait before a program that ended by itself is started again: `firstMs`, then twice as long each time, up to `maxMs`. */
export interface Backoff {
  readonly firstMs: number;
  readonly maxMs: number;
  /** a program that ran this long is thought healthy: the next wait is `firstMs` again */
  readonly steadyMs: number;
}
export const USUAL_BACKOFF: Backoff = { firstMs: 1_000, maxMs: 30_000, steadyMs: 60_000 };

export type ProcessEvent =
  | { readonly event: 'process.started'; readonly name: string; readonly pid: number }
  | { readonly event: 'process.ended'; readonly level: 'warn'; readonly name: string; readonly why: string; readonly againInMs: number | undefined }
  | { readonly event: 'process.stopped'; readonly name: string; readonly tookMs: number };

export interface ProcessOptions {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  /** all of the child's environment; `surroundings()` of runtime/settings.ts */
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string;
  /** takes both outputs; the file of the run before is kept beside it as `.1`, the one before that as `.2` */
  readonly logFile: string;
  /** how long it may take to end after SIGTERM before SIGKILL; 0 kills at once */
  readonly stopMs?: number;
  /** start it again when it ends by itself; absent: it stays down */
  readonly backoff?: Backoff;
  readonly tell?: (event: ProcessEvent) => void;
}

export interface WatchedProcess {
  readonly name: string;
  readonly logFile: string;
  /** of the guard around the program, while it runs */
  pid(): number | undefined;
  /** how often it was started again */
  restarts(): number;
  /** why the last run ended; undefined while the first one goes on */
  lastEnd(): string | undefined;
  /** resolves when it is down and will not be started again */
  readonly down: Promise<void>;
  /** SIGTERM, then SIGKILL; once, a second call joins the first */
  stop(): Promise<void>;
}

/** More than this a log may not grow before a restart rotates it too. */
const LOG_MAX_BYTES = 10_000_000;
const LOGS_KEPT = 2;

/**
 * Starts a program that is never left behind: however this process ends, the program is stopped (see guard.sh). It leads a process group
 * of its own, so a Ctrl-C in the terminal reaches the launcher alone, which then stops its programs in order.
 */
export function startProcess(options: ProcessOptions): WatchedProcess {
  const { name, command, env, logFile, stopMs = 8_000, backoff, tell = () => undefined } = options;
  let child: ChildProcess | undefined;
  let restarts = 0;
  let lastEnd: string | undefined;
  let waitMs = backoff?.firstMs ?? 0;
  let stopping: Promise<void> | undefined;
  let nextRun: NodeJS.Timeout | undefined;
  let settle: () => void = () => undefined;
  const down = new Promise<void>((resolve) => { settle = resolve; });

  rotate(logFile);
  run();

  function run(): void {
    const begunMs = performance.now();
    const log = openSync(logFile, 'a', 0o600);
    const started = spawn('/bin/sh', [GUARD, ...command], {
      stdio: ['pipe', log, log], detached: true, env, ...(options.cwd === undefined ? {} : { cwd: options.cwd }),
    });
    closeSync(log);
    child = started;
    started.stdin?.on('error', () => undefined);
    if (started.pid !== undefined) tell({ event: 'process.started', name, pid: started.pid });
    let isOver = false;
    const over = (why: string): void => {
      if (isOver) return;
      isOver = true;
      started.stdin?.destroy();
      signalGroup(started, 'SIGKILL');   // what the program itself may have started
      child = undefined;
      lastEnd = why;
      if (stopping !== undefined || backoff === undefined) {
        if (stopping === undefined) tell({ event: 'process.ended', level: 'warn', name, why, againInMs: undefined });
        settle();
        return;
      }
      if (performance.now() - begunMs >= backoff.steadyMs) waitMs = backoff.firstMs;
      tell({ event: 'process.ended', level: 'warn', name, why, againInMs: waitMs });
      nextRun = setTimeout(() => {
        restarts += 1;
        if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > LOG_MAX_BYTES) rotate(logFile);
        run();
      }, waitMs);
      waitMs = Math.min(waitMs * 2, backoff.maxMs);
    };
    started.once('error', (error) => { over(error.message); });
    started.once('exit', (code, signal) => { over(sentenceOf(code, signal)); });
  }

  async function end(): Promise<void> {
    const begunMs = performance.now();
    clearTimeout(nextRun);
    if (child === undefined) { settle(); return; }
    const running = child;
    if (stopMs > 0) {
      running.kill('SIGTERM');
      await Promise.race([down, pause(stopMs, undefined, { ref: false })]);
    }
    if (running.exitCode === null && running.signalCode === null) signalGroup(running, 'SIGKILL');
    await down;
    tell({ event: 'process.stopped', name, tookMs: Math.round(performance.now() - begunMs) });
  }

  return {
    name, logFile, down, pid: () => child?.pid, restarts: () => restarts, lastEnd: () => lastEnd, stop: () => (stopping ??= end()),
  };
}

/**
 * Runs a program to its end under the guard, with our own outputs as its outputs.
 *
 * @returns its exit code; 1 when it could not be run
 */
export function runToEnd(command: readonly [string, ...string[]], { env, cwd }: { readonly env: NodeJS.ProcessEnv; readonly cwd: string }): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn('/bin/sh', [GUARD, ...command], { stdio: ['pipe', 'inherit', 'inherit'], detached: true, env, cwd });
    const pass = (): void => { child.kill('SIGTERM'); };
    process.on('SIGINT', pass).on('SIGTERM', pass);
    const end = (code: number): void => {
      process.off('SIGINT', pass).off('SIGTERM', pass);
      signalGroup(child, 'SIGKILL');
      resolve(code);
    };
    child.once('error', () => { end(1); }).once('exit', (code) => { end(code ?? 1); });
  });
}

/** The last lines of a log, for an error message; empty when there is none. */
export function tailOf(logFile: string, lines = 12): string {
  try { return readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'); } catch { return ''; }
}

function signalGroup(process_: ChildProcess, signal: NodeJS.Signals): void {
  if (process_.pid === undefined) return;
  try { process.kill(-process_.pid, signal); } catch { /* nobody of the group is left */ }
}

function sentenceOf(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `ended by ${signal}`;
  return code !== null && code > 128 ? `ended by signal ${code - 128}` : `ended with code ${code ?? 'unknown'}`;
}

function rotate(logFile: string): void {
  mkdirSync(path.dirname(logFile), { recursive: true });
  if ((statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) === 0) return;
  rmSync(`${logFile}.${LOGS_KEPT}`, { force: true });
  for (let age = LOGS_KEPT - 1; age >= 0; age -= 1) {
    const from = age === 0 ? logFile : `${logFile}.${age}`;
    if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, `${logFile}.${age + 1}`);
  }
}
