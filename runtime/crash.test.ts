import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { reportCrashes, surviveRejections } from './crash.js';
import { createLogger } from './log.js';

function world() {
  const lines: Record<string, unknown>[] = [];
  const from = new EventEmitter();
  return { lines, from, logger: createLogger('worker', 'info', { write: (line: string) => { lines.push(JSON.parse(line) as Record<string, unknown>); } }) };
}

describe('R-833 a program that ends against its will says why, and a stray rejection does not end it', () => {
  test('the last line names the cause', () => {
    const { lines, from, logger } = world();
    reportCrashes(logger, from);
    from.emit('uncaughtExceptionMonitor', new Error('boom'), 'uncaughtException');
    expect(lines).toMatchObject([{ level: 'fatal', event: 'crashed', origin: 'uncaughtException', message: 'boom', stack: expect.stringContaining('crash.test') as string }]);
    expect(from.listenerCount('uncaughtException')).toBe(0);
  });
  test.each<[unknown, string]>([[new Error('late answer'), 'late answer'], ['a text', 'a text'], [undefined, 'undefined']])('a rejection of %s is told', (reason, message) => {
    const { lines, from, logger } = world();
    surviveRejections(logger, from);
    expect(from.emit('unhandledRejection', reason)).toBe(true);
    expect(lines).toMatchObject([{ level: 'error', event: 'rejection.unhandled', message }]);
  });
  test('before a program is up, nothing holds a failure back', () => {
    const { from, logger } = world();
    reportCrashes(logger, from);
    expect(from.listenerCount('unhandledRejection')).toBe(0);
  });
});
