import type { Context, Io } from './context.js';
import type { Word } from './words.js';

export type { Io } from './context.js';
/** Held equal to package.json by a test; reading a file would cost more than the answer. */
export const VERSION = '0.1.0';

/**
 * What comes after `slipway`. A command's module, and every library, is loaded when it is needed: `--version` loads nothing.
 *
 * @returns the exit code, see cli/exit.ts; never throws
 */
export async function run(io: Io): Promise<number> {
  if (io.argv.length === 1 && (io.argv[0] === '--version' || io.argv[0] === '-V')) { io.stdout.write(`${VERSION}\n`); return 0; }
  const { createProgram } = await import('./program.js');
  return createProgram(io, VERSION);
}

export type { Context, Word };
