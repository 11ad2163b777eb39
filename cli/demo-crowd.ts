import { UnavailableError } from '../core/errors.js';
import type { DatasetItem } from '../core/dataset/index.js';
import { startChild, type Child } from './child.js';
import { send } from './client.js';
import type { Context, Stack } from './context.js';
import { jsonOf } from './demo-stack.js';

const CHUNK = 24;

/** Texts the model will be asked about: whole lines, as a prompt holds them. */
export const textsOf = (items: readonly DatasetItem[]): string[] => [...new Set(items.flatMap(({ variables, expected }) =>
  [...Object.values(variables).flatMap((value) => value.split('\n')), ...(expected === undefined ? [] : [expected])].map((line) => line.replace(/^- /, '').trim()).filter((line) => line !== '' && !line.startsWith('#'))))];

/** The sandbox model computes each sentence's vector once. Done now, with a bar, nobody waits for it later. Another model has no such door. */
export async function prewarm(stack: Stack, texts: readonly string[], { out }: Pick<Context, 'out'>, signal: AbortSignal): Promise<void> {
  const bar = await out.bar('reading the handbook', texts.length);
  try {
    for (let done = 0; done < texts.length; done += CHUNK) {
      bar.at(done);
      const { status } = await send(`${stack.model.replace(/\/v1$/, '')}/v1/prewarm`, { key: undefined, signal, timeoutMs: 60_000, accept: 'application/json', body: JSON.stringify({ texts: texts.slice(done, done + CHUNK) }) });
      if (status === 404) return;
      out.record('prewarm', { done: Math.min(done + CHUNK, texts.length), total: texts.length });
    }
    bar.at(texts.length);
  } finally { bar.stop(); }
}

/** The simulated users, a process of their own. */
export interface Crowd { readonly child: Child; counts(): Readonly<Record<string, number>> }

/**
 * Starts the example application with its users. They know an edge, a key and a model, like any application: nothing of releases.
 *
 * @throws UnavailableError with its last words when it ends before the first user came
 */
export async function startCrowd(stack: Stack, key: string, { io }: Pick<Context, 'io'>, onChild: (child: Child) => void): Promise<Crowd> {
  const env = { ...io.env, SLIPWAY_EDGE_URL: stack.edge, SLIPWAY_API_KEY: key, SLIPWAY_MODEL_URL: stack.model };
  const child = startChild('examples/helpdesk/main', { io, env, args: ['--json', '--tether'] });
  onChild(child);
  let counts: Record<string, number> = {};
  await new Promise<void>((resolve, reject) => {
    child.onLine((line) => {
      const { type, ...said } = jsonOf(line) ?? {};
      if (type !== 'users') return;
      counts = Object.fromEntries(Object.entries(said).filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
      resolve();
    });
    void child.ended.then((end) => { reject(new UnavailableError(`The simulated users ended (${end}).`, child.lastWords().split('\n').slice(-4).join('\n  ') || 'node --import tsx examples/helpdesk/main.ts says why.')); });
  });
  return { child, counts: () => counts };
}
