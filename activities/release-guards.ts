/** What is read beside the comparison of the arms: absolute objectives, and the shares of the arms. */
import { guardsOf, objectivesOf, startWatch, stepWatch } from '../core/gate/index.js';
import type { LookBlock, WatchBlock, WatchState } from '../core/gate/index.js';
import type { RolloutPolicy } from '../core/release/index.js';
import type { BlockDoc, Guards, ReleaseDoc, ServedEnvironment, UnitsBlock } from '../store/index.js';

/** Of the units seen in the last blocks, at most this part may have been seen in both arms: above it, whoever resolves changes keys. */
const BOTH_MAX = 0.01;
const WHOLE_BP = 10_000;

export const isUnits = (block: BlockDoc): block is UnitsBlock => 'rev' in block;

/** The watch of both arms after these blocks; `null` without objectives. */
export function guardsAfter(plan: RolloutPolicy, before: Guards | null, fresh: readonly BlockDoc[]): Guards | null {
  const objectives = objectivesOf(plan);
  if (objectives.length === 0) return null;
  const names = new Set(objectives.map(({ metric }) => metric));
  const blocks = fresh.filter(({ metric }) => names.has(metric)).toSorted((a, b) => a.block - b.block);
  const watch = (arm: 'stable' | 'candidate'): WatchState => blocks.reduce((state, block) => stepWatch(objectives, state, watchBlockOf(block.metric, block, arm)), before?.[arm] ?? startWatch(objectives));
  const [stable, candidate] = [watch('stable'), watch('candidate')];
  return { stable, candidate, finding: guardsOf(objectives, stable, candidate) };
}

/** One arm of a block, as the watch of that metric reads it. A block that has no rates is none that can be read: it is spent, and says nothing. */
export function watchBlockOf(metric: string, block: BlockDoc, arm: 'stable' | 'candidate'): WatchBlock {
  const counts = block[arm];
  return { metric, i: block.block, n: counts.n, k: 'k' in counts ? counts.k : Number.NaN };
}

/** A share as people are told it. */
export const percent = (share: number): string => `${String(Number((100 * share).toPrecision(2)))} %`;

/** In words: the objective that only the candidate misses. */
export function sentenceOfGuards(plan: RolloutPolicy, { finding }: Guards): string | null {
  if (finding.kind !== 'ROLLBACK') return null;
  const objective = objectivesOf(plan).find(({ metric }) => metric === finding.metric);
  return `TOPLINE: ${finding.metric} is above its objective of ${percent(objective?.p0 ?? 0)} on the candidate, and not on stable.`;
}

/** Whether too many units were seen in both arms. */
export function areSeenInBoth(blocks: readonly BlockDoc[]): boolean {
  let [all, both] = [0, 0];
  for (const block of blocks) if (isUnits(block)) { all += block.stable.n + block.candidate.n - block.both; both += block.both; }
  return both > BOTH_MAX * all;
}

/**
 * The gate's blocks. Units are held against the weight of the rev they were assigned by; where that is not known any more, or gave one arm
 * nothing, they say nothing about shares.
 */
export function lookBlocksOf(fresh: readonly BlockDoc[], { doc: { split, rev, recent } }: ServedEnvironment, { candidate }: ReleaseDoc): readonly LookBlock[] {
  const splits = new Map([...recent, ...(split === null ? [] : [{ ...split, rev }])].map((one) => [one.rev, one]));
  return fresh.flatMap((block): LookBlock[] => {
    const fields = { metric: block.metric, i: block.block, stable: block.stable, candidate: block.candidate } as LookBlock;
    if (!isUnits(block)) return [fields];
    const own = splits.get(block.rev);
    return own?.candidate === candidate && own.weightBp > 0 && own.weightBp < WHOLE_BP ? [{ ...fields, weightBp: own.weightBp }] : [];
  });
}
