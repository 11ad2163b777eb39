import fc from 'fast-check';
import protobuf from 'protobufjs';
import { describe, expect, test } from 'vitest';
import { descriptor } from './otlp.generated.js';
import { logsOfJson, spansOfJson } from './otlp-json.js';
import { logsOfProtobuf, partialSuccessOf, spansOfProtobuf, statusOf } from './otlp-protobuf.js';
import { BadDataError } from './otlp.js';

const bytes = (value: unknown): Uint8Array => Buffer.from(typeof value === 'string' ? value : JSON.stringify(value));
const ID = { traceId: '5B8EFFF798038103D269B633813FC60C', spanId: 'EEE19B7EC3C1B174' };
const request = (span: object): unknown => ({ resourceSpans: [{ resource: { attributes: [{ key: 'service.name', value: { stringValue: 's' } }] }, scopeSpans: [{ spans: [{ ...ID, ...span }] }] }] });
const root = protobuf.Root.fromJSON(descriptor);
const TRACES = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest');
const protobufOf = (value: unknown): Uint8Array => TRACES.encode(TRACES.fromObject(value as object)).finish();

describe('R-610 OTLP/JSON: hex ids in either case, integers as texts or numbers, unknown fields ignored', () => {
  test('every kind of value', () => {
    const value = { parentSpanId: '', name: 'n', kind: 3, later: { x: 1 }, status: { code: 2 }, attributes: [
      { key: 's', value: { stringValue: 'x' } }, { key: 'i', value: { intValue: '7' } }, { key: 'j', value: { intValue: 8 } }, { key: 'd', value: { doubleValue: 'NaN' } }, { key: 'b', value: { boolValue: false } },
      { key: 'a', value: { arrayValue: { values: [{ stringValue: 'y' }, {}] } } }, { key: 'm', value: { kvlistValue: { values: [{ key: 'k', value: { intValue: 1 } }] } } }, { key: 'n' }, { key: '__proto__', value: { stringValue: 'p' } },
    ] };
    const [span] = spansOfJson(bytes(request(value))).items;
    expect(span).toMatchObject({ traceId: ID.traceId.toLowerCase(), spanId: ID.spanId.toLowerCase(), name: 'n', isError: true });
    expect([...(span?.attributes ?? [])]).toEqual([['s', 'x'], ['i', 7], ['j', 8], ['d', Number.NaN], ['b', false], ['a', ['y', null]], ['m', new Map([['k', 1]])], ['n', null], ['__proto__', 'p']]);
    expect(span?.resource.get('service.name')).toBe('s');
  });
  test('what is missing has its default, and nothing at all is nothing', () => {
    expect(spansOfJson(bytes('{}'))).toEqual({ items: [], rejected: 0, cut: 0 });
    expect(spansOfJson(bytes(request({}))).items[0]).toMatchObject({ name: '', parentSpanId: '', isError: false, events: [] });
    expect(logsOfJson(bytes({ resourceLogs: [{ scopeLogs: [{ logRecords: [{ attributes: [{ key: 'event.name', value: { stringValue: 'older' } }] }, { eventName: 'newer' }] }] }] })).items.map(({ eventName }) => eventName)).toEqual(['older', 'newer']);
  });
  test.each([
    ['nothing', ''], ['no JSON', '{'], ['a list', '[]'], ['null', 'null'], ['spans in words', { resourceSpans: 'x' }], ['a span in words', { resourceSpans: [{ scopeSpans: [{ spans: ['x'] }] }] }],
    ['a number for a name', request({ name: 7 })], ['a number for an id', request({ traceId: 7 })], ['attributes as an object', request({ attributes: {} })], ['a number for a key', request({ attributes: [{ key: 1 }] })],
  ])('%s is bad data', (_name, value) => { expect(() => spansOfJson(bytes(value))).toThrow(BadDataError); });
  test.each([['an id in base64', { traceId: 'W47/95gDgQPSabYzgT/GDA==' }], ['an id that is too short', { spanId: 'EEE19B' }], ['no id', { spanId: '' }]])('a span with %s is rejected, the others stay', (_name, over) => {
    const both = { resourceSpans: [{ scopeSpans: [{ spans: [{ ...ID, ...over }, ID] }] }] };
    expect(spansOfJson(bytes(both))).toMatchObject({ rejected: 1, items: [{ spanId: ID.spanId.toLowerCase() }] });
  });
});

describe('R-611 OTLP/protobuf by the official schema', () => {
  test('a span and its values', () => {
    const body = protobufOf({ resourceSpans: [{ resource: { attributes: [{ key: 'r', value: { stringValue: 's' } }] }, scopeSpans: [{ spans: [{
      traceId: Buffer.from(ID.traceId, 'hex'), spanId: Buffer.from(ID.spanId, 'hex'), name: 'n', status: { code: 2 },
      attributes: [{ key: 's', value: { stringValue: '' } }, { key: 'i', value: { intValue: 7 } }, { key: 'b', value: { boolValue: true } }, { key: 'a', value: { arrayValue: { values: [{ doubleValue: 0.5 }] } } }, { key: 'm', value: { kvlistValue: { values: [{ key: 'k', value: { intValue: -1 } }] } } }, { key: 'n' }],
      events: [{ name: 'e', attributes: [{ key: 'x', value: { stringValue: 'y' } }] }],
    }] }] }] });
    const [span] = spansOfProtobuf(body).items;
    expect(span).toMatchObject({ traceId: ID.traceId.toLowerCase(), spanId: ID.spanId.toLowerCase(), parentSpanId: '', name: 'n', isError: true });
    expect([...(span?.attributes ?? [])]).toEqual([['s', ''], ['i', 7], ['b', true], ['a', [0.5]], ['m', new Map([['k', -1]])], ['n', null]]);
    expect(span?.events[0]?.attributes.get('x')).toBe('y');
    expect(span?.resource.get('r')).toBe('s');
  });
  test('empty bodies are empty requests', () => {
    expect(spansOfProtobuf(new Uint8Array(0)).items).toEqual([]);
    expect(logsOfProtobuf(new Uint8Array(0)).items).toEqual([]);
  });
  test('every truncation is bad data or a shorter message, and nothing else', () => {
    const body = protobufOf({ resourceSpans: [{ scopeSpans: [{ spans: [{ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1), name: 'name', attributes: [{ key: 'k', value: { stringValue: 'v' } }] }] }] }] });
    let refused = 0;
    for (let i = 1; i < body.length; i += 1) { try { spansOfProtobuf(body.subarray(0, i)); } catch (error) { expect(error).toBeInstanceOf(BadDataError); refused += 1; } }
    expect(refused).toBe(body.length - 1);
  });
  test('any bytes decode or are bad data', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (any) => {
      for (const decode of [spansOfProtobuf, logsOfProtobuf, spansOfJson, logsOfJson]) try { decode(any); } catch (error) { expect(error).toBeInstanceOf(BadDataError); }
    }), { numRuns: 2_000 });
  });
  test('nested without end is bad data', () => {
    let value = protobuf.Writer.create().uint32(10).string('x').finish();
    for (let i = 0; i < 5_000; i += 1) value = protobuf.Writer.create().uint32(42).bytes(protobuf.Writer.create().uint32(10).bytes(value).finish()).finish();   // array_value { values }
    const pair = protobuf.Writer.create().uint32(10).string('k').uint32(18).bytes(value).finish();
    const wrap = (field: number, inner: Uint8Array) => protobuf.Writer.create().uint32((field << 3) | 2).bytes(inner).finish();
    expect(() => spansOfProtobuf(wrap(1, wrap(2, wrap(2, wrap(9, pair)))))).toThrow(BadDataError);
  });
  test('what is answered is what the official schema reads', () => {
    expect(partialSuccessOf(0, '')).toHaveLength(0);
    const Response = root.lookupType('opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse');
    expect(Response.toObject(Response.decode(partialSuccessOf(3, 'too many')), { longs: String })).toEqual({ partialSuccess: { rejectedSpans: '3', errorMessage: 'too many' } });
    expect(Buffer.from(statusOf(3, 'no')).toString('hex')).toBe('080312026e6f');
  });
});

describe('R-612 limits cut and are counted: 20 000 records, 128 attributes, 64 KiB, 16 levels', () => {
  const attribute = (key: string, text = 'v') => ({ key, value: { stringValue: text } });
  test('records', () => {
    const spans = Array.from({ length: 20_003 }, (_, i) => ({ ...ID, spanId: i.toString(16).padStart(16, '0') }));
    expect(spansOfJson(bytes({ resourceSpans: [{ scopeSpans: [{ spans }] }] }))).toMatchObject({ rejected: 3, items: { length: 20_000 } });
    const few = { resourceSpans: [{ scopeSpans: [{ spans: spans.map(() => ({ traceId: Buffer.alloc(16, 1), spanId: Buffer.alloc(8, 1) })) }] }] };
    expect(spansOfProtobuf(protobufOf(few))).toMatchObject({ rejected: 3, items: { length: 20_000 } });
  });
  test('attributes, but never those of ours', () => {
    const read = spansOfJson(bytes(request({ attributes: [...Array.from({ length: 130 }, (_, i) => attribute(`k${i}`)), attribute('slipway.assignment', 't')] })));
    expect([read.cut, read.items[0]?.attributes.size, read.items[0]?.attributes.get('slipway.assignment')]).toEqual([2, 129, 't']);
  });
  test('text', () => {
    const read = spansOfJson(bytes(request({ attributes: [attribute('k', 'x'.repeat(70_000))] })));
    expect([read.cut, read.items[0]?.attributes.get('k')]).toEqual([1, 'x'.repeat(65_536)]);
  });
  test('levels', () => {
    let value: object = { stringValue: 'deep' };
    for (let i = 0; i < 40; i += 1) value = { arrayValue: { values: [value] } };
    const read = spansOfJson(bytes(request({ attributes: [{ key: 'k', value }] })));
    expect(read.cut).toBe(1);
    expect(JSON.stringify(read.items[0]?.attributes.get('k')).replaceAll(/[^[]/g, '')).toHaveLength(16);
    expect(() => spansOfJson(bytes(`{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`))).not.toThrow(RangeError);
  });
});
