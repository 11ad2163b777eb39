/** One finished model call. Times in milliseconds since 1970; not reported is null. */
export interface ModelCall {
  readonly traceId: string; readonly spanId: string;
  readonly startedAtMs: number; readonly endedAtMs: number;
  readonly provider: string; readonly requestModel: string; readonly responseModel: string | null;
  readonly inputTokens: number | null; readonly outputTokens: number | null;
  readonly token: string | undefined;
  /** Runtime checks of this application, by name: true when violated. */
  readonly guardrails: Readonly<Record<string, boolean>>;
  readonly failed: boolean;
}

export interface Reporter {
  report(call: ModelCall): void;
  /** Sends what is waiting; resolves when it was taken or given up. */
  flush(): Promise<void>;
  /** Sends the rest and stops. */
  close(): Promise<void>;
  readonly counts: { readonly sent: number; readonly dropped: number };
}

export interface ReporterOptions {
  readonly url: string;
  readonly apiKey: string;
  readonly serviceName: string;
  readonly everyMs?: number;
  readonly wait?: (ms: number) => Promise<void>;
}

const EVERY_MS = 250;
const WAITING_MAX = 2_000;
const BATCH_MAX = 500;
const ATTEMPTS_MAX = 6;
const RETRY_AFTER_MAX_MS = 30_000;
const TIMEOUT_MS = 5_000;
/** The statuses that OTLP says may be tried again. */
const AGAIN = new Set([429, 502, 503, 504]);

/**
 * Reports model calls as OTLP/HTTP in JSON, a batch every 250 ms, to `{url}/v1/traces`. A batch that is refused for the moment is sent
 * again with the same bytes, so that it cannot be counted twice. What cannot be delivered is dropped and counted: an application never
 * waits for its telemetry.
 */
export function createReporter(options: ReporterOptions): Reporter {
  const wait = options.wait ?? ((ms: number) => new Promise<void>((resolve) => { setTimeout(resolve, ms); }));
  const waiting: ModelCall[] = [];
  const counts = { sent: 0, dropped: 0 };
  let sending: Promise<void> = Promise.resolve();

  const attempt = async (body: string): Promise<'taken' | 'refused' | number> => {
    try {
      const response = await fetch(`${options.url}/v1/traces`, {
        method: 'POST', body, signal: AbortSignal.timeout(TIMEOUT_MS),
        headers: { 'content-type': 'application/json', authorization: `Bearer ${options.apiKey}` },
      });
      await response.body?.cancel();
      if (response.ok) return 'taken';
      const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
      return AGAIN.has(response.status) ? Math.min(RETRY_AFTER_MAX_MS, Number.isFinite(seconds) ? seconds * 1000 : 0) : 'refused';
    } catch { return 0; }
  };

  const deliver = async (batch: readonly ModelCall[]): Promise<void> => {
    const body = JSON.stringify(traceOf(options.serviceName, batch));
    for (let tried = 1; tried <= ATTEMPTS_MAX; tried++) {
      const outcome = await attempt(body);
      if (outcome === 'taken') { counts.sent += batch.length; return; }
      if (outcome === 'refused') break;
      if (tried < ATTEMPTS_MAX) await wait(Math.max(outcome, 100 * 2 ** tried));
    }
    counts.dropped += batch.length;
  };

  const flush = (): Promise<void> => {
    sending = sending.then(async () => {
      while (waiting.length > 0) await deliver(waiting.splice(0, BATCH_MAX));
    });
    return sending;
  };

  const timer = setInterval(() => { if (waiting.length > 0) void flush(); }, options.everyMs ?? EVERY_MS);
  timer.unref();
  return {
    counts, flush,
    report: (call) => {
      if (waiting.length >= WAITING_MAX) { counts.dropped += 1; return; }
      waiting.push(call);
    },
    close: async () => { clearInterval(timer); await flush(); },
  };
}

type Value = string | number | boolean;

/** One batch in OTLP's JSON: 64-bit integers as strings, ids in hex, kind 3 = client, status 2 = error. */
export function traceOf(serviceName: string, calls: readonly ModelCall[]): unknown {
  return { resourceSpans: [{
    resource: { attributes: attributesOf({ 'service.name': serviceName }) },
    scopeSpans: [{ scope: { name: 'helpdesk' }, spans: calls.map(spanOf) }],
  }] };
}

function spanOf(call: ModelCall): unknown {
  const attributes: Record<string, Value | null | undefined> = {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': call.provider,
    'gen_ai.request.model': call.requestModel,
    'gen_ai.response.model': call.responseModel,
    'gen_ai.usage.input_tokens': call.inputTokens,
    'gen_ai.usage.output_tokens': call.outputTokens,
    'slipway.assignment': call.token,
    ...Object.fromEntries(Object.entries(call.guardrails).map(([name, isViolated]) => [`slipway.guardrail.${name}`, isViolated])),
  };
  return {
    traceId: call.traceId, spanId: call.spanId, name: `chat ${call.requestModel}`, kind: 3,
    startTimeUnixNano: nanosOf(call.startedAtMs), endTimeUnixNano: nanosOf(call.endedAtMs),
    attributes: attributesOf(attributes), status: call.failed ? { code: 2 } : {},
  };
}

const nanosOf = (ms: number): string => (BigInt(Math.round(ms * 1000)) * 1000n).toString();

const attributesOf = (attributes: Readonly<Record<string, Value | null | undefined>>): unknown[] =>
  Object.entries(attributes).flatMap(([key, value]) => (value === null || value === undefined ? [] : [{ key, value: valueOf(value) }]));

function valueOf(value: Value): unknown {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}
