/** What workflows do to the world. Each may run twice; each says why that is harmless. */
import { createCalibrationActivities } from './calibration.js';
import type { ActivityDeps } from './deps.js';
import { createEvaluationActivities } from './evaluation.js';
import { createReleaseActivities } from './release.js';
import { createReleaseEvaluationActivities } from './release-evaluation.js';
import { createReleaseLookActivities } from './release-look.js';
import { createReleaseSplitActivities } from './release-split.js';
import { createWatchActivities } from './watch.js';

export type { AskProbes, CalibrationBirth, CalibrationOrder, OpenedCalibration, ProbesAsked } from './calibration.js';
export type { ActivityDeps, ActivityOrders, ReleaseAt, Standing, StateDetail } from './deps.js';
export type { BatchProgress, FinishEvaluation, OpenEvaluation, OpenedEvaluation, RunBatch } from './evaluation.js';
export type { CommitAct, Committed, NoteHold, Opening, RecordState, Refusal } from './release.js';
export type { Evaluated, JoinEvaluation } from './release-evaluation.js';
export { createPermits } from './permits.js';
export type { Permits } from './permits.js';
export { createRepair } from './repair.js';
export type { Repair, RepairEvent } from './repair.js';
export type { LookMode, LookOrder, LookOutcome } from './release-look.js';
export type { AwaitReaders, Convergence, SplitOrder, SplitOutcome, TakeBack, TakenBack } from './release-split.js';
export type { WatchOrder, WatchOutcome } from './watch.js';

export type ReleaseActivities = ReturnType<typeof createReleaseActivities> & ReturnType<typeof createReleaseEvaluationActivities>
  & ReturnType<typeof createReleaseLookActivities> & ReturnType<typeof createReleaseSplitActivities>;
export type EvaluationActivities = ReturnType<typeof createEvaluationActivities>;
export type CalibrationActivities = ReturnType<typeof createCalibrationActivities>;
export type WatchActivities = ReturnType<typeof createWatchActivities>;

/** All activities, over what `bin/worker` hands them. */
export const createActivities = (deps: ActivityDeps): ReleaseActivities & EvaluationActivities & CalibrationActivities & WatchActivities => ({
  ...createReleaseActivities(deps), ...createReleaseEvaluationActivities(deps), ...createReleaseLookActivities(deps), ...createReleaseSplitActivities(deps),
  ...createEvaluationActivities(deps), ...createCalibrationActivities(deps), ...createWatchActivities(deps),
});
