/** Enums whose words differ from ours, with ours: GraphQL shouts, documents do not. */
export const ENUMS = {
  MessageRole: { SYSTEM: 'system', USER: 'user', ASSISTANT: 'assistant' },
  ConnectionKind: { OPENAI_COMPATIBLE: 'openai-compatible', OPENAI_RESPONSES: 'openai-responses', ANTHROPIC: 'anthropic', SANDBOX: 'sandbox' },
  KeyKind: { APPLICATION: 'ap', CI: 'ci', SESSION: 'st' },
  KeyScope: { SERVE: 'serve', INGEST: 'ingest', FEEDBACK: 'feedback' },
  EvaluatorKind: { EXACT: 'exact', CONTAINS: 'contains', REGEX: 'regex', JSON_SCHEMA: 'jsonSchema', SEMANTIC: 'semantic' },
  ContainsMode: { ALL: 'all', ANY: 'any' },
  MetricRole: { GUARDRAIL: 'guardrail', SIGNAL: 'signal', OBSERVE: 'observe' },
  MetricKind: { RATE: 'rate', SCORE: 'score', MEAN: 'mean' },
  Aim: { NOT_WORSE: 'notWorse', BETTER: 'better' },
  EvaluatorRole: { GUARDRAIL: 'guardrail', SIGNAL: 'signal' },
  FloatingModels: { ALLOW: 'allow', REFUSE: 'refuse' },
} as const;
