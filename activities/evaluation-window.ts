/** Cases in flight: as many calls at once as the window holds, begun in order, and handed on in order. */

/**
 * Writes that come while one is under way go together in the next: the more there are, the fewer writes. Each caller waits for its own.
 *
 * @throws what the write throws, to all who were in it
 */
export function together<T>(write: (docs: readonly T[]) => Promise<void>, most = 200): (docs: readonly T[]) => Promise<void> {
  let waiting: { readonly docs: readonly T[]; readonly done: () => void; readonly failed: (error: unknown) => void }[] = [];
  let isWriting = false;
  async function pump(): Promise<void> {
    isWriting = true;
    while (waiting.length > 0) {
      const batch = waiting.slice(0, most);
      waiting = waiting.slice(most);
      try { await write(batch.flatMap(({ docs }) => docs)); for (const { done } of batch) done(); } catch (error) { for (const { failed } of batch) failed(error); }
    }
    isWriting = false;
  }
  return (docs) => new Promise((done, failed) => {
    waiting.push({ docs, done, failed });
    if (!isWriting) void pump();
  });
}

/** So many calls at once, first come first served. How many a provider is really asked at a time is its connection's affair. */
export interface Gate {
  /** Runs it when there is room. */
  run<T>(work: () => Promise<T>): Promise<T>;
  /** Resolves when nothing waits and there is room for one more. */
  room(): Promise<void>;
}

/** @param width  asked whenever there may be room: it may grow */
export function createGate(width: () => number): Gate {
  let underway = 0;
  const waiting: (() => void)[] = [];
  const roomers: (() => void)[] = [];
  const release = (): void => {
    underway -= 1;
    for (let next = underway < width() ? waiting.shift() : undefined; next !== undefined; next = underway < width() ? waiting.shift() : undefined) { underway += 1; next(); }
    if (waiting.length === 0) for (const one of roomers.splice(0)) one();
  };
  return {
    async run(work) {
      if (underway < width() && waiting.length === 0) underway += 1; else await new Promise<void>((resolve) => { waiting.push(resolve); });
      try { return await work(); } finally { release(); }
    },
    async room() {
      while (underway >= width() || waiting.length > 0) await new Promise<void>((resolve) => { roomers.push(resolve); });
    },
  };
}

/**
 * Begins one case after the other while there is room, and hands each on in its order as soon as it and all before it are done.
 *
 * @param begin   does all the work of a case, through the gate
 * @param accept  what the case came to; `false`: no further case is begun or handed on. Those under way are awaited: they are paid for
 * @throws the first error of `begin` or `accept`, when all that is under way has ended
 */
export async function inOrder<C, D>(cases: AsyncIterable<C>, gate: Gate, begin: (one: C) => Promise<D>, accept: (done: D) => Promise<boolean>): Promise<void> {
  const underway = new Set<Promise<void>>();
  const done = new Map<number, D>();
  let begun = 0;
  let next = 0;
  let isOver = false;
  let isAccepting = false;
  let failure: { readonly error: unknown } | null = null;
  const fail = (error: unknown): void => { failure ??= { error }; isOver = true; };
  /** One at a time, whoever comes: order is the whole point. */
  const handOn = async (): Promise<void> => {
    if (isAccepting) return;
    isAccepting = true;
    try {
      for (let one = done.get(next); one !== undefined && !isOver; one = done.get(next)) {
        done.delete(next);
        next += 1;
        if (!(await accept(one))) isOver = true;
      }
    } catch (error) { fail(error); } finally { isAccepting = false; }
  };
  try {
    for await (const one of cases) {
      await gate.room();
      if (isOver) break;
      const place = begun;
      begun += 1;
      const work = begin(one).then(async (result) => { done.set(place, result); await handOn(); }, fail);
      underway.add(work);
      void work.finally(() => { underway.delete(work); });
    }
  } catch (error) { fail(error); }
  await Promise.allSettled([...underway]);
  await handOn();
  if (failure !== null) throw (failure as { readonly error: unknown }).error;
}
