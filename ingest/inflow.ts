import type { IncomingMessage } from 'node:http';
import { gunzip } from 'node:zlib';

/** What became of a body. `gone`: the client is not there any more, and nobody is answered. */
export type Body =
  | { readonly kind: 'read'; readonly bytes: Uint8Array; /** Gives the memory back; once. */ readonly release: () => void }
  | { readonly kind: 'tooLarge' | 'busy' | 'encoding' | 'malformed' | 'gone' };

/** Reads and inflates bodies within the memory and the inflations that all requests share. */
export interface Inflow { read(request: IncomingMessage, sizeMax: number): Promise<Body> }

const INFLATIONS_MAX = 4;
const WAITERS_MAX = 64;
const WAIT_MAX_MS = 2_000;
const BYTES_MAX = 128 * 1024 * 1024;
/** How long a sender of too much is listened to, so that it can read its 413. */
const DRAIN_MS = 1_000;

export function createInflow({ bytesMax = BYTES_MAX, waitMaxMs = WAIT_MAX_MS, waitersMax = WAITERS_MAX }: { readonly bytesMax?: number; readonly waitMaxMs?: number; readonly waitersMax?: number } = {}): Inflow {
  let bytesHeld = 0;
  let inflations = 0;
  const waiters: (() => void)[] = [];

  /** A turn to inflate; false when there is none in time. */
  const turn = (): Promise<boolean> => {
    if (inflations < INFLATIONS_MAX) { inflations += 1; return Promise.resolve(true); }
    if (waiters.length >= waitersMax) return Promise.resolve(false);
    return new Promise((resolve) => {
      const go = (): void => { clearTimeout(timer); inflations += 1; resolve(true); };
      const timer = setTimeout(() => { waiters.splice(waiters.indexOf(go), 1); resolve(false); }, waitMaxMs);
      waiters.push(go);
    });
  };
  const inflate = async (bytes: Buffer, sizeMax: number): Promise<Buffer | 'busy' | 'tooLarge' | 'malformed'> => {
    if (!(await turn())) return 'busy';
    try {
      return await new Promise((resolve) => {
        // The cap runs with the output: a bomb costs what the cap allows and no more.
        gunzip(bytes, { maxOutputLength: sizeMax }, (error: NodeJS.ErrnoException | null, inflated) => { resolve(error === null ? inflated : error.code === 'ERR_BUFFER_TOO_LARGE' ? 'tooLarge' : 'malformed'); });
      });
    } finally { inflations -= 1; waiters.shift()?.(); }
  };

  const collect = (request: IncomingMessage, sizeMax: number): Promise<Buffer | 'tooLarge' | 'busy' | 'gone'> => new Promise((resolve) => {
    const chunks: Buffer[] = [];
    let size = 0;
    let over: 'tooLarge' | 'busy' | null = null;
    const stop = (why: 'tooLarge' | 'busy'): void => {
      over = why;
      bytesHeld -= size;
      size = 0;
      chunks.length = 0;
      setTimeout(() => { resolve(why); }, DRAIN_MS).unref();
    };
    if (Number(request.headers['content-length'] ?? 0) > sizeMax) stop('tooLarge');
    request.on('data', (chunk: Buffer) => {
      if (over !== null) return;
      size += chunk.length;
      bytesHeld += chunk.length;
      if (size > sizeMax) { stop('tooLarge'); return; }
      if (bytesHeld > bytesMax) { stop('busy'); return; }
      chunks.push(chunk);
    });
    request.on('end', () => { resolve(over ?? Buffer.concat(chunks)); });
    request.on('close', () => { if (!request.complete) { bytesHeld -= size; size = 0; over ??= 'busy'; resolve('gone'); } });
  });

  return {
    read: async (request, sizeMax) => {
      const encoding = request.headers['content-encoding'] ?? 'identity';
      if (encoding !== 'identity' && encoding !== 'gzip') { request.resume(); return { kind: 'encoding' }; }
      const sent = await collect(request, sizeMax);
      if (typeof sent === 'string') return { kind: sent };
      let held = sent.length;
      const releaseOnce = (): void => { bytesHeld -= held; held = 0; };
      if (encoding === 'identity') return { kind: 'read', bytes: sent, release: releaseOnce };
      const inflated = await inflate(sent, sizeMax);
      if (typeof inflated === 'string') { releaseOnce(); return { kind: inflated }; }
      bytesHeld += inflated.length - held;
      held = inflated.length;
      return { kind: 'read', bytes: inflated, release: releaseOnce };
    },
  };
}
