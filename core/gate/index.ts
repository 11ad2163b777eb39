/** The door of the gate: deciding is pure. Plans, lines and decisions of the replay language; the verdict; the ticket; forecasts. */
export { GATE_DEFAULTS, HOLD_REASONS, INCONCLUSIVE_REASONS, sentenceOfBreach } from './policy.js';
export type {
  AcknowledgeLine, ArmStatistics, BinaryHarm, BinaryMetric, BinaryNonInferiority, BirthLine, BlockFields, BlockLine, Breach, EvaluatorEvidence, Evidence, GateDecision,
  GateLine, GateMetric, GatePlan, HoldReason, InconclusiveReason, LineNotes, MetricRole, Rollback, Stage, StageFields, StageLine, TestEvidence,
  UndecidedMetric, Verdict, WeightLine,
} from './policy.js';
export { faultsOfPlan } from './plan.js';
export { PRIOR_RATE, gatePlanOf } from './pinned.js';
export { faultOfLine } from './lines.js';
export type { ReceiptFields, ReceiptLine } from './lines.js';
export { bakeDecisionOf, consume, decisionOf, evidenceOf, linesOfLook, pausedDecisionOf, startGate } from './online.js';
export type { BakeClock, GateState, Look, MetricEvidence, MetricState } from './online.js';
export { nextReceipt, replayReceipts, throughOf } from './receipt.js';
export type { LogValues, LookMode, Receipt, ReceiptDifference, ReceiptDraft } from './receipt.js';
export { replay, replayLines, replayText } from './replay.js';
export type { Replay, ReplayDecision, ReplayError, ReplayOptions, ReplayOutput } from './replay.js';
export { addItem, evidenceOfVerdict, faultsOfVerdictPlan, startVerdict, verdictOf } from './offline.js';
export type { Spent, VerdictEvaluator, VerdictItem, VerdictPlan, VerdictState } from './offline.js';
export { TICKET_REFUSALS, admits } from './ticket.js';
export type { Admission, Ticket, TicketRefusal, Wanted } from './ticket.js';
export { TEST_COST, TIER_DATASETS, faultOfDataset, faultsOfForecast, forecastOf, nextUnitsOf } from './planning.js';
export type { DatasetQuestion, ReleaseForecast, RollbackForecast, StageForecast, StagePlan, TrafficPlan } from './planning.js';
