/**
 * A summary as GitHub flavoured Markdown. A stranger's text stands only inside tables written as HTML on one line each: there Markdown is not read,
 * no tag of theirs survives, and in `<pre>` and `<code>` nobody is mentioned and nothing is linked.
 */
import { clipped, inOneLine } from './markup.js';
import { differenceWords, meanWords, sentencesOf, signed, usd, type Reported, type Summary, type SummaryRow, type SummarySide } from './evaluation-summary.js';

const TEXT_MAX = 1_200;
const NAME_MAX = 80;
const CLUSTERS_SHOWN = 5;
/** The summary of a step may hold 1 MiB, and so may a step's other words. */
const BYTES_MAX = 500_000;
const MARK = { PASS: '✅', FAIL: '❌', INCONCLUSIVE: '⚠️', RUNNING: '⏳', COULD_NOT_RUN: '⛔' } as const;

export function markdownOf({ summaries, notes, refusals }: Pick<Reported, 'summaries' | 'notes' | 'refusals'>): string {
  const refused = refusals.map(({ subject, code: cause, message }) => `### ${MARK.COULD_NOT_RUN} COULD NOT RUN\n\n${table([[code(subject)], [code(`${cause}: ${message}`)]])}`);
  let bytes = 0;
  // Of many evaluations the last ones are told without their cases, rather than none of them: a longer summary is refused as a whole.
  const sections = summaries.map((summary) => { const whole = sectionOf(summary, true); const section = bytes + Buffer.byteLength(whole) > BYTES_MAX ? sectionOf(summary, false) : whole; bytes += Buffer.byteLength(section); return section; });
  return `${['## Slipway', ...notes.map((note) => table([[code(note)]])), ...refused, ...sections].join('\n\n')}\n`;
}

function sectionOf(summary: Summary, hasCases: boolean): string {
  const { standing, headline, error, evaluation, application, subject, changed, flags, evaluators, arms, worst, regressions, clusters, baseline } = summary;
  return [
    `### ${MARK[standing]} ${standing.replaceAll('_', ' ')}`,
    table([[code(subject === null ? application : `${application} ${subject}`)], [code(headline)], ...(error === null ? [] : [[code(error)]]), ...changed.map((part) => [`changed: ${code(part)}`]), ...flags.map((flag) => [`⚠️ ${code(flag)}`])]),
    // Sentences are of numbers and of names, which are letters, digits and dashes.
    sentencesOf(summary).map((sentence) => `- ${sentence}`).join('\n'),
    table([['evaluator', 'candidate', ...(baseline === null ? [] : ['baseline', 'difference (95 %)', 'worse / better / same']), 'errors', ''], ...evaluators.map((one) => [
      code(one.evaluator), one.candidate === null ? 'unknown' : meanWords(one.candidate), ...(baseline === null ? [] : [one.baseline === null ? 'unknown' : meanWords(one.baseline), one.difference === null ? 'unknown' : differenceWords(one.difference), `${one.regressed} / ${one.improved} / ${one.same}`]),
      String(one.errors), one.finding])], true),
    table([['arm', 'answers', 'errors', 'cost', 'tokens in / out', 'latency p50 / p90'], ...arms.map((one) => [
      one.arm.toLowerCase(), String(one.answers), String(one.errors), usd(one.costUsd), `${one.inputTokens ?? 'unknown'} / ${one.outputTokens ?? 'unknown'}`, one.latencyMs === null ? 'unknown' : `${Math.round(one.latencyMs.p50)} / ${Math.round(one.latencyMs.p90)} ms`])], true),
    ...(clusters.length === 0 || !hasCases ? [] : ['#### What the failing cases have in common', table([['cases', 'what', 'mean loss', 'examples'], ...clusters.slice(0, CLUSTERS_SHOWN).map((one) => [String(one.size), code(one.name), signed(one.loss), one.examples.map(code).join(' ')])], true)]),
    ...(worst.length === 0 || !hasCases ? [] : [`#### The worst ${worst.length === 1 ? 'case' : `${worst.length} cases`}`, ...(regressions > worst.length ? [`- ${regressions} scores got worse in all.`] : []), ...worst.map(worstOf)]),
    table([[`Evaluation ${code(evaluation)} · the same as text: ${code(`slipway evaluation show ${evaluation}`)} · as a page: ${code(`slipway evaluation report ${evaluation} -o report.html`)}`]]),
  ].join('\n\n');
}

const worstOf = ({ item, tags, evaluator, difference, candidate, baseline }: SummaryRow): string => table([
  [`${code(item)} · ${code(evaluator)}${difference === null ? '' : ` · ${signed(difference)}`}${tags.length === 0 ? '' : ` · ${tags.map(code).join(' ')}`}`],
  ...(baseline === null ? [['candidate'], [sideOf(candidate)]] : [['baseline', 'candidate'], [sideOf(baseline), sideOf(candidate)]]),
]);
function sideOf({ value, label, explanation, error, text, answerError }: SummarySide): string {
  const said = [value === null ? 'no score' : `score ${value.toFixed(2)}`, ...(label === null ? [] : [code(label)]), ...(error === null ? [] : [`error ${code(error)}`])].join(' · ');
  return `${said}${explanation === null ? '' : `<br>${code(explanation, 400)}`}<pre>${inOneLine(clipped(text ?? answerError ?? 'no answer', TEXT_MAX))}</pre>`;
}

const code = (text: string, max = NAME_MAX * 3): string => `<code>${inOneLine(clipped(text, max))}</code>`;
/** One line, whatever its cells hold: they are markup of ours, or escaped before. */
function table(rows: readonly (readonly string[])[], hasHead = false): string {
  const most = Math.max(...rows.map((row) => row.length));
  return `<table>${rows.map((row, i) => `<tr>${row.map((cell, at) => { const tag = hasHead && i === 0 ? 'th' : 'td'; const span = at === row.length - 1 && row.length < most ? ` colspan="${most - at}"` : ''; return `<${tag}${span}>${cell}</${tag}>`; }).join('')}</tr>`).join('')}</table>`;
}
