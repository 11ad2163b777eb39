import protobuf from 'protobufjs';
import { descriptor } from './otlp.generated.js';
import type { Attributes, Decoded, LogRecord, Span, Value } from './otlp.js';
import { BadDataError, Cuts, RECORDS_MAX, durationMsOf, eventNameOf } from './otlp.js';

/** Messages as protobufjs decodes them: a field that was not sent is not there, or holds the prototype's empty value. */
interface AnyValue { readonly stringValue?: string; readonly boolValue?: boolean; readonly intValue?: Int64; readonly doubleValue?: number; readonly arrayValue?: { readonly values?: readonly AnyValue[] }; readonly kvlistValue?: { readonly values?: readonly KeyValue[] }; readonly bytesValue?: Uint8Array }
interface KeyValue { readonly key?: string; readonly value?: AnyValue | null }
type Int64 = number | { toString(): string };
interface Resource { readonly attributes?: readonly KeyValue[] }
interface PbSpan { readonly traceId?: Uint8Array; readonly spanId?: Uint8Array; readonly parentSpanId?: Uint8Array; readonly name?: string; readonly startTimeUnixNano?: Int64; readonly endTimeUnixNano?: Int64; readonly attributes?: readonly KeyValue[]; readonly events?: readonly { readonly name?: string; readonly attributes?: readonly KeyValue[] }[]; readonly status?: { readonly code?: number } | null }
interface PbLog { readonly traceId?: Uint8Array; readonly spanId?: Uint8Array; readonly eventName?: string; readonly attributes?: readonly KeyValue[] }
interface TraceRequest { readonly resourceSpans?: readonly { readonly resource?: Resource | null; readonly scopeSpans?: readonly { readonly spans?: readonly PbSpan[] }[] }[] }
interface LogsRequest { readonly resourceLogs?: readonly { readonly resource?: Resource | null; readonly scopeLogs?: readonly { readonly logRecords?: readonly PbLog[] }[] }[] }

const root = protobuf.Root.fromJSON(descriptor);
const TRACE_REQUEST = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');
const LOGS_REQUEST = root.lookupType('opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest');

/** @throws BadDataError when the bytes are no such message */
export function spansOfProtobuf(bytes: Uint8Array): Decoded<Span> {
  const cuts = new Cuts();
  const items: Span[] = [];
  for (const { resource, scopeSpans } of (decode(TRACE_REQUEST, bytes) as TraceRequest).resourceSpans ?? []) {
    const common = attributesOf(resource?.attributes, cuts);
    for (const { spans } of scopeSpans ?? []) for (const span of spans ?? []) {
      const traceId = hexOf(span.traceId);
      const spanId = hexOf(span.spanId);
      if (items.length >= RECORDS_MAX || traceId.length !== 32 || spanId.length !== 16) { cuts.rejected += 1; continue; }
      items.push({
        traceId, spanId, parentSpanId: hexOf(span.parentSpanId), name: cuts.text(span.name ?? ''), isError: span.status?.code === 2, durationMs: durationMsOf(span.startTimeUnixNano, span.endTimeUnixNano), attributes: attributesOf(span.attributes, cuts), resource: common,
        events: cuts.events(span.events ?? []).map((event) => ({ name: event.name ?? '', attributes: attributesOf(event.attributes, cuts) })),
      });
    }
  }
  return { items, rejected: cuts.rejected, cut: cuts.cut };
}

/** @throws BadDataError when the bytes are no such message */
export function logsOfProtobuf(bytes: Uint8Array): Decoded<LogRecord> {
  const cuts = new Cuts();
  const items: LogRecord[] = [];
  for (const { resource, scopeLogs } of (decode(LOGS_REQUEST, bytes) as LogsRequest).resourceLogs ?? []) {
    const common = attributesOf(resource?.attributes, cuts);
    for (const { logRecords } of scopeLogs ?? []) for (const log of logRecords ?? []) {
      if (items.length >= RECORDS_MAX) { cuts.rejected += 1; continue; }
      const attributes = attributesOf(log.attributes, cuts);
      items.push({ traceId: hexOf(log.traceId), spanId: hexOf(log.spanId), eventName: eventNameOf(log.eventName ?? '', attributes), attributes, resource: common });
    }
  }
  return { items, rejected: cuts.rejected, cut: cuts.cut };
}

function decode(type: protobuf.Type, bytes: Uint8Array): object {
  try { return type.decode(bytes); } catch (error) { throw new BadDataError(`The body is no valid protobuf of its kind: ${error instanceof Error ? error.message : 'undecodable'}`); }
}

const hexOf = (bytes: Uint8Array | undefined): string => (bytes === undefined || bytes.length === 0 ? '' : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex'));
const attributesOf = (pairs: readonly KeyValue[] | undefined, cuts: Cuts, depth = 0): Attributes => cuts.attributes(pairs ?? [], (pair) => pair.key ?? '', (pair) => valueOf(pair.value, cuts, depth));

function valueOf(value: AnyValue | null | undefined, cuts: Cuts, depth: number): Value {
  if (value === null || value === undefined) return null;
  if (Object.hasOwn(value, 'stringValue')) return cuts.text(value.stringValue ?? '');
  if (Object.hasOwn(value, 'boolValue')) return value.boolValue ?? false;
  if (Object.hasOwn(value, 'intValue')) return Number(String(value.intValue));
  if (Object.hasOwn(value, 'doubleValue')) return value.doubleValue ?? 0;
  if (Object.hasOwn(value, 'bytesValue') || !cuts.mayDescend(depth)) return null;
  if (Object.hasOwn(value, 'arrayValue')) return (value.arrayValue?.values ?? []).map((item) => valueOf(item, cuts, depth + 1));
  if (Object.hasOwn(value, 'kvlistValue')) return attributesOf(value.kvlistValue?.values, cuts, depth + 1);
  return null;
}

/** `Export…ServiceResponse`: nothing at all when all was accepted, else field 1, `partial_success`, with the count rejected (1) and a message (2). */
export function partialSuccessOf(rejected: number, message: string): Uint8Array {
  if (rejected === 0 && message === '') return new Uint8Array(0);
  const inner = protobuf.Writer.create();
  if (rejected > 0) inner.uint32(8).int64(rejected);
  if (message !== '') inner.uint32(18).string(message);
  return protobuf.Writer.create().uint32(10).bytes(inner.finish()).finish();
}

/** `google.rpc.Status`: code (1) and message (2). */
export const statusOf = (code: number, message: string): Uint8Array => protobuf.Writer.create().uint32(8).int32(code).uint32(18).string(message).finish();
