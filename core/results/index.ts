/** The door of an evaluation's results: where they are kept, what they say of each case, and of all together. */
export { answerId, scoreId, valueFor } from './keys.js';
export type { ArmAt, ArmName, EvaluatorAt } from './keys.js';
export { permutationOf } from './permutation.js';
export { ROW_OUTCOMES, idsOf, matches, scoresOfCase, worstFirst } from './rows.js';
export type { ArmScore, Asked, Kept, KeptAnswer, KeptScore, RowFilter, RowOutcome, RowScore, ScoredRow } from './rows.js';
export { SHOWN_ALPHA, TAGS_SHOWN_MAX, countedOf, measuredOf, shownDifference, shownMean, shownScore, slicesOf, spreadOf, totalsOf } from './summary.js';
export type { ArmTotals, Counted, MeasuredAnswer, Shown, Slice, Spread } from './summary.js';
export { clustersOf } from './clusters.js';
export type { Cluster, FailingRow, SampledRow } from './clusters.js';
