/** What both encodings of OTLP end in: the few fields that are read, within the limits, and how much was left out. */

export type Value = string | number | boolean | null | readonly Value[] | ReadonlyMap<string, Value>;
export type Attributes = ReadonlyMap<string, Value>;

export interface Span {
  /** hex, lower case; `parentSpanId` is empty for a root */
  readonly traceId: string; readonly spanId: string; readonly parentSpanId: string;
  readonly name: string; readonly isError: boolean; readonly attributes: Attributes;
  /** From start to end; null where one of them is missing, or the end comes before the start. */
  readonly durationMs: number | null;
  readonly events: readonly { readonly name: string; readonly attributes: Attributes }[];
  readonly resource: Attributes;
}
export interface LogRecord { readonly traceId: string; readonly spanId: string; readonly eventName: string; readonly attributes: Attributes; readonly resource: Attributes }

export interface Decoded<T> {
  readonly items: readonly T[];
  /** Records over the limit, or without a valid id: reported as rejected, never sent again. */
  readonly rejected: number;
  /** Attributes and values that were cut. */
  readonly cut: number;
}

/** The body is not what its content type says: 400, which clients do not send again. */
export class BadDataError extends Error { override readonly name = 'BadDataError'; }

export const RECORDS_MAX = 20_000;
const ATTRIBUTES_MAX = 128;
const EVENTS_MAX = 128;
const TEXT_MAX = 64 * 1024;
const DEPTH_MAX = 16;

/** Counts what one request had cut. */
export class Cuts {
  cut = 0;
  rejected = 0;
  text(value: string): string {
    if (value.length <= TEXT_MAX) return value;
    this.cut += 1;
    return value.slice(0, TEXT_MAX);
  }
  /** False when a value is nested deeper than anybody reads. */
  mayDescend(depth: number): boolean {
    if (depth < DEPTH_MAX) return true;
    this.cut += 1;
    return false;
  }
  /** Attributes of one record: 128, and those of ours wherever they stand. The first of a name wins. */
  attributes<T>(pairs: readonly T[], keyOf: (pair: T) => string, valueOf: (pair: T) => Value): Attributes {
    const attributes = new Map<string, Value>();
    for (const pair of pairs) {
      const key = keyOf(pair);
      if (attributes.has(key)) continue;
      if (attributes.size >= ATTRIBUTES_MAX && (!key.includes('slipway') || attributes.size >= 2 * ATTRIBUTES_MAX)) { this.cut += 1; continue; }
      attributes.set(key, valueOf(pair));
    }
    return attributes;
  }
  events<T>(events: readonly T[]): readonly T[] {
    if (events.length <= EVENTS_MAX) return events;
    this.cut += events.length - EVENTS_MAX;
    return events.slice(0, EVENTS_MAX);
  }
}

/** Nanoseconds since 1970 as they are written: texts, numbers, or what stands for 64 bits. A moment of 0 is none. */
export function durationMsOf(start: unknown, end: unknown): number | null {
  const [from, to] = [nanosOf(start), nanosOf(end)];
  return from === null || to === null || to < from ? null : Number(to - from) / 1_000_000;
}
function nanosOf(written: unknown): bigint | null {
  const text = String(written);
  return /^[0-9]{1,20}$/.test(text) && !/^0+$/.test(text) ? BigInt(text) : null;
}

/** A span's or log's event name; older emitters put it into an attribute. */
export const eventNameOf = (name: string, attributes: Attributes): string => {
  const older = attributes.get('event.name');
  return name !== '' ? name : typeof older === 'string' ? older : '';
};
