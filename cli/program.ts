import { Command, CommanderError } from 'commander';
import { findConnection, readStack } from './connection.js';
import { InterruptedError, type Context, type Io, type Typed } from './context.js';
import { EXIT, exitOf } from './exit.js';
import { createClient } from './client.js';
import { BadInputError, SlipwayError } from '../core/errors.js';
import { createOutput, type Output } from './output.js';
import { GLOBALS, WORDS, type Option, type Word } from './words.js';

/** Reads what was typed, runs it, and tells what went wrong. */
export async function createProgram(io: Io, version: string): Promise<number> {
  let exit: number = EXIT.ok.code;
  const program = parserOf(io, version, async (word, typed) => { exit = await perform(word, typed, io); });
  const out = createOutput(io, io.argv.includes('--json'));
  try {
    if (io.argv.length === 0) { program.outputHelp(); return EXIT.ok.code; }
    await program.parseAsync([...io.argv], { from: 'user' });
    return exit;
  } catch (error) {
    return failed(error, out);
  } finally { out.end(); }
}

/** All words, and what is done with the one that was typed. */
export function parserOf(io: Pick<Io, 'stdout' | 'stderr'>, version: string, act: (word: Word, typed: Typed) => Promise<void>): Command {
  const program = new Command('slipway').description('Ship a prompt the way you ship code.').version(version)
    .exitOverride().configureOutput({ writeOut: (text) => { io.stdout.write(text); }, writeErr: (text) => { io.stderr.write(text); }, outputError: () => undefined })
    .showSuggestionAfterError();
  for (const option of GLOBALS) addOption(program, option);
  const groups = new Map<string, Command>();
  for (const word of WORDS) {
    const [first = '', second] = word.words.split(' ');
    const parent = second === undefined ? program : groups.get(first) ?? program.command(first).description(groupSummary(first));
    if (second !== undefined) groups.set(first, parent);
    add(parent, word, (typed) => act(word, typed));
  }
  return program;
}

const groupSummary = (group: string): string => ({ prompt: 'prompt versions', dataset: 'datasets', evaluation: 'what evaluations found', judge: 'judges, and what they may decide', release: 'releases', audit: 'the audit log', gate: 'the decision rule', keys: 'keys of programs' })[group] ?? group;

function add(parent: Command, word: Word, action: (typed: Typed) => Promise<void>): void {
  const command = parent.command(`${word.words.split(' ').at(-1) ?? ''}${word.args === undefined ? '' : ` ${word.args}`}`).description(word.summary).exitOverride();
  for (const option of [...(word.options ?? []), ...GLOBALS]) addOption(command, option);
  command.action(async (...given: unknown[]) => {
    const args = given.slice(0, -2) as Typed['args'];
    await action({ args, options: command.optsWithGlobals() });
  });
}

function addOption(command: Command, { flags, means, needed, many }: Option): void {
  if (needed === true) command.requiredOption(flags, means);
  else if (many === true) command.option(flags, means, (value: string, before: string[]) => [...before, value], []);
  else command.option(flags, means);
}

async function perform(word: Word, typed: Typed, io: Io): Promise<number> {
  const out = createOutput(io, typed.options['json'] === true);
  try {
    const command = await word.load();
    return await command(typed, contextOf(typed, io, out));
  } catch (error) {
    return failed(error, out);
  } finally { out.end(); }
}

function contextOf(typed: Typed, io: Io, out: Output): Context {
  const stack = (): ReturnType<Context['stack']> => readStack(typed.options, io);
  return {
    io, out, stack,
    client: async (person) => createClient({ ...findConnection(typed.options, io.env, await stack(), person), signal: io.signal }),
  };
}

/** Tells it on standard error, and chooses the exit code. */
function failed(error: unknown, out: Output): number {
  if (error instanceof CommanderError) {
    if (error.exitCode === 0) return EXIT.ok.code;
    if (error.code === 'commander.help') return EXIT.badInput.code;   // a group without its command: its help has been printed
    return failed(new BadInputError(error.message.replace(/^error: /, '').replace(/\s+/g, ' '), 'slipway --help, or slipway <command> --help, says what may be typed.'), out);
  }
  if (error instanceof InterruptedError) return EXIT.interrupted.code;
  out.fail(error);
  return error instanceof SlipwayError ? exitOf(error.code) : EXIT.failed.code;
}
