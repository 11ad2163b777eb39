import { readFile } from 'node:fs/promises';
import { BadInputError } from '../core/errors.js';

export interface DatasetItem { readonly id: string; readonly variables?: readonly { readonly name: string; readonly value: string }[]; readonly expected?: string; readonly contains?: readonly string[]; readonly tags?: readonly string[]; readonly judged?: { readonly answer: string; readonly other?: string; readonly label: number } }

const KEYS = new Set(['id', 'variables', 'expected', 'contains', 'tags', 'judged']);
const ITEMS_MAX = 100_000;

/** JSON lines, one case a line: `{"id", "variables": {"question": "…"}, "expected"?, "contains"?, "tags"?}`. */
export async function readDataset(file: string): Promise<DatasetItem[]> {
  const text = await readFile(file, 'utf8').catch(() => { throw new BadInputError(`${file} cannot be read.`); });
  const lines = text.split('\n').map((line, index) => ({ line: line.trim(), number: index + 1 })).filter(({ line }) => line !== '');
  if (lines.length > ITEMS_MAX) throw new BadInputError(`${file} has ${lines.length} cases; the limit is ${ITEMS_MAX}.`);
  return lines.map(({ line, number }) => itemOf(line, `${file}:${number}`));
}

function itemOf(line: string, place: string): DatasetItem {
  const refuse = (why: string): never => { throw new BadInputError(`${place}: ${why}`, 'A case is {"id", "variables", "expected", "contains", "tags", "judged"}; docs/manifest.md shows one.'); };
  let row: unknown;
  try { row = JSON.parse(line); } catch { return refuse('not JSON'); }
  if (row === null || typeof row !== 'object' || Array.isArray(row)) return refuse('not an object');
  const { id, variables = {}, expected, contains, tags, judged } = row as Record<string, unknown>;
  const unknown = Object.keys(row).find((key) => !KEYS.has(key));
  if (unknown !== undefined) return refuse(`unknown key ${unknown}`);
  if (typeof id !== 'string' || id === '') return refuse('id is missing');
  if (variables === null || typeof variables !== 'object' || Array.isArray(variables)) return refuse('variables is an object of texts');
  const pairs = Object.entries(variables);
  if (!pairs.every((pair): pair is [string, string] => typeof pair[1] === 'string')) return refuse('variables is an object of texts');
  if (expected !== undefined && typeof expected !== 'string') return refuse('expected is a text');
  const texts = (value: unknown, name: string): readonly string[] | undefined =>
    value === undefined ? undefined : Array.isArray(value) && value.every((one): one is string => typeof one === 'string') ? value : refuse(`${name} is a list of texts`);
  const isJudged = (value: unknown): value is NonNullable<DatasetItem['judged']> => {
    const { answer, other, label, ...more } = (value ?? {}) as Record<string, unknown>;
    return typeof answer === 'string' && typeof label === 'number' && label >= 0 && label <= 1 && (other === undefined || typeof other === 'string') && Object.keys(more).length === 0;
  };
  if (judged !== undefined && !isJudged(judged)) return refuse('judged is {"answer", "label"}, a label from 0 to 1, and "other" where two answers were compared');
  const wanted = texts(contains, 'contains');
  const marks = texts(tags, 'tags');
  return {
    id, ...(pairs.length === 0 ? {} : { variables: pairs.map(([name, value]) => ({ name, value })) }), ...(expected === undefined ? {} : { expected }),
    ...(wanted === undefined ? {} : { contains: wanted }), ...(marks === undefined ? {} : { tags: marks }), ...(judged === undefined ? {} : { judged }),
  };
}
