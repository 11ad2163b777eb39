import { describe, expect, test } from 'vitest';
import { createSweeper } from './index.js';
import type { SweeperEvent } from './index.js';

function world(found: number[], holds = true) {
  const told: SweeperEvent[] = [];
  const asked: string[] = [];
  let underway = 0;
  let most = 0;
  const sweeper = createSweeper({
    holder: 'me', tell: (event) => { told.push(event); },
    duties: { hold: (duty, holder) => { asked.push(`${duty} ${holder}`); return Promise.resolve(holds); }, release: () => Promise.reject(new Error('gone')) },
    sweeps: {
      sweep: async () => {
        underway += 1;
        most = Math.max(most, underway);
        await Promise.resolve();
        underway -= 1;
        const next = found.shift();
        if (next === undefined) throw new Error('the database is away');
        return next;
      },
    },
  });
  return { sweeper, told, asked, found, most: () => most };
}

describe('R-339 what has expired is deleted by one program at a time, and never ends it', () => {
  test('passes go on while they are full', async () => {
    const { sweeper, told, found } = world([500, 500, 7, 99]);
    await sweeper.tick();
    expect(found).toEqual([99]);
    expect(told).toEqual([{ event: 'swept', documents: 1_007 }]);
  });
  test('without the duty nothing is deleted', async () => {
    const { sweeper, found, told } = world([5], false);
    await sweeper.tick();
    expect([found, told]).toEqual([[5], []]);
  });
  test('calls do not overlap', async () => {
    const { sweeper, most } = world([1, 1, 1]);
    await Promise.all([sweeper.tick(), sweeper.tick()]);
    expect(most()).toBe(1);
  });
  test('a failure is told and the next tick tries again', async () => {
    const { sweeper, told, found } = world([]);
    await sweeper.tick();
    expect(told).toMatchObject([{ event: 'sweep.failed', message: 'the database is away' }]);
    found.push(3);
    await sweeper.tick();
    expect(told.at(-1)).toEqual({ event: 'swept', documents: 3 });
    await expect(sweeper.release()).resolves.toBeUndefined();
  });
});
