import { runInForeground } from './child.js';
import { isOn, optional, type Context, type Typed } from './context.js';
import { EXIT } from './exit.js';

/** `slipway dev`: hands over to bin/dev and waits for it. */
export async function dev(typed: Typed, { io }: Context): Promise<number> {
  const data = optional(typed, 'data');
  const args = [...(isOn(typed, 'ephemeral') ? ['--ephemeral'] : []), ...(isOn(typed, 'headless') ? ['--headless'] : []), ...(isOn(typed, 'json') ? ['--json'] : []), ...(data === undefined ? [] : ['--data', data])];
  const code = await runInForeground('bin/dev', { io, env: io.env, args });
  if (io.signal.aborted) return EXIT.ok.code;   // Ctrl-C is how a stack is meant to end
  return code === 0 ? EXIT.ok.code : EXIT.failed.code;
}
