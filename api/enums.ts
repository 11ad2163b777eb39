/** Enums whose words differ from ours, with ours: GraphQL shouts, documents do not. */
export const ENUMS = {
  MessageRole: { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant' },
  ConnectionKind: { OPENAI_COMPATIBLE: 'openai-compatible', OPENAI_RESPONSES: 'openai-responses', ANTHROPIC: 'anthropic', SANDBOX: 'sandbox' },
  KeyKind: { APPLICATION: 'ap', CI: 'ci', SESSION: 'st' },
  KeyScope: { SERVE: 'serve', INGEST: 'ingest', FEEDBACK: 'feedback' },
  EvaluatorKind: {
    EXACT: 'exact', CONTAINS: 'contains', REGEX: 'regex', JSON_SCHEMA: 'jsonSchema', NUMERIC: 'numeric', ROUGE_L: 'rougeL', BLEU: 'bleu', EDIT_DISTANCE: 'editDistance', LATENCY: 'latency', COST: 'cost',
    REFUSAL: 'refusal', PII: 'pii', SEMANTIC: 'semantic', CONSISTENCY: 'consistency', LLM_JUDGE: 'llmJudge', PAIRWISE: 'pairwise', CONTEXT_RELEVANCE: 'contextRelevance', FAITHFULNESS: 'faithfulness', ANSWER_CORRECTNESS: 'answerCorrectness',
  },
  ContainsMode: { ALL: 'all', ANY: 'any' },
  NumberPlace: { ONLY: 'only', FIRST: 'first', LAST: 'last' },
  DecimalMark: { POINT: 'point', COMMA: 'comma' },
  RefusalWish: { ANSWER: 'answer', REFUSAL: 'refusal' },
  PiiKind: { EMAIL: 'email', PHONE: 'phone', IBAN: 'iban', CARD: 'card', IP: 'ip', KEY: 'key' },
  ConsistencyBy: { TEXT: 'text', MEANING: 'meaning' },
  JudgeScale: { PASS_FAIL: 'passFail', ONE_TO_FIVE: 'oneToFive' },
  MetricRole: { GUARDRAIL: 'guardrail', SIGNAL: 'signal', OBSERVE: 'observe' },
  MetricKind: { RATE: 'rate', SCORE: 'score', MEAN: 'mean' },
  Aim: { NOT_WORSE: 'notWorse', BETTER: 'better' },
  EvaluatorRole: { GUARDRAIL: 'guardrail', SIGNAL: 'signal' },
  FloatingModels: { ALLOW: 'allow', REFUSE: 'refuse' },
} as const;
