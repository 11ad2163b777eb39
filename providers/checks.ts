import { Ajv, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { distance } from 'fastest-levenshtein';
import { RE2JS } from 're2js';
import { TEXT_LENGTH_MAX, jsonDepth } from '../core/score/index.js';
import type { Checks, Outcome, SpecChecks } from '../core/score/index.js';
import { cosine, type LocalEmbedder, type Vector } from './embedding.js';
import { RecentMap } from './recent.js';
import { faultOfSize } from './schema-size.js';

const COMPILED_MAX = 200;
const SCHEMA_BYTES_MAX = 64 * 1024;
const REASON_LENGTH_MAX = 200;
/** Steps of a compiled pattern, and steps times characters: linear is not yet short. About 11 million a second were measured. */
const PROGRAM_MAX = 500;
const PATTERN_WORK_MAX = 5_000_000;
/** Of an answer that a schema is held against: comparing list entries with each other takes the square of their number. */
const ANSWER_DEPTH_MAX = 200;
const ANSWER_VALUES_MAX = 10_000;

/** The libraries that `core/score` is handed: linear regular expressions, JSON Schema, similarity of meaning. */
export interface ScoreLibraries extends SpecChecks {
  /**
   * Checks that hold the vectors of these texts, for as long as they are kept.
   * @param texts  what `textsToEmbed` of core/score asks for; none for evaluators of kind CODE
   * @throws Error when the embedder fails
   */
  ready(texts: readonly string[]): Promise<Checks>;
}

type Compiled<T> = { readonly value: T } | { readonly fault: string };

/** Compiles each pattern and each schema once; the 200 used last are kept. */
export function createChecks(deps: { readonly embedder: Pick<LocalEmbedder, 'embed'> }): ScoreLibraries {
  const patterns = new RecentMap<string, Compiled<RE2JS>>(COMPILED_MAX);
  const schemas = new RecentMap<string, Compiled<ValidateFunction>>(COMPILED_MAX);

  const patternOf = (pattern: string): Compiled<RE2JS> => kept(patterns, pattern, () => compilePattern(pattern));
  const schemaOf = (schema: object): Compiled<ValidateFunction> => {
    const text = JSON.stringify(schema);
    return kept(schemas, text, () => compileSchema(text));
  };

  const matches = (pattern: string, text: string): Outcome => {
    const compiled = patternOf(pattern);
    if ('fault' in compiled) return { error: compiled.fault };
    if (text.length > TEXT_LENGTH_MAX) return { error: `the answer is longer than ${TEXT_LENGTH_MAX} characters` };
    const work = compiled.value.programSize() * text.length;
    if (work > PATTERN_WORK_MAX) return { error: `the pattern is too large for an answer of ${text.length} characters` };
    return compiled.value.matcher(text).find() ? { holds: true } : { holds: false, why: 'the pattern is not found' };
  };

  const fits = (schema: object, text: string): Outcome => {
    const compiled = schemaOf(schema);
    if ('fault' in compiled) return { error: compiled.fault };
    if (text.length > TEXT_LENGTH_MAX) return { error: `the answer is longer than ${TEXT_LENGTH_MAX} characters` };
    if (jsonDepth(text, ANSWER_DEPTH_MAX) > ANSWER_DEPTH_MAX) return { error: `the answer is nested more than ${ANSWER_DEPTH_MAX} deep` };
    if (valuesAtMost(text) > ANSWER_VALUES_MAX) return { error: `the answer holds more than ${ANSWER_VALUES_MAX} values` };
    let value: unknown;
    try { value = JSON.parse(text); } catch { return { holds: false, why: 'the answer is not JSON' }; }
    try {
      if (compiled.value(value) === true) return { holds: true };
    } catch (error) { return { error: `the schema could not be applied: ${reasonOf(error)}` }; }
    const first = compiled.value.errors?.[0];
    return { holds: false, why: cut(`${first?.instancePath === '' ? 'the answer' : (first?.instancePath ?? '')} ${first?.message ?? 'does not fit'}`) };
  };

  return {
    faultOfPattern: (pattern) => faultIn(patternOf(pattern)),
    faultOfSchema: (schema) => faultIn(schemaOf(schema)),
    ready: async (texts) => {
      const wanted = [...new Set(texts)];
      const vectors = wanted.length === 0 ? [] : await deps.embedder.embed(wanted);
      const byText = new Map<string, Vector>();
      wanted.forEach((text, i) => { const vector = vectors[i]; if (vector !== undefined) byText.set(text, vector); });
      return {
        matches, fits, editDistance: distance,
        similarity: (a, b) => {
          const x = byText.get(a); const y = byText.get(b);
          return x === undefined || y === undefined ? undefined : cosine(x, y);
        },
      };
    },
  };
}

/** What a backtracking engine offers and a linear one cannot; said in words before the parser says it in its own. */
const BACKTRACKING: readonly [RegExp, string][] = [
  [/\(\?<?[=!]/, 'look-ahead and look-behind are not supported: patterns run in linear time'],
  [/\\[1-9]|\\k[<{']/, 'back-references are not supported: patterns run in linear time'],
  [/\(\?>|[*+?}]\+/, 'atomic groups and possessive quantifiers are not supported: patterns run in linear time'],
];

function compilePattern(pattern: string): Compiled<RE2JS> {
  try {
    const compiled = RE2JS.compile(pattern);
    const steps = compiled.programSize();
    return steps > PROGRAM_MAX ? { fault: `the pattern comes to ${steps} steps; the limit is ${PROGRAM_MAX}: repeat fewer things, or fewer times` } : { value: compiled };
  } catch (error) {
    const known = BACKTRACKING.find(([looksLike]) => looksLike.test(pattern));
    return { fault: known?.[1] ?? `the pattern cannot be read: ${reasonOf(error)}` };
  }
}

/** A schema's own patterns go through the linear engine too, or a dataset's author could stall the process with one. */
const linear = Object.assign(
  (pattern: string) => { const compiled = RE2JS.compile(RE2JS.translateRegExp(pattern)); return { test: (text: string) => compiled.matcher(text).find() }; },
  { code: 'linear' });

function compileSchema(text: string): Compiled<ValidateFunction> {
  if (Buffer.byteLength(text) > SCHEMA_BYTES_MAX) return { fault: `the schema is larger than ${SCHEMA_BYTES_MAX} bytes` };
  const schema = JSON.parse(text) as Record<string, unknown>;
  if (schema['$async'] !== undefined) return { fault: 'the schema is asynchronous ($async)' };
  const dialect = schema['$schema'];
  if (dialect !== undefined && !(typeof dialect === 'string' && /^https?:\/\/json-schema\.org\/draft-07\/schema#?$/.test(dialect))) {
    return { fault: 'the schema names a dialect other than draft-07; leave $schema out or name that one' };
  }
  const fault = faultOfSize(schema);
  if (fault !== undefined) return { fault };
  try {
    // One instance per schema: an $id of one must not be seen by another. A misspelt keyword is refused, it must not mean "no check".
    const ajv = new Ajv({ strict: true, strictTypes: false, strictTuples: false, allowUnionTypes: true, logger: false, code: { regExp: linear } });
    formats.default(ajv);
    return { value: ajv.compile(schema) };
  } catch (error) { return { fault: `the schema cannot be compiled: ${reasonOf(error)}` }; }
}

function kept<T>(cache: RecentMap<string, Compiled<T>>, key: string, compile: () => Compiled<T>): Compiled<T> {
  const known = cache.get(key);
  if (known !== undefined) return known;
  const made = compile();
  cache.set(key, made);
  return made;
}

/** Every value but the first comes after a comma or opens a list or an object; those inside of strings are counted too. */
function valuesAtMost(text: string): number {
  let marks = 1;
  for (let i = 0; i < text.length; i++) { const code = text.charCodeAt(i); if (code === 0x2c || code === 0x5b || code === 0x7b) marks += 1; }
  return marks;
}

const faultIn = (compiled: Compiled<unknown>): string | undefined => ('fault' in compiled ? compiled.fault : undefined);
const cut = (text: string): string => text.slice(0, REASON_LENGTH_MAX);
const reasonOf = (error: unknown): string => cut(error instanceof Error ? error.message : String(error));
