import { BadInputError } from '../core/errors.js';
import { argument, optional, type Context, type Typed } from './context.js';
import { changedOf, resultsOf, rowsOf, type RowView } from './evaluation-view.js';
import { differenceWords, meanWords, sentencesOf, signed, summaryOf, usd, type Summary } from './evaluation-summary.js';
import { EXIT } from './exit.js';
import { clipped } from './markup.js';
import type { Output } from './output.js';

const ROWS_SHOWN = 10;
const ROWS_SHOWN_MAX = 100;
/** Rows that clusters are made from. */
const ROWS_READ = 200;
const TEXT_SHOWN = 160;

/** `slipway evaluation show ID` */
export async function show(typed: Typed, { out, client }: Context): Promise<number> {
  const [id, evaluator, tag] = [argument(typed, 0), optional(typed, 'evaluator'), optional(typed, 'tag')];
  const wantedRows = numberOf(optional(typed, 'rows'));
  const api = await client('author');
  const view = await resultsOf(api, id);
  if (evaluator !== undefined && !view.results.evaluators.some((one) => one.evaluator === evaluator)) throw new BadInputError(`Evaluation ${id} has no evaluator ${evaluator}.`, `It has ${view.results.evaluators.map((one) => one.evaluator).join(', ')}.`);
  const read = await rowsOf(api, id, Math.max(wantedRows, ROWS_READ), { ...(evaluator === undefined ? {} : { evaluator }), ...(tag === undefined ? {} : { tag }) });
  const { rows, total } = read;
  const summary = summaryOf({ view, read, changed: await changedOf(api, view) });
  tellRecords(summary, rows.slice(0, wantedRows), out);
  if (!out.isJson) await tellTables(summary, rows.slice(0, wantedRows), total, evaluator, out);
  out.next(view.state === 'RUNNING' ? `slipway evaluation show ${id}` : `slipway evaluation report ${id} -o report.html`);
  return EXIT.ok.code;
}

function numberOf(text: string | undefined): number {
  if (text === undefined) return ROWS_SHOWN;
  const rows = Number(text);
  if (!Number.isInteger(rows) || rows < 1 || rows > ROWS_SHOWN_MAX) throw new BadInputError(`${text} is no number of rows.`, `1 to ${ROWS_SHOWN_MAX}; a page with all of them: slipway evaluation report.`);
  return rows;
}

function tellRecords(summary: Summary, rows: readonly RowView[], out: Output): void {
  const { evaluators, arms, tags, clusters, worst: _worst, ...rest } = summary;
  out.record('evaluation', { ...rest });
  for (const one of evaluators) out.record('evaluator', { ...one });
  for (const one of arms) out.record('arm', { ...one });
  for (const one of tags) out.record('tag', { ...one });
  for (const one of clusters) out.record('cluster', { ...one });
  for (const one of rows) out.record('row', { ...one });
}

async function tellTables(summary: Summary, rows: readonly RowView[], total: number, evaluator: string | undefined, out: Output): Promise<void> {
  const { standing, headline, changed, flags, evaluators, arms, tags, clusters, baseline } = summary;
  out.line(out.paint(standing === 'PASS' ? 'good' : standing === 'RUNNING' ? 'dim' : 'bad', `${summary.application}  ${headline}`));
  for (const sentence of [...sentencesOf(summary), ...changed.map((part) => `Changed: ${part}.`), ...flags]) out.line(`  ${sentence}`);
  const titled = async (title: string, head: readonly string[], lines: readonly (readonly string[])[]): Promise<void> => { if (lines.length === 0) return; out.line(`\n${out.paint('bold', title)}`); await out.table(head, lines); };
  await titled('Evaluators', ['evaluator', 'candidate', ...(baseline === null ? [] : ['baseline', 'difference', 'worse/better/same']), 'errors', 'finding'], evaluators.map((one) => [
    one.evaluator, one.candidate === null ? 'unknown' : meanWords(one.candidate), ...(baseline === null ? [] : [one.baseline === null ? 'unknown' : meanWords(one.baseline), one.difference === null ? 'unknown' : differenceWords(one.difference), `${one.regressed}/${one.improved}/${one.same}`]), String(one.errors), one.finding]));
  await titled('Arms', ['arm', 'answers', 'errors', 'cost', 'latency p50/p90', 'length', 'agreement'], arms.map((one) => [
    one.arm.toLowerCase(), String(one.answers), String(one.errors), usd(one.costUsd), one.latencyMs === null ? 'unknown' : `${Math.round(one.latencyMs.p50)}/${Math.round(one.latencyMs.p90)} ms`, one.length === null ? 'unknown' : String(Math.round(one.length)), one.agreement === null ? '-' : `${Math.round(100 * one.agreement)} %`]));
  await titled('By tag', ['tag', 'evaluator', 'cases', 'candidate', 'difference'], tags.map((one) => [one.tag, one.evaluator, String(one.n), one.candidate.toFixed(2), one.difference === null ? '-' : differenceWords(one.difference)]));
  await titled('What failing cases have in common', ['cases', 'what', 'mean loss', 'examples'], clusters.map((one) => [String(one.size), oneLine(one.name), signed(one.loss), one.examples.map(oneLine).join(', ')]));
  await titled(`Worst cases, ${rows.length} of ${total}`, ['case', 'tags', 'evaluator', 'difference', ...(baseline === null ? [] : ['baseline says']), 'candidate says'], rows.map((row) => {
    const worst = [...row.scores].filter((one) => evaluator === undefined || one.evaluator === evaluator).sort((a, b) => (a.difference ?? a.candidate.value ?? 0) - (b.difference ?? b.candidate.value ?? 0))[0];
    const said = (answers: RowView['candidate']): string => (row.hidden ? 'hidden' : oneLine(answers[0]?.text ?? answers[0]?.error ?? 'no longer kept'));
    return [oneLine(row.item), row.tags.map(oneLine).join(' '), worst?.evaluator ?? '-', worst === undefined ? '-' : worst.difference === null ? worst.candidate.value?.toFixed(2) ?? '-' : signed(worst.difference), ...(baseline === null ? [] : [said(row.baseline)]), said(row.candidate)];
  }));
}

/** A cell is one line, or the table of a pipe would fall apart. */
const oneLine = (text: string): string => clipped(text.replace(/\s+/g, ' ').trim(), TEXT_SHOWN).replace(/ \(\d+ more characters\)$/, '');
