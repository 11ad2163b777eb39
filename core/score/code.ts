import { unreachable } from '../ids.js';
import { faultsOfMeasured, scoreMeasured, type MeasuredSpec } from './measured.js';
import { faultsOfNumeric, scoreNumeric, type NumericSpec } from './numeric.js';
import { faultsOfOverlap, scoreOverlap, type OverlapSpec } from './overlap.js';
import { faultsOfPii, scorePii, type PiiSpec } from './pii.js';
import { toolCallsMatch, type ToolCallsSpec } from './tools.js';
import { faultsOfRefusal, scoreRefusal, type RefusalSpec } from './refusal.js';
import { faultOfText, folded } from './texts.js';
import type { Answer, Checks, Item, Outcome, ScoreResult, SpecChecks } from './types.js';

/** Parameterised functions of a catalogue. There is no user code in it. */
export type CodeSpec =
  | { readonly kind: 'exact'; readonly ignoreCase?: boolean; readonly trim?: boolean }
  | { readonly kind: 'contains'; readonly mode: 'all' | 'any'; readonly ignoreCase?: boolean }
  | { readonly kind: 'regex'; readonly pattern: string }
  | { readonly kind: 'jsonSchema'; readonly schema: Readonly<Record<string, unknown>> }
  | NumericSpec | OverlapSpec | MeasuredSpec | RefusalSpec | PiiSpec | ToolCallsSpec;

const PATTERN_LENGTH_MAX = 1_000;

export function faultsOfCode(spec: CodeSpec, libraries: SpecChecks): string[] {
  switch (spec.kind) {
    case 'exact': case 'toolCalls': return [];
    case 'contains': {
      const mode: string = spec.mode;
      return mode === 'all' || mode === 'any' ? [] : [`mode is "all" or "any", not "${mode}"`];
    }
    case 'regex': {
      if (spec.pattern === '') return ['the pattern is empty: it would accept every answer'];
      if (spec.pattern.length > PATTERN_LENGTH_MAX) return [`the pattern is longer than ${PATTERN_LENGTH_MAX} characters`];
      const fault = libraries.faultOfPattern(spec.pattern);
      return fault === undefined ? [] : [fault];
    }
    case 'jsonSchema': {
      const schema: unknown = spec.schema;
      if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return ['the schema is not a JSON object'];
      if (Object.keys(schema).length === 0) return ['the schema is empty: it would accept every JSON'];
      const fault = libraries.faultOfSchema(spec.schema);
      return fault === undefined ? [] : [fault];
    }
    case 'numeric': return faultsOfNumeric(spec);
    case 'rougeL': case 'bleu': case 'editDistance': return faultsOfOverlap(spec);
    case 'latency': case 'cost': return faultsOfMeasured(spec);
    case 'refusal': return faultsOfRefusal(spec);
    case 'pii': return faultsOfPii(spec);
    default: return unreachable(spec);
  }
}

export function scoreCode(spec: CodeSpec, answer: Answer, item: Item, checks: Checks): ScoreResult {
  if (spec.kind === 'latency' || spec.kind === 'cost') return scoreMeasured(spec, answer);
  const fault = faultOfText(answer.text);
  if (fault !== undefined) return { error: fault };
  switch (spec.kind) {
    case 'exact': return scoreExact(spec, answer, item);
    case 'contains': return scoreContains(spec, answer, item);
    case 'regex': return scoreOutcome(checks.matches(spec.pattern, answer.text));
    case 'jsonSchema': return scoreOutcome(checks.fits(spec.schema, answer.text));
    case 'numeric': return scoreNumeric(spec, answer, item);
    case 'rougeL': case 'bleu': case 'editDistance': return scoreOverlap(spec, answer, item, checks);
    case 'refusal': return scoreRefusal(spec, answer);
    case 'pii': return scorePii(spec, answer, item);
    case 'toolCalls': return item.toolCalls === undefined ? { error: 'the item does not say which tools should be called' } : toolCallsMatch(item.toolCalls, answer.toolCalls ?? [], checks.fits);
    default: return unreachable(spec);
  }
}

function scoreExact(spec: CodeSpec & { kind: 'exact' }, answer: Answer, item: Item): ScoreResult {
  if (item.expected === undefined) return { error: 'the item has no expected answer' };
  const plain = (text: string): string => folded(spec.trim === true ? text.trim() : text, spec.ignoreCase === true);
  return plain(answer.text) === plain(item.expected) ? { value: 1, label: 'pass' } : { value: 0, label: 'fail', explanation: 'not the expected text' };
}

function scoreContains(spec: CodeSpec & { kind: 'contains' }, answer: Answer, item: Item): ScoreResult {
  const wanted = item.contains ?? (item.expected === undefined ? [] : [item.expected]);
  if (wanted.length === 0) return { error: 'the item names no text to look for' };
  if (wanted.includes('')) return { error: 'the item looks for an empty text, which every answer contains' };
  const ignoresCase = spec.ignoreCase === true;
  const text = folded(answer.text, ignoresCase);
  const missing = wanted.filter((one) => !text.includes(folded(one, ignoresCase)));
  const passes = spec.mode === 'all' ? missing.length === 0 : missing.length < wanted.length;
  if (passes) return { value: 1, label: 'pass' };
  return { value: 0, label: 'fail', explanation: `missing: ${missing.map((one) => JSON.stringify(one)).join(', ')}` };
}

function scoreOutcome(outcome: Outcome): ScoreResult {
  if ('error' in outcome) return { error: outcome.error };
  if (outcome.holds) return { value: 1, label: 'pass' };
  return { value: 0, label: 'fail', ...(outcome.why === undefined ? {} : { explanation: outcome.why }) };
}
