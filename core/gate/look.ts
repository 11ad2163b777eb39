/**
 * What a look writes: weight and birth, then what the caller knows, then the blocks, and only last that the stage's maximum is over, so
 * that evidence that is already there is read before time runs out.
 */
import { fullPlan } from './plan.js';
import type { ArmStatistics, BlockFields, GateLine, GatePlan, StageFields } from './policy.js';

/** A block as a look has read it. Fields of an arm that a store keeps beside the statistics of its type are left out of the line. */
export interface LookBlock extends BlockFields {
  /** of an assignment's block: the weight of the rev its units were assigned by */
  readonly weightBp?: number;
}

/** What a look has found out, before it becomes lines. */
export interface Look {
  /** set when the weight has changed; it brings a birth */
  readonly weightBp?: number;
  /** the weight the state holds; needed where blocks bring weights of their own, which must not stay */
  readonly heldBp?: number;
  /** 30 minutes have passed since the last birth */
  readonly isBirthDue?: boolean;
  readonly stage: StageFields;
  readonly blocks: readonly LookBlock[];
}

/** A look's lines in their right order: births before blocks, metrics in the plan's order, blocks by index, the maximum last. */
export function linesOfLook(plan: GatePlan, { weightBp, heldBp, isBirthDue = false, stage, blocks }: Look): readonly GateLine[] {
  const lines: GateLine[] = [];
  if (weightBp !== undefined) lines.push({ weight: { bp: weightBp } }, { birth: { note: 'weight' } });
  else if (isBirthDue) lines.push({ birth: { note: 'due' } });
  lines.push({ stage: { ...stage, maxMet: false } });
  const held = weightBp ?? heldBp;
  let weighed = held;
  for (const { id, statistics } of fullPlan(plan).metrics) {
    for (const { weightBp: own, ...block } of blocks.filter((b) => b.metric === id).sort((x, y) => x.i - y.i)) {
      // Blocks come later than the weight they were assigned by: each is held against its own.
      if (own !== undefined && own !== weighed) lines.push({ weight: { bp: weighed = own, note: 'of the block' } });
      lines.push({ block: { ...block, stable: only(statistics, block.stable), candidate: only(statistics, block.candidate) } });
    }
  }
  if (held !== undefined && weighed !== held) lines.push({ weight: { bp: held, note: 'as before' } });
  if (stage.maxMet === true) lines.push({ stage: { maxMet: true } });
  return lines;
}

const only = (names: readonly string[], arm: ArmStatistics): ArmStatistics =>
  Object.fromEntries(Object.entries(arm).filter(([name]) => names.includes(name))) as unknown as ArmStatistics;
