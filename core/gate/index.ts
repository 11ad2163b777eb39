/** The door of the gate: deciding is pure. Plans, lines and decisions of the replay language; the verdict; the ticket; forecasts. */
export { GATE_DEFAULTS, HOLD_REASONS, INCONCLUSIVE_REASONS, sentenceOfBreach } from './policy.js';
export type {
  AcknowledgeLine, ArmStatistics, BinaryHarm, BinaryMetric, BinaryNonInferiority, BirthLine, BlockFields, BlockLine, Breach, EvaluatorEvidence, Evidence, GateDecision,
  GateLine, GateMetric, GatePlan, HistogramHarm, HistogramMetric, HistogramNonInferiority, HoldReason, InconclusiveReason, LineNotes, MeanPriorFields, MetricRole, MomentsHarm, MomentsMetric, MomentsNonInferiority, Rollback, Stage, StageFields, StageLine, TestEvidence, TestedMetric,
  UnitsMetric, Verdict, WeightLine,
} from './policy.js';
export { faultsOfPlan } from './plan.js';
export { PRIOR_RATE, gatePlanOf } from './pinned.js';
export type { KnownValues } from './pinned.js';
export { knownFrom } from './known.js';
export type { FormerRelease } from './known.js';
export { faultOfLine } from './lines.js';
export type { ReceiptFields, ReceiptLine } from './lines.js';
export { consume, startGate } from './online.js';
export type { GateState, MetricState } from './online.js';
export { bakeDecisionOf, decisionOf, pausedDecisionOf } from './decision.js';
export type { BakeClock } from './decision.js';
export { assignmentOf, differenceOf, evidenceOf } from './evidence.js';
export type { AssignmentEvidence, MetricEvidence } from './evidence.js';
export { armShown, differenceShown, show, startShown } from './shown.js';
export type { ArmMean, Difference, MetricShown, Shown } from './shown.js';
export { progressOf, standingOf } from './standing.js';
export type { MetricStanding, Waiting } from './standing.js';
export { assignmentWords, harmWords, notWorseWords, oddsOf } from './words.js';
export type { Named } from './words.js';
export { linesOfLook } from './look.js';
export type { Look, LookBlock } from './look.js';
export { decisionIn, nextReceipt, replayFileOf, replayReceipts, throughOf } from './receipt.js';
export type { LogValues, LookMode, Receipt, ReceiptDifference, ReceiptDraft } from './receipt.js';
export { LINE_MAX, endReplay, lineOfOutput, readReplay, replay, replayLines, replayText, startReplay } from './replay.js';
export type { Replay, ReplayDecision, ReplayEnd, ReplayError, ReplayOptions, ReplayOutput, Replaying } from './replay.js';
export { guardsOf, startWatch, stepWatch, watchAlarms } from './watch.js';
export type { GuardFinding, Objective, WatchAlarm, WatchBlock, WatchState } from './watch.js';
export { breachesOf, nextWatched, objectivesOf, replayWatched, startWatched, watchedThrough } from './watched.js';
export type { WatchBreach, Watched, WatchedLook } from './watched.js';
export { addItem, evidenceOfVerdict, startVerdict, verdictOf } from './offline.js';
export type { Spent, VerdictState } from './offline.js';
export { faultsOfVerdictPlan } from './offline-plan.js';
export type { VerdictEvaluator, VerdictItem, VerdictPlan } from './offline-plan.js';
export { TICKET_REFUSALS, admits } from './ticket.js';
export type { Admission, Ticket, TicketRefusal, Wanted } from './ticket.js';
export { TEST_COST, TIER_DATASETS, faultOfDataset, faultsOfForecast, forecastOf, nextUnitsOf, plannedCases, smallestEffectsOf } from './planning.js';
export type { DatasetQuestion, PlannedCases, ReleaseForecast, RollbackForecast, SmallestEffect, StageForecast, StagePlan, TrafficPlan } from './planning.js';
