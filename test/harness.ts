import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';

export const root = path.resolve(import.meta.dirname, '..');

/** What `slipway dev --json` says when everything answers. */
export interface Ready {
  readonly api: string; readonly edge: string; readonly model: string; readonly temporal: string; readonly temporalUi: string | null; readonly mongodb: string;
  readonly people: Record<'admin' | 'author' | 'releaseManager' | 'approver' | 'onCall', string>; readonly keys: { readonly ci: string; readonly app: string };
}
export interface Stack extends Ready { readonly child: ChildProcess; readonly dataDir: string; stop(signal?: NodeJS.Signals): Promise<void> }

/** The whole product as a newcomer starts it, in a data directory of its own. */
export async function startStack(options: { readonly dataDir?: string; readonly env?: Record<string, string>; readonly args?: readonly string[] } = {}): Promise<Stack> {
  const own = options.dataDir === undefined;
  const dataDir = options.dataDir ?? mkdtempSync(path.join(tmpdir(), 'slipway-'));
  const env: NodeJS.ProcessEnv = { ...process.env, ...options.env };
  delete env['MONGODB_URI']; delete env['TEMPORAL_ADDRESS']; delete env['VITEST']; delete env['NODE_ENV'];
  const child = spawn(process.execPath, ['--import', 'tsx', path.join(root, 'bin/dev.ts'), '--json', '--headless', '--data', dataDir, ...(options.args ?? [])], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
  const said: string[] = [];
  child.stderr?.on('data', (text: Buffer) => { said.push(text.toString()); });
  const ended = new Promise<number | null>((resolve) => child.once('exit', (code) => { resolve(code); }));
  const ready = await new Promise<Ready>((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error(`the stack was not ready in 120 s\n${said.join('')}`)); child.kill('SIGTERM'); }, 120_000);
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => {
      said.push(`${line}\n`);
      try {
        const event = JSON.parse(line) as { type?: string };
        if (event.type === 'ready') { clearTimeout(timer); resolve(event as unknown as Ready); }
      } catch { /* not JSON: for people */ }
    });
    void ended.then((code) => { clearTimeout(timer); reject(new Error(`the stack ended with ${String(code)}\n${said.join('')}`)); });
  });
  return {
    ...ready, child, dataDir,
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      await ended;
      if (own) rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** What came over the wire and is read by an expectation, not by a type. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type Json = any;
export interface Reply { readonly status: number; readonly headers: http.IncomingHttpHeaders; readonly text: string; readonly json: Json }

const agent = new http.Agent({ keepAlive: true, maxSockets: 32 });
export function send(method: string, url: string, headers: Record<string, string>, body?: string | Buffer): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent, headers: { ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }), ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk)).on('end', () => {
        const text = Buffer.concat(chunks).toString('utf8');
        let json: unknown = null;
        try { json = JSON.parse(text); } catch { /* an empty or a binary body */ }
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json });
      }).on('error', reject);
    });
    request.on('error', reject);
    request.setTimeout(20_000, () => request.destroy(new Error(`no answer from ${url} in 20 s`)));
    request.end(body);
  });
}

export class Refused extends Error {
  readonly code: string;
  constructor(code: string, message: string) { super(`${code}: ${message}`); this.code = code; }
}
/** One GraphQL call; throws Refused with the code of the first error. */
export async function gql(api: string, token: string, query: string, variables: Record<string, unknown> = {}): Promise<Json> {
  const reply = await send('POST', new URL('/graphql', api).href, { 'content-type': 'application/json', authorization: `Bearer ${token}` }, JSON.stringify({ query, variables }));
  const error = reply.json?.errors?.[0];
  if (error !== undefined) throw new Refused(String(error.extensions?.code), String(error.message));
  if (reply.json?.data === undefined) throw new Error(`HTTP ${String(reply.status)}: ${reply.text}`);
  return reply.json.data;
}
/** `mutation name(input)`: with a fresh idempotency key unless one is given. */
export async function mutate(api: string, token: string, name: string, input: Record<string, unknown>, fields: string): Promise<Json> {
  const type = `${name[0]?.toUpperCase() ?? ''}${name.slice(1)}Input`;
  const data = await gql(api, token, `mutation($input: ${type}!) { ${name}(input: $input) ${fields} }`, { input: { idempotencyKey: randomBytes(12).toString('hex'), ...input } });
  return data[name];
}

/** Asks until the answer suits; an event could not be awaited from outside. */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false>, limitMs = 90_000, everyMs = 100): Promise<T> {
  const end = performance.now() + limitMs;
  for (let last: unknown = null; ; await new Promise((resolve) => setTimeout(resolve, everyMs))) {
    try { const answer = await ask(); if (answer !== null && answer !== undefined && answer !== false) return answer; } catch (error) { last = error; }
    if (performance.now() > end) throw new Error(`waited ${String(limitMs)} ms for ${what}${last instanceof Error ? `; last: ${last.message}` : ''}`);
  }
}

export const releaseFields = '{ id kind state open baseline candidate { digest } holds waitingFor approvals { approver } approvalsNeeded stage { index weightBp } rollback { rev forCause reason decidedBy convergeMs stragglers leaseEnded } evaluation { id verdict { kind reasons } } timeline { seq type state reason } evidence { metric stable { units bad } candidate { units bad } logEHarm logENi } }';
export const releaseOf = async (api: string, token: string, id: string): Promise<Json> => (await gql(api, token, `query($id: ID!) { release(id: $id) ${releaseFields} }`, { id })).release;
/** Waits until the release is in one of the states; fails at once when it ends elsewhere. */
export async function reaches(stack: Ready, id: string, states: readonly string[], limitMs = 90_000): Promise<Json> {
  const release = await until(`release ${id} to be ${states.join(' or ')}`, async () => {
    const now = await releaseOf(stack.api, stack.people.releaseManager, id);
    return now !== null && (states.includes(String(now.state)) || !now.open) ? now : null;
  }, limitMs);
  if (!states.includes(String(release.state))) throw new Error(`release ${id} ended ${String(release.state)}: ${JSON.stringify(release)}`);
  return release;
}

/** What a served prompt does to a user: decided by its text alone, as a real application's users would. */
export type Judge = (text: string, user: string) => { readonly bad: boolean };
export interface Traffic { readonly served: Map<string, number>; stop(): Promise<void> }

/**
 * A stand-in for an application with users: asks the edge, judges the text it was given, reports one span per answer.
 * It reads neither version nor arm; `served` counts answers by text.
 */
export function traffic(stack: { readonly edge: string; readonly keys: { readonly app: string } }, options: { readonly perSec: number; readonly prompt?: string; readonly guardrail: string; readonly judge: Judge; readonly key?: string }): Traffic {
  const served = new Map<string, number>();
  const spans: unknown[] = [];
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${options.key ?? stack.keys.app}` };
  const id = (bytes: number): string => randomBytes(bytes).toString('hex');
  let user = 0;
  const underway = new Set<Promise<unknown>>();
  const one = async (): Promise<void> => {
    const targetingKey = `user-${String(user++)}-${id(3)}`;
    const reply = await send('POST', `${stack.edge}/ofrep/v1/evaluate/flags/${options.prompt ?? 'answer'}`, headers, JSON.stringify({ context: { targetingKey } }));
    const text: string = (reply.json?.value?.messages ?? []).map((m: { content: string }) => m.content).join('\n');
    if (text === '') return;
    served.set(text, (served.get(text) ?? 0) + 1);
    const now = `${String(Date.now())}000000`;
    const token: unknown = reply.json?.metadata?.['slipway.assignment'];
    spans.push({
      traceId: id(16), spanId: id(8), name: 'chat sandbox', kind: 3, startTimeUnixNano: now, endTimeUnixNano: now, status: {},
      attributes: [
        { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }, { key: 'gen_ai.request.model', value: { stringValue: 'sandbox-extractive-1' } },
        ...(typeof token === 'string' ? [{ key: 'slipway.assignment', value: { stringValue: token } }] : []),
        { key: `slipway.guardrail.${options.guardrail}`, value: { boolValue: options.judge(text, targetingKey).bad } },
      ],
    });
  };
  const flush = async (): Promise<void> => {
    if (spans.length === 0) return;
    const body = JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: spans.splice(0) }] }] });
    for (let attempt = 0; attempt < 40; attempt += 1) {
      const reply = await send('POST', `${stack.edge}/v1/traces`, headers, body).catch(() => null);
      if (reply !== null && reply.status < 500 && reply.status !== 429) return;
      await new Promise((resolve) => setTimeout(resolve, 250));
    }
  };
  const run = (work: () => Promise<void>): void => { const p = work().catch(() => undefined).finally(() => underway.delete(p)); underway.add(p); };
  const users = setInterval(() => { if (underway.size < 64) run(one); }, 1000 / options.perSec);
  const reports = setInterval(() => { run(flush); }, 200);
  return {
    served,
    async stop() { clearInterval(users); clearInterval(reports); await Promise.allSettled([...underway]); await flush(); },
  };
}
