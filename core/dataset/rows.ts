import { jsonDepth } from '../score/index.js';
import { unguarded } from './csv.js';
import { DEPTH_MAX, isForbidden, type DatasetItem, type ItemFault, type Turn } from './item.js';
import type { ExpectedCall, ExpectedTools } from '../score/index.js';

/** A row as it was read, or what is wrong with its form. */
export type RowRead = { readonly item: DatasetItem } | { readonly faults: readonly ItemFault[] };
type Say = (column: string | undefined, code: ItemFault['code'], message: string) => undefined;
type Fields = Readonly<Record<string, unknown>>;

const KEYS = ['id', 'variables', 'expected', 'contains', 'tags', 'split', 'hidden', 'source', 'messages', 'toolCalls', 'judged'] as const;
/** Columns of a CSV file that mean what the field of that name means; any other has to say that it is a variable. */
const COLUMNS: readonly string[] = KEYS.filter((key) => key !== 'variables');
const VARIABLE = 'var:';

/** One line of a JSONL file. */
export function itemOfJson(line: string): RowRead {
  const faults: ItemFault[] = [];
  const say: Say = (column, code, message) => { faults.push({ ...(column === undefined ? {} : { column }), code, message }); return undefined; };
  const value = parsed(line, undefined, say);
  if (faults.length > 0) return { faults };
  const item = isFields(value) ? itemOf(value, say) : say(undefined, 'NOT_OBJECT', 'the row is not an object');
  return item === undefined || faults.length > 0 ? { faults } : { item };
}

/** The fields of a line of another form, and how a case is made of what they mean. */
export function fieldsOfLine(line: string, keys: readonly string[]): { readonly fields: Fields; readonly itemOf: (row: Fields) => RowRead } | { readonly faults: readonly ItemFault[] } {
  const faults: ItemFault[] = [];
  const say: Say = (column, code, message) => { faults.push({ ...(column === undefined ? {} : { column }), code, message }); return undefined; };
  const value = parsed(line, undefined, say);
  if (faults.length > 0) return { faults };
  if (!isFields(value)) { say(undefined, 'NOT_OBJECT', 'the row is not an object'); return { faults }; }
  for (const key of Object.keys(value)) if (isForbidden(key)) say(undefined, 'FORBIDDEN_KEY', `the row holds the key ${key}`); else if (!keys.includes(key)) say(key.slice(0, 100), 'UNKNOWN_KEY', 'there is no such field');
  if (faults.length > 0) return { faults };
  return { fields: value, itemOf: (row) => { const item = itemOf(row, say); return item === undefined || faults.length > 0 ? { faults } : { item }; } };
}

/** What the columns of a CSV file mean, in order; `null` for one that means nothing. */
export type Columns = readonly ({ readonly field: string } | { readonly variable: string } | null)[];

/**
 * The header of a CSV file.
 *
 * @param takesAll  every column that is no field is a variable of that name
 */
export function columnsOf(header: readonly string[], takesAll: boolean): { readonly columns: Columns; readonly faults: readonly ItemFault[] } {
  const faults: ItemFault[] = [];
  const seen = new Set<string>();
  const columns = header.map((cell): Columns[number] => {
    const name = cell.trim();
    const isField = COLUMNS.includes(name);
    const variable = name.startsWith(VARIABLE) ? name.slice(VARIABLE.length).trim() : takesAll && !isField ? name : undefined;
    const key = isField ? name : `${VARIABLE}${variable ?? name}`;
    if (seen.has(key)) faults.push({ column: name, code: 'UNKNOWN_COLUMN', message: 'the column is there twice' });
    seen.add(key);
    if (variable !== undefined) {
      if (variable === '') faults.push({ column: name, code: 'UNKNOWN_COLUMN', message: 'the column names no variable' });
      else if (isForbidden(variable)) faults.push({ column: name, code: 'FORBIDDEN_KEY', message: `the column is called ${variable}` });
      return { variable };
    }
    if (isField) return { field: name };
    faults.push({ column: name.slice(0, 100), code: 'UNKNOWN_COLUMN', message: name === '' ? 'the column has no name' : /[;\t]/.test(name) && header.length === 1 ? 'there is one column; are cells divided by something else than commas?' : 'there is no such column' });
    return null;
  });
  if (!columns.some((one) => one !== null && 'field' in one && one.field === 'id')) faults.push({ column: 'id', code: 'MISSING', message: 'there is no column id' });
  return { columns, faults };
}

/** One record of a CSV file. An empty cell of a field says nothing; one of a variable is an empty text. */
export function itemOfCells(cells: readonly string[], columns: Columns): RowRead {
  const faults: ItemFault[] = [];
  const say: Say = (column, code, message) => { faults.push({ ...(column === undefined ? {} : { column }), code, message }); return undefined; };
  if (cells.length !== columns.length) return { faults: [{ code: 'CELL_COUNT', message: `the row has ${cells.length} cells, the header ${columns.length}` }] };
  const fields = new Map<string, unknown>(), variables = new Map<string, string>();
  for (const [index, column] of columns.entries()) {
    const cell = unguarded(cells[index] ?? '');
    if (column === null) continue;
    if ('variable' in column) variables.set(column.variable, cell);
    else if (cell !== '') fields.set(column.field, valueOfCell(column.field, cell, say));
  }
  if (faults.length > 0) return { faults };
  const item = itemOf({ ...Object.fromEntries(fields), variables: Object.fromEntries(variables) }, say);
  return item === undefined || faults.length > 0 ? { faults } : { item };
}

/** A cell as its field's value in JSON. Lists are written as JSON, or with | between their entries. */
function valueOfCell(field: string, cell: string, say: Say): unknown {
  switch (field) {
    case 'contains': case 'tags': return cell.trimStart().startsWith('[') ? parsed(cell, field, say) : cell.split('|').map((one) => one.trim());
    case 'messages': case 'toolCalls': case 'judged': return parsed(cell, field, say);
    case 'hidden': return /^(true|yes|1)$/i.test(cell.trim()) ? true : /^(false|no|0)$/i.test(cell.trim()) ? false : cell;
    case 'source': {
      const at = cell.indexOf(':');
      if (/^https?:/.test(cell)) return { kind: 'url', ref: cell };
      return at < 1 ? say('source', 'BAD_VALUE', 'a source is kind:reference, such as trace:4bf92f35, or the address of a page') : { kind: cell.slice(0, at), ref: cell.slice(at + 1).trim() };
    }
    default: return field === 'id' || field === 'split' ? cell.trim() : cell;
  }
}

/** Depth is counted before anything is parsed. */
function parsed(text: string, column: string | undefined, say: Say): unknown {
  if (jsonDepth(text, DEPTH_MAX) > DEPTH_MAX) return say(column, 'TOO_DEEP', `is nested more than ${DEPTH_MAX} deep`);
  let value: unknown;
  try { value = JSON.parse(text); } catch { return say(column, 'NOT_JSON', column === undefined ? 'the row is not JSON' : 'is not JSON'); }
  const repeated = repeatedKey(text);
  return repeated === undefined ? value : say(column, 'REPEATED_KEY', `the key ${repeated.slice(0, 100)} is there twice in one object`);
}

/** A key that one object of a JSON text holds twice; `JSON.parse` keeps the last and says nothing. The text is known to be JSON. */
function repeatedKey(text: string): string | undefined {
  const open: (Set<string> | null)[] = [];
  for (let at = 0; at < text.length; at += 1) {
    const unit = text[at];
    if (unit === '{' || unit === '[') open.push(unit === '{' ? new Set() : null);
    else if (unit === '}' || unit === ']') open.pop();
    else if (unit === '"') {
      const begin = at;
      at = closing(text, at);
      const keys = open.at(-1) ?? null;
      if (keys === null || !/^[ \t\r\n]*:/.test(text.slice(at + 1, at + 66))) continue;
      const key = JSON.parse(text.slice(begin, at + 1)) as string;
      if (keys.has(key)) return key;
      keys.add(key);
    }
  }
  return undefined;
}

/** Where a string that opens here ends: at the first quote with an even number of backslashes before it. */
function closing(text: string, open: number): number {
  for (let at = text.indexOf('"', open + 1); ; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at;
  }
}

const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const isTexts = (value: unknown): value is readonly string[] => Array.isArray(value) && value.every((one) => typeof one === 'string');

function itemOf(row: Fields, say: Say): DatasetItem | undefined {
  for (const key of Object.keys(row)) {
    if (isForbidden(key)) say(undefined, 'FORBIDDEN_KEY', `the row holds the key ${key}`);
    else if (!(KEYS as readonly string[]).includes(key)) say(key.slice(0, 100), 'UNKNOWN_KEY', 'there is no such field');
  }
  const { id, variables = {}, hidden } = row;
  if (id === undefined || id === null || id === '') return say('id', 'MISSING', 'is missing');
  if (typeof id !== 'string') return say('id', 'WRONG_TYPE', 'is a text');
  if (!isFields(variables) || !Object.values(variables).every((one) => typeof one === 'string')) return say('variables', 'WRONG_TYPE', 'is an object of texts');
  const text = (name: 'expected' | 'split'): string | undefined => {
    const value = row[name] ?? undefined;
    return value === undefined || typeof value === 'string' ? value : say(name, 'WRONG_TYPE', 'is a text');
  };
  const texts = (name: 'contains' | 'tags'): readonly string[] | undefined => {
    const value = row[name] ?? undefined;
    return value === undefined || isTexts(value) ? value : say(name, 'WRONG_TYPE', 'is a list of texts');
  };
  if (hidden !== undefined && hidden !== null && typeof hidden !== 'boolean') say('hidden', 'WRONG_TYPE', 'is true or false');
  const [expected, contains, tags, split] = [text('expected'), texts('contains'), texts('tags'), text('split')];
  const [source, messages, toolCalls] = [sourceOf(row['source'] ?? undefined, say), turnsOf(row['messages'] ?? undefined, say), toolsOf(row['toolCalls'] ?? undefined, say)];
  const judged = judgedOf(row['judged'] ?? undefined, say);
  return {
    id, variables: variables as Readonly<Record<string, string>>, ...(expected === undefined ? {} : { expected }), ...(contains === undefined ? {} : { contains }), ...(tags === undefined ? {} : { tags }),
    ...(split === undefined ? {} : { split }), ...(hidden === true ? { hidden } : {}), ...(source === undefined ? {} : { source }), ...(messages === undefined ? {} : { messages }), ...(toolCalls === undefined ? {} : { toolCalls }),
    ...(judged === undefined ? {} : { judged }),
  };
}

function judgedOf(value: unknown, say: Say): DatasetItem['judged'] {
  if (value === undefined) return undefined;
  const { answer, other, label, ...more }: Fields = isFields(value) ? value : {};
  const isWhole = typeof answer === 'string' && typeof label === 'number' && (other === undefined || typeof other === 'string') && Object.keys(more).length === 0;
  return isWhole ? { answer, ...(other === undefined ? {} : { other }), label } : say('judged', 'WRONG_TYPE', 'is {"answer": "…", "label": 0 to 1}, and "other" where two answers were compared');
}

function sourceOf(value: unknown, say: Say): DatasetItem['source'] {
  if (value === undefined) return undefined;
  if (!isFields(value) || Object.keys(value).some((key) => key !== 'kind' && key !== 'ref')) return say('source', 'WRONG_TYPE', 'is {"kind": "trace", "ref": "…"}');
  const { kind, ref } = value;
  return typeof kind === 'string' && typeof ref === 'string' ? { kind, ref } : say('source', 'WRONG_TYPE', 'is {"kind": "trace", "ref": "…"}');
}

function turnsOf(value: unknown, say: Say): readonly Turn[] | undefined {
  if (value === undefined) return undefined;
  const wrong = (): undefined => say('messages', 'WRONG_TYPE', 'is a list of {"role": "user" or "assistant", "content": "…"}');
  if (!Array.isArray(value)) return wrong();
  const turns: Turn[] = [];
  for (const one of value as readonly unknown[]) {
    if (!isFields(one) || Object.keys(one).some((key) => key !== 'role' && key !== 'content')) return wrong();
    const { role, content } = one;
    if ((role !== 'user' && role !== 'assistant') || typeof content !== 'string') return wrong();
    turns.push({ role, content });
  }
  return turns;
}

/** A list alone means in this order. */
function toolsOf(value: unknown, say: Say): ExpectedTools | undefined {
  if (value === undefined) return undefined;
  const wrong = (): undefined => say('toolCalls', 'WRONG_TYPE', 'is a list of {"name", "arguments": a JSON Schema}, or {"order": "strict" or "any", "calls": that list}');
  const fields: Fields = Array.isArray(value) ? { calls: value } : isFields(value) ? value : {};
  const { order = 'strict', calls, ...others } = fields;
  if ((order !== 'strict' && order !== 'any') || !Array.isArray(calls) || Object.keys(others).length > 0) return wrong();
  const made: ExpectedCall[] = [];
  for (const one of calls as readonly unknown[]) {
    if (!isFields(one) || Object.keys(one).some((key) => key !== 'name' && key !== 'arguments')) return wrong();
    const { name, arguments: schema } = one;
    if (typeof name !== 'string' || (schema !== undefined && !isFields(schema))) return wrong();
    made.push({ name, ...(schema === undefined ? {} : { arguments: schema }) });
  }
  return { order, calls: made };
}
