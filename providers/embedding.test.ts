import { afterAll, describe, expect, test } from 'vitest';
import { cosine, createLocalEmbedder } from './embedding.js';
import { RecentMap } from './recent.js';

const embedder = createLocalEmbedder({ cacheMax: 3 });
afterAll(() => embedder.close());

describe('R-210 the same text has the same vector, computed once while it is remembered', () => {
  test('vectors have length 1 and know what is alike', async () => {
    const [cat, kitten, tax] = await embedder.embed(['A cat sleeps on the sofa.', 'A kitten naps on the couch.', 'Corporate tax is due in May.']);
    if (cat === undefined || kitten === undefined || tax === undefined) throw new Error('a vector is missing');
    expect(cat).toHaveLength(384);
    expect(Math.hypot(...cat)).toBeCloseTo(1, 5);
    expect(cosine(cat, kitten)).toBeGreaterThan(0.5);
    expect(cosine(cat, tax)).toBeLessThan(0.2);
  });
  test('two callers share one computation, a third reads the cache, a forgotten text comes out the same', async () => {
    const before = embedder.counts();
    const [[a], [b]] = await Promise.all([embedder.embed(['shared text']), embedder.embed(['shared text'])]);
    const [c] = await embedder.embed(['shared text']);
    expect(embedder.counts()).toEqual({ computed: before.computed + 1, cached: before.cached + 1 });
    await embedder.embed(['one', 'two', 'three']);
    const [again] = await embedder.embed(['shared text']);
    expect(embedder.counts().computed).toBe(before.computed + 5);
    expect([b, c, again]).toEqual([a, a, a]);
  });
  test('no text, no vector', async () => { expect(await embedder.embed([])).toEqual([]); });
  test('a closed embedder refuses, and so does what waited', async () => {
    const closing = createLocalEmbedder();
    const waiting = closing.embed(['too late']);
    const refused = expect(waiting).rejects.toThrow('closed');
    await closing.close();
    await refused;
    await expect(closing.embed(['later'])).rejects.toThrow('closed');
  });
});

describe('R-211 only vectors of one kind are compared', () => {
  test.each([[[1, 0], [1]], [[0, 0], [1, 0]], [[Number.NaN, 1], [1, 0]]])('%j with %j is refused', (a, b) => {
    expect(() => cosine(Float32Array.from(a), Float32Array.from(b))).toThrow(RangeError);
  });
  test('cosine', () => {
    expect(cosine(Float32Array.of(2, 0), Float32Array.of(3, 0))).toBe(1);
    expect(cosine(Float32Array.of(1, 0), Float32Array.of(0, 1))).toBe(0);
    expect(cosine(Float32Array.of(1, 0), Float32Array.of(-1, 0))).toBe(-1);
  });
});

describe('R-212 what is remembered is bounded; the least recently asked goes first', () => {
  test('a hit keeps an entry', () => {
    const map = new RecentMap<string, number>(2);
    map.set('a', 1); map.set('b', 2);
    expect(map.get('a')).toBe(1);
    map.set('c', 3);
    expect([map.get('a'), map.get('b'), map.get('c'), map.size]).toEqual([1, undefined, 3, 2]);
    map.set('c', 4);
    expect([map.get('c'), map.size]).toEqual([4, 2]);
  });
  test.each([0, -1, 1.5, Number.NaN])('a bound of %s is refused', (bound) => { expect(() => new RecentMap(bound)).toThrow(RangeError); });
});
