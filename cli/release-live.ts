import type { Output } from './output.js';
import { viewLines, type Arm, type EvidenceView, type ReleaseView } from './release-view.js';

/** Narrower than this, bars say less than numbers do. */
const BARS_FROM = 60;
const BAR_MAX = 30;
const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'] as const;

/** A release that goes on, drawn for a terminal of this width; elsewhere, and where it is narrow, the lines that `release status` prints. */
export function liveLines(release: ReleaseView, out: Pick<Output, 'paint' | 'isTty' | 'width'>): string[] {
  const { evidence, assignment, progress } = release;
  if (!out.isTty || out.width < BARS_FROM || evidence.length === 0) return viewLines(release, out);
  const name = Math.min(24, Math.max(10, ...evidence.map(({ metric }) => metric.length)));
  const bar = Math.max(10, Math.min(BAR_MAX, out.width - name - 40));
  const [head = '', ...rest] = viewLines({ ...release, evidence: [] }, out);
  const before = rest.filter((line) => /^ {2}(evaluation|approvals)/.test(line));
  return [
    head, ...before,
    ...(progress === null ? [] : [`  ${'next step'.padEnd(name)}  ${barOf(progress, bar, out, 'good')}  ${Math.floor(100 * progress)} %`]),
    ...evidence.flatMap((one) => metricLines(one, name, bar, out)),
    ...(assignment === null ? [] : [
      `  ${'assignment'.padEnd(name)}  ${barOf(assignment.alarmProgress, bar, out, 'bad')}  shares ${against(assignment.logE, assignment.threshold)}${assignment.alarm ? assignment.acknowledged ? ', acknowledged' : ', ALARM' : ''}`,
    ]),
    ...rest.filter((line) => !before.includes(line)),
  ];
}

function metricLines(one: EvidenceView, name: number, bar: number, out: Pick<Output, 'paint'>): string[] {
  const indent = ' '.repeat(name + 4);
  const label = one.metric.length > name ? `${one.metric.slice(0, name - 1)}…` : one.metric.padEnd(name);
  const harm = one.harmProgress === null ? [] : [`${barOf(one.harmProgress, bar, out, 'bad')}  worse     ${against(one.logEHarm, one.harmThreshold)}${one.alarm ? ', ALARM' : ''}`];
  const fine = one.niThreshold === null ? [] : [`${barOf(one.passed ? 1 : part(one.logENi, one.niThreshold), bar, out, 'good')}  not worse ${against(one.logENi, one.niThreshold)}${one.passed ? ', shown' : ''}`];
  const [first = out.paint('dim', 'observed'), ...others] = [...harm, ...fine];
  const waiting = one.waitingFor[0];
  return [
    `  ${out.paint('bold', label)}  ${first}`, ...others.map((line) => `${indent}${line}`),
    `${indent}${out.paint('dim', armsOf(one))}`, ...(waiting === undefined || one.progress === 1 ? [] : [`${indent}${out.paint('dim', waiting)}`]),
  ];
}

const part = (logE: number | null, threshold: number): number => Math.min(1, Math.max(0, (logE ?? 0) / threshold));
/** Logarithms add up as evidence comes in, so bars and these numbers move evenly. */
const against = (logE: number | null, threshold: number | null): string => `${logE === null ? 'unknown' : logE.toFixed(1)} of ${threshold === null ? 'unknown' : threshold.toFixed(1)}`;

function barOf(share: number, width: number, { paint }: Pick<Output, 'paint'>, colour: 'good' | 'bad'): string {
  const eighths = Math.round(8 * width * Math.min(1, Math.max(0, share)));
  const full = '█'.repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? '');
  return `▕${paint(colour, full)}${' '.repeat(width - full.length)}▏`;
}

/** Both arms and what lies between them, each with what it may really be. Scores as people know them: larger is better. */
export function armsOf({ kind, stable, candidate, difference }: EvidenceView): string {
  const isScore = kind === 'SCORE';
  const value = (x: number): string => (kind === 'RATE' ? pointed(100 * x) : pointed(isScore ? 1 - x : x));
  const unit = kind === 'RATE' ? ' %' : '';
  const arm = ({ units, mean, interval }: Arm): string => {
    if (mean === null) return 'no unit';
    const [low, high] = interval === null ? [] : isScore ? [interval.upper, interval.lower] : [interval.lower, interval.upper];
    return `${value(mean)}${unit}${low === undefined || high === undefined ? '' : ` (${value(low)} … ${value(high)})`} of ${units}`;
  };
  const step = (x: number): string => { const d = (kind === 'RATE' ? 100 : 1) * (isScore ? -x : x); return `${d < 0 ? '−' : '+'}${pointed(Math.abs(d))}`; };
  const between = difference === null ? '' : `; ${step(difference.estimate)}${kind === 'RATE' ? ' pp' : ''} (${step(isScore ? difference.upper : difference.lower)} … ${step(isScore ? difference.lower : difference.upper)})`;
  return `stable ${arm(stable)}, candidate ${arm(candidate)}${between}`;
}

const pointed = (x: number): string => String(Number(x.toPrecision(Math.abs(x) >= 100 ? 4 : Math.abs(x) >= 10 ? 3 : 2)));
