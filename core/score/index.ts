import { unreachable } from '../ids.js';
import { faultsOfCode, scoreCode, type CodeSpec } from './code.js';
import { faultsOfConsistency, scoreConsistency, textsOfConsistency, type ConsistencySpec } from './consistency.js';
import { faultsOfJudge, isJudge, type JudgeSpec } from './judge-spec.js';
import { faultsOfSemantic, scoreSemantic, type SemanticSpec } from './semantic.js';
import { faultOfText } from './texts.js';
import { NO_OTHERS, type Answer, type Checks, type Item, type Others, type ScoreResult, type SpecChecks } from './types.js';

export { addressesJudge, guarded, saysNothing } from './addressed.js';
export { ATTACKS, attackText, underAttack, type Attack, type AttackFamily, type AttackedCase } from './attacks.js';
export { SHOWINGS, faultsOfLabels, levelsOf, probesOf, qualificationData, type LabelledCase, type Probe, type Probed } from './calibration.js';
export type { CodeSpec } from './code.js';
export type { ConsistencySpec } from './consistency.js';
export { jsonDepth } from './depth.js';
export { judgeRequest, type JudgeCase, type JudgeRequest } from './judge.js';
export { formOf, isJudge, type JudgeModel, type JudgeSpec, type JudgementForm, type LlmJudgeSpec, type PairwiseSpec, type RagSpec } from './judge-spec.js';
export { judgementIn, pairScore, scoreOfJudgement, type Judgement } from './judgement.js';
export { PII_KINDS, type PiiKind } from './pii-forms.js';
export { QUALIFICATION_BOUNDS, faultsOfBounds, isQualifiedFor, qualify, type JudgedCase, type Qualification, type QualificationBounds, type QualificationData } from './qualify.js';
export type { SemanticSpec } from './semantic.js';
export { TEXT_LENGTH_MAX, faultOfText } from './texts.js';
export { toolCallsMatch } from './tools.js';
export { NO_OTHERS, type Answer, type Checks, type ExpectedCall, type ExpectedTools, type MadeCall, type Item, type Others, type Outcome, type Score, type ScoreError, type ScoreResult, type SpecChecks } from './types.js';

/** What one version of an evaluator measures. */
export type EvaluatorSpec = CodeSpec | SemanticSpec | ConsistencySpec | JudgeSpec;

/**
 * What is wrong with an evaluator before anything is scored; empty when it may be saved.
 *
 * @param libraries  says whether a pattern or a schema can be run at all; handed in, because the core loads nothing
 */
export function faultsOfEvaluator(spec: EvaluatorSpec, libraries: SpecChecks): string[] {
  if (isJudge(spec)) return faultsOfJudge(spec);
  switch (spec.kind) {
    case 'semantic': return faultsOfSemantic(spec);
    case 'consistency': return faultsOfConsistency(spec);
    default: return faultsOfCode(spec, libraries);
  }
}

/** The texts whose vectors `checks.similarity` must hold before `score` is called; none where what is said cannot be scored anyway. */
export function textsToEmbed(spec: EvaluatorSpec, answer: Answer, item: Item, others: Others = NO_OTHERS): string[] {
  const texts = spec.kind === 'semantic' && item.expected !== undefined ? [answer.text, item.expected] : spec.kind === 'consistency' ? textsOfConsistency(spec, answer, others) : [];
  return texts.some((text) => faultOfText(text) !== undefined) ? [] : texts;
}

/**
 * How good one answer is, in [0, 1]; or why that cannot be said. An error is the evaluator's or the dataset's fault and is counted as
 * one, never turned into a number; a bad answer is a 0 with an explanation. A judge is asked by whoever may call a model: here it is an error.
 *
 * @param checks  the libraries, and the vectors of `textsToEmbed`
 * @param others  the same arm's other answers to the case; what `consistency` compares with
 */
export function score(spec: EvaluatorSpec, answer: Answer, item: Item, checks: Checks, others: Others = NO_OTHERS): ScoreResult {
  if (isJudge(spec)) return { error: `${spec.kind} is asked of a model, not computed` };
  switch (spec.kind) {
    case 'semantic': return scoreSemantic(spec, answer, item, checks);
    case 'consistency': {
      const fault = [answer.text, ...others.repetitions].map((text) => (text === null ? undefined : faultOfText(text))).find((one) => one !== undefined);
      return fault === undefined ? scoreConsistency(spec, answer, others, checks) : { error: fault };
    }
    case 'exact': case 'contains': case 'regex': case 'jsonSchema': case 'numeric': case 'rougeL': case 'bleu': case 'editDistance': case 'latency': case 'cost': case 'refusal': case 'pii': case 'toolCalls':
      return scoreCode(spec, answer, item, checks);
    default: return unreachable(spec);
  }
}
