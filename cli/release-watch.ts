import { argument, InterruptedError, pause, type Context, type Typed } from './context.js';
import { subscribe } from './events.js';
import type { Client } from './client.js';
import { EXIT } from './exit.js';
import { liveLines } from './release-live.js';
import { EVENTS, headline, releaseOf, viewLines, type EventView, type ReleaseView } from './release-view.js';
import type { Output } from './output.js';

const LOOK_MS = 1_000;

/** `slipway release watch ID` */
export const watch = (typed: Typed, context: Context): Promise<number> => watchToTheEnd(argument(typed, 0), context);

export async function watchToTheEnd(id: string, context: Context): Promise<number> {
  const { io, out, client } = context;
  const api = await client('releaseManager');
  await releaseOf(api, id);   // an unknown id is told at once, not after a stream has failed
  const ended = new AbortController();
  const stop = (): void => { ended.abort(); };
  io.signal.addEventListener('abort', stop, { once: true });
  try {
    const ends = await Promise.allSettled([drawLoop(api, id, out, ended.signal).finally(stop), tellEvents(api, id, out, ended.signal).finally(stop)]);
    if (io.signal.aborted) throw new InterruptedError();
    const failure = ends.find((end) => end.status === 'rejected');
    if (failure !== undefined) throw failure.reason;
  } finally { io.signal.removeEventListener('abort', stop); }
  const release = await releaseOf(api, id);
  out.draw([]);
  out.settle();
  return tellEnd(release, out);
}

/** Events as they come, until the API says the release has ended. */
async function tellEvents(api: Client, id: string, out: Output, signal: AbortSignal): Promise<void> {
  const stream = subscribe<EventView>(api, { query: EVENTS, field: 'releaseEvents', variables: (last) => ({ id, since: last?.seq ?? 0 }), signal });
  try { for await (const event of stream) tellEvent(event, out); } catch (error) { if (!signal.aborted) throw error; }
}

function tellEvent(event: EventView, out: Output): void {
  recordEvent(event, out);
  out.line(`${out.paint('dim', event.at.slice(11, 19))}  ${event.type}${event.reason === null || event.reason === '' ? '' : `: ${event.reason}`}  ${out.paint('dim', event.actor.id)}`);
}

export function recordEvent({ type, seq, at, state, actor, reason }: EventView, out: Output, more: Readonly<Record<string, unknown>> = {}): void {
  out.record('event', { event: type, seq, at, state, actor: actor.id, reason, ...more });
}

/** The evidence between events: it moves at every look, and no event says so. */
async function drawLoop(api: Client, id: string, out: Output, signal: AbortSignal): Promise<void> {
  let told = '';
  try {
    for (;;) {
      const release = await releaseOf(api, id, 1_000_000_000);
      if (release.open) out.draw(liveLines(release, out));
      const { evidence, assignment, progress, holds, waitingFor, stage, state } = release;
      const now = JSON.stringify({ state, stage: stage?.index ?? null, weightBp: stage?.weightBp ?? null, holds, waitingFor, progress, evidence, assignment });
      if (now !== told) out.record('look', JSON.parse(now) as Record<string, unknown>);
      told = now;
      await pause(LOOK_MS, signal);
      if (!release.open) await pause(10 * LOOK_MS, signal);   // the stream brings the last events first
      if (!release.open) return;
    }
  } catch (error) { if (!signal.aborted) throw error; }
}

/** Exit code and last words. */
export function tellEnd(release: ReleaseView, out: Output): number {
  out.record('release', { release: release.id, state: release.state, rollback: release.rollback, exposure: release.exposure });
  const isPromoted = release.state === 'PROMOTED';
  out.line();
  for (const line of viewLines(release, out)) out.line(line === headline(release) ? out.paint(isPromoted ? 'good' : 'bad', line) : line);
  switch (release.state) {
    case 'PROMOTED': out.next(`slipway status ${release.application} ${release.environment}`); return EXIT.ok.code;
    case 'FAILED': out.next('slipway doctor'); return EXIT.failed.code;
    default: out.next(`slipway release retry ${release.id}`); return EXIT.negative.code;
  }
}
