import { UnavailableError } from '../core/errors.js';
import { startChild, type Child } from './child.js';
import type { Context, Stack } from './context.js';
import { InterruptedError } from './context.js';

export interface DemoStack { readonly ready: Stack & { readonly devFile: string }; readonly child: Child }

const READY_LIMIT_MS = 15 * 60_000;   // a first run may install engines

/**
 * The whole product in a directory that is removed with it.
 *
 * @throws UnavailableError with its last words when it ends instead
 */
export async function startStack({ io, out }: Context, signal: AbortSignal, onChild: (child: Child) => void): Promise<DemoStack> {
  // Not where the reader's own Slipway is: the demo has a stack, people and keys of its own. Engines the reader names are used.
  const env = Object.fromEntries(Object.entries(io.env).filter(([name]) => !['SLIPWAY_API_URL', 'SLIPWAY_API_KEY', 'SLIPWAY_EDGE_URL', 'SLIPWAY_DATA_DIR', 'SLIPWAY_DEV_FILE'].includes(name)));
  const child = startChild('bin/dev', { io, env, args: ['--ephemeral', '--json', '--tether'], onError: (text) => {
    for (const line of text.split('\n').filter((one) => one.trim() !== '')) { out.line(out.paint('dim', `  ${line.trimEnd()}`)); out.record('stack', { message: line.trim() }); }
  } });
  onChild(child);
  const ready = await new Promise<DemoStack['ready']>((resolve, reject) => {
    const timer = setTimeout(() => { reject(new UnavailableError(`The stack was not ready in ${READY_LIMIT_MS / 60_000} minutes.`, child.lastWords() || 'slipway doctor')); }, READY_LIMIT_MS);
    const stop = (): void => { clearTimeout(timer); reject(new InterruptedError()); };
    signal.addEventListener('abort', stop, { once: true });
    child.onLine((line) => {
      const said = jsonOf(line);
      if (said?.['type'] !== 'ready') return;
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
      resolve(said as unknown as DemoStack['ready']);
    });
    void child.ended.then((end) => { clearTimeout(timer); reject(new UnavailableError(`The stack ended (${end}) before it was ready.`, child.lastWords().split('\n').slice(-6).join('\n  ') || 'Run slipway dev to see why.')); });
    if (signal.aborted) stop();
  });
  return { ready, child };
}

export const jsonOf = (line: string): Record<string, unknown> | undefined => {
  try { const value: unknown = JSON.parse(line); return value !== null && typeof value === 'object' ? value as Record<string, unknown> : undefined; } catch { return undefined; }
};
