import type { IncomingMessage, ServerResponse } from 'node:http';
import { leaseLeftMs } from '../core/assignment/index.js';
import type { ReaderWrites } from '../store/index.js';
import { readBody } from './body.js';
import type { PreparedBundle } from './contents.js';
import type { Access, Keys } from './keys.js';
import type { Held, Snapshot } from './snapshot.js';

export interface StreamDeps {
  readonly snapshot: Pick<Snapshot, 'find' | 'ageMs' | 'isFresh' | 'onChange'>;
  readonly keys: Keys;
  readonly readers: ReaderWrites;
  readonly monotonicMs: () => number;
  readonly databaseMs: () => number | null;
}
export interface Streams {
  /** @returns true when the path was its own */
  handle(request: IncomingMessage, response: ServerResponse): boolean;
  /** Heartbeat to everyone who listens; ends the streams of keys that were revoked. Called each 10 s. */
  beat(): void;
  /** Ends all streams. */
  close(): void;
  readonly open: () => number;
}
interface Listener { readonly request: IncomingMessage; readonly response: ServerResponse; readonly id: string }

const STREAMS_MAX = 1_000;
const BEHIND_MAX = 8 * 1024 * 1024;
const ACK_MAX = 4 * 1024;
const READER = /^[A-Za-z0-9._:-]{1,64}$/;

/** Snapshots for those who assign themselves: read, streamed, acknowledged. */
export function createStreams({ snapshot, keys, readers, monotonicMs, databaseMs }: StreamDeps): Streams {
  const listeners = new Set<Listener>();
  const granted = (request: IncomingMessage, response: ServerResponse, then: (access: Access & { kind: 'granted' }) => void): void => {
    const go = (access: Access): void => {
      if (access.kind === 'granted') { then(access); return; }
      request.resume();
      if (access.retryAfterSec !== undefined) response.setHeader('retry-after', String(access.retryAfterSec));
      say(response, access.status, { error: access.message });
    };
    const access = keys.check(request, 'serve');
    if (access instanceof Promise) void access.then(go); else go(access);
  };
  const snapshotJson = (held: Held): string => JSON.stringify({
    schema: 'slipway.snapshot/v1', application: held.application, environment: held.environment, epoch: held.epoch, rev: held.rev, split: held.split, salt: held.salt,
    ...leaseOf(held), ...(snapshot.isFresh() ? {} : { stale: true, ageMs: Math.round(snapshot.ageMs()) }), bundles: bundlesOf(held),
  });
  /** What remains, not what was granted; `stampMs` lets a reader see how long a grant was under way. */
  const leaseOf = (held: Held): object => ({ lease: { epoch: held.epoch, rev: held.rev, seq: held.leaseSeq, leftMs: Math.floor(held.split?.candidate === undefined ? 0 : leaseLeftMs(held.lease, monotonicMs())) }, stampMs: Math.round(monotonicMs()), databaseMs: databaseMs() });

  const send = (listener: Listener, held: Held, what: 'split' | 'lease'): void => {
    const { response } = listener;
    // Who does not read is cut off; it comes back with Last-Event-ID.
    if (response.writableLength > BEHIND_MAX) { response.destroy(); return; }
    const data = what === 'split' ? snapshotJson(held) : JSON.stringify(leaseOf(held));
    response.write(`event: ${what === 'split' ? 'snapshot' : 'lease'}\nid: ${eventId(held)}\ndata: ${data}\n\n`);
  };
  const forget = snapshot.onChange((held, what) => {
    const id = `${held.application}/${held.environment}`;
    for (const listener of listeners) if (listener.id === id) send(listener, held, what);
  });

  const stream = (request: IncomingMessage, response: ServerResponse): void => {
    granted(request, response, ({ application, environment }) => {
      if (listeners.size >= STREAMS_MAX) { response.setHeader('retry-after', '5'); say(response, 503, { error: 'Too many streams are open here.' }); return; }
      const listener: Listener = { request, response, id: `${application}/${environment}` };
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' });
      response.write('retry: 1000\n\n');
      listeners.add(listener);
      response.on('close', () => { listeners.delete(listener); });
      const held = snapshot.find(application, environment);
      if (held === undefined) return;
      // The same revision again: only its lease can have changed.
      const [epoch, rev] = String(request.headers['last-event-id'] ?? '').split('.');
      send(listener, held, epoch === String(held.epoch) && rev === String(held.rev) ? 'lease' : 'split');
    });
  };
  const read = (request: IncomingMessage, response: ServerResponse): void => {
    granted(request, response, ({ application, environment }) => {
      const held = snapshot.find(application, environment);
      if (held === undefined) say(response, 404, { error: `Nothing has been released into ${application}/${environment} yet.` });
      else say(response, 200, snapshotJson(held));
    });
  };
  const acknowledge = (request: IncomingMessage, response: ServerResponse): void => {
    granted(request, response, ({ application, environment }) => {
      readBody(request, ACK_MAX, (body) => {
        if (body.kind !== 'read') { response.setHeader('connection', 'close'); say(response, body.kind === 'tooLarge' ? 413 : 415, { error: 'The acknowledgement is too large or compressed.' }); return; }
        const ack = ackOf(body.text);
        if (ack === null) { say(response, 400, { error: 'Send {"reader","epoch","rev","leaseSeq"}: a name of 1 to 64 characters and three whole numbers.' }); return; }
        // The prefix keeps an application from speaking for an edge.
        readers.acknowledge({ application, environment, ...ack, reader: `sdk:${ack.reader}` }).then(
          () => { response.writeHead(204).end(); },
          () => { response.setHeader('retry-after', '2'); say(response, 503, { error: 'The acknowledgement could not be stored.' }); });
      });
    });
  };

  const doors = new Map<string, readonly ['GET' | 'POST', (request: IncomingMessage, response: ServerResponse) => void]>([
    ['/v1/snapshot', ['GET', read]], ['/v1/snapshot/stream', ['GET', stream]], ['/v1/snapshot/ack', ['POST', acknowledge]],
  ]);
  return {
    handle: (request, response) => {
      const door = doors.get((request.url ?? '').split('?', 1)[0] ?? '');
      if (door === undefined) return false;
      if (request.method === door[0]) door[1](request, response);
      else { request.resume(); response.setHeader('allow', door[0]); say(response, 405, { error: `Use ${door[0]}.` }); }
      return true;
    },
    beat: () => {
      for (const { request, response } of listeners) {
        const end = (access: Access): void => { if (access.kind === 'refused' && access.status !== 503) response.end(); };
        const access = keys.check(request, 'serve');
        if (access instanceof Promise) void access.then(end); else end(access);
        if (!response.writableEnded) response.write(': beat\n\n');
      }
    },
    close: () => { forget(); for (const { response } of listeners) response.end(); },
    open: () => listeners.size,
  };
}

const eventId = (held: Held): string => `${held.epoch}.${held.rev}.${held.leaseSeq}`;

/** By digest; the values are parsed again because a snapshot is sent when a split changes, not per request. */
function bundlesOf({ stable, candidate }: Held): Record<string, unknown> {
  const bundles: Record<string, unknown> = {};
  const all = [stable, candidate].filter((bundle): bundle is PreparedBundle => bundle !== null);
  for (const bundle of all) bundles[bundle.digest] = Object.fromEntries([...bundle.flags].filter(([key]) => key !== 'bundle').map(([key, { json }]) => [key, JSON.parse(json) as unknown]));
  return bundles;
}

function ackOf(text: string): { readonly reader: string; readonly epoch: number; readonly rev: number; readonly leaseSeq: number } | null {
  let value: unknown;
  try { value = JSON.parse(text); } catch { return null; }
  if (typeof value !== 'object' || value === null) return null;
  const { reader, epoch, rev, leaseSeq } = value as Readonly<Record<string, unknown>>;
  const isCount = (number: unknown): number is number => Number.isSafeInteger(number) && (number as number) >= 0;
  return typeof reader === 'string' && READER.test(reader) && isCount(epoch) && isCount(rev) && isCount(leaseSeq) ? { reader, epoch, rev, leaseSeq } : null;
}

function say(response: ServerResponse, status: number, body: object | string): void {
  if (response.destroyed || response.headersSent) return;
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }).end(typeof body === 'string' ? body : JSON.stringify(body));
}
