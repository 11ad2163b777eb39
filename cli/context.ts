import type { Client } from './client.js';
import type { Output } from './output.js';

/** What a program is given by its surroundings; `bin/slipway.ts` makes it, a test makes its own. */
export interface Io {
  /** what was typed after `slipway` */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly stdout: NodeJS.WritableStream;
  readonly stderr: NodeJS.WritableStream;
  readonly stdin: NodeJS.ReadableStream;
  readonly cwd: string;
  /** a person looks at standard output */
  readonly isTty: boolean;
  nowMs(): number;
  /** aborted by Ctrl-C or SIGTERM */
  readonly signal: AbortSignal;
}

/** The people of a development stack, by what they may do. */
export const PEOPLE = ['admin', 'author', 'releaseManager', 'approver', 'onCall'] as const;
export type Person = (typeof PEOPLE)[number];

/** What was typed, read by Commander. */
export interface Typed { readonly args: readonly (string | readonly string[] | undefined)[]; readonly options: Readonly<Record<string, unknown>> }

export interface Context {
  readonly io: Io;
  readonly out: Output;
  /** The API, as this person where the development stack gives the key. */
  readonly client: (person: Person) => Promise<Client>;
  /** The development stack of this directory; undefined where there is none. */
  readonly stack: () => Promise<Stack | undefined>;
}

/** `dev.json`: what `slipway dev` writes when everything answers. */
export interface Stack {
  readonly api: string; readonly edge: string;
  /** base URL up to and including its /v1 */
  readonly model: string;
  readonly temporal: string; readonly temporalUi: string | null; readonly mongodb: string;
  readonly people: Readonly<Record<string, string>>; readonly keys: Readonly<Record<string, string>>;
  /** Name and version of what runs, where the launcher says so. */
  readonly engines?: { readonly temporal: string; readonly mongodb: string; readonly model: string };
}

/** @returns the exit code; errors are thrown and told by `run` */
export type Command = (typed: Typed, context: Context) => Promise<number>;

export const argument = (typed: Typed, index: number): string => { const value = typed.args[index]; return typeof value === 'string' ? value : ''; };
export const optional = (typed: Typed, name: string): string | undefined => { const value = typed.options[name]; return typeof value === 'string' ? value : undefined; };
export const wanted = (typed: Typed, name: string): string => optional(typed, name) ?? '';
export const isOn = (typed: Typed, name: string): boolean => typed.options[name] === true;

/** Waits, but not longer than the command lives. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) { reject(new InterruptedError()); return; }
    const timer = setTimeout(() => { signal.removeEventListener('abort', stop); resolve(); }, ms);
    const stop = (): void => { clearTimeout(timer); reject(new InterruptedError()); };
    signal.addEventListener('abort', stop, { once: true });
  });
}

/** Ctrl-C. No fault of anybody. */
export class InterruptedError extends Error { override readonly name = 'InterruptedError'; constructor() { super('Stopped.'); } }
