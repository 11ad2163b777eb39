import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { BadInputError, UnauthenticatedError, UnavailableError } from '../core/errors.js';
import { PEOPLE, type Io, type Person, type Stack } from './context.js';

/** Where the API is, and with which key. */
export interface Connection { readonly url: string; readonly key: string }
type Options = Readonly<Record<string, unknown>>;
type Env = Io['env'];

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
const plain = (url: string): string => url.replace(/\/graphql\/?$/, '').replace(/\/+$/, '');

/**
 * Flags first, then the environment, then the development stack. A key of the stack goes to the stack's own API and nowhere else.
 *
 * @param person  who fits the command; `--as` chooses another
 * @throws UnavailableError when there is no API to be found, UnauthenticatedError when there is one and no key for it
 */
export function findConnection(options: Options, env: Env, stack: Stack | undefined, person: Person): Connection {
  const given = text(options['api']) ?? text(env['SLIPWAY_API_URL']);
  if (given !== undefined && !/^https?:\/\//.test(given)) throw new BadInputError(`${given} is no address of an API.`, 'It begins with http:// or https://');
  const url = given ?? stack?.api;
  if (url === undefined) throw new UnavailableError('No API was named, and no development stack runs in this directory.', 'Start one with: slipway dev. Or name an API: --api URL --key KEY, or SLIPWAY_API_URL and SLIPWAY_API_KEY.');
  const as = text(options['as']);
  if (as !== undefined && !(PEOPLE as readonly string[]).includes(as)) throw new BadInputError(`There is no ${as} in a development stack.`, `One of: ${PEOPLE.join(', ')}.`);
  const isStack = stack !== undefined && plain(url) === plain(stack.api);
  const key = text(options['key']) ?? (as === undefined ? text(env['SLIPWAY_API_KEY']) : undefined) ?? (isStack ? text(stack.people[as ?? person]) : undefined);
  if (key === undefined) throw new UnauthenticatedError(`No key for ${plain(url)}.`, isStack ? `The stack has nobody called ${as ?? person}; its people are in dev.json.` : 'Give one: --key KEY or SLIPWAY_API_KEY.');
  return { url: plain(url), key };
}

/** `dev.json` of the data directory; undefined when there is none. */
export async function readStack(options: Options, io: Pick<Io, 'env' | 'cwd'>): Promise<Stack | undefined> {
  const file = path.resolve(io.cwd, text(options['data']) ?? text(io.env['SLIPWAY_DATA_DIR']) ?? '.slipway', 'dev.json');
  let found: string;
  try { found = await readFile(file, 'utf8'); } catch { return undefined; }
  try {
    const stack = JSON.parse(found) as Partial<Stack>;
    if (typeof stack.api === 'string') return { edge: '', model: '', temporal: '', temporalUi: null, mongodb: '', people: {}, keys: {}, ...stack, api: stack.api };
  } catch { /* told below */ }
  throw new BadInputError(`${file} is not what slipway dev writes.`, 'Remove it and start again: slipway dev');
}
