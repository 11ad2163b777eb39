import { unreachable } from '../ids.js';
import { faultsOfCode, scoreCode, type CodeSpec } from './code.js';
import { faultsOfSemantic, scoreSemantic, type SemanticSpec } from './semantic.js';
import type { Answer, Checks, Item, ScoreResult, SpecChecks } from './types.js';

export type { CodeSpec } from './code.js';
export type { SemanticSpec } from './semantic.js';
export type { Answer, Checks, Item, Outcome, Score, ScoreError, ScoreResult, SpecChecks } from './types.js';

/** What one version of an evaluator measures. Kind CODE is the first four, SEMANTIC the last. */
export type EvaluatorSpec = CodeSpec | SemanticSpec;

/**
 * What is wrong with an evaluator before anything is scored; empty when it may be saved.
 *
 * @param libraries  says whether a pattern or a schema can be run at all; handed in, because the core loads nothing
 */
export function faultsOfEvaluator(spec: EvaluatorSpec, libraries: SpecChecks): string[] {
  return spec.kind === 'semantic' ? faultsOfSemantic(spec) : faultsOfCode(spec, libraries);
}

/** The texts whose vectors `checks.similarity` must hold before `score` is called: both sides, or none. */
export function textsToEmbed(spec: EvaluatorSpec, answer: Answer, item: Item): string[] {
  return spec.kind === 'semantic' && item.expected !== undefined ? [answer.text, item.expected] : [];
}

/**
 * How good one answer is, in [0, 1]; or why that cannot be said. An error is the evaluator's or the dataset's fault and is counted as
 * one, never turned into a number; a bad answer is a 0 with an explanation.
 *
 * @param checks  the libraries, and the vectors of `textsToEmbed`
 */
export function score(spec: EvaluatorSpec, answer: Answer, item: Item, checks: Checks): ScoreResult {
  switch (spec.kind) {
    case 'exact': case 'contains': case 'regex': case 'jsonSchema': return scoreCode(spec, answer, item, checks);
    case 'semantic': return scoreSemantic(spec, answer, item, checks);
    default: return unreachable(spec);
  }
}
