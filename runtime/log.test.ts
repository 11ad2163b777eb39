import { describe, expect, test } from 'vitest';
import { createLogger, createTell, redact } from './log.js';

const secret = `slp_st_${'A1b2C3'.repeat(6)}`;
const collect = (): { lines: string[]; stream: { write(line: string): void } } => { const lines: string[] = []; return { lines, stream: { write: (line) => { lines.push(line); } } }; };

describe('R-804 no line of the log holds a key', () => {
  const { lines, stream } = collect();
  const logger = createLogger('api', 'debug', stream);
  test.each<[string, () => void, string]>([
    ['a key in a field', () => { logger.info({ token: secret }); }, secret],
    ['a key in the message', () => { logger.info(`refused ${secret} of alice`); }, secret],
    ['a key deep inside', () => { logger.info({ a: { b: [{ c: secret }] } }); }, secret],
    ['a key in an error', () => { logger.error(new Error(`bad key ${secret}`)); }, secret],
    ['an Authorization header', () => { logger.info({ headers: { authorization: 'Basic aHVudGVyMg==' } }); }, 'aHVudGVyMg'],
    ['a header in capitals', () => { logger.info({ headers: { Authorization: 'hunter2hunter2' } }); }, 'hunter2'],
    ['a value with quotes in it', () => { logger.info({ password: 'hunter2"hunter2' }); }, 'hunter2'],
    ['a bearer token in a text', () => { logger.info('sent Bearer abcdefghijklmnopqrstuvwxyz'); }, 'abcdefghijklmnop'],
    ['a key of a provider', () => { logger.info({ body: 'sk-proj-abcdefghijk' }); }, 'abcdefghijk'],
    ['the password of a connection string', () => { logger.info('mongodb://user:hunter2@db.example/x'); }, 'hunter2'],
    ['a pepper', () => { logger.debug({ pepper: 'hunter2' }); }, 'hunter2'],
  ])('%s', (_name, write, hidden) => {
    lines.length = 0;
    write();
    expect(lines).toHaveLength(1);
    expect(lines[0]).not.toContain(hidden);
    expect(lines[0]).toContain('[redacted]');
    expect(() => { JSON.parse(lines[0] ?? ''); }).not.toThrow();
  });
  test('what is no secret stays as it is', () => {
    const line = '{"event":"release.opened","environment":"helpdesk/production","digest":"sha256:ab","bearer":"of news","address":"mongodb://127.0.0.1:27017/"}';
    expect(redact(line)).toBe(line);
  });
});

describe('R-805 what a room tells becomes one line and moves one counter', () => {
  const told = (level: 'info' | 'warn' | 'silent' = 'info') => {
    const { lines, stream } = collect();
    const counted: string[] = [];
    const tell = createTell(createLogger('edge', level, stream), { count: (name) => { counted.push(name); } });
    return { lines, counted, tell };
  };
  test('the line has program, room, level, time and the fields', () => {
    const { lines, counted, tell } = told();
    tell('serving')({ event: 'snapshot.stale', level: 'warn', ageMs: 5 } as { event: string });
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ level: 'warn', program: 'edge', room: 'serving', event: 'snapshot.stale', ageMs: 5, time: expect.stringMatching(/^\d{4}-.*Z$/) as string });
    expect(counted).toEqual(['slipway_serving_snapshot_stale_total']);
  });
  test('below the level there is no line, but the counter moves', () => {
    const { lines, counted, tell } = told('warn');
    tell('serving')({ event: 'answered' });
    expect(lines).toEqual([]);
    expect(counted).toEqual(['slipway_serving_answered_total']);
  });
  test.each([['batchAccepted', 'batch_accepted'], ['fold.late', 'fold_late'], ['HTTP-4xx!', 'http_4xx'], ['äöü', '']])('the event %s counts as %s', (event, name) => {
    const { counted, tell } = told('silent');
    tell('ingest')({ event });
    expect(counted).toEqual([`slipway_ingest_${name}_total`]);
  });
  test('a field that cannot be written does not throw', () => {
    const { tell } = told();
    const circle: Record<string, unknown> = { event: 'odd' };
    circle['self'] = circle;
    expect(() => { tell('ingest')(circle as { event: string }); }).not.toThrow();
  });
});

describe('R-805 what a room tells becomes one line and moves one counter', () => {
  test('a line inside a span says which trace it belongs to', async () => {
    const { context, trace, TraceFlags } = await import('@opentelemetry/api');
    const { AsyncLocalStorageContextManager } = await import('@opentelemetry/context-async-hooks');
    const manager = new AsyncLocalStorageContextManager().enable();
    context.setGlobalContextManager(manager);
    const lines: string[] = [];
    const logger = createLogger('worker', 'info', { write: (line: string) => { lines.push(line); } });
    const span = trace.wrapSpanContext({ traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: TraceFlags.SAMPLED });
    context.with(trace.setSpan(context.active(), span), () => { logger.info({ event: 'release.moved', release: 'r1' }); });
    logger.info({ event: 'outside' });
    context.disable();
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ release: 'r1', traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331' });
    expect(JSON.parse(lines[1] ?? '')).not.toHaveProperty('traceId');
  });
});
