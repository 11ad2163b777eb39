/** What the actors of a test asked for and were told, one line a call: what a checker compares the store with. */
import { createHash, randomBytes } from 'node:crypto';
import { digestOf } from '../../core/canonical.js';
import { Refused, mutate, send } from '../harness.js';
import type { Json, Judge, Traffic } from '../harness.js';

/** `unknown`: no answer, or one that does not say whether it happened. It may have had its effect, at most once. */
export type CallOutcome = 'ok' | 'fail' | 'unknown';
export interface Line {
  readonly id: string;
  /** `serve`, `ingest`, `feedback`, or the name of a mutation or query */
  readonly op: string;
  readonly argsDigest: string;
  /** the idempotency key, where the arguments have one */
  readonly key?: string;
  readonly startMono: number; readonly endMono: number;
  readonly outcome: CallOutcome;
  /** what was answered; of a refusal its code, else the message */
  readonly result: Json;
}

export interface Ledger {
  /**
   * Runs the call, writes its line, and gives back what it gave or threw. An object's `idempotencyKey` is the line's key and no part of the digest.
   *
   * @param read   outcome and result of an answer; by default it is `ok` and the result is the answer
   * @param about  stands in the result whatever became of the call
   */
  record<T>(op: string, args: unknown, run: () => Promise<T>, read?: (answer: T) => { readonly outcome: CallOutcome; readonly result: unknown }, about?: Readonly<Record<string, unknown>>): Promise<T>;
  /** One GraphQL mutation as a line: under a fresh idempotency key unless one is given. */
  mutate(api: string, token: string, name: string, input: Record<string, unknown>, fields: string): Promise<Json>;
  lines(): readonly Line[];
}

/** A refusal with one of these codes says nothing about what happened. */
const SAY_NOTHING: ReadonlySet<string> = new Set(['UNAVAILABLE', 'INTERNAL', 'undefined']);
const digest = (value: unknown): string => digestOf(JSON.parse(JSON.stringify(value ?? null)) as never, (text) => createHash('sha256').update(text).digest('hex'));
const keyOf = (args: unknown): string | undefined => {
  const key = (args as { readonly idempotencyKey?: unknown } | null)?.idempotencyKey;
  return typeof key === 'string' ? key : undefined;
};

export function createLedger(): Ledger {
  const lines: Line[] = [];
  const ledger: Ledger = {
    async record(op, args, run, read = (answer) => ({ outcome: 'ok', result: answer }), about = undefined) {
      const { idempotencyKey: _key, ...bare } = (typeof args === 'object' && args !== null && !Array.isArray(args) ? args : { args }) as { readonly idempotencyKey?: string };
      const key = keyOf(args);
      const begun = { id: `${op}/${String(lines.length)}-${randomBytes(4).toString('hex')}`, op, argsDigest: digest(bare), ...(key === undefined ? {} : { key }), startMono: performance.now() };
      const write = (outcome: CallOutcome, result: unknown): void => { lines.push({ ...begun, endMono: performance.now(), outcome, result: about === undefined ? result : { ...about, ...result as object } }); };
      try {
        const answer = await run();
        const { outcome, result } = read(answer);
        write(outcome, result);
        return answer;
      } catch (error) {
        if (error instanceof Refused) write(SAY_NOTHING.has(error.code) ? 'unknown' : 'fail', { code: error.code, message: error.message });
        else write('unknown', { message: error instanceof Error ? error.message : String(error) });
        throw error;
      }
    },
    mutate(api, token, name, input, fields) {
      const args = { idempotencyKey: randomBytes(12).toString('hex'), ...input };
      return ledger.record(name, args, () => mutate(api, token, name, args, fields));
    },
    lines: () => lines,
  };
  return ledger;
}

/** What a token says, read without its key: a client cannot check the seal, and need not. */
export interface TokenRead { readonly rev: number; readonly sec: number; readonly bucket: number; readonly arm: 'stable' | 'candidate'; readonly unit: string; readonly application: string; readonly environment: string; readonly release: string; readonly reader: string }
export function readToken(token: string): TokenRead {
  const bytes = Buffer.from(token.slice(2), 'base64url');
  const texts: string[] = [];
  for (let at = 19; texts.length < 4;) { const length = bytes.readUInt8(at); texts.push(bytes.subarray(at + 1, at + 1 + length).toString('utf8')); at += 1 + length; }
  const [application = '', environment = '', release = '', reader = ''] = texts;
  return { rev: bytes.readUInt32BE(0), sec: bytes.readUInt32BE(4), bucket: bytes.readUInt16BE(8), arm: bytes.readUInt8(10) === 1 ? 'candidate' : 'stable', unit: bytes.subarray(11, 19).toString('hex'), application, environment, release, reader };
}

/** The result of a `serve` line. Of one without an answer there is `edge` and `targetingKey` alone, and a message. */
export interface ServedAnswer {
  readonly edge: string; readonly targetingKey: string; readonly status: number; readonly reason: string | null; readonly arm: string | null; readonly text: string;
  readonly rev: number | null; readonly epoch: number | null; readonly release: string | null; readonly bundle: string | null; readonly isStale: boolean;
  /** the token as it came, and what it says */
  readonly sealed: string | null; readonly token: TokenRead | null;
}
/** The result of an `ingest` line. One without an answer has status 0. */
export interface Sent { readonly edge: string; readonly status: number; readonly retryAfterSec: number | null; readonly observations: readonly Observed[]; /** what the batch of this body is called, without its application */ readonly batch?: string }
export interface Observed { readonly release: string; readonly arm: 'stable' | 'candidate'; readonly rev: number; readonly unit: string; readonly sec: number; readonly feed: string; readonly bad: boolean; readonly reader: string }

export interface Fleet { readonly edges: readonly string[]; readonly keys: { readonly app: string }; readonly ledger: Ledger; readonly random: () => number }
export interface LedgeredOptions {
  readonly perSec: number; readonly prompt?: string; readonly guardrail: string; readonly judge: Judge; readonly key?: string;
  /** asks and reports here alone; without it both edges in turn, and a report that fails goes to the next edge */
  readonly edge?: string;
}
export interface LedgeredTraffic extends Traffic { /** Stops asking; what has not been acknowledged goes on being sent until it is, or the time is up. */ stop(limitMs?: number): Promise<void>; /** reports that wait for their acknowledgement */ waiting(): number }

const numberIn = (headers: Json, name: string): number | null => { const value = Number(headers[name]); return Number.isFinite(value) ? value : null; };

/** One question to an edge, as a line. */
export async function ask(fleet: Pick<Fleet, 'keys' | 'ledger'>, edge: string, targetingKey: string, options: { readonly prompt?: string; readonly key?: string } = {}): Promise<ServedAnswer> {
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${options.key ?? fleet.keys.app}` };
  const reply = await fleet.ledger.record('serve', { edge, targetingKey, prompt: options.prompt ?? 'answer' }, () =>
    send('POST', `${edge}/ofrep/v1/evaluate/flags/${options.prompt ?? 'answer'}`, headers, JSON.stringify({ context: { targetingKey } })),
  (answer) => ({ outcome: answer.status === 200 ? 'ok' : answer.status >= 500 ? 'unknown' : 'fail', result: servedOf(edge, targetingKey, answer) }), { edge, targetingKey });
  return servedOf(edge, targetingKey, reply);
}
function servedOf(edge: string, targetingKey: string, { status, json }: { readonly status: number; readonly json: Json }): ServedAnswer {
  const metadata = json?.metadata ?? {};
  const token: unknown = metadata['slipway.assignment'];
  return {
    edge, targetingKey, status, reason: json?.reason ?? null, arm: json?.variant ?? null, text: (json?.value?.messages ?? []).map((m: { content: string }) => m.content).join('\n'),
    rev: metadata.version === undefined ? null : Number(metadata.version), epoch: metadata['slipway.epoch'] ?? null, release: metadata['slipway.release'] ?? null, bundle: metadata['slipway.bundle'] ?? null, isStale: metadata['slipway.stale'] === true,
    sealed: typeof token === 'string' ? token : null, token: typeof token === 'string' ? readToken(token) : null,
  };
}

/** Sends these very bytes until they are answered for good, each attempt a line; false when time was up before. */
async function deliver(fleet: Fleet, body: string, observations: readonly Observed[], headers: Record<string, string>, edgeAt: (attempt: number) => string, isOver: () => boolean): Promise<boolean> {
  for (let attempt = 0; ; attempt += 1) {
    const edge = edgeAt(attempt);
    const reply = await fleet.ledger.record('ingest', body, () => send('POST', `${edge}/v1/traces`, headers, body), (answer) => ({
      outcome: answer.status >= 200 && answer.status < 300 ? 'ok' : answer.status >= 500 ? 'unknown' : 'fail',
      result: { status: answer.status, retryAfterSec: numberIn(answer.headers, 'retry-after') },
    }), { edge, status: 0, retryAfterSec: null, observations, batch: createHash('sha256').update(body).digest('hex').slice(0, 32) } satisfies Sent).catch(() => null);
    if (reply !== null && reply.status < 500 && reply.status !== 429) return true;
    if (isOver()) return false;
    await new Promise((resolve) => { setTimeout(resolve, 250); });
  }
}

/**
 * `traffic` of test/harness.ts with a ledger: every question is a `serve` line, every report an `ingest` line whose result names the
 * observations. A report that is not acknowledged is sent again with the same bytes, to the next edge where there is one, as a client does.
 */
export function ledgeredTraffic(fleet: Fleet, options: LedgeredOptions): LedgeredTraffic {
  const served = new Map<string, number>();
  const underway = new Set<Promise<unknown>>();
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${options.key ?? fleet.keys.app}` };
  const edges = options.edge === undefined ? fleet.edges : [options.edge];
  const edgeAt = (n: number): string => edges[n % edges.length] ?? '';
  const id = (bytes: number): string => randomBytes(bytes).toString('hex');
  const run = randomBytes(3).toString('hex');
  let spans: { readonly span: unknown; readonly observations: readonly Observed[] }[] = [];
  let user = 0, reports = 0, waiting = 0;
  let endMs = Number.POSITIVE_INFINITY;

  const one = async (): Promise<void> => {
    const n = user++;
    const targetingKey = `user-${run}-${String(n)}-${Math.floor(fleet.random() * 0x1000000).toString(16).padStart(6, '0')}`;
    const answer = await ask(fleet, edgeAt(n), targetingKey, options);
    if (answer.text === '') return;
    served.set(answer.text, (served.get(answer.text) ?? 0) + 1);
    const { token } = answer;
    const { bad } = options.judge(answer.text, targetingKey);
    const now = `${String(Date.now())}000000`;
    const of = (feed: string, isBad: boolean): Observed[] => (token === null ? [] : [{ release: token.release, arm: token.arm, rev: token.rev, unit: token.unit, sec: token.sec, feed, bad: isBad, reader: token.reader }]);
    spans.push({
      observations: [...of('error', false), ...of(`guardrail:${options.guardrail}`, bad)],
      span: {
        traceId: id(16), spanId: id(8), name: 'chat sandbox', kind: 3, startTimeUnixNano: now, endTimeUnixNano: now, status: {},
        attributes: [
          { key: 'gen_ai.operation.name', value: { stringValue: 'chat' } }, { key: 'gen_ai.request.model', value: { stringValue: 'sandbox-extractive-1' } },
          ...(answer.sealed === null ? [] : [{ key: 'slipway.assignment', value: { stringValue: answer.sealed } }]),
          { key: `slipway.guardrail.${options.guardrail}`, value: { boolValue: bad } },
        ],
      },
    });
  };
  const flush = async (): Promise<void> => {
    if (spans.length === 0) return;
    const taken = spans;
    spans = [];
    const first = reports++;
    waiting += 1;
    const isDelivered = await deliver(fleet, JSON.stringify({ resourceSpans: [{ scopeSpans: [{ spans: taken.map(({ span }) => span) }] }] }), taken.flatMap(({ observations }) => observations), headers, (attempt) => edgeAt(first + attempt), () => performance.now() > endMs);
    if (isDelivered) waiting -= 1;
  };
  const start = (work: () => Promise<void>): void => { const p = work().catch(() => undefined).finally(() => underway.delete(p)); underway.add(p); };
  const users = setInterval(() => { if (underway.size < 64) start(one); }, 1_000 / options.perSec);
  const reporting = setInterval(() => { start(flush); }, 200);
  return {
    served, waiting: () => waiting,
    async stop(limitMs = 20_000) {
      clearInterval(users);
      clearInterval(reporting);
      endMs = performance.now() + limitMs;
      await Promise.allSettled([...underway]);
      await flush();
    },
  };
}
