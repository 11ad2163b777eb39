/** Which .prompt.yml files are meant: by a pattern, or by what git says has changed. */
import { execFile } from 'node:child_process';
import { lstat, readdir, realpath } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { BadInputError } from '../core/errors.js';

const SUFFIX = '.prompt.yml';
const FILES_MAX = 50;
const FOLDERS_MAX = 20_000;
const GIT_BYTES_MAX = 16 * 1_048_576;

/** Paths relative to the folder the command was typed in, sorted. */
export interface PromptFiles { readonly files: readonly string[]; readonly deleted: readonly string[] }

/** Run without a shell; nothing of the repository is run by it. */
async function git(cwd: string, ...words: string[]): Promise<string> {
  return (await promisify(execFile)('git', words, { cwd, timeout: 30_000, maxBuffer: GIT_BYTES_MAX, encoding: 'utf8' })).stdout;
}

/** The first line of what git itself says. */
const saidBy = (error: unknown): string => { const { stderr } = error as { readonly stderr?: unknown }; return (typeof stderr === 'string' && stderr.trim() !== '' ? stderr.trim().split('\n')[0] ?? '' : String(error)).replace(/^fatal: /, ''); };

/** The commit that is checked out; undefined outside of a repository. */
export async function headOf(cwd: string): Promise<string | undefined> {
  const head = await git(cwd, 'rev-parse', '--verify', '--quiet', 'HEAD').catch(() => '');
  return /^[0-9a-f]{40,64}$/.test(head.trim()) ? head.trim() : undefined;
}

/**
 * What the commits since the common ancestor with `ref` have changed.
 *
 * @throws BadInputError outside of a repository, for a ref that is none, and where the history does not reach back to a common ancestor
 */
export async function changedSince(cwd: string, ref: string, pattern: string | undefined): Promise<PromptFiles> {
  if (ref.startsWith('-') || ref === '') throw new BadInputError(`${ref} is no revision.`, 'A branch, a tag or a commit: --changed-since origin/main.');
  const top = (await git(cwd, 'rev-parse', '--show-toplevel').catch((error: unknown) => { throw new BadInputError(`git finds no repository here: ${saidBy(error)}`, 'Without one say which files: --prompts GLOB.'); })).replace(/\n$/, '');
  const commit = (await git(cwd, 'rev-parse', '--verify', '--quiet', `${ref}^{commit}`).catch(() => '')).trim();
  if (!/^[0-9a-f]{40,64}$/.test(commit)) throw new BadInputError(`git knows no ${ref}.`, 'Fetch it first; with actions/checkout that is fetch-depth: 0.');
  const told = await git(cwd, 'diff', '--name-status', '-z', '--no-renames', '--no-ext-diff', '--no-textconv', `${commit}...HEAD`, '--').catch((error: unknown) => {
    throw new BadInputError(`git cannot compare ${ref} with HEAD: ${saidBy(error)}`, 'The history has to reach back to where they parted: fetch-depth: 0.');
  });
  const from = await realpath(cwd);
  const fits = pattern === undefined ? () => true : matcherOf(pattern);
  const parts = told.split('\0');
  const changes = Array.from({ length: Math.floor(parts.length / 2) }, (_, i) => ({ status: parts[2 * i] ?? '', file: posix(path.relative(from, path.join(top, parts[2 * i + 1] ?? ''))) })).filter(({ file }) => file.endsWith(SUFFIX) && fits(file));
  return bounded({ files: changes.filter(({ status }) => status !== 'D').map(({ file }) => file), deleted: changes.filter(({ status }) => status === 'D').map(({ file }) => file) });
}

/** @throws BadInputError when none is found: a misspelt pattern must not pass for "nothing to do" */
export async function promptsMatching(cwd: string, pattern: string): Promise<PromptFiles> {
  const fits = matcherOf(pattern);
  const base = pattern.split('/').slice(0, -1);
  const fixed = base.slice(0, base.findIndex((part) => /[*?]/.test(part)) < 0 ? base.length : base.findIndex((part) => /[*?]/.test(part))).join('/');
  const files: string[] = [];
  const folders = [fixed];
  for (let seen = 0; folders.length > 0; seen += 1) {
    if (seen > FOLDERS_MAX) throw new BadInputError(`${pattern} leads through more than ${FOLDERS_MAX} folders.`, 'Begin it with a folder: prompts/**/*.prompt.yml.');
    const folder = folders.pop() ?? '';
    for (const entry of await readdir(path.resolve(cwd, folder), { withFileTypes: true }).catch(() => [])) {
      const file = folder === '' ? entry.name : `${folder}/${entry.name}`;
      if (entry.isDirectory() && entry.name !== 'node_modules' && !entry.name.startsWith('.')) folders.push(file);
      else if (file.endsWith(SUFFIX) && fits(file)) files.push(file);
    }
  }
  if (files.length === 0) throw new BadInputError(`No ${SUFFIX} file fits ${pattern}.`, 'Written from this folder, with / between folders: prompts/*.prompt.yml, **/*.prompt.yml.');
  return bounded({ files, deleted: [] });
}

function bounded({ files, deleted }: PromptFiles): PromptFiles {
  if (files.length > FILES_MAX) throw new BadInputError(`${files.length} prompts are meant, and at most ${FILES_MAX} are evaluated at once.`, 'Name fewer: --prompts GLOB.');
  return { files: [...files].sort(), deleted: [...deleted].sort() };
}

/** @throws BadInputError for a link: what it points to may be any file of this machine */
export async function assertPlainFile(cwd: string, file: string): Promise<void> {
  const found = await lstat(path.resolve(cwd, file)).catch(() => null);
  if (found === null) throw new BadInputError(`${file} is not there.`, 'Is another commit checked out than the one that changed it?');
  if (!found.isFile()) throw new BadInputError(`${file} is no plain file.`, 'Put the text of the prompt into it, not a link.');
}

/** `*` and `?` stay within a folder, `**` does not, and none of them stands for a name that begins with a dot; everything else is itself. */
export function matcherOf(pattern: string): (file: string) => boolean {
  if (pattern.length > 500 || pattern === '') throw new BadInputError('A pattern has 1 to 500 characters.');
  const parts = posix(pattern).replace(/^\.\//, '').replace(/\*{3,}/g, '**').split('/').filter((part, i, all) => part !== '**' || all[i - 1] !== '**').map((part) => (part === '**' ? null : literal(part)));
  return (file) => fit(parts, file.split('/'));
}
function fit(parts: readonly (RegExp | null)[], names: readonly string[]): boolean {
  // Row by row which beginnings of the names the beginnings of the pattern fit: bounded by their product.
  let row: readonly boolean[] = names.reduce<boolean[]>((all) => [...all, false], [true]);
  for (const part of parts) {
    const before = row;
    const next: boolean[] = [];
    for (let i = 0; i <= names.length; i += 1) next.push(part === null ? (before[i] ?? false) || ((next[i - 1] ?? false) && names[i - 1]?.startsWith('.') !== true) : i > 0 && (before[i - 1] ?? false) && part.test(names[i - 1] ?? ''));
    row = next;
  }
  return row[names.length] ?? false;
}
const literal = (part: string): RegExp => new RegExp(`^${/^[*?]/.test(part) ? '(?!\\.)' : ''}${part.replace(/\*+/g, '*').replace(/[.+^${}()|[\]\\]/g, '\\$&').replace(/\*/g, '[^/]*').replace(/\?/g, '[^/]')}$`, 'su');
const posix = (file: string): string => file.split(path.sep).join('/');
