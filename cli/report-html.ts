/** An evaluation as one HTML file. It loads nothing and runs nothing: its policy allows no script, and no style but the one whose digest it names. */
import { createHash } from 'node:crypto';
import type { RowView } from './evaluation-view.js';
import { differenceWords, meanWords, sentencesOf, signed, usd, type Summary } from './evaluation-summary.js';
import { clipped, plain } from './markup.js';
import { histogram, intervals, type Series } from './report-charts.js';
import { STYLE } from './report-style.js';
import { wordDiff, wordsInCommon } from './word-diff.js';

const ROWS_SHOWN = 100;
const TEXT_MAX = 8_000;

/** @param rows  worst first, all that charts are drawn from; `total` is how many there are */
export function htmlOf(summary: Summary, rows: readonly RowView[], total: number): string {
  const { standing, headline, application, dataset, changed, flags, error, evaluation } = summary;
  const policy = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${plain(`${standing}: ${application}, evaluation ${evaluation}`)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1><span class="standing ${standing.toLowerCase()}">${standing.replaceAll('_', ' ')}</span> ${plain(application)}</h1>
<p>${plain(headline)}</p>${error === null ? '' : `<p class="bad">${plain(error)}</p>`}
<ul>${[...sentencesOf(summary), ...changed.map((part) => `Changed: ${part}.`), ...flags].map((sentence) => `<li>${plain(sentence)}</li>`).join('')}</ul>
<p class="soft">Evaluation <code>${plain(evaluation)}</code>${dataset === null ? '' : `, ${plain(dataset.name)} v${dataset.version}`}, policy ${plain(summary.policy)}. Candidate <code>${plain(summary.bundle)}</code>${summary.baseline === null ? ', held against floors' : `, baseline <code>${plain(summary.baseline)}</code>`}.</p></header>
<main>
${[evaluatorsOf(summary), armsOf(summary), chartsOf(summary, rows, total), tagsOf(summary), clustersSection(summary), rowsOf(rows, total)].filter((part) => part !== '').join('\n')}
</main>
</body>
</html>
`;
}

const table = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  `<table><thead><tr>${head.map((cell) => `<th>${plain(cell)}</th>`).join('')}</tr></thead><tbody>${rows.map((row) => `<tr>${row.map((cell) => `<td>${plain(cell)}</td>`).join('')}</tr>`).join('')}</tbody></table>`;
const section = (title: string, body: string): string => `<section><h2>${plain(title)}</h2>${body}</section>`;

function evaluatorsOf({ evaluators, baseline }: Summary): string {
  return section('Quality', `${table(['evaluator', 'role', 'candidate', ...(baseline === null ? [] : ['baseline', 'difference', 'worse / better / same']), 'errors', 'limit', 'finding'], evaluators.map((one) => [
    one.evaluator, one.role.toLowerCase(), one.candidate === null ? 'unknown' : meanWords(one.candidate), ...(baseline === null ? [] : [one.baseline === null ? 'unknown' : meanWords(one.baseline), one.difference === null ? 'unknown' : differenceWords(one.difference), `${one.regressed} / ${one.improved} / ${one.same}`]),
    String(one.errors), [...(one.margin === null ? [] : [`margin ${one.margin}`]), ...(one.floor === null ? [] : [`floor ${one.floor}`])].join(', '), one.finding]))}
<p class="soft">Intervals hold with 95 % each, whenever one looks. They are for reading: what decides is the verdict's own tests.</p>`);
}

function armsOf({ arms }: Summary): string {
  return section('Cost and time', table(['arm', 'answers', 'errors', 'cost', 'tokens in', 'tokens out', 'latency p50 / p90 / p99', 'mean length', 'agreement'], arms.map((one) => [
    one.arm.toLowerCase(), String(one.answers), String(one.errors), usd(one.costUsd), String(one.inputTokens ?? 'unknown'), String(one.outputTokens ?? 'unknown'),
    one.latencyMs === null ? 'unknown' : `${[one.latencyMs.p50, one.latencyMs.p90, one.latencyMs.p99].map(Math.round).join(' / ')} ms`, one.length === null ? 'unknown' : `${Math.round(one.length)} characters`, one.agreement === null ? 'one repetition' : `${Math.round(100 * one.agreement)} %`])));
}

function chartsOf({ evaluators, baseline }: Summary, rows: readonly RowView[], total: number): string {
  const open = rows.filter(({ hidden }) => !hidden);
  const perArm = (pick: (answer: RowView['candidate'][number]) => number | null): readonly Series[] => (['baseline', 'candidate'] as const).map((arm) => ({ name: arm, kind: arm, values: open.flatMap((row) => row[arm]).flatMap((answer) => { const value = pick(answer); return value === null ? [] : [value]; }) }));
  const similar = open.flatMap(({ candidate: [own], baseline: [other] }) => (typeof own?.text !== 'string' || typeof other?.text !== 'string' ? [] : [wordsInCommon(other.text, own.text)]));
  const charts = [
    ...(baseline === null ? [] : evaluators.map(({ evaluator }) => histogram(`${evaluator}: difference by case`, [{ name: evaluator, kind: 'difference', values: open.flatMap(({ scores }) => scores.filter((one) => one.evaluator === evaluator).flatMap(({ difference }) => (difference === null ? [] : [difference]))) }], (value) => value.toFixed(1), [-1, 1]))),
    histogram('Length of the answers, in characters', perArm(({ text }) => (text === null ? null : text.length)), (value) => String(Math.round(value)), [0, 1]),
    histogram('Words that both answers share', [{ name: 'cases', kind: 'difference', values: similar }], (value) => `${Math.round(100 * value)} %`, [0, 1]),
    histogram('Cost of an answer, in USD', perArm(({ costUsd }) => costUsd), (value) => (value === 0 ? '0' : value.toPrecision(2)), [0, 0]),
    histogram('Time of an answer, in ms', perArm(({ durationMs, error }) => (error === null ? durationMs : null)), (value) => String(Math.round(value)), [0, 1]),
  ].filter((chart) => chart !== '');
  return charts.length === 0 ? '' : section('How the arms differ', `${total > rows.length ? `<p class="soft">Drawn from the ${rows.length} worst of ${total} cases.</p>` : ''}<div class="charts">${charts.join('')}</div>`);
}

function tagsOf({ tags, evaluators }: Summary): string {
  if (tags.length === 0) return '';
  const charts = evaluators.map(({ evaluator }) => intervals(`${evaluator}: difference by tag`, tags.filter((one) => one.evaluator === evaluator).flatMap(({ tag, n, difference }) => (difference === null ? [] : [{ name: `${tag} (${n})`, ...difference }])), (value) => signed(value)));
  return section('By tag', `<div class="charts">${charts.join('')}</div>${table(['tag', 'evaluator', 'cases', 'worse', 'candidate', 'baseline', 'difference'], tags.map((one) => [one.tag, one.evaluator, String(one.n), String(one.regressed), one.candidate.toFixed(2), one.baseline === null ? '-' : one.baseline.toFixed(2), one.difference === null ? 'too few' : differenceWords(one.difference)]))}`);
}

function clustersSection({ clusters, changed }: Summary): string {
  return clusters.length === 0 ? '' : section('What failing cases have in common', `${changed.length === 0 ? '' : `<p class="soft">The candidate differs in: ${plain(changed.join('; '))}.</p>`}${table(['cases', 'what', 'mean loss', 'examples'], clusters.map(({ size, name, loss, examples }) => [String(size), name, signed(loss), examples.join(', ')]))}`);
}

function rowsOf(rows: readonly RowView[], total: number): string {
  const shown = rows.slice(0, ROWS_SHOWN);
  return shown.length === 0 ? '' : section('Cases, the worst first', `<p class="soft">${shown.length} of ${total}. In the candidate's answer: <del>gone</del>, <ins>new</ins>.</p>${shown.map(rowOf).join('')}`);
}

function rowOf({ item, tags, hidden, expected, variables, scores, candidate: [own], baseline: [other] }: RowView): string {
  const worst = [...scores].sort((a, b) => (a.difference ?? a.candidate.value ?? 0) - (b.difference ?? b.candidate.value ?? 0))[0];
  const head = `<summary><code>${plain(item)}</code>${tags.map((tag) => ` <span class="tag">${plain(tag)}</span>`).join('')}${worst === undefined ? '' : ` ${plain(worst.evaluator)} ${worst.difference === null ? worst.candidate.value?.toFixed(2) ?? 'no score' : signed(worst.difference)}`}</summary>`;
  if (hidden) return `<details>${head}<p class="soft">This case is hidden.</p></details>`;
  const [before, after] = [clipped(other?.text ?? '', TEXT_MAX), clipped(own?.text ?? own?.error ?? '', TEXT_MAX)];
  const diff = typeof other?.text === 'string' && typeof own?.text === 'string' ? wordDiff(before, after).map(({ kind, text }) => (kind === 'same' ? plain(text) : `<${kind === 'gone' ? 'del' : 'ins'}>${plain(text)}</${kind === 'gone' ? 'del' : 'ins'}>`)).join('') : plain(after);
  const asked = [...variables.map(({ name, value }) => [name, value] as const), ...(expected === null ? [] : [['expected', expected] as const])];
  return `<details>${head}<dl>${asked.map(([name, value]) => `<dt>${plain(name)}</dt><dd><pre>${plain(clipped(value, TEXT_MAX))}</pre></dd>`).join('')}</dl>
<div class="sides">${other === undefined ? '' : `<div><h3>baseline</h3><pre>${plain(other.text === null ? other.error ?? 'no answer' : before)}</pre></div>`}<div><h3>candidate</h3><pre>${own === undefined ? 'no longer kept' : diff}</pre></div></div>
${table(['evaluator', 'baseline', 'candidate', 'said of the candidate'], scores.map((one) => [one.evaluator, one.baseline === null ? '-' : one.baseline.value?.toFixed(2) ?? one.baseline.error ?? '-', one.candidate.value?.toFixed(2) ?? '-', [one.candidate.label, one.candidate.error, one.candidate.explanation].filter((said) => said !== null).join(' · ')]))}</details>`;
}
