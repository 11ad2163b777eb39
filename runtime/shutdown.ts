/** What happens while a program ends. */
export type ShutdownEvent =
  | { readonly event: 'shutdown.begun'; readonly reason: string }
  | { readonly event: 'shutdown.failed'; readonly level: 'error'; readonly part: string; readonly message: string }
  | { readonly event: 'shutdown.done'; readonly tookMs: number };

export interface Shutdown {
  /** Registers what must be closed; the last one registered is closed first. */
  add(part: string, close: () => void | Promise<void>): void;
  /** Closes everything, once; a second call joins the first. */
  run(reason: string): Promise<void>;
}

export interface ShutdownOptions {
  readonly tell: (event: ShutdownEvent) => void;
  /** how long all of it may take; what is not closed by then is left */
  readonly limitMs?: number;
  /** ends the process; called once, with 0 when everything was closed in time, else 1 */
  readonly exit: (code: number) => void;
  /** where SIGTERM and SIGINT arrive; `process` */
  readonly signals: { on(signal: 'SIGTERM' | 'SIGINT' | 'SIGHUP', listener: () => void): unknown };
}

/** Closes what was registered in reverse order, on SIGTERM, SIGINT or SIGHUP. A second signal ends the process at once. */
export function createShutdown({ tell, limitMs = 15_000, exit, signals }: ShutdownOptions): Shutdown {
  const parts: { readonly part: string; readonly close: () => void | Promise<void> }[] = [];
  let running: Promise<void> | undefined;

  const closeAll = async (reason: string): Promise<void> => {
    const begunMs = performance.now();
    tell({ event: 'shutdown.begun', reason });
    let code = 0;
    const failed = (part: string, message: string): void => { code = 1; tell({ event: 'shutdown.failed', level: 'error', part, message }); };
    for (const { part, close } of parts.reverse()) {
      const leftMs = limitMs - (performance.now() - begunMs);
      try { await within(leftMs, close); } catch (error) { failed(part, error instanceof Error ? error.message : String(error)); }
    }
    tell({ event: 'shutdown.done', tookMs: Math.round(performance.now() - begunMs) });
    exit(code);
  };
  const run = (reason: string): Promise<void> => (running ??= closeAll(reason));
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
    signals.on(signal, () => { if (running === undefined) void run(signal); else exit(1); });
  }
  return { add: (part, close) => { parts.push({ part, close }); }, run };
}

/** Waits for the work, but no longer than this. Work is begun even when nothing is left of the time. */
async function within(limitMs: number, work: () => void | Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => { reject(new Error('not closed in time')); }, Math.max(limitMs, 0));
  });
  try { await Promise.race([Promise.resolve().then(work), tooLate]); } finally { clearTimeout(timer); }
}
