import { proxyActivities } from '@temporalio/workflow';
import type { CalibrationActivities, EvaluationActivities, ReleaseActivities, WatchActivities } from '../activities/index.js';

/** Failures that another try cannot mend; the activity says so by type. */
const FINAL = ['BAD_INPUT', 'NOT_FOUND', 'EVIDENCE_MISSING', 'QUARANTINED', 'CONFLICT', 'FORBIDDEN'];

/** One or two writes. Short time-outs, because a time-out is how long a worker's death is noticed after. */
export const { openRelease, recordState, commitAct, noteHold, setWeight, promote, takeBack } = proxyActivities<ReleaseActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '2s', nonRetryableErrorTypes: FINAL },
});

/**
 * Looks at a canary. Each look is an attempt of one activity: while nothing is decided the history does not grow. Attempts count for the
 * back-off of ordinary errors too, so that stays flat: one failed read must not cost the lease. No schedule-to-close, which would count
 * paused time: the look itself knows, by the database's clock, when the stage's maximum is over.
 */
export const looksOn = (leaseMs: number) => proxyActivities<Pick<ReleaseActivities, 'watchStage'>>({
  startToCloseTimeout: Math.min(leaseMs / 4, 10_000),
  retry: { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '1s', nonRetryableErrorTypes: FINAL },
});

/** Looks at what was promoted, for as long as its policy says: one activity, like the looks at a canary. */
export const { watchStable } = proxyActivities<WatchActivities>({
  startToCloseTimeout: '10s', retry: { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '1s', nonRetryableErrorTypes: FINAL },
});

/** Polls, like a look. */
export const { awaitReaders } = proxyActivities<Pick<ReleaseActivities, 'awaitReaders'>>({
  startToCloseTimeout: '10s', retry: { initialInterval: '250ms', backoffCoefficient: 1, maximumInterval: '250ms' },
});
export const { joinEvaluation } = proxyActivities<Pick<ReleaseActivities, 'joinEvaluation'>>({
  startToCloseTimeout: '20s', retry: { initialInterval: '1s', backoffCoefficient: 1, maximumInterval: '1s', nonRetryableErrorTypes: FINAL },
});

export const { openEvaluation, finishEvaluation } = proxyActivities<EvaluationActivities>({
  startToCloseTimeout: '10s', retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s', nonRetryableErrorTypes: FINAL },
});
/** Some fifty cases, each up to two minutes of a model's time, eight at once. The heartbeat tells a dead worker from a slow model. */
export const { runBatch } = proxyActivities<Pick<EvaluationActivities, 'runBatch'>>({
  startToCloseTimeout: '30m', heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 8, nonRetryableErrorTypes: FINAL },
});

export const { openCalibration, finishCalibration } = proxyActivities<CalibrationActivities>({
  startToCloseTimeout: '10s', retry: { initialInterval: '250ms', backoffCoefficient: 2, maximumInterval: '5s', nonRetryableErrorTypes: FINAL },
});
/** Some fifty questions, like a batch of cases. */
export const { askProbes } = proxyActivities<Pick<CalibrationActivities, 'askProbes'>>({
  startToCloseTimeout: '30m', heartbeatTimeout: '20s',
  retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '30s', maximumAttempts: 8, nonRetryableErrorTypes: FINAL },
});
