import { describe, expect, test } from 'vitest';
import { seeded } from '../test/seeded.js';
import { createGate, inOrder, together } from './evaluation-window.js';

async function* upTo(n: number): AsyncGenerator<number> { for (let i = 0; i < n; i += 1) yield i; }
const later = (turns: number): Promise<void> => (turns <= 0 ? Promise.resolve() : Promise.resolve().then(() => later(turns - 1)));

describe('R-989 what is written at the same time is written together, and each hears of its own', () => {
  test('one at first, then all that came meanwhile', async () => {
    const writes: number[][] = [];
    const write = together<number>(async (docs) => { writes.push([...docs]); await later(20); });
    await Promise.all([write([1]), write([2, 3]), write([4])]);
    await write([5]);
    expect(writes).toEqual([[1], [2, 3, 4], [5]]);
  });
  test('no more than so many', async () => {
    const writes: number[] = [];
    const write = together<number>(async (docs) => { writes.push(docs.length); await later(5); }, 10);
    await Promise.all(Array.from({ length: 25 }, (_, i) => write([i])));
    expect(writes).toEqual([1, 10, 10, 4]);
  });
  test('a write that fails fails those in it, and no others', async () => {
    let calls = 0;
    const write = together<number>(async () => { calls += 1; await later(3); if (calls === 2) throw new Error('no'); });
    const ends = await Promise.allSettled([write([1]), write([2]), write([3])]);
    expect(ends.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    await expect(write([4])).resolves.toBeUndefined();
  });
});

describe('R-988 cases are begun in order, a few at once, and counted in order', () => {
  test.each([1, 3, 20])('with room for %i: whoever is quicker waits for who was first', async (width) => {
    const random = seeded(width);
    const gate = createGate(() => width);
    let underway = 0;
    let most = 0;
    const begun: number[] = [];
    const accepted: number[] = [];
    await inOrder(upTo(200), gate, async (one) => {
      begun.push(one);
      await gate.run(async () => { underway += 1; most = Math.max(most, underway); await later(100 + Math.floor(random() * 400)); underway -= 1; });
      return one;
    }, (one) => { accepted.push(one); return Promise.resolve(true); });
    expect(accepted).toEqual(Array.from({ length: 200 }, (_, i) => i));
    expect(begun).toEqual(accepted);
    expect(most).toBe(width);
  });
  test('when it is decided, no more than the window has been begun beyond', async () => {
    const gate = createGate(() => 5);
    let begun = 0;
    const accepted: number[] = [];
    await inOrder(upTo(1_000), gate, async (one) => { begun += 1; await gate.run(() => later(5)); return one; }, (one) => { accepted.push(one); return Promise.resolve(one < 40); });
    expect(accepted.at(-1)).toBe(40);
    expect(begun).toBeLessThanOrEqual(41 + 2 * 5);
  });
  test('what failed is thrown when the others have ended, and nothing is begun after it', async () => {
    const gate = createGate(() => 4);
    let ended = 0;
    let begun = 0;
    await expect(inOrder(upTo(100), gate, async (one) => {
      begun += 1;
      try { await gate.run(async () => { await later(one === 10 ? 1 : 20); if (one === 10) throw new Error('no'); }); } finally { ended += 1; }
      return one;
    }, () => Promise.resolve(true))).rejects.toThrow('no');
    expect(ended).toBe(begun);
    expect(begun).toBeLessThan(25);
  });
  test('a window that grows lets in what waits', async () => {
    let width = 1;
    const gate = createGate(() => width);
    let underway = 0;
    const most: number[] = [];
    await Promise.all(Array.from({ length: 30 }, (_, i) => gate.run(async () => { underway += 1; most.push(underway); await later(10); underway -= 1; if (i === 4) width = 6; })));
    expect([Math.max(...most.slice(0, 5)), Math.max(...most)]).toEqual([1, 6]);
  });
  test('an error of whoever counts is no other', async () => {
    const gate = createGate(() => 2);
    await expect(inOrder(upTo(10), gate, (one) => Promise.resolve(one), () => Promise.reject(new RangeError('out of order')))).rejects.toThrow('out of order');
  });
});
