/** Where the parts of an evaluation are kept. Who asks, who scores and who reads agree on it here. */
import type { EvaluatorSpec } from '../score/index.js';

export type ArmName = 'candidate' | 'baseline';
/** One of the two bundles that are compared. */
export interface ArmAt { readonly name: ArmName; readonly content: { readonly application: string; readonly digest: string } }
export interface EvaluatorAt { readonly name: string; readonly digest: string; readonly spec: EvaluatorSpec }

export const answerId = (application: string, bundle: string, item: string, repetition: number): string => `${application}/${bundle}/${item}/${repetition}`;

/**
 * Where a score is kept: under its answer and its evaluator. A pair has one score for both arms, kept with the candidate's answer; how
 * consistent an answer is depends on how many others there are.
 */
export function scoreId({ digest, spec }: Pick<EvaluatorAt, 'digest' | 'spec'>, arms: readonly ArmAt[], arm: ArmAt, item: { readonly itemDigest: string }, repetition: number, repetitions: number): string {
  const under = ({ content }: ArmAt): string => `${answerId(content.application, content.digest, item.itemDigest, repetition)}/${digest}`;
  if (spec.kind === 'consistency') return `${under(arm)}/of/${repetitions}`;
  const [candidate, baseline] = [arms.find(({ name }) => name === 'candidate'), arms.find(({ name }) => name === 'baseline')];
  return spec.kind !== 'pairwise' || candidate === undefined || baseline === undefined ? under(arm) : `${under(candidate)}/vs/${baseline.content.digest}`;
}

/** An arm's part of a stored value: of a pair the baseline has what the candidate has not. */
export const valueFor = ({ spec }: Pick<EvaluatorAt, 'spec'>, { name }: Pick<ArmAt, 'name'>, value: number | null): number | null =>
  (spec.kind === 'pairwise' && name === 'baseline' && value !== null ? 1 - value : value);
