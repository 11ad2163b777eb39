import type { IncomingMessage, ServerResponse } from 'node:http';
import { readBody } from './body.js';
import type { Access, Keys } from './keys.js';
import type { Assignment, ResolveDeps } from './resolve.js';
import { assign, bulkJson, etagOf, flagJson } from './resolve.js';
import type { Held, Snapshot } from './snapshot.js';

export interface OfrepDeps extends ResolveDeps {
  readonly snapshot: Pick<Snapshot, 'find' | 'isLoaded' | 'ageMs' | 'isFresh'>;
  readonly keys: Keys;
  readonly monotonicMs: () => number;
  readonly count: (name: string, labels?: Readonly<Record<string, string>>, by?: number) => void;
}

const PATH = '/ofrep/v1/evaluate/flags';
const KEY = /^[A-Za-z0-9._-]{1,128}$/;
const BODY_MAX = 64 * 1024;
const TARGETING_KEY_BYTES_MAX = 512;
/** No snapshot yet, or nothing is live: no value, and the application uses what it was shipped with. */
const codeDefault = (key: string, metadata: string): string => `{"key":${JSON.stringify(key)},"reason":"DEFAULT","variant":"default","metadata":{${metadata}}}`;

type Context = { readonly kind: 'context'; readonly targetingKey: string | null } | { readonly kind: 'fault'; readonly code: 'PARSE_ERROR' | 'INVALID_CONTEXT'; readonly details: string };

/**
 * OpenFeature Remote Evaluation, single and bulk. Every body is JSON; every success has key, reason, variant and metadata, every error
 * key, errorCode, errorDetails and metadata: clients read them unguarded.
 *
 * @returns true when the path was its own
 */
export function createOfrep(deps: OfrepDeps): (request: IncomingMessage, response: ServerResponse) => boolean {
  const { snapshot, keys, monotonicMs, count } = deps;

  const answer = (response: ServerResponse, status: number, body: string, headers: Readonly<Record<string, string>> = {}): void => {
    if (response.destroyed || response.headersSent) return;
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)), 'cache-control': 'no-store', ...headers }).end(body);
  };
  const fail = (response: ServerResponse, key: string | null, status: number, errorCode: string, errorDetails: string, headers: Readonly<Record<string, string>> = {}): void => {
    count('slipway_serving_errors_total', { code: errorCode, status: String(status) });
    answer(response, status, JSON.stringify({ ...(key === null ? {} : { key }), errorCode, errorDetails, metadata: {} }), headers);
  };

  const evaluate = (request: IncomingMessage, response: ServerResponse, access: Access & { kind: 'granted' }, key: string | null, text: string): void => {
    const context = contextOf(text);
    if (context.kind === 'fault') { fail(response, key, 400, context.code, context.details); return; }
    if (key !== null && !KEY.test(key)) { fail(response, key.slice(0, 128), 404, 'FLAG_NOT_FOUND', 'There is no such flag: a key has 1 to 128 letters, digits, ".", "_" or "-".'); return; }
    const held = snapshot.find(access.application, access.environment);
    if (held === undefined && snapshot.isLoaded()) {
      const details = `Nothing has been released into ${access.application}/${access.environment} yet.`;
      if (key === null) answer(response, 200, '{"flags":[],"metadata":{}}'); else fail(response, key, 404, 'FLAG_NOT_FOUND', details);
      return;
    }
    if (held === undefined || held.split === null) {
      answer(response, 200, key === null ? '{"flags":[],"metadata":{}}' : codeDefault(key, held === undefined ? '"slipway.stale":true' : `"flagSetId":"${held.application}/${held.environment}"`));
      return;
    }
    const assignment = assign(held, context.targetingKey, { monotonicMs: monotonicMs(), ageMs: snapshot.ageMs(), isFresh: snapshot.isFresh() }, deps);
    if (assignment === null) { fail(response, key, 400, 'TARGETING_KEY_MISSING', 'A candidate is open here: say in context.targetingKey who is served.'); return; }
    if (key === null) { bulk(request, response, held, assignment); return; }
    const flag = flagJson(held, assignment, key);
    if (flag === null) { fail(response, key, 404, 'FLAG_NOT_FOUND', `The bundle that is served has no prompt "${key}".`); return; }
    count('slipway_serving_answers_total', { arm: assignment.arm, door: 'single' });
    answer(response, 200, flag);
  };
  const bulk = (request: IncomingMessage, response: ServerResponse, held: Held, assignment: Assignment): void => {
    const etag = etagOf(held, assignment);
    count('slipway_serving_answers_total', { arm: assignment.arm, door: 'bulk' });
    if (isKnown(request.headers['if-none-match'], etag)) { response.writeHead(304, { etag, 'cache-control': 'no-cache' }).end(); return; }
    answer(response, 200, bulkJson(held, assignment), { etag, 'cache-control': 'no-cache' });
  };

  return (request, response) => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    if (path !== PATH && !path.startsWith(`${PATH}/`)) return false;
    const key = path === PATH ? null : decoded(path.slice(PATH.length + 1));
    if (request.method !== 'POST') { fail(response, key, 405, 'GENERAL', 'Evaluate with POST.', { allow: 'POST' }); return true; }
    const go = (access: Access): void => {
      if (access.kind === 'refused') {
        request.resume();
        fail(response, key, access.status, 'GENERAL', access.message, access.retryAfterSec === undefined ? {} : { 'retry-after': String(access.retryAfterSec) });
        return;
      }
      readBody(request, BODY_MAX, (body) => {
        if (body.kind === 'tooLarge') fail(response, key, 413, 'GENERAL', `The body is larger than ${BODY_MAX} bytes.`, { connection: 'close' });
        else if (body.kind === 'encoded') fail(response, key, 415, 'GENERAL', 'Send the body without compression.');
        else evaluate(request, response, access, key, body.text);
      });
    };
    const access = keys.check(request, 'serve');
    if (access instanceof Promise) void access.then(go); else go(access);
    return true;
  };
}

function decoded(key: string): string {
  try { return decodeURIComponent(key); } catch { return key; }
}

/** What was sent; nothing at all is an empty context, because clients send that. */
function contextOf(text: string): Context {
  let body: unknown = {};
  try { if (text.trim() !== '') body = JSON.parse(text); } catch { return { kind: 'fault', code: 'PARSE_ERROR', details: 'The body is not JSON.' }; }
  if (!isObject(body)) return { kind: 'fault', code: 'PARSE_ERROR', details: 'The body is not a JSON object.' };
  const context = body['context'] ?? {};
  if (!isObject(context)) return { kind: 'fault', code: 'INVALID_CONTEXT', details: 'context is not an object.' };
  const targetingKey = context['targetingKey'] ?? '';
  if (typeof targetingKey !== 'string') return { kind: 'fault', code: 'INVALID_CONTEXT', details: 'context.targetingKey is not a text.' };
  if (Buffer.byteLength(targetingKey) > TARGETING_KEY_BYTES_MAX) return { kind: 'fault', code: 'INVALID_CONTEXT', details: `context.targetingKey is longer than ${TARGETING_KEY_BYTES_MAX} bytes.` };
  return { kind: 'context', targetingKey: targetingKey === '' ? null : targetingKey };
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> => typeof value === 'object' && value !== null && !Array.isArray(value);

/** `If-None-Match` may be a list, weak, or `*`. */
const isKnown = (header: string | undefined, etag: string): boolean => header !== undefined && header.split(',').some((tag) => tag.trim() === '*' || tag.trim().replace(/^W\//, '') === etag);
