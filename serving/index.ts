/** Answers "what do I serve to this user?" from memory. It knows neither Temporal nor the driver; what it needs is handed to it. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ReaderWrites } from '../store/index.js';
import type { DatabaseClock } from './clock.js';
import type { Keys } from './keys.js';
import type { OfrepDeps } from './ofrep.js';
import { createOfrep } from './ofrep.js';
import type { Snapshot } from './snapshot.js';
import { createStreams } from './stream.js';

export { createDatabaseClock } from './clock.js';
export type { DatabaseClock } from './clock.js';
export { createCors } from './cors.js';
export { createKeys } from './keys.js';
export type { Access, KeyEvent, Keys, KeysDeps } from './keys.js';
export { createSnapshot } from './snapshot.js';
export type { Held, Snapshot, SnapshotDeps, SnapshotEvent } from './snapshot.js';

export interface ServingDeps extends Pick<OfrepDeps, 'seal' | 'unitOf' | 'reader' | 'monotonicMs' | 'count'> {
  readonly snapshot: Snapshot;
  readonly keys: Keys;
  readonly readers: ReaderWrites;
  readonly clock: Pick<DatabaseClock, 'nowMs'>;
}
export interface Serving {
  /** OFREP and the snapshot doors. @returns true when the path was one of them; it is, or will be, answered */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Streams that are open now. */
  streams(): number;
  /** Ends the streams and their heartbeat. */
  close(): void;
}

const BEAT_MS = 10_000;

export function createServing({ clock, ...deps }: ServingDeps): Serving {
  const databaseMs = (): number | null => clock.nowMs();
  const ofrep = createOfrep({ ...deps, databaseMs });
  const streams = createStreams({ ...deps, databaseMs });
  const beat = setInterval(() => { streams.beat(); }, BEAT_MS);
  beat.unref();
  return {
    handle: (request, response) => ofrep(request, response) || streams.handle(request, response),
    streams: streams.open,
    close: () => { clearInterval(beat); streams.close(); },
  };
}
