import path from 'node:path';
import { ROOT } from './place.js';
import { answersOk, waitUntil } from './port.js';
import { USUAL_BACKOFF, startProcess, tailOf } from './process.js';
import type { Backoff, ProcessEvent, WatchedProcess } from './process.js';

/** One program of a stack. */
export interface Part {
  readonly name: string;
  readonly command: readonly [string, ...string[]];
  readonly env: NodeJS.ProcessEnv;
  /** answers 200 when it can do its work */
  readonly readyUrl: string;
}

export interface StackOptions {
  readonly logDir: string;
  readonly cwd?: string;
  /** how long all of them together may take to be ready */
  readonly limitMs?: number;
  readonly stopMs?: number;
  readonly backoff?: Backoff;
  readonly tell?: (event: ProcessEvent) => void;
}

export interface Stack {
  readonly processes: readonly WatchedProcess[];
  /** one after the other, the last of the list first */
  stop(): Promise<void>;
}

/** A program that ends this often before it was ever ready is not started for a fourth time. */
const ENDS_MAX = 3;

/**
 * Starts programs at the same time, waits until each is ready, and starts again what ends by itself later.
 *
 * @throws Error with the end of the log of the program that did not get ready; then all of them are stopped
 */
export async function startStack(parts: readonly Part[], options: StackOptions): Promise<Stack> {
  const { logDir, cwd = ROOT, limitMs = 90_000, backoff = USUAL_BACKOFF, stopMs, tell } = options;
  const processes = parts.map(({ name, command, env }) => startProcess({
    name, command, env, cwd, backoff, logFile: path.join(logDir, `${name}.log`),
    ...(stopMs === undefined ? {} : { stopMs }), ...(tell === undefined ? {} : { tell }),
  }));
  const stop = async (): Promise<void> => { for (const one of [...processes].reverse()) await one.stop(); };
  try {
    await Promise.all(parts.map(async ({ name, readyUrl }, index) => {
      const one = processes[index];
      const hopeless = (): string | undefined =>
        one !== undefined && one.restarts() + (one.pid() === undefined ? 1 : 0) >= ENDS_MAX ? one.lastEnd() : undefined;
      await waitUntil(name, () => answersOk(readyUrl), { limitMs, everyMs: 50, hopeless })
        .catch((error: unknown) => { throw new Error(`${error instanceof Error ? error.message : String(error)}\n${one === undefined ? '' : tailOf(one.logFile)}`); });
    }));
  } catch (error) {
    await Promise.all(processes.map((one) => one.stop()));
    throw error;
  }
  return { processes, stop };
}
