import { createReadStream } from 'node:fs';
import { once } from 'node:events';
import path from 'node:path';
import { addAbortSignal, type Readable } from 'node:stream';
import { BadInputError, SlipwayError } from '../core/errors.js';
import { LINE_MAX, endReplay, lineOfOutput, readReplay, startReplay, type ReplayError, type Replaying } from '../core/gate/index.js';
import { argument, InterruptedError, optional, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';

const HINTS = {
  BAD_INPUT: 'The lines before it were decided; put that line right and replay the file again. The format: docs/cli.md, "Replay".',
  RECEIPT_MISMATCH: 'The record and the evidence say different things. From another engine, allow the last bits to differ: --tolerance 1e-9.',
} as const;

/** `slipway gate replay FILE`: decides again from recorded lines. JSON lines in, JSON lines out, with --json or without. */
export async function replay(typed: Typed, { io, out }: Context): Promise<number> {
  const tolerance = toleranceOf(optional(typed, 'tolerance'));
  const file = argument(typed, 0);
  const write = async (line: string): Promise<void> => { if (!io.stdout.write(`${line}\n`)) await once(io.stdout, 'drain'); };
  let replaying = startReplay;
  try {
    for await (const line of linesOf(file === '-' ? io.stdin as Readable : createReadStream(path.resolve(io.cwd, file)), io.signal)) {
      const step = readReplay(replaying, line, tolerance);
      replaying = step.replaying;
      if (step.output !== null) await write(lineOfOutput(step.output));
      if (replaying.error !== null) break;
    }
  } catch (error) {
    if (!(error instanceof UnreadableError)) throw error;
    out.fail(new SlipwayError('NOT_FOUND', `${file} cannot be read: ${error.message}`, 'Name a file, or - for standard input.'));
    return EXIT.failed.code;
  }
  return ended(replaying, write, out.isJson, io);
}

async function ended(replaying: Replaying, write: (line: string) => Promise<void>, isJson: boolean, { stderr }: Context['io']): Promise<number> {
  const { decision, error } = endReplay(replaying);
  await write(JSON.stringify(error === null ? decision : { error }));
  if (error === null) return EXIT.ok.code;
  stderr.write(isJson ? `${JSON.stringify({ type: 'error', code: error.code, message: sentenceOf(error), hint: HINTS[error.code] })}\n` : `${error.code}: ${sentenceOf(error)}\n  ${HINTS[error.code]}\n`);
  return error.code === 'BAD_INPUT' ? EXIT.badInput.code : EXIT.negative.code;
}

/** A stranger's words may stand in it: what would steer a terminal is taken out. */
// eslint-disable-next-line no-control-regex
const sentenceOf = ({ line, message }: ReplayError): string => `line ${line}: ${message.replace(/[\u0000-\u001f\u007f-\u009f]/g, '\ufffd')}.`;

function toleranceOf(text: string | undefined): number {
  const tolerance = text === undefined ? 0 : text.trim() === '' ? NaN : Number(text);
  if (!(tolerance >= 0 && tolerance < Infinity)) throw new BadInputError(`--tolerance ${text} is no number from 0.`, 'How far log e-values may lie apart: --tolerance 1e-9.');
  return tolerance;
}

class UnreadableError extends Error { override readonly name = 'UnreadableError'; }

/** Line by line as they come: a long file, or one that is still being written, is never held as a whole. */
async function* linesOf(stream: Readable, signal: AbortSignal): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  try {
    for await (const chunk of addAbortSignal(signal, stream)) {
      rest += typeof chunk === 'string' ? chunk : decoder.decode(chunk as Uint8Array, { stream: true });
      const lines = rest.split('\n');
      rest = lines.pop() ?? '';
      yield* lines;
      // A line that never ends is given away as it is: it is refused for its length.
      if (rest.length > LINE_MAX) { yield rest; return; }
    }
  } catch (error) {
    if (signal.aborted) throw new InterruptedError();
    throw new UnreadableError(error instanceof Error ? error.message : String(error));
  }
  rest += decoder.decode();
  if (rest !== '') yield rest;
}
