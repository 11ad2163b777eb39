import type { Attributes, Decoded, LogRecord, Span, Value } from './otlp.js';
import { BadDataError, Cuts, RECORDS_MAX, durationMsOf, eventNameOf } from './otlp.js';

type Json = Readonly<Record<string, unknown>>;
const TRACE_ID = /^[0-9a-f]{32}$/;
const SPAN_ID = /^[0-9a-f]{16}$/;

/**
 * OTLP/JSON, which is not plain proto3 JSON: ids are hex in either case, 64-bit integers are texts or numbers, enums are numbers, unknown
 * fields are ignored and a missing one has its default.
 *
 * @throws BadDataError for anything that is not such an object
 */
export function spansOfJson(bytes: Uint8Array): Decoded<Span> {
  const cuts = new Cuts();
  const items: Span[] = [];
  for (const resourceSpans of listOf(parse(bytes), 'resourceSpans')) {
    const resource = attributesOf(objectOf(resourceSpans, 'resource'), cuts);
    for (const scopeSpans of listOf(resourceSpans, 'scopeSpans')) for (const span of listOf(scopeSpans, 'spans')) {
      const traceId = textOf(span, 'traceId').toLowerCase();
      const spanId = textOf(span, 'spanId').toLowerCase();
      if (items.length >= RECORDS_MAX || !TRACE_ID.test(traceId) || !SPAN_ID.test(spanId)) { cuts.rejected += 1; continue; }
      items.push({
        traceId, spanId, parentSpanId: textOf(span, 'parentSpanId').toLowerCase(), name: cuts.text(textOf(span, 'name')), isError: Number(objectOf(span, 'status')['code'] ?? 0) === 2, durationMs: durationMsOf(span['startTimeUnixNano'], span['endTimeUnixNano']),
        attributes: attributesOf(span, cuts), resource, events: cuts.events(listOf(span, 'events')).map((event) => ({ name: textOf(event, 'name'), attributes: attributesOf(event, cuts) })),
      });
    }
  }
  return { items, rejected: cuts.rejected, cut: cuts.cut };
}

/** @throws BadDataError as `spansOfJson` */
export function logsOfJson(bytes: Uint8Array): Decoded<LogRecord> {
  const cuts = new Cuts();
  const items: LogRecord[] = [];
  for (const resourceLogs of listOf(parse(bytes), 'resourceLogs')) {
    const resource = attributesOf(objectOf(resourceLogs, 'resource'), cuts);
    for (const scopeLogs of listOf(resourceLogs, 'scopeLogs')) for (const log of listOf(scopeLogs, 'logRecords')) {
      if (items.length >= RECORDS_MAX) { cuts.rejected += 1; continue; }
      const attributes = attributesOf(log, cuts);
      items.push({ traceId: textOf(log, 'traceId').toLowerCase(), spanId: textOf(log, 'spanId').toLowerCase(), eventName: eventNameOf(textOf(log, 'eventName'), attributes), attributes, resource });
    }
  }
  return { items, rejected: cuts.rejected, cut: cuts.cut };
}

function parse(bytes: Uint8Array): Json {
  let value: unknown;
  try { value = JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8')); } catch { throw new BadDataError('The body is not JSON.'); }
  if (!isJson(value)) throw new BadDataError('The body is not a JSON object.');
  return value;
}

const isJson = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

function listOf(parent: Json, name: string): readonly Json[] {
  const value = parent[name] ?? [];
  if (!Array.isArray(value) || !value.every(isJson)) throw new BadDataError(`${name} is not a list of objects.`);
  return value;
}
function objectOf(parent: Json, name: string): Json {
  const value = parent[name] ?? {};
  if (!isJson(value)) throw new BadDataError(`${name} is not an object.`);
  return value;
}
function textOf(parent: Json, name: string): string {
  const value = parent[name] ?? '';
  if (typeof value !== 'string') throw new BadDataError(`${name} is not a text.`);
  return value;
}

const attributesOf = (parent: Json, cuts: Cuts, list = 'attributes', depth = 0): Attributes =>
  cuts.attributes(listOf(parent, list), (pair) => textOf(pair, 'key'), (pair) => valueOf(pair['value'], cuts, depth));

function valueOf(value: unknown, cuts: Cuts, depth: number): Value {
  if (!isJson(value)) return null;
  const { stringValue, boolValue, intValue, doubleValue } = value;
  if (typeof stringValue === 'string') return cuts.text(stringValue);
  if (typeof boolValue === 'boolean') return boolValue;
  for (const number of [intValue, doubleValue]) if (typeof number === 'number' || typeof number === 'string') return Number(number);
  if (value['arrayValue'] === undefined && value['kvlistValue'] === undefined) return null;
  if (!cuts.mayDescend(depth)) return null;
  if (value['arrayValue'] !== undefined) return listOf(objectOf(value, 'arrayValue'), 'values').map((item) => valueOf(item, cuts, depth + 1));
  return attributesOf(objectOf(value, 'kvlistValue'), cuts, 'values', depth + 1);
}
