/** Hosts workflows and activities. */
import { DefaultLogger, NativeConnection, Runtime, Worker, makeTelemetryFilterString } from '@temporalio/worker';
import type { ActivityInterceptorsFactory, LogEntry, WorkerOptions } from '@temporalio/worker';
import { EVALUATION_QUEUE, TASK_QUEUE } from '../workflows/names.js';

export { bundleOf } from './bundle.js';
export type { BundleOptions } from './bundle.js';
export { createReleaseWatch } from './release-watch.js';
export { createSweeper } from './sweeper.js';
export type { Sweeper, SweeperEvent } from './sweeper.js';

/** What Temporal's own parts have to say; ids are in the fields. */
export type WorkerEvent = { readonly event: 'temporal'; readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'; readonly message: string; readonly detail: string };

export interface HostOptions {
  /** `host:port` */
  readonly address: string;
  readonly namespace: string;
  /** All of them, on both queues. */
  readonly activities: object;
  /** What every activity passes through. */
  readonly interceptors?: readonly ActivityInterceptorsFactory[];
  /** What `bundleOf` gave. */
  readonly bundle: { readonly codePath: string };
  /** How long what runs may go on after `shutdown`; then it is cancelled. */
  readonly graceMs?: number;
  /** For tests: other queues than the usual ones. */
  readonly taskQueue?: string;
  readonly evaluationQueue?: string;
}

export interface Host {
  /** Resolves when both workers have ended; throws when one of them failed. */
  readonly ended: Promise<void>;
  isRunning(): boolean;
  shutdown(): Promise<void>;
}

/** A worker that was killed holds on to its workflows for this long, and not for ten seconds. */
const STICKY = '1s';
/**
 * A release that waits needs no workflow in memory: its looks are tries of one activity, and an act brings its history back in some 20 ms.
 * Many are dear: up to Node 22 each promise of each workflow holds a field for every AsyncLocalStorage of all the others.
 */
const CACHED_WORKFLOWS = 50;
/** Batches at once: each asks up to eight questions at a time. */
const BATCHES = 4;

/**
 * Once a process, before `createWorker`: Temporal's log goes where ours goes, and signals are left to the program.
 */
export function installRuntime({ tell, shutdownSignals = [] }: { readonly tell: (event: WorkerEvent) => void; readonly shutdownSignals?: readonly NodeJS.Signals[] }): void {
  const logger = new DefaultLogger('WARN', ({ level, message, meta }: LogEntry) => {
    const detail = meta === undefined ? '' : JSON.stringify(meta, (_key, value: unknown) => (value instanceof Error ? value.message : typeof value === 'bigint' ? String(value) : value)).slice(0, 2_000);
    tell({ event: 'temporal', level: level.toLowerCase() as WorkerEvent['level'], message, detail });
  });
  Runtime.install({ logger, shutdownSignals: [...shutdownSignals], telemetryOptions: { logging: { forward: {}, filter: makeTelemetryFilterString({ core: 'WARN', other: 'ERROR' }) } } });
}

/**
 * Two workers on one connection: releases never wait behind a large evaluation.
 *
 * @throws when Temporal is not there; afterwards the workers reconnect by themselves
 */
export async function createWorker({ address, namespace, activities, interceptors = [], bundle, graceMs = 10_000, taskQueue = TASK_QUEUE, evaluationQueue = EVALUATION_QUEUE }: HostOptions): Promise<Host> {
  const connection = await NativeConnection.connect({ address });
  const common: Omit<WorkerOptions, 'taskQueue'> = {
    connection, namespace, activities, workflowBundle: bundle, interceptors: { activity: [...interceptors] }, stickyQueueScheduleToStartTimeout: STICKY, maxCachedWorkflows: CACHED_WORKFLOWS,
    shutdownGraceTime: graceMs, shutdownForceTime: graceMs + 5_000, workflowThreadPoolSize: 1,
  };
  let workers: readonly Worker[] = [];
  try {
    workers = [await Worker.create({ ...common, taskQueue }), await Worker.create({ ...common, taskQueue: evaluationQueue, maxConcurrentActivityTaskExecutions: BATCHES })];
  } catch (error) {
    await connection.close();
    throw error;
  }
  const stop = (): void => { for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown(); };
  // One that fails takes the other along: half a worker is worse than none, because nobody would start it again.
  const ended = Promise.all(workers.map((worker) => worker.run().finally(stop))).then(() => undefined).finally(() => connection.close());
  ended.catch(() => undefined);   // whoever asks for it gets it
  return {
    ended,
    isRunning: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    shutdown: async () => { stop(); await ended.catch(() => undefined); },
  };
}
