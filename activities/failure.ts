import { ApplicationFailure } from '@temporalio/activity';
import type { ErrorCode } from '../core/errors.js';

/**
 * No error: nothing is decided yet. The server calls again after the delay, which no back-off stretches, and the history does not grow.
 *
 * @param message  why it still waits; shown by Temporal as the activity's last failure
 */
export const undecided = (message: string, delayMs: number): ApplicationFailure =>
  ApplicationFailure.create({ type: 'Undecided', message, nextRetryDelay: Math.max(1, Math.round(delayMs)), category: 'BENIGN' });

/** What another try cannot mend; the type is the code that a person gets to see. */
export const final = (code: ErrorCode, message: string): ApplicationFailure => ApplicationFailure.nonRetryable(message, code);
