/** One call that is expected: its name, and a JSON Schema for its arguments; without one any arguments will do. */
export interface ExpectedCall { readonly name: string; readonly arguments?: Readonly<Record<string, unknown>> }
/** `strict`: these calls, in this order. `any`: these calls, in whatever order. Either way no others: an empty list expects that no tool is called. */
export interface ExpectedTools { readonly order: 'strict' | 'any'; readonly calls: readonly ExpectedCall[] }
/** A call as a model made it; the arguments are the text it wrote, which need not be JSON. */
export interface MadeCall { readonly name: string; readonly arguments: string }

/** What a model answered, and what was measured while it did. What is not known is null or left out, never 0. */
export interface Answer {
  readonly text: string;
  readonly durationMs?: number | null;
  readonly costUsd?: number | null;
  /** As the provider named it: `stop`, `length`, `content_filter` … */
  readonly finishReason?: string | null;
  /** What the model wanted called, in its order. */
  readonly toolCalls?: readonly MadeCall[];
}

/** What a dataset holds an answer against. */
export interface Item {
  readonly expected?: string;
  /** Strings that the answer should carry. */
  readonly contains?: readonly string[];
  /** What the prompt was filled with, by name. */
  readonly variables?: Readonly<Record<string, string>>;
  /** Tools that the answer should call. */
  readonly toolCalls?: ExpectedTools;
}

/** The same arm's answers to the same case in its other repetitions; `null` where one is an error. */
export interface Others { readonly repetitions: readonly (string | null)[] }
export const NO_OTHERS: Others = { repetitions: [] };

/** A value in [0, 1]. */
export interface Score { readonly value: number; readonly label?: string; readonly explanation?: string }
export interface ScoreError { readonly error: string }
export type ScoreResult = Score | ScoreError;

/** A library's answer: whether it holds and, if not, why; or that the question itself was wrong. */
export type Outcome = { readonly holds: boolean; readonly why?: string } | ScoreError;

/** What the core asks of the libraries that it may not load. Synchronous and total: nothing here throws. */
export interface Checks {
  /** Whether the pattern is found anywhere in the text, in time linear in the text. */
  readonly matches: (pattern: string, text: string) => Outcome;
  /** Whether the text is JSON that the schema accepts. */
  readonly fits: (schema: Readonly<Record<string, unknown>>, text: string) => Outcome;
  /** Cosine in [-1, 1] of two texts that were embedded before; `undefined` when one was not. */
  readonly similarity: (a: string, b: string) => number | undefined;
  /** Fewest characters to insert, delete or replace to make one text the other; counted in UTF-16 units, at most the longer text's length. */
  readonly editDistance: (a: string, b: string) => number;
}

/** What the libraries say of a pattern or a schema when it is saved; `undefined` when it can be run. */
export interface SpecChecks {
  readonly faultOfPattern: (pattern: string) => string | undefined;
  readonly faultOfSchema: (schema: Readonly<Record<string, unknown>>) => string | undefined;
}
