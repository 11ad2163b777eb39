import { EventEmitter } from 'node:events';
import { describe, expect, test } from 'vitest';
import { createShutdown } from './shutdown.js';

function watched(limitMs = 1_000) {
  const signals = new EventEmitter();
  const exits: number[] = [];
  const told: string[] = [];
  let leave: () => void = () => undefined;
  const left = new Promise<void>((resolve) => { leave = resolve; });
  const shutdown = createShutdown({ signals, limitMs, exit: (code) => { exits.push(code); leave(); }, tell: (event) => { told.push(event.event); } });
  return { signals, exits, told, shutdown, left };
}

describe('R-807 what was opened last is closed first, once, and within a bound', () => {
  test('a signal closes in reverse order and ends with 0', async () => {
    const { signals, exits, shutdown, left } = watched();
    const closed: string[] = [];
    for (const part of ['store', 'relay', 'server']) shutdown.add(part, async () => { await Promise.resolve(); closed.push(part); });
    signals.emit('SIGTERM');
    await left;
    expect(closed).toEqual(['server', 'relay', 'store']);
    expect(exits).toEqual([0]);
  });
  test('a part that fails is told, does not stop the others, and shows in the exit code', async () => {
    const { exits, told, shutdown } = watched();
    const closed: string[] = [];
    shutdown.add('store', () => { closed.push('store'); });
    shutdown.add('server', () => { throw new Error('no'); });
    await shutdown.run('test');
    expect(closed).toEqual(['store']);
    expect(told).toContain('shutdown.failed');
    expect(exits).toEqual([1]);
  });
  test('a part that never ends is left after the limit, and the rest is still begun', async () => {
    const { exits, shutdown } = watched(20);
    const begun: string[] = [];
    shutdown.add('lock', () => { begun.push('lock'); });
    shutdown.add('server', () => new Promise<void>(() => undefined));
    await shutdown.run('test');
    expect(begun).toEqual(['lock']);
    expect(exits).toEqual([1]);
  });
  test('a second call joins the first, a second signal ends at once', async () => {
    const { signals, exits, shutdown } = watched();
    let closes = 0;
    let finish: () => void = () => undefined;
    shutdown.add('server', () => new Promise<void>((resolve) => { closes += 1; finish = resolve; }));
    const first = shutdown.run('one');
    expect(shutdown.run('two')).toBe(first);
    signals.emit('SIGINT');
    expect(exits).toEqual([1]);
    finish();
    await first;
    expect(closes).toBe(1);
  });
});
