import { BadInputError, NotFoundError } from '../core/errors.js';
import { argument, isOn, optional, pause, wanted, type Context, type Typed } from './context.js';
import type { Client } from './client.js';
import { EXIT } from './exit.js';
import type { Output } from './output.js';

interface AgreementView { readonly value: number; readonly low: number; readonly high: number }
interface QualificationView {
  readonly status: 'QUALIFIED' | 'ADVISORY'; readonly mayPass: boolean; readonly mayFail: boolean; readonly reasons: readonly string[]; readonly model: string; readonly labels: number; readonly confusion: readonly (readonly number[])[];
  readonly agreement: AgreementView | null; readonly ac1: AgreementView | null; readonly sensitivity: number | null; readonly specificity: number | null; readonly errorShare: number | null; readonly flipShare: number | null;
  readonly positionConsistency: number | null; readonly positionBias: number | null; readonly attacks: { readonly tried: number; readonly through: number; readonly ids: readonly string[] };
}
interface CalibrationView {
  readonly id: string; readonly state: 'RUNNING' | 'FINISHED' | 'FAILED'; readonly evaluator: string; readonly version: number; readonly error: string | null; readonly createdAt: string;
  readonly progress: { readonly probes: number; readonly probesTotal: number; readonly calls: number; readonly errors: number; readonly costUsd: number | null }; readonly qualification: QualificationView | null;
}
const FIELDS = `{ id state evaluator version error createdAt progress { probes probesTotal calls errors costUsd }
  qualification { status mayPass mayFail reasons model labels confusion agreement { value low high } ac1 { value low high } sensitivity specificity errorShare flipShare positionConsistency positionBias attacks { tried through ids } } }`;
const LOOK_MS = 500;

/** `slipway judge calibrate NAME --app A --dataset D`: holds a judge against people's labels and the attacks. */
export async function calibrate(typed: Typed, { io, out, client }: Context): Promise<number> {
  const api = await client('releaseManager');
  const spend = optional(typed, 'spend');
  const spendMaxUsd = spend === undefined ? undefined : Number(spend);
  if (spendMaxUsd !== undefined && !(spendMaxUsd > 0)) throw new BadInputError(`--spend is an amount of USD above 0, not ${spend ?? ''}.`);
  const input = { application: wanted(typed, 'app'), evaluator: argument(typed, 0), dataset: wanted(typed, 'dataset'), ...(spendMaxUsd === undefined ? {} : { spendMaxUsd }) };
  const begun = await api.mutate<CalibrationView>('calibrateJudge', input, FIELDS);
  out.record('calibration', { calibration: begun.id, state: begun.state, evaluator: begun.evaluator, version: begun.version });
  out.line(`Calibration ${begun.id} of ${begun.evaluator} version ${begun.version}: ${begun.progress.probesTotal} questions`);
  const show = `slipway judge show ${input.evaluator} --app ${input.application}`;
  if (!isOn(typed, 'wait')) { out.next(show); return EXIT.ok.code; }
  return tell(await awaitEnd(api, begun, out, io.signal), out, show);
}

/** `slipway judge show NAME --app A`: what the newest calibration says. */
export async function show(typed: Typed, { out, client }: Context): Promise<number> {
  const api = await client('author');
  const [application, evaluator] = [wanted(typed, 'app'), argument(typed, 0)];
  const { calibrations } = await api.ask<{ calibrations: { nodes: readonly CalibrationView[] } }>(`query($application: ID!, $evaluator: String) { calibrations(application: $application, evaluator: $evaluator, first: 1) { nodes ${FIELDS} } }`, { application, evaluator });
  const [newest] = calibrations.nodes;
  if (newest === undefined) throw new NotFoundError('calibration of evaluator', evaluator);
  return tell(newest, out, newest.state === 'FINISHED' ? 'slipway evaluate' : `slipway judge show ${evaluator} --app ${application}`);
}

async function awaitEnd(api: Client, begun: CalibrationView, out: Output, signal: AbortSignal): Promise<CalibrationView> {
  const bar = await out.bar('questions', Math.max(1, begun.progress.probesTotal));
  try {
    for (let now: CalibrationView | null = begun; ; now = (await api.ask<{ calibration: CalibrationView | null }>(`query($id: ID!) { calibration(id: $id) ${FIELDS} }`, { id: begun.id })).calibration) {
      if (now === null) throw new NotFoundError('calibration', begun.id);
      const { probes, probesTotal, calls, errors, costUsd } = now.progress;
      bar.at(probes, `${calls} calls, ${errors} errors, ${costUsd === null ? 'cost unknown' : `${costUsd.toFixed(4)} USD`}`);
      out.record('progress', { calibration: now.id, probes, probesTotal, calls, errors, costUsd });
      if (now.state !== 'RUNNING') return now;
      await pause(LOOK_MS, signal);
    }
  } finally { bar.stop(); }
}

/** QUALIFIED is a yes, ADVISORY a clear no. */
async function tell(ended: CalibrationView, out: Output, next: string): Promise<number> {
  const { qualification: found } = ended;
  out.record('qualification', { calibration: ended.id, state: ended.state, error: ended.error, ...(found ?? {}) });
  if (found === null) {
    out.line(ended.state === 'RUNNING' ? `Still asking: ${ended.progress.probes} of ${ended.progress.probesTotal} questions.` : out.paint('bad', `FAILED: ${ended.error ?? 'no reason was kept'}`));
    out.next(next);
    return ended.state === 'RUNNING' ? EXIT.inconclusive.code : EXIT.failed.code;
  }
  out.line(out.paint(found.status === 'QUALIFIED' ? 'good' : 'bad', `${found.status}: ${rights(found)} (${found.model})`));
  const share = (x: number | null): string => (x === null ? 'unknown' : `${Number((x * 100).toFixed(1))} %`);
  const interval = (one: AgreementView | null): string => (one === null ? 'unknown' : `${one.value.toFixed(2)} [${one.low.toFixed(2)} to ${one.high.toFixed(2)}]`);
  await out.table(['measured', 'value'], [
    ['labels of people', String(found.labels)], ['agreement (kappa)', interval(found.agreement)], ["agreement (Gwet's AC1)", interval(found.ac1)],
    ['good answers called good', share(found.sensitivity)], ['bad answers called bad', share(found.specificity)], ['changed its mind when asked again', share(found.flipShare)],
    ...(found.positionConsistency === null ? [] : [['same winner in both orders', share(found.positionConsistency)], ['leans to the first place by', share(found.positionBias)]]),
    ['errors', share(found.errorShare)], ['attacks called good', `${found.attacks.through} of ${found.attacks.tried}`],
  ]);
  for (const reason of found.reasons) out.line(`- ${reason}`);
  out.next(next);
  return found.status === 'QUALIFIED' ? EXIT.ok.code : EXIT.negative.code;
}

const rights = ({ mayPass, mayFail }: QualificationView): string => (mayPass ? 'it may pass and fail an evaluation' : mayFail ? 'it may fail an evaluation, and passes none' : 'its scores are shown and decide nothing');
