import type { Logger } from './log.js';

/** The part of `process` that is listened to. */
export interface Crashing {
  on(event: 'uncaughtExceptionMonitor', listener: (error: Error, origin: string) => void): unknown;
  on(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
}

/** What ends a program against its will says so as its last line, in the form of all others; it still ends. */
export function reportCrashes(logger: Pick<Logger, 'fatal'>, from: Crashing = process): void {
  from.on('uncaughtExceptionMonitor', (error, origin) => { logger.fatal({ event: 'crashed', origin, message: error instanceof Error ? error.message : String(error), stack: error instanceof Error ? error.stack : undefined }); });
}

/**
 * From here on a promise that failed with nobody waiting for it is a line in the log and no end: a library's late answer must not take
 * leases and readers with it. To be called once a program is up; what fails before that ends it.
 */
export function surviveRejections(logger: Pick<Logger, 'error'>, from: Crashing = process): void {
  from.on('unhandledRejection', (reason) => { logger.error({ event: 'rejection.unhandled', message: reason instanceof Error ? reason.message : String(reason), stack: reason instanceof Error ? reason.stack : undefined }); });
}
