import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { BadInputError, ConflictError, NotFoundError } from '../core/errors.js';
import { argument, wanted, type Context, type Typed } from './context.js';
import { svgOf, type Chart, type ChartLine } from './evidence-chart.js';
import { EXIT } from './exit.js';
import { nameOf, percentOfBp, type ReleaseView } from './release-view.js';

interface HistoryPoint { readonly at: string; readonly logEHarm: number | null; readonly logENi: number | null }
export interface ChartedRelease extends Pick<ReleaseView, 'id' | 'application' | 'environment' | 'state' | 'candidate'> {
  readonly stages: readonly { readonly weightBp: number }[]; readonly terminalAt: string | null;
  readonly rollback: { readonly reason: string; readonly committedAt: string } | null;
  readonly timeline: readonly { readonly at: string; readonly data: { readonly stage?: unknown; readonly weightBp?: unknown } | null }[];
  readonly evidence: readonly { readonly metric: string; readonly harmThreshold: number | null; readonly niThreshold: number | null; readonly harm: string | null; readonly notWorse: string | null; readonly history: readonly HistoryPoint[] }[];
  readonly assignment: { readonly threshold: number; readonly words: string; readonly history: readonly { readonly at: string; readonly logE: number | null }[] } | null;
}

const QUERY = `query($id: ID!) { release(id: $id) { id application environment state candidate { digest prompts { prompt version } } stages { weightBp } terminalAt rollback { reason committedAt } timeline { at data }
  evidence { metric harmThreshold niThreshold harm notWorse history { at logEHarm logENi } } assignment { threshold words history { at logE } } } }`;

/** `slipway release chart ID -o FILE` */
export async function chart(typed: Typed, { io, out, client }: Context): Promise<number> {
  const [id, file] = [argument(typed, 0), wanted(typed, 'output')];
  const { release } = await (await client('releaseManager')).ask<{ release: ChartedRelease | null }>(QUERY, { id });
  if (release === null) throw new NotFoundError('release', id);
  const svg = svgOf(chartOf(release));
  if (file === '-') { io.stdout.write(svg); return EXIT.ok.code; }
  const target = path.resolve(io.cwd, file);
  try { await writeFile(target, svg); } catch (error) { throw new BadInputError(`${file} cannot be written: ${error instanceof Error ? error.message : String(error)}`, 'Name a file in a folder that exists, or - for standard output.'); }
  out.record('chart', { release: id, file: target, bytes: Buffer.byteLength(svg) });
  out.line(`The evidence of release ${id} is drawn in ${file}.`);
  out.next(`slipway release status ${id}`);
  return EXIT.ok.code;
}

/** @throws ConflictError where no evidence has been gathered */
export function chartOf({ id, application, environment, state, candidate, stages, terminalAt, rollback, timeline, evidence, assignment }: ChartedRelease): Chart {
  const times = [...evidence.flatMap(({ history }) => history), ...(assignment?.history ?? [])].map(({ at }) => new Date(at).getTime());
  if (times.length === 0) throw new ConflictError(`Release ${id} has no evidence to be drawn: it is ${state}.`, `Evidence comes with traffic: slipway release watch ${id}`);
  const weighted = timeline.flatMap(({ at, data }) => typeof data?.stage === 'number' && typeof data.weightBp === 'number' ? [{ index: data.stage, at: new Date(at), weightBp: data.weightBp }] : []);
  const decided = rollback === null ? (state === 'PROMOTED' ? terminalAt : null) : rollback.committedAt;
  const name = nameOf(candidate);
  const from = Math.min(...times, ...weighted.map(({ at }) => at.getTime()));
  return {
    title: `${application} ${environment}: ${name}, ${state}`,
    description: [
      `Evidence of release ${id} over time, by metric, on a logarithmic scale, with the thresholds that decide.`,
      ...evidence.flatMap(({ metric, harm, notWorse }) => [harm, notWorse].flatMap((words) => (words === null ? [] : [`${metric}: ${words}`]))), ...(assignment === null ? [] : [`assignment: ${assignment.words}`]),
      rollback === null ? `The release is ${state}.` : `It was taken back: ${rollback.reason}`,
    ].map((sentence) => sentence.replace(/\.?$/, '.')).join(' '),
    panels: [
      ...evidence.map(({ metric, harmThreshold, niThreshold, history }) => {
        const line = (what: string, kind: ChartLine['kind'], threshold: number | null, pick: (point: HistoryPoint) => number | null): ChartLine => ({ name: what, kind, threshold, points: history.map((point) => ({ at: new Date(point.at), logE: pick(point) })) });
        return { name: metric, lines: [
          ...(harmThreshold === null ? [] : [line('worse', 'harm', harmThreshold, ({ logEHarm }) => logEHarm)]), ...(niThreshold === null ? [] : [line('not worse', 'fine', niThreshold, ({ logENi }) => logENi)]),
        ] };
      }).filter(({ lines }) => lines.length > 0),
      ...(assignment === null ? [] : [{ name: 'assignment', lines: [{ name: 'shares differ from the plan', kind: 'harm' as const, threshold: assignment.threshold, points: assignment.history.map(({ at, logE }) => ({ at: new Date(at), logE })) }] }]),
    ],
    stages: weighted.map(({ index, at, weightBp }) => ({ at, label: `${index >= stages.length ? 'bake' : `stage ${index + 1}`} ${percentOfBp(weightBp)}` })),
    decision: decided === null ? null : { at: new Date(decided), kind: rollback === null ? 'good' : 'bad', label: rollback === null ? 'promoted' : 'taken back' },
    from: new Date(from), to: new Date(Math.max(from + 1_000, ...times, ...(decided === null ? [] : [new Date(decided).getTime()]))),
  };
}
