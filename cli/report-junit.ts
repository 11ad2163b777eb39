/** A summary as JUnit XML, as CI systems read it: a suite for each evaluation, a case for its verdict and for each evaluator. */
import { clipped, plain } from './markup.js';
import { sentencesOf, type Refusal, type Reported, type Summary, type SummaryEvaluator, type SummaryRow } from './evaluation-summary.js';

const TEXT_MAX = 2_000;

export function junitOf({ summaries, notes, refusals }: Pick<Reported, 'summaries' | 'notes' | 'refusals'>): string {
  const suites = [...refusals.map(refusedSuite), ...summaries.map(suiteOf)];
  const sum = (pick: (one: Suite) => number): number => suites.reduce((total, one) => total + pick(one), 0);
  const told = notes.length === 0 ? '' : `\n<testsuite name="notes" tests="0" failures="0" errors="0" skipped="0"><system-out>${plain(notes.join('\n'))}</system-out></testsuite>`;
  return `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="slipway" tests="${sum(({ tests }) => tests)}" failures="${sum(({ failures }) => failures)}" errors="${sum(({ errors }) => errors)}">${told}${suites.map(({ xml }) => `\n${xml}`).join('')}\n</testsuites>\n`;
}

interface Suite { readonly xml: string; readonly tests: number; readonly failures: number; readonly errors: number }
type Ending = 'ok' | 'failure' | 'error';

const refusedSuite = ({ subject, code, message }: Refusal): Suite => ({
  tests: 1, failures: 0, errors: 1,
  xml: `<testsuite name="${plain(subject)}" tests="1" failures="0" errors="1" skipped="0">\n<testcase classname="slipway" name="verdict"><error type="${plain(code)}" message="${attribute(message)}"/></testcase>\n</testsuite>`,
});

/** INCONCLUSIVE is a failure and what could not run an error: skipped would be taken for a pass. */
function suiteOf(summary: Summary): Suite {
  const { standing, headline, error, evaluators, worst, application, subject, evaluation } = summary;
  const verdict: Ending = standing === 'PASS' ? 'ok' : standing === 'FAIL' || standing === 'INCONCLUSIVE' ? 'failure' : 'error';
  const body = [...sentencesOf(summary), ...worst.map(rowText)].join('\n\n');
  const cases = [
    caseOf(summary, 'verdict', verdict, standing, error ?? headline, body),
    ...evaluators.map((one) => { const ending = endingOf(one, standing); return caseOf(summary, one.evaluator, ending, standing, one.words, worst.filter(({ evaluator }) => evaluator === one.evaluator).map(rowText).join('\n\n')); }),
  ];
  const count = (ending: Ending): number => [verdict, ...evaluators.map((one) => endingOf(one, standing))].filter((one) => one === ending).length;
  return {
    tests: cases.length, failures: count('failure'), errors: count('error'),
    xml: [`<testsuite name="${plain(subject === null ? application : `${application} ${subject}`)}" id="${plain(evaluation)}" tests="${cases.length}" failures="${count('failure')}" errors="${count('error')}" skipped="0">`, ...cases, '</testsuite>'].join('\n'),
  };
}

function endingOf({ finding }: SummaryEvaluator, standing: Summary['standing']): Ending {
  if (finding === 'failed') return 'failure';
  return finding === 'undecided' && standing === 'INCONCLUSIVE' ? 'failure' : 'ok';
}

function caseOf({ application }: Summary, name: string, ending: Ending, type: string, message: string, body: string): string {
  const head = `<testcase classname="${plain(`slipway.${application}`)}" name="${plain(name)}"`;
  const text = plain(clipped(body, 20 * TEXT_MAX));
  if (ending === 'ok') return text === '' ? `${head}/>` : `${head}><system-out>${text}</system-out></testcase>`;
  return `${head}><${ending} type="${plain(type)}" message="${attribute(message)}">${text}</${ending}></testcase>`;
}

/** An attribute's line breaks would be read as blanks. */
const attribute = (text: string): string => plain(clipped(text, TEXT_MAX)).replace(/\n/g, '&#10;').replace(/\r/g, '&#13;').replace(/\t/g, '&#9;');
function rowText({ item, tags, evaluator, difference, candidate, baseline }: SummaryRow): string {
  const side = (name: string, { value, label, explanation, error, text, answerError }: SummaryRow['candidate']): string =>
    `${name}: ${value === null ? 'no score' : value.toFixed(2)}${label === null ? '' : ` (${label})`}${error === null ? '' : `, error: ${error}`}${explanation === null ? '' : `, ${explanation}`}\n${clipped(text ?? answerError ?? 'no answer', TEXT_MAX)}`;
  return [`case ${item}${tags.length === 0 ? '' : ` [${tags.join(', ')}]`}, ${evaluator}${difference === null ? '' : ` ${difference.toFixed(2)}`}`, ...(baseline === null ? [] : [side('baseline', baseline)]), side('candidate', candidate)].join('\n');
}
