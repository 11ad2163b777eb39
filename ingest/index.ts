/** Takes in traces, logs and feedback as batches, and folds them into blocks. What it is told and cannot attribute is counted, never refused. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../core/access.js';
import type { ApplicationKey } from '../core/ids.js';
import type { Attribution, Sender, Windows } from './attribution.js';
import type { Accepted, Batches } from './batch.js';
import { attributeAll, batchId } from './batch.js';
import { feedbackOf, reportedByFeedback } from './feedback.js';
import type { Reported } from './gen-ai.js';
import { reportedByLogs, reportedBySpans } from './gen-ai.js';
import { createInflow } from './inflow.js';
import type { Body, Inflow } from './inflow.js';
import { logsOfJson, spansOfJson } from './otlp-json.js';
import { logsOfProtobuf, partialSuccessOf, spansOfProtobuf, statusOf } from './otlp-protobuf.js';
import { BadDataError, RECORDS_MAX } from './otlp.js';

export { createAttribution, createWindows } from './attribution.js';
export type { Attribution, AttributionDeps, Cause, RecentSplits, Sender, Windows } from './attribution.js';
export { createBatches } from './batch.js';
export type { BatchEvent, Batches, BatchesDeps } from './batch.js';
export { createReport } from './feedback.js';
export type { Feedback, ReportDeps, ReportOutcome } from './feedback.js';
export { createFold } from './fold.js';
export type { Fold, FoldDeps, FoldEvent } from './fold.js';

/** What a key may do; made by serving, handed over by `bin`. */
export type KeyAnswer =
  | { readonly kind: 'granted'; readonly application: ApplicationKey; readonly environment: string }
  | { readonly kind: 'refused'; readonly status: 401 | 403 | 429 | 503; readonly message: string; readonly retryAfterSec?: number };
export interface IngestDeps {
  readonly keys: { check(request: IncomingMessage, scope: Scope): KeyAnswer | Promise<KeyAnswer> };
  readonly attribution: Attribution;
  readonly windows: Pick<Windows, 'reads' | 'attributeKeys'>;
  readonly batches: Batches;
  /** Reads the splits again, when a token names a revision that is not known here yet. */
  readonly refresh: () => Promise<void>;
  readonly count: (name: string, labels?: Readonly<Record<string, string>>, by?: number) => void;
  readonly tell: (event: IngestEvent) => void;
  readonly inflow?: Inflow;
}
export type IngestEvent = { readonly event: 'ingest.failed'; readonly level: 'error'; readonly message: string };
/** @returns true when the path was its own; it is, or will be, answered */
export type IngestHandler = (request: IncomingMessage, response: ServerResponse) => boolean;

type Signal = 'traces' | 'logs' | 'metrics';
type Encoding = 'protobuf' | 'json';
const DOORS = new Map<string, Signal | 'feedback'>([['/v1/traces', 'traces'], ['/v1/logs', 'logs'], ['/v1/metrics', 'metrics'], ['/v1/feedback', 'feedback']]);
const REJECTED = { traces: 'rejectedSpans', logs: 'rejectedLogRecords', metrics: 'rejectedDataPoints' } as const;
const SIZE_MAX: Readonly<Record<Encoding, number>> = { protobuf: 16 * 1024 * 1024, json: 4 * 1024 * 1024 };
const FEEDBACK_MAX = 16 * 1024;
/** google.rpc.Code of a status. */
const RPC: Readonly<Record<number, number>> = { 400: 3, 401: 16, 403: 7, 405: 12, 413: 3, 415: 3, 429: 8, 503: 14 };
const RETRY_AFTER_SEC: Readonly<Record<number, number>> = { 429: 1, 503: 2 };

interface Read { readonly reported: readonly Reported[]; readonly records: number; readonly rejected: number; readonly cut: number }
const READERS: Readonly<Record<'traces' | 'logs', Readonly<Record<Encoding, (bytes: Uint8Array, attributeKeys: ReadonlySet<string>) => Read>>>> = {
  traces: { protobuf: (bytes, keys) => spansRead(spansOfProtobuf(bytes), keys), json: (bytes, keys) => spansRead(spansOfJson(bytes), keys) },
  logs: { protobuf: (bytes) => logsRead(logsOfProtobuf(bytes)), json: (bytes) => logsRead(logsOfJson(bytes)) },
};
const spansRead = ({ items, rejected, cut }: ReturnType<typeof spansOfJson>, keys: ReadonlySet<string>): Read => ({ reported: reportedBySpans(items, keys), records: items.length, rejected, cut });
const logsRead = ({ items, rejected, cut }: ReturnType<typeof logsOfJson>): Read => ({ reported: reportedByLogs(items), records: items.length, rejected, cut });

export function createIngest({ keys, attribution, windows, batches, refresh, count, tell, inflow = createInflow() }: IngestDeps): IngestHandler {
  /** Attributes, stores, and only then says so. */
  const store = async (sender: Sender, body: Uint8Array, reported: readonly Reported[]): Promise<{ readonly accepted: Accepted; readonly uncounted: Readonly<Record<string, number>> }> => {
    if (reported.some(({ token }) => attribution.isAhead(token, sender))) await refresh();
    const { obs, uncounted } = attributeAll(reported, sender, attribution, windows);
    const accepted = await batches.accept({ _id: batchId(sender.application, body), application: sender.application, obs, uncounted });
    if (accepted === 'stored') {
      count('slipway_ingest_observations_total', {}, obs.length);
      for (const [cause, by] of Object.entries(uncounted)) count('slipway_ingest_uncounted_total', { cause }, by);
    }
    return { accepted, uncounted };
  };

  const takeTelemetry = async (request: IncomingMessage, response: ServerResponse, signal: Signal, access: KeyAnswer): Promise<void> => {
    const encoding = encodingOf(request);
    const refuse = (status: number, message: string, retryAfterSec = RETRY_AFTER_SEC[status]): void => {
      count('slipway_ingest_refused_total', { signal, status: String(status) });
      answer(response, status, encoding ?? 'json', encoding === 'protobuf' ? statusOf(RPC[status] ?? 2, message) : JSON.stringify({ code: RPC[status] ?? 2, message }), retryAfterSec);
    };
    if (access.kind === 'refused') { request.resume(); refuse(access.status, access.message, access.retryAfterSec); return; }
    if (encoding === null) { request.resume(); refuse(415, 'Send application/x-protobuf or application/json.'); return; }
    const succeed = (rejected: number, message: string): void => {
      const partial = rejected === 0 && message === '' ? {} : { partialSuccess: { ...(rejected === 0 ? {} : { [REJECTED[signal]]: String(rejected) }), errorMessage: message } };
      answer(response, 200, encoding, encoding === 'protobuf' ? partialSuccessOf(rejected, message) : JSON.stringify(partial));
    };
    if (signal === 'metrics') {
      request.on('end', () => { succeed(0, 'Metrics are not stored here; send them to your metrics backend.'); }).resume();
      return;
    }
    const body = await inflow.read(request, SIZE_MAX[encoding]);
    if (body.kind !== 'read') { refuseBody(body.kind, SIZE_MAX[encoding], refuse, response); return; }
    try {
      let read: Read;
      // Whatever a body makes of the decoder is the body's fault: 400 is not sent again, a 5xx would be for ever.
      try { read = READERS[signal][encoding](body.bytes, windows.attributeKeys()); } catch (error) { refuse(400, error instanceof BadDataError ? error.message : 'The body cannot be read.'); return; }
      if (read.records > 0) {
        const { accepted } = await store(access, body.bytes, read.reported);
        if (accepted !== 'stored') { refuse(accepted === 'busy' ? 429 : 503, accepted === 'busy' ? 'Too much waits to be stored.' : 'The database does not answer; nothing was stored.'); return; }
      }
      const rejected = read.rejected === 0 ? [] : [`${read.rejected} records were rejected: a request may have ${RECORDS_MAX}, each with valid ids.`];
      const cut = read.cut === 0 ? [] : [`${read.cut} attributes or values were over the limits (128 attributes, 64 KiB, 16 levels) and were cut.`];
      succeed(read.rejected, [...rejected, ...cut].join(' '));
    } finally { body.release(); }
  };

  const takeFeedback = async (request: IncomingMessage, response: ServerResponse, access: KeyAnswer): Promise<void> => {
    const refuse = (status: number, message: string, retryAfterSec = RETRY_AFTER_SEC[status]): void => {
      count('slipway_ingest_refused_total', { signal: 'feedback', status: String(status) });
      answer(response, status, 'json', JSON.stringify({ error: message }), retryAfterSec);
    };
    if (access.kind === 'refused') { request.resume(); refuse(access.status, access.message, access.retryAfterSec); return; }
    if (encodingOf(request) !== 'json') { request.resume(); refuse(415, 'Send application/json.'); return; }
    const body = await inflow.read(request, FEEDBACK_MAX);
    if (body.kind !== 'read') { refuseBody(body.kind, FEEDBACK_MAX, refuse, response); return; }
    try {
      const feedback = feedbackOf(Buffer.from(body.bytes).toString('utf8'));
      if (typeof feedback === 'string') { refuse(400, feedback); return; }
      const { accepted, uncounted } = await store(access, body.bytes, [reportedByFeedback(feedback)]);
      if (accepted !== 'stored') { refuse(accepted === 'busy' ? 429 : 503, 'The feedback could not be stored now.'); return; }
      const [cause] = Object.keys(uncounted);
      answer(response, 200, 'json', JSON.stringify(cause === undefined ? { counted: true } : { counted: false, cause }));
    } finally { body.release(); }
  };

  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const door = DOORS.get(path);
    if (door === undefined) return false;
    if (request.method !== 'POST') {
      request.resume();
      response.setHeader('allow', 'POST');
      answer(response, 405, 'json', JSON.stringify({ code: RPC[405], message: 'Use POST.' }));
      return true;
    }
    const go = (access: KeyAnswer): void => {
      const taken = door === 'feedback' ? takeFeedback(request, response, access) : takeTelemetry(request, response, door, access);
      taken.catch((error: unknown) => {
        tell({ event: 'ingest.failed', level: 'error', message: error instanceof Error ? error.message : String(error) });
        answer(response, 503, 'json', JSON.stringify({ code: RPC[503], message: 'This could not be taken now.' }), RETRY_AFTER_SEC[503]);
      });
    };
    const access = keys.check(request, door === 'feedback' ? 'feedback' : 'ingest');
    if (access instanceof Promise) void access.then(go); else go(access);
    return true;
  };
}

/** Parameters such as a charset are ignored. */
function encodingOf(request: IncomingMessage): Encoding | null {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase();
  return type === 'application/x-protobuf' ? 'protobuf' : type === 'application/json' ? 'json' : null;
}

function refuseBody(kind: Exclude<Body['kind'], 'read'>, sizeMax: number, refuse: (status: number, message: string) => void, response: ServerResponse): void {
  switch (kind) {
    case 'tooLarge': response.setHeader('connection', 'close'); refuse(413, `The body is larger than ${sizeMax} bytes, inflated.`); return;
    case 'busy': refuse(429, 'Too many bodies are being read.'); return;
    case 'encoding': refuse(415, 'Send the body as it is, or with one layer of gzip.'); return;
    case 'malformed': refuse(400, 'The body is not valid gzip.'); return;
    case 'gone': response.destroy();
  }
}

function answer(response: ServerResponse, status: number, encoding: Encoding, body: Uint8Array | string, retryAfterSec?: number): void {
  if (response.destroyed || response.headersSent) return;
  if (retryAfterSec !== undefined) response.setHeader('retry-after', String(retryAfterSec));
  response.writeHead(status, { 'content-type': encoding === 'protobuf' ? 'application/x-protobuf' : 'application/json', 'content-length': String(Buffer.byteLength(body)) }).end(body);
}
