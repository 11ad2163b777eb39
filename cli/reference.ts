import { EXIT } from './exit.js';
import { GLOBALS, WORDS, type Option } from './words.js';

/** The tables of docs/cli.md, from the words themselves; a test holds the page equal to them. */
export function referenceOfWords(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const options = (list: readonly Option[] | undefined): string => (list ?? []).map(({ flags, means, needed }) => `| | \`${cell(flags)}\` | ${cell(means)}${needed === true ? ' (needed)' : ''} |`).join('\n');
  const words = WORDS.map(({ words: typed, args, summary, options: own }) => [`| \`slipway ${typed}${args === undefined ? '' : ` ${args}`}\` | | ${cell(summary)} |`, options(own)].filter((line) => line !== '').join('\n'));
  return ['| command | option | what it does |', '|---|---|---|', ...words, '', '| for all commands | |', '|---|---|', ...GLOBALS.map(({ flags, means }) => `| \`${cell(flags)}\` | ${cell(means)} |`)].join('\n');
}

export const referenceOfExits = (): string => ['| exit code | means |', '|---|---|', ...Object.values(EXIT).map(({ code, means }) => `| ${code} | ${means} |`)].join('\n');
