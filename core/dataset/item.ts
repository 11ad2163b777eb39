import type { ExpectedTools } from '../score/index.js';

/** One version holds at most so many cases; they arrive in parts, each within one request. */
export const ITEMS_MAX = 20_000;
/** One cell: a variable, an expected answer, a text to look for, a turn of a conversation, the schema of a tool's arguments. */
export const CELL_BYTES_MAX = 65_536;
/** One case, all its cells together; of a file, one row. */
export const ROW_BYTES_MAX = 262_144;
/** JSON that is nested deeper is not read at all. */
export const DEPTH_MAX = 64;
const COUNTS = { variables: 100, contains: 100, tags: 20, messages: 100, calls: 32 } as const;

/** What a row can be refused for, and what would have been right. */
export const FAULTS = {
  NOT_JSON: 'A row is one JSON object: {"id": "q-1", "variables": {"question": "…"}}.',
  NOT_OBJECT: 'A row is one JSON object: {"id": "q-1", "variables": {"question": "…"}}.',
  NOT_UTF8: 'Save the file as UTF-8.',
  TOO_DEEP: `JSON is nested at most ${DEPTH_MAX} deep, and the schema of a tool's arguments 32.`,
  ROW_TOO_LARGE: `A row has at most ${ROW_BYTES_MAX} bytes. In a CSV file, look for a quote that is never closed.`,
  CELL_TOO_LARGE: `A cell has at most ${CELL_BYTES_MAX} bytes.`,
  FORBIDDEN_KEY: 'Call it something else: __proto__, constructor and prototype are no names.',
  LONE_SURROGATE: 'Half a character has no form in UTF-8; write the whole one.',
  NUL: 'Take the NUL character out.',
  UNKNOWN_COLUMN: 'Columns are id, expected, contains, tags, split, hidden, source, messages, toolCalls, judged and, for what the prompt is filled with, var:NAME; --variables takes every other column for a variable.',
  UNKNOWN_KEY: 'A case has id, variables, expected, contains, tags, split, hidden, source, messages, toolCalls and judged.',
  REPEATED_KEY: 'Say it once: of two the last would win, and nobody would see it.',
  MISSING: 'Every case has an id of its own, by which two versions are compared.',
  WRONG_TYPE: 'docs/datasets.md shows each field once.',
  BAD_VALUE: 'docs/datasets.md shows each field once.',
  DUPLICATE_ID: 'Every case has an id of its own, by which two versions are compared.',
  STRAY_QUOTE: 'A cell with a quote in it is quoted, and the quote written twice: "she said ""no""".',
  UNCLOSED_QUOTE: 'Close the quote that the row opens.',
  STRAY_RETURN: 'End rows with a line feed, or carriage return and line feed; quote a cell that holds either.',
  CELL_COUNT: 'Every row has as many cells as the header; quote a cell that holds a comma.',
  TOO_MANY_ROWS: `A version holds at most ${ITEMS_MAX} cases.`,
  TOO_LARGE: 'Divide the file into several datasets.',
  EMPTY: 'A dataset holds at least one case.',
} as const satisfies Readonly<Record<string, string>>;
export type FaultCode = keyof typeof FAULTS;
/** What is wrong with one case. The message names places and sizes and never repeats what a cell holds: it may be of the hidden slice. */
export interface ItemFault { readonly column?: string; readonly code: FaultCode; readonly message: string }
/** The same with its row, as people are told. */
export interface RowFault extends ItemFault { readonly row: number; readonly hint: string }

export interface Turn { readonly role: 'user' | 'assistant'; readonly content: string }
/** Where a case comes from: a production trace, a page, a ticket. */
export interface ItemSource { readonly kind: string; readonly ref: string }

/** `label`: how good the answer is, in [0, 1]; beside an `other`, how far it is the better of the two: 1, ½ or 0. */
export interface JudgedAnswer { readonly answer: string; readonly other?: string; readonly label: number }

/** One case of a dataset. What is not said is left out, so that one case has one digest. */
export interface DatasetItem {
  readonly id: string;
  /** What the prompt is filled with, by name. */
  readonly variables: Readonly<Record<string, string>>;
  readonly expected?: string;
  /** Strings that the answer should carry. */
  readonly contains?: readonly string[];
  readonly tags?: readonly string[];
  /** `train`, `dev`, `test` or any other name. */
  readonly split?: string;
  /** Of the hidden slice: its contents are shown to nobody but the worker. */
  readonly hidden?: true;
  readonly source?: ItemSource;
  /** A whole conversation, which ends with the user; the prompt's own system messages come before it. */
  readonly messages?: readonly Turn[];
  /** Tools that the answer should call. */
  readonly toolCalls?: ExpectedTools;
  /** What a person said of an answer: what judges are calibrated with. */
  readonly judged?: JudgedAnswer;
}

const ID = /^[A-Za-z0-9_.:/-]{1,200}$/;
const SPLIT = /^[a-z][a-z0-9-]{0,62}$/;
const SOURCE_KIND = /^[a-z][a-z0-9-]{0,31}$/;
const TOOL = /^[A-Za-z0-9_.-]{1,64}$/;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
const LONE_SURROGATE = /\p{Cs}/u;
// These two are quick, and most texts hold neither.
const SURROGATE = /[\ud800-\udfff]/;
// eslint-disable-next-line no-control-regex
const BEYOND_ASCII = /[^\u0000-\u007f]/;

export const isForbidden = (key: string): boolean => FORBIDDEN.has(key);

/** Bytes of a text as UTF-8. */
export function bytesOf(text: string): number {
  if (!BEYOND_ASCII.test(text)) return text.length;
  let bytes = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) bytes += 1;
    else if (unit < 0x800) bytes += 2;
    else if (unit >= 0xd800 && unit < 0xdc00) { bytes += 4; i += 1; } else bytes += 3;
  }
  return bytes;
}

/** What is wrong with one cell's text. */
export function* faultsOfText(text: string, column: string): Generator<ItemFault> {
  // No character has more than three bytes a unit: most cells need no counting.
  const bytes = text.length * 3 <= CELL_BYTES_MAX ? 0 : bytesOf(text);
  if (bytes > CELL_BYTES_MAX) yield { column, code: 'CELL_TOO_LARGE', message: `the cell has ${bytes} bytes; the limit is ${CELL_BYTES_MAX}` };
  if (text.includes('\u0000')) yield { column, code: 'NUL', message: 'holds a NUL character' };
  if (SURROGATE.test(text) && LONE_SURROGATE.test(text)) yield { column, code: 'LONE_SURROGATE', message: 'holds half of a surrogate pair' };
}

/** What makes any JSON value unfit, however deep: its keys and its texts. Stops below `DEPTH_MAX`. */
export function* faultsOfJson(value: unknown, column: string, depth = 0): Generator<ItemFault> {
  if (typeof value === 'string') { yield* faultsOfText(value, column); return; }
  if (typeof value !== 'object' || value === null) return;
  if (depth >= DEPTH_MAX) { yield { column, code: 'TOO_DEEP', message: `is nested more than ${DEPTH_MAX} deep` }; return; }
  for (const [key, inner] of Object.entries(value)) {
    if (!Array.isArray(value)) {
      if (isForbidden(key)) yield { column, code: 'FORBIDDEN_KEY', message: `holds the key ${key}` };
      else yield* faultsOfText(key, column);
    }
    yield* faultsOfJson(inner, column, depth + 1);
  }
}

/** Why a case may not become part of a version, each with its column; empty when it may. */
export function faultsOfItem(item: DatasetItem): ItemFault[] { return [...eachFault(item)]; }

function* eachFault(item: DatasetItem): Generator<ItemFault> {
  const { id, variables, expected, contains, tags, split, source, messages } = item;
  if (!ID.test(id)) yield { column: 'id', code: 'BAD_VALUE', message: 'an item id is at most 200 letters, digits and . _ : / -' };
  const names = Object.keys(variables);
  yield* faultOfCount('variables', names.length, COUNTS.variables);
  for (const name of names) {
    if (isForbidden(name)) yield { column: 'variables', code: 'FORBIDDEN_KEY', message: `holds the key ${name}` };
    else if (name === '' || name.length > 64 || CONTROL.test(name) || LONE_SURROGATE.test(name)) yield { column: 'variables', code: 'BAD_VALUE', message: 'the name of a variable has 1 to 64 characters, all of them printable' };
    else yield* faultsOfText(variables[name] ?? '', `variables.${name}`);
  }
  if (expected !== undefined) yield* faultsOfText(expected, 'expected');
  if (contains !== undefined) yield* faultsOfTexts('contains', contains, COUNTS.contains);
  if (contains?.length === 0) yield { column: 'contains', code: 'BAD_VALUE', message: 'is empty: leave it out, or name a text to look for' };
  if (tags !== undefined) {
    yield* faultsOfTexts('tags', tags, COUNTS.tags);
    for (const [index, tag] of tags.entries()) if (tag.length > 100) yield { column: `tags.${index}`, code: 'BAD_VALUE', message: 'a tag has at most 100 characters' };
  }
  if (split !== undefined && !SPLIT.test(split)) yield { column: 'split', code: 'BAD_VALUE', message: 'a split is train, dev, test or another name of at most 63 lower-case letters, digits and dashes' };
  if (source !== undefined) yield* faultsOfSource(source);
  if (messages !== undefined) yield* faultsOfTurns(messages);
  if (item.toolCalls !== undefined) yield* faultsOfTools(item.toolCalls);
  if (item.judged !== undefined) yield* faultsOfJudged(item.judged);
  const bytes = itemBytes(item);
  if (bytes > ROW_BYTES_MAX) yield { code: 'ROW_TOO_LARGE', message: `the case has ${bytes} bytes; the limit is ${ROW_BYTES_MAX}` };
}

function* faultOfCount(column: string, count: number, most: number): Generator<ItemFault> {
  if (count > most) yield { column, code: 'BAD_VALUE', message: `has ${count} entries, at most ${most}` };
}

function* faultsOfTexts(column: string, texts: readonly string[], most: number): Generator<ItemFault> {
  yield* faultOfCount(column, texts.length, most);
  for (const [index, text] of texts.entries()) {
    if (text === '') yield { column: `${column}.${index}`, code: 'BAD_VALUE', message: 'is an empty text' };
    yield* faultsOfText(text, `${column}.${index}`);
  }
}

function* faultsOfSource({ kind, ref }: ItemSource): Generator<ItemFault> {
  if (!SOURCE_KIND.test(kind)) yield { column: 'source.kind', code: 'BAD_VALUE', message: 'a source is a trace, url, ticket or another kind of at most 32 lower-case letters, digits and dashes' };
  if (ref === '' || ref.length > 2_000 || CONTROL.test(ref) || LONE_SURROGATE.test(ref)) yield { column: 'source.ref', code: 'BAD_VALUE', message: 'has 1 to 2000 characters on one line' };
  else if (kind === 'url' && !/^https?:\/\/[^\s]+$/.test(ref)) yield { column: 'source.ref', code: 'BAD_VALUE', message: 'a url begins with http:// or https://' };
}

function* faultsOfTurns(turns: readonly Turn[]): Generator<ItemFault> {
  yield* faultOfCount('messages', turns.length, COUNTS.messages);
  for (const [index, { content }] of turns.entries()) yield* faultsOfText(content, `messages.${index}.content`);
  const last = turns.at(-1);
  if (last === undefined) yield { column: 'messages', code: 'BAD_VALUE', message: 'is empty: leave it out, or end it with the user' };
  else if (last.role !== 'user' || last.content.trim() === '') yield { column: 'messages', code: 'BAD_VALUE', message: 'a conversation ends with what the user says; the model answers that' };
}

function* faultsOfJudged({ answer, other, label }: JudgedAnswer): Generator<ItemFault> {
  yield* faultsOfText(answer, 'judged.answer');
  if (other !== undefined) yield* faultsOfText(other, 'judged.other');
  if (!(label >= 0 && label <= 1)) yield { column: 'judged.label', code: 'BAD_VALUE', message: 'a label lies between 0 and 1' };
}

function* faultsOfTools({ calls }: ExpectedTools): Generator<ItemFault> {
  yield* faultOfCount('toolCalls.calls', calls.length, COUNTS.calls);
  for (const [index, { name, arguments: schema }] of calls.entries()) {
    const column = `toolCalls.calls.${index}`;
    if (!TOOL.test(name)) yield { column: `${column}.name`, code: 'BAD_VALUE', message: "a tool's name is at most 64 letters, digits, dots, dashes and underscores" };
    if (schema === undefined) continue;
    const faults = [...faultsOfJson(schema, `${column}.arguments`)];
    yield* faults;
    if (faults.length > 0) continue;
    const bytes = bytesOf(JSON.stringify(schema));
    if (bytes > CELL_BYTES_MAX) yield { column: `${column}.arguments`, code: 'CELL_TOO_LARGE', message: `the schema has ${bytes} bytes; the limit is ${CELL_BYTES_MAX}` };
  }
}

/** About what a case weighs: its texts as UTF-8, keys and quotes left out. A schema that is too deep is a fault already and weighs nothing. */
function itemBytes({ variables, expected, contains, tags, messages, toolCalls, judged }: DatasetItem): number {
  const texts = [...Object.entries(variables).flat(), expected ?? '', ...(contains ?? []), ...(tags ?? []), ...(messages ?? []).map(({ content }) => content), judged?.answer ?? '', judged?.other ?? ''];
  const sum = texts.reduce((all, text) => all + bytesOf(text), 0);
  return (toolCalls?.calls ?? []).reduce((all, { arguments: schema }) => all + (schema === undefined || [...faultsOfJson(schema, '')].length > 0 ? 0 : bytesOf(JSON.stringify(schema))), sum);
}
