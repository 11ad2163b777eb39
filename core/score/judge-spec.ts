/** Evaluators that ask a model. What they ask is in judge.ts, what they are told in judgement.ts. */

/** The model version that judges, pinned: another one is another judge, and nothing that was measured of the first holds for it. */
export interface JudgeModel { readonly name: string; readonly version: number; readonly digest: string }

interface Judged {
  readonly judge: JudgeModel;
  /** Variables of the case that the judge may read; all of them where none are named. */
  readonly variables?: readonly string[];
}

/** One answer by a rubric: pass or fail, or a level from 1 to 5. */
export interface LlmJudgeSpec extends Judged { readonly kind: 'llmJudge'; readonly rubric: string; readonly scale: 'passFail' | 'oneToFive'; /** The judge reads the expected answer. */ readonly reference: boolean }
/** Both arms' answers to one case, in both orders. */
export interface PairwiseSpec extends Judged { readonly kind: 'pairwise'; readonly rubric: string; readonly reference: boolean }
/** Three questions about retrieval whose rubrics are ours. `question` and `context` are names of variables. */
export interface RagSpec { readonly kind: 'contextRelevance' | 'faithfulness' | 'answerCorrectness'; readonly judge: JudgeModel; readonly question: string; readonly context?: string }

export type JudgeSpec = LlmJudgeSpec | PairwiseSpec | RagSpec;

const RUBRIC_LENGTH_MAX = 20_000;

export function faultsOfJudge(spec: JudgeSpec): string[] {
  const { judge } = spec;
  if (judge.name === '' || !Number.isInteger(judge.version) || judge.version < 1 || judge.digest === '') return ['judge is a model version of this application, pinned by its digest'];
  switch (spec.kind) {
    case 'llmJudge': case 'pairwise': {
      if (spec.rubric.trim() === '') return ['the rubric is empty: it would leave to the judge what is good'];
      if (spec.rubric.length > RUBRIC_LENGTH_MAX) return [`the rubric is longer than ${RUBRIC_LENGTH_MAX} characters`];
      if (spec.kind === 'llmJudge' && !(['passFail', 'oneToFive'] as readonly string[]).includes(spec.scale)) return [`scale is "passFail" or "oneToFive", not "${spec.scale}"`];
      return spec.variables?.length === 0 ? ['variables is empty: leave it out to show them all'] : [];
    }
    case 'contextRelevance': case 'faithfulness': return spec.context === undefined ? [`${spec.kind} needs the name of the variable that holds the context`] : [];
    case 'answerCorrectness': return spec.context === undefined ? [] : ['answerCorrectness compares with the expected answer and reads no context'];
  }
}

export const isJudge = <T extends { readonly kind: string }>(spec: T): spec is T & JudgeSpec => JUDGE_KINDS.has(spec.kind);
const JUDGE_KINDS: ReadonlySet<string> = new Set(['llmJudge', 'pairwise', 'contextRelevance', 'faithfulness', 'answerCorrectness'] satisfies JudgeSpec['kind'][]);

/** What a judge is asked to write; `schema/judgement.ts` has the shape of each. */
export type JudgementForm = 'passFail' | 'oneToFive' | 'winner' | 'claims' | 'facts';

export function formOf(spec: JudgeSpec): JudgementForm {
  switch (spec.kind) {
    case 'llmJudge': return spec.scale;
    case 'pairwise': return 'winner';
    case 'contextRelevance': return 'oneToFive';
    case 'faithfulness': return 'claims';
    case 'answerCorrectness': return 'facts';
  }
}
