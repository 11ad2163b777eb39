import { run } from '../cli/index.js';

// The second Ctrl-C does not wait for what the first one is ending.
const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => { if (stop.signal.aborted) process.exit(130); else stop.abort(signal); });
}
process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(0); });

process.exitCode = await run({
  // Not runtime/settings.ts: that loads the shapes of every setting, and `slipway --version` loads nothing.
  // eslint-disable-next-line no-restricted-properties
  argv: process.argv.slice(2), env: process.env, stdout: process.stdout, stderr: process.stderr, stdin: process.stdin,
  cwd: process.cwd(), isTty: process.stdout.isTTY === true, nowMs: Date.now, signal: stop.signal,
});
