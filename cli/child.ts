import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { UnavailableError } from '../core/errors.js';
import type { Io } from './context.js';

/** The checkout or package this code runs from, from sources and from dist alike. */
export const ROOT = rootOf(import.meta.dirname);

function rootOf(from: string): string {
  for (let folder = from; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    if (existsSync(path.join(folder, 'package.json')) && path.basename(folder) !== 'dist') return folder;
  }
  return from;
}

/**
 * How to run a program of ours, such as `bin/dev`: the source where there is one, else what was built.
 *
 * @throws UnavailableError where this installation has neither
 */
export function programOf(name: string): readonly string[] {
  const source = path.join(ROOT, `${name}.ts`);
  const built = path.join(ROOT, 'dist', `${name}.js`);
  const isBuilt = import.meta.filename.endsWith('.js');
  if (isBuilt && existsSync(built)) return [built];
  if (existsSync(source)) return ['--import', import.meta.resolve('tsx'), source];   // resolved from here: the working directory is the reader's
  if (existsSync(built)) return [built];
  throw new UnavailableError(`This installation has no ${name}.`, 'Run it from a checkout of Slipway: npm ci, then npm run demo.');
}

export interface Child {
  /** A line of its standard output. */
  onLine(listener: (line: string) => void): void;
  /** What it wrote to standard error, the last 4 000 characters. */
  lastWords(): string;
  /** Its exit code, or the signal that ended it; resolves once it is gone. */
  readonly ended: Promise<number | NodeJS.Signals>;
  isRunning(): boolean;
  /** SIGTERM once, then SIGKILL when it has not ended by then. */
  stop(limitMs: number): Promise<void>;
}

export interface ChildOptions {
  readonly io: Pick<Io, 'cwd'>;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly args?: readonly string[];
  /** Standard error is passed on as it comes. */
  readonly onError?: (text: string) => void;
}

/**
 * Starts a program of ours that must not outlive us. It leads a group of its own, so Ctrl-C reaches us alone and we end it in order; its
 * standard input is a tether: it ends when that ends, which happens however we end.
 */
export function startChild(name: string, { io, env, args = [], onError }: ChildOptions): Child {
  const child = spawn(process.execPath, [...programOf(name), ...args], { cwd: io.cwd, env: plain(env), stdio: ['pipe', 'pipe', 'pipe'], detached: true });
  const lines = createInterface({ input: child.stdout });
  let words = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => { words = `${words}${text}`.slice(-4_000); onError?.(text); });
  child.stdin.on('error', () => undefined);
  const ended = endOf(child);
  return {
    onLine(listener) { lines.on('line', listener); },
    lastWords: () => words.trim(),
    ended,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async stop(limitMs) {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill('SIGTERM');
      const timer = setTimeout(() => { child.kill('SIGKILL'); }, limitMs);
      await ended;
      clearTimeout(timer);
    },
  };
}

/** A program in the foreground, with our own input and outputs, to its end. */
export async function runInForeground(name: string, { io, env, args = [] }: ChildOptions & { readonly io: Pick<Io, 'cwd' | 'signal'> }): Promise<number> {
  const child = spawn(process.execPath, [...programOf(name), ...args], { cwd: io.cwd, env: plain(env), stdio: 'inherit', detached: true });
  const pass = (): void => { child.kill('SIGTERM'); };
  if (io.signal.aborted) pass(); else io.signal.addEventListener('abort', pass, { once: true });
  const end = await endOf(child);
  io.signal.removeEventListener('abort', pass);
  return typeof end === 'number' ? end : 1;
}

function endOf(child: ChildProcess): Promise<number | NodeJS.Signals> {
  return new Promise((resolve) => {
    child.once('error', () => { resolve(1); });
    child.once('close', (code, signal) => { resolve(code ?? signal ?? 1); });
  });
}

const plain = (env: Readonly<Record<string, string | undefined>>): NodeJS.ProcessEnv => Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined));
