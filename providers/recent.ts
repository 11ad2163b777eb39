/** A map that forgets what was not asked for longest. Plain insertion order of `Map`: a hit is moved to the end. */
export class RecentMap<K, V> {
  readonly #entries = new Map<K, V>();
  readonly #sizeMax: number;

  /** @param sizeMax entries kept, at least 1 */
  constructor(sizeMax: number) {
    if (!Number.isInteger(sizeMax) || sizeMax < 1) throw new RangeError(`sizeMax must be a whole number above 0, not ${sizeMax}`);
    this.#sizeMax = sizeMax;
  }

  get size(): number { return this.#entries.size; }

  get(key: K): V | undefined {
    const value = this.#entries.get(key);
    if (value !== undefined) { this.#entries.delete(key); this.#entries.set(key, value); }
    return value;
  }

  set(key: K, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#sizeMax) return;
    for (const oldest of this.#entries.keys()) { this.#entries.delete(oldest); return; }
  }
}
