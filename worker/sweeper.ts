import type { DutyWrites, SweepWrites } from '../store/index.js';

export type SweeperEvent = { readonly event: 'swept'; readonly documents: number } | { readonly event: 'sweep.failed'; readonly level: 'warn'; readonly message: string };

export interface Sweeper {
  /** One pass, if this program has the duty. Calls do not overlap; never throws. */
  tick(): Promise<void>;
  /** Gives the duty back. */
  release(): Promise<void>;
}

/** A pass deletes up to 500 documents; as long as it finds so many there may be more. */
const PASS = 500;
const PASSES_MAX = 20;
const DUTY_MS = 60_000;

/** Deletes what has expired, in one program at a time. */
export function createSweeper({ sweeps, duties, holder, tell }: {
  readonly sweeps: SweepWrites; readonly duties: DutyWrites; readonly holder: string; readonly tell: (event: SweeperEvent) => void;
}): Sweeper {
  let running: Promise<void> | null = null;
  const pass = async (): Promise<void> => {
    try {
      let documents = 0;
      for (let passes = 0; passes < PASSES_MAX && await duties.hold('sweep', holder, DUTY_MS); passes += 1) {
        const swept = await sweeps.sweep();
        documents += swept;
        if (swept < PASS) break;
      }
      if (documents > 0) tell({ event: 'swept', documents });
    } catch (error) { tell({ event: 'sweep.failed', level: 'warn', message: error instanceof Error ? error.message : String(error) }); }
  };
  return {
    tick: () => (running ??= pass().finally(() => { running = null; })),
    release: () => duties.release('sweep', holder).catch(() => undefined),
  };
}
