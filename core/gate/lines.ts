/** The lines of the replay language (statistics.md section 6): what is wrong with one, given the plan and what came before. */
import { COUNT, OBJECT, TEXT, faultsOfFields, isFields, oneOf, whole } from './fields.js';
import type { Fields, Rule } from './fields.js';
import type { GateState } from './online.js';
import { STAGE_RULES, fullPlan } from './plan.js';
import type { GatePlan, HoldReason, LineNotes } from './policy.js';

/** A recorded decision inside a replay file: compared with the one made there, printing nothing when equal. */
export interface ReceiptFields extends LineNotes {
  readonly decision: 'HOLD' | 'ADVANCE' | 'PROMOTE' | 'ROLLBACK';
  readonly reasons?: readonly HoldReason[];
  readonly logE?: Readonly<Record<string, { readonly harm?: number | null; readonly ni?: Readonly<Record<string, number>>; readonly srm?: number }>>;
}
export interface ReceiptLine { readonly receipt: ReceiptFields }

const NOTES: Readonly<Record<string, Rule>> = { at: TEXT, note: TEXT };
const REASONS = STAGE_RULES.hold;

/** The shapes by kind: required, optional. */
const SHAPES: Readonly<Record<string, readonly [Readonly<Record<string, Rule>>, Readonly<Record<string, Rule>>]>> = {
  block: [{ metric: TEXT, i: COUNT, stable: OBJECT, candidate: OBJECT }, NOTES],
  birth: [{}, { ...NOTES, metric: TEXT }],
  weight: [{ bp: whole('a whole number in 1..9999', 1, 9_999) }, NOTES],
  stage: [{}, { ...NOTES, ...STAGE_RULES }],
  acknowledge: [{ metric: TEXT }, NOTES],
  receipt: [{ decision: oneOf('HOLD', 'ADVANCE', 'PROMOTE', 'ROLLBACK') }, { ...NOTES, reasons: REASONS, logE: OBJECT }],
};

/**
 * What is wrong with a line, as one sentence; `null` when it may be consumed. A receipt line is checked for its shape only.
 *
 * @param unreadableAllowed  statistics that are none pass: the gate holds on them (READ_FAILED), a replay file may not carry them
 */
export function faultOfLine(plan: GatePlan, state: GateState, line: unknown, { unreadableAllowed = false } = {}): string | null {
  if (!isFields(line)) return 'a line must be an object with exactly one key, its kind';
  const [kind, ...others] = Object.keys(line);
  const shape = kind === undefined || others.length > 0 ? undefined : Object.hasOwn(SHAPES, kind) ? SHAPES[kind] : undefined;
  if (kind === undefined || shape === undefined) {
    return kind === 'plan' ? 'the plan is there already' : `a line must be an object with exactly one key out of ${Object.keys(SHAPES).join(', ')}`;
  }
  const fields = line[kind];
  const [fault] = faultsOfFields(kind, fields, ...shape);
  if (fault !== undefined) return fault;
  if (!isFields(fields)) return `${kind} must be an object`;
  if (kind === 'receipt') return faultOfReceipt(plan, fields);
  if (typeof fields['metric'] !== 'string') return null;
  const index = fullPlan(plan).metrics.findIndex(({ id }) => id === fields['metric']);
  const metric = fullPlan(plan).metrics[index];
  if (metric === undefined) return `${kind}.metric: the plan has no metric ${fields['metric']}`;
  if (kind === 'acknowledge' && metric.role !== 'signal' && metric.role !== 'assignment') {
    return `acknowledge.metric: ${metric.id} is a ${metric.role} metric; only a signal's alarm or an assignment's is acknowledged`;
  }
  if (kind !== 'block') return null;
  const last = state.metrics[index]?.lastBlock ?? null;
  if (last !== null && Number(fields['i']) <= last) return `block.i: ${String(fields['i'])} of ${metric.id} comes after ${last}; indexes must ascend`;
  return unreadableAllowed ? null : metric.faultOf('block.stable', fields['stable']) ?? metric.faultOf('block.candidate', fields['candidate']);
}

function faultOfReceipt(plan: GatePlan, { logE = {} }: Fields): string | null {
  if (!isFields(logE)) return null;
  const numeric: Rule = { wants: 'a number', holds: (v) => typeof v === 'number' };
  for (const [id, values] of Object.entries(logE)) {
    if (!fullPlan(plan).metrics.some((metric) => metric.id === id)) return `receipt.logE: the plan has no metric ${id}`;
    const where = `receipt.logE.${id}`;
    const [fault] = faultsOfFields(where, values, {}, { harm: { wants: 'a number or null', holds: (v) => v === null || typeof v === 'number' }, ni: OBJECT, srm: numeric });
    if (fault !== undefined) return fault;
    if (isFields(values) && isFields(values['ni']) && !Object.values(values['ni']).every(numeric.holds)) return `${where}.ni must hold numbers`;
  }
  return null;
}
