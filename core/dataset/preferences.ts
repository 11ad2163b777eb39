/** Pairs that people have judged, in the form in which preference data is passed around: one JSON object a line, `prompt`, `chosen`, `rejected`. */
import type { DatasetItem } from './item.js';
import { fieldsOfLine, type RowRead } from './rows.js';

const KEYS: readonly string[] = ['id', 'prompt', 'chosen', 'rejected', 'tags', 'split', 'source'];

/**
 * A pair as a case that a judge can be held against. Which answer stands first is decided by the texts and not by who won: a judge that always takes
 * the first would agree with everybody.
 *
 * @param row    from 1; the id of a row that has none
 * @param input  the variable that holds the prompt
 */
export function itemOfPreference(line: string, row: number, input: string): RowRead {
  const read = fieldsOfLine(line, KEYS);
  if ('faults' in read) return read;
  const { prompt, chosen, rejected, id = `pair-${row}`, ...more } = read.fields;
  const wrong = (['prompt', 'chosen', 'rejected'] as const).find((name) => typeof read.fields[name] !== 'string');
  if (wrong !== undefined) return { faults: [{ column: wrong, code: 'WRONG_TYPE', message: 'is a text' }] };
  if (chosen === rejected) return { faults: [{ column: 'rejected', code: 'BAD_VALUE', message: 'is the chosen answer' }] };
  const [lower = '', higher = ''] = [String(chosen), String(rejected)].sort();
  const [answer, other] = weightOf(lower, higher) % 2 === 1 ? [higher, lower] : [lower, higher];
  return read.itemOf({ ...more, id, variables: { [input]: prompt }, judged: { answer, other, label: answer === chosen ? 1 : 0 } });
}

/** The same for both orders. */
const weightOf = (a: string, b: string): number => [...a, ...b].reduce((sum, one) => sum + (one.codePointAt(0) ?? 0), 0);

/** The pairs that people told apart, as rows of that form; a tie has none. */
export function* preferencesOf(items: readonly DatasetItem[]): Generator<string> {
  for (const { id, variables, judged, tags, split, source } of items) {
    if (judged?.other === undefined || judged.label === 0.5) continue;
    const [chosen, rejected] = judged.label > 0.5 ? [judged.answer, judged.other] : [judged.other, judged.answer];
    const values = Object.values(variables);
    yield JSON.stringify({ id, prompt: values.length === 1 ? values[0] : JSON.stringify(variables), chosen, rejected, ...(tags === undefined ? {} : { tags }), ...(split === undefined ? {} : { split }), ...(source === undefined ? {} : { source }) });
  }
}
