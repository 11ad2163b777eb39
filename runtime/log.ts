import { trace } from '@opentelemetry/api';
import { pino } from 'pino';
import type { DestinationStream, Logger } from 'pino';

export type { Logger } from 'pino';
export type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** What rooms may count and measure without loading OpenTelemetry. Names are Prometheus names; labels are few and bounded, never ids. */
export interface Metrics {
  /** adds `by` (1) to a counter; `_total` is appended when it is missing */
  count(name: string, labels?: Labels, by?: number): void;
  /** records one value into a histogram; the unit is the end of its name: `…_ms`, `…_bytes` */
  record(name: string, value: number, labels?: Labels): void;
  /** a value that is read when somebody asks for `/metrics` */
  gauge(name: string, read: () => number): void;
}
export type Labels = Readonly<Record<string, string | number | boolean>>;

/** The least an event has. Rooms declare a union of their own and take `tell: (event: ThatUnion) => void`. */
export interface Told { readonly event: string; readonly level?: Level }
export type Tell = (event: Told) => void;

/** Values under these names never reach a line, however deep they are. */
const SECRET_FIELDS = /"((?:proxy-)?authorization|cookie|set-cookie|x-api-key|api-?key|token-?key|signing-?key|pepper|password|secret)":"(?:[^"\\]|\\.)*"/gi;
/** Keys of ours, of providers, bearer tokens, and the password in a connection string, wherever they stand in a text. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/\bslp_(ap|ci|pt|st|wh)_[0-9A-Za-z]+/g, 'slp_$1_[redacted]'],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, 'sk-[redacted]'],
  [/\b(Bearer) [A-Za-z0-9._~+/=-]{16,}/gi, '$1 [redacted]'],
  [/(\/\/[^\s:/@"\\]+:)[^\s/@"\\]+@/g, '$1[redacted]@'],
];

/** The line without what must not be in it. */
export function redact(line: string): string {
  let clean = line.replace(SECRET_FIELDS, '"$1":"[redacted]"');
  for (const [secret, instead] of SECRET_TEXTS) clean = clean.replace(secret, instead);
  return clean;
}

/**
 * One JSON object a line: `{"level":"info","time":"…","program":"api","event":"…",…}`; inside a span with its `traceId` and `spanId`.
 *
 * @param destination  standard output by default
 */
export function createLogger(program: string, level: Level | 'silent' = 'info', destination?: DestinationStream): Logger {
  return pino({
    level, base: { program }, messageKey: 'message', timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label) => ({ level: label }) },
    mixin: () => { const span = trace.getActiveSpan()?.spanContext(); return span === undefined ? {} : { traceId: span.traceId, spanId: span.spanId }; },
    hooks: { streamWrite: redact },
  }, destination ?? pino.destination({ fd: 1, sync: true }));
}

/**
 * Rooms do not log, they tell. `createTell(logger, metrics)('serving')` is the `tell` of a room: each event becomes a line, at its
 * `level` (info), and moves the counter `slipway_<room>_<event>_total`. It never throws.
 */
export function createTell(logger: Logger, metrics: Pick<Metrics, 'count'>): (room: string) => Tell {
  return (room) => {
    const lines = logger.child({ room });
    const counters = new Map<string, string>();
    return ({ level = 'info', ...fields }) => {
      const name = counters.get(fields.event) ?? `slipway_${metricName(room)}_${metricName(fields.event)}_total`;
      if (counters.size < 500) counters.set(fields.event, name);
      lines[level](fields);
      metrics.count(name);
    };
  };
}

const metricName = (text: string): string =>
  text.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase().replace(/[^a-z0-9]+/g, '_').replace(/^_+|_+$/g, '').slice(0, 80);
