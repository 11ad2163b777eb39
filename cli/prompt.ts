import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify, isDeepStrictEqual } from 'node:util';
import { placeholdersOf } from '../core/bundle/index.js';
import { BadInputError } from '../core/errors.js';
import { NOT_CARRIED } from '../schema/manifest-prompt.js';
import { readManifest, readPromptFile } from '../schema/manifest.js';
import type { Client } from './client.js';
import { optional, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';
import { all } from './pages.js';

interface Message { readonly role: string; readonly content: string }
/** What a file says a prompt version should be. */
export interface PromptDraft {
  readonly prompt: string; readonly messages: readonly Message[]; readonly variables: readonly string[]; readonly message: string;
  readonly source: { readonly repository: string; readonly path: string; readonly commit: string } | undefined;
  /** Keys of the file that a version does not carry. */
  readonly left: readonly string[];
}
interface Version { readonly version: number; readonly digest: string; readonly messages: readonly Message[]; readonly variables: readonly string[] }

/** `slipway prompt push FILE…` */
export async function push(typed: Typed, { io, out, client }: Context): Promise<number> {
  const files = (typed.args[0] as readonly string[] | undefined) ?? [];
  const api = await client('author');
  const name = optional(typed, 'name');
  if (name !== undefined && files.length > 1) throw new BadInputError('--name names one prompt, and several files were given.', 'Push them one by one, or put the name into each file.');
  let last = '';
  let of = '<app>';
  for (const file of files) {
    const full = path.resolve(io.cwd, file);
    const application = optional(typed, 'app') ?? (await applicationAbove(full));
    const draft = await readDraft(full, { ...(name === undefined ? {} : { name }), ...(optional(typed, 'message') === undefined ? {} : { message: optional(typed, 'message') ?? '' }) });
    if (draft.left.length > 0) out.line(out.paint('dim', `${file}: ${draft.left.join(', ')} stay in the file; a prompt version is its messages. Models, datasets and evaluators are declared in slipway.yaml.`));
    const pushed = await pushDraft(api, application, draft);
    last = `${draft.prompt}@${pushed.version}`;
    of = application;
    out.record('prompt', { application, prompt: draft.prompt, version: pushed.version, digest: pushed.digest, change: pushed.isNew ? 'created' : 'unchanged', file });
    out.line(`${application} ${last}  ${pushed.isNew ? out.paint('good', 'created') : 'unchanged'}  ${file}`);
  }
  out.next(`slipway evaluate --app ${of} --env <env> --prompt ${last} --policy <policy> --wait`);
  return EXIT.ok.code;
}

/** Registers a version, unless the latest one says the same. */
export async function pushDraft(api: Client, application: string, draft: PromptDraft): Promise<{ readonly version: number; readonly digest: string; readonly isNew: boolean }> {
  const latest = await latestVersion(api, application, draft.prompt);
  if (latest !== undefined && isSame(latest, draft)) return { version: latest.version, digest: latest.digest, isNew: false };
  const { prompt, messages, variables, message, source } = draft;
  const input = { application, prompt, messages: messages.map(({ role, content }) => ({ role: role.toUpperCase(), content })), variables, message, ...(source === undefined ? {} : { source }) };
  const made = await api.mutate<Version>('createPromptVersion', { ...input, idempotencyKey: keyOf('createPromptVersion', input, latest?.version ?? 0) }, '{ version digest }');
  return { version: made.version, digest: made.digest, isNew: true };
}

export async function latestVersion(api: Client, application: string, prompt: string): Promise<Version | undefined> {
  const versions = await all<Version>(api, `query($application: ID!, $prompt: String, $first: Int!, $after: String) {
    page: promptVersions(application: $application, prompt: $prompt, first: $first, after: $after) { nodes { version digest messages { role content } variables } pageInfo { hasNextPage endCursor } } }`, { application, prompt });
  return versions.reduce<Version | undefined>((best, next) => (best === undefined || next.version > best.version ? next : best), undefined);
}

/** The order in which variables are declared says nothing. */
export const isSame = (latest: Pick<Version, 'messages' | 'variables'>, draft: Pick<PromptDraft, 'messages' | 'variables'>): boolean =>
  isDeepStrictEqual(latest.messages.map(({ role, content }) => [role.toLowerCase(), content]), draft.messages.map(({ role, content }) => [role, content]))
  && isDeepStrictEqual([...latest.variables].sort(), [...draft.variables].sort());

/** The same act on the same ground has the same key: a repeat after a lost answer finds what was made. */
export const keyOf = (mutation: string, input: unknown, ground: number): string => `cli-${createHash('sha256').update(JSON.stringify([mutation, input, ground])).digest('hex').slice(0, 40)}`;

/** @throws BadInputError when the file cannot be read or has no name of the right form */
export async function readDraft(file: string, given: { readonly name?: string; readonly message?: string }): Promise<PromptDraft> {
  const text = await readFile(file, 'utf8').catch(() => { throw new BadInputError(`${file} cannot be read.`); });
  const read = readPromptFile(text);
  const prompt = given.name ?? read.name ?? (path.basename(file).split('.')[0] ?? '');
  if (!/^[a-z][a-z0-9-]{0,62}$/.test(prompt)) throw new BadInputError(`"${prompt}" is no name of a prompt: lower-case letters, digits and dashes, beginning with a letter.`, 'Change name: in the file, or give --name.');
  return {
    prompt, messages: read.messages, variables: [...new Set(read.messages.flatMap(({ content }) => placeholdersOf(content)))],
    message: given.message ?? read.description ?? `from ${path.basename(file)}`, source: await sourceOf(file), left: NOT_CARRIED.filter((key) => read[key] !== undefined),
  };
}

/** Where the file comes from; undefined unless git has exactly this content under a commit. */
async function sourceOf(file: string): Promise<PromptDraft['source']> {
  const git = async (...words: string[]): Promise<string> => (await promisify(execFile)('git', words, { cwd: path.dirname(file), timeout: 5_000 })).stdout.trim();
  try {
    const [repository, inside, commit, changes] = await Promise.all([
      git('config', '--get', 'remote.origin.url'), git('ls-files', '--full-name', '--error-unmatch', '--', file), git('rev-parse', 'HEAD'), git('status', '--porcelain', '--', file)]);
    if (changes !== '' || repository === '' || inside === '') return undefined;
    return { repository: withoutSecret(repository), path: inside, commit };
  } catch { return undefined; }
}

/** A remote's address may carry a token; it must not become part of a record that is kept for ever. */
export function withoutSecret(repository: string): string {
  if (!URL.canParse(repository)) return repository;
  const url = new URL(repository);
  url.username = ''; url.password = '';
  return url.href;
}

async function applicationAbove(file: string): Promise<string> {
  for (let folder = path.dirname(file); ; folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'slipway.yaml');
    if (existsSync(manifest)) {
      const keys = readManifest(await readFile(manifest, 'utf8')).map((one) => one.application.key);
      if (keys.length === 1 && keys[0] !== undefined) return keys[0];
      throw new BadInputError(`${manifest} declares several applications.`, 'Say which: --app KEY');
    }
    if (folder === path.dirname(folder)) throw new BadInputError('Which application? There is no slipway.yaml beside or above the file.', 'Say which: --app KEY');
  }
}
