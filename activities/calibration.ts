/** A judge is asked what people have judged, and what it must not fall for; what it may decide follows. Each activity may run twice: what was said is kept under its question. */
import { activityInfo, heartbeat } from '@temporalio/activity';
import { NOTHING_SPENT } from '../core/money/index.js';
import type { Spending } from '../core/money/index.js';
import type { CalibrationId } from '../core/ids.js';
import type { ErrorCode } from '../core/errors.js';
import { faultsOfLabels, isJudge, probesOf, qualificationData, qualify } from '../core/score/index.js';
import type { JudgeSpec, LabelledCase, Probed } from '../core/score/index.js';
import type { Winner } from '../core/stats/index.js';
import type { Actor, CalibrationDoc, Once } from '../store/index.js';
import { intentOf } from './deps.js';
import type { ActivityDeps } from './deps.js';
import { BEAT_MS, assertPriced } from './evaluation.js';
import { allOf } from './evaluation-asking.js';
import { judgeScore, seatsOf } from './evaluation-judge.js';
import type { JudgeOutcome } from './evaluation-judge.js';
import { createPurse } from './evaluation-purse.js';
import { createGate } from './evaluation-window.js';
import { final } from './failure.js';

/** Ids and digests; the cases stay in the store. */
export interface CalibrationOrder {
  readonly calibration: CalibrationId; readonly application: string; readonly evaluator: CalibrationDoc['evaluator']; readonly dataset: CalibrationDoc['dataset'];
  readonly callsMax: number; readonly spendMaxUsd?: number; readonly once: Once; readonly requestedBy: Actor;
}
export type CalibrationBirth = { readonly kind: 'opened' | 'repeated'; readonly calibration: CalibrationId } | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };
export interface OpenedCalibration { readonly state: CalibrationDoc['state']; readonly birth: CalibrationBirth; readonly probes: number }
export interface AskProbes { readonly order: CalibrationOrder; /** From, up to but without to. */ readonly from: number; readonly to: number; readonly before: ProbesAsked | null }
export interface ProbesAsked { readonly spending: Spending; readonly errors: number; readonly isSpent: boolean }

/** Longer than any calibration runs; afterwards only what was found of them is read. */
const KEEP_SEC = 7 * 86_400;
const ITEMS_A_READ = 500;
/** Calls at once, before the connection's own limit. */
const ASKED_AT_ONCE = 8;
/** As a dataset keeps them, one label a case. */
const LABELS_MAX = 2_000;

type CalibrationDeps = Pick<ActivityDeps, 'calibrations' | 'evaluations' | 'datasets' | 'evaluators' | 'providerFor' | 'permits' | 'judgeFor' | 'newId' | 'monotonicMs' | 'trace' | 'tell'>;

export function createCalibrationActivities(deps: CalibrationDeps) {
  const { calibrations, evaluations, datasets, evaluators, trace, tell } = deps;

  return {
    /** The calibration's first write: its key finds what it began. What cannot be asked ends at once, with the reason. */
    async openCalibration(order: CalibrationOrder): Promise<OpenedCalibration> {
      const { calibration, application, evaluator, dataset, callsMax, spendMaxUsd, once, requestedBy } = order;
      const asked = await askedOf(order);
      const probes = 'fault' in asked ? [] : probesOf(asked.spec, asked.cases);
      const inserted = await calibrations.insert({ _id: calibration, application, evaluator, dataset, callsMax, ...(spendMaxUsd === undefined ? {} : { spendMaxUsd }), once, requestedBy, probesTotal: probes.length },
        intentOf(application, `${calibration}/started`, 'calibration.started', requestedBy, calibration));
      if (inserted.kind === 'reused') return { state: 'FAILED', probes: 0, birth: { kind: 'refused', code: 'CONFLICT', message: 'The idempotency key was used with another input.', hint: 'Use a new key for a new input.' } };
      const { doc } = inserted;
      if ('fault' in asked && doc.state === 'RUNNING') await end(order, { state: 'FAILED', qualification: null, error: `BAD_INPUT: ${asked.fault}` });
      return { state: 'fault' in asked ? 'FAILED' : doc.state, probes: probes.length, birth: { kind: doc._id === calibration ? 'opened' : 'repeated', calibration: doc._id } };
    },

    /** Some of the questions. Those that have an answer are not asked again; an error is. */
    askProbes: (asked: AskProbes): Promise<ProbesAsked> => trace.span('slipway.calibration.probes', { from: asked.from, to: asked.to }, () => askProbes(asked)),

    /** What it all says of the judge. Safe to run twice: a repeat finds it done. */
    async finishCalibration({ order, error }: { readonly order: CalibrationOrder; readonly error: string | null }): Promise<CalibrationDoc['state']> {
      if (error !== null) return end(order, { state: 'FAILED', qualification: null, error });
      const { spec, cases } = must(await askedOf(order));
      const probes = probesOf(spec, cases);
      const stored = await evaluations.scores(order.application, probes.map(({ id }) => `${order.calibration}/${id}`));
      const models = [...new Set(stored.map(({ model }) => model ?? null).filter((model) => model !== null))].sort();
      const [model, another] = models;
      if (model === undefined) return end(order, { state: 'FAILED', qualification: null, error: 'The judge answered nothing that could be read.' });
      if (another !== undefined) return end(order, { state: 'FAILED', qualification: null, error: `${models.join(' and ')} answered in turn: nobody can say whom people agreed with. Pin a dated version of the model.` });
      const probed = new Map(stored.map(({ _id, value, label }): [string, Probed] => [_id.slice(order.calibration.length + 1), { value, ...pairIn(spec, label) }]));
      return end(order, { state: 'FINISHED', qualification: qualify(qualificationData(spec, cases, probed, { evaluator: order.evaluator.digest, model })), error: null });
    },
  };

  async function end({ calibration, application, requestedBy }: CalibrationOrder, how: { readonly state: 'FINISHED' | 'FAILED'; readonly qualification: CalibrationDoc['qualification']; readonly error: string | null }): Promise<CalibrationDoc['state']> {
    const { state, qualification } = await calibrations.finish(calibration, how, intentOf(application, `${calibration}/finished`, 'calibration.finished', requestedBy, calibration, how.error ?? how.qualification?.status));
    tell({ event: 'calibration.finished', calibration, application, state, status: qualification?.status ?? null });
    return state;
  }

  async function askProbes({ order, from, to, before }: AskProbes): Promise<ProbesAsked> {
    const { calibration, application, evaluator } = order;
    const { spec, cases } = must(await askedOf(order));
    const seat = (await seatsOf(deps, application, [{ digest: evaluator.digest, spec }], [])).get(evaluator.digest);
    if (seat === undefined) throw final('NOT_FOUND', `${evaluator.name} has no judge.`);
    assertPriced([seat], order);
    const probes = probesOf(spec, cases).slice(from, to);
    const idOf = (probe: { readonly id: string }): string => `${calibration}/${probe.id}`;
    const answered = new Set((await evaluations.scores(application, probes.map(idOf))).filter(({ error }) => error === null).map(({ _id }) => _id));
    const earlier = activityInfo().heartbeatDetails as Spending | undefined;
    const purse = createPurse(order, earlier ?? before?.spending ?? NOTHING_SPENT);
    const beat = setInterval(() => { heartbeat(purse.spending()); }, BEAT_MS);
    let errors = before?.errors ?? 0;
    let isSpent = false;
    try {
      const gate = createGate(() => ASKED_AT_ONCE);
      await allOf(probes.filter((probe) => !answered.has(idOf(probe))).map(async (probe) => {
        const outcome = await gate.run(() => judgeScore(deps, spec, seat, probe, purse));
        if (outcome === null) { isSpent = true; return; }
        if ('error' in outcome.result) errors += 1;
        await evaluations.saveScores([{ _id: idOf(probe), application, ...said(spec, outcome) }], KEEP_SEC);
      }));
      const { calls, costUsd } = purse.spending();
      await calibrations.progress(calibration, { probes: to, probesTotal: probesOf(spec, cases).length, calls, errors, costUsd });
      return { spending: purse.spending(), errors, isSpent };
    } finally { clearInterval(beat); }
  }

  /** The judge and its cases, or why it cannot be asked. */
  async function askedOf({ application, evaluator, dataset }: CalibrationOrder): Promise<{ readonly spec: JudgeSpec; readonly cases: readonly LabelledCase[] } | { readonly fault: string }> {
    const found = await evaluators.find(application, evaluator.name, evaluator.version);
    if (found?.digest !== evaluator.digest) return { fault: `No evaluator ${evaluator.name}, version ${evaluator.version}, of digest ${evaluator.digest}.` };
    const { spec } = found;
    if (!isJudge(spec)) return { fault: `${evaluator.name} is computed (${spec.kind}): only a judge is held against people.` };
    if (dataset.items > LABELS_MAX) return { fault: `Dataset ${dataset.name} has ${dataset.items} cases; a judge is calibrated with at most ${LABELS_MAX}.` };
    const cases: LabelledCase[] = [];
    for (let at = 0; at < dataset.items; at += ITEMS_A_READ) {
      const rows = await datasets.items(application, dataset.name, dataset.version, Array.from({ length: Math.min(ITEMS_A_READ, dataset.items - at) }, (_, index) => at + index));
      for (const { item } of rows) {
        if (item.judged === undefined) return { fault: `Case ${item.id} of dataset ${dataset.name} has no label of a person.` };
        const { answer, other, label } = item.judged;
        cases.push({ id: item.id, item, answer, ...(other === undefined ? {} : { other }), label });
      }
    }
    const [fault] = faultsOfLabels(spec, cases);
    return fault === undefined ? { spec, cases } : { fault: `Dataset ${dataset.name}: ${fault}.` };
  }
}

function must<T extends object>(asked: T | { readonly fault: string }): T {
  if ('fault' in asked) throw final('BAD_INPUT', asked.fault);
  return asked;
}

const WINNERS: readonly string[] = ['first', 'second', 'tie'] satisfies Winner[];
/** Of a pair the label says who won in either order, which is what shows a judge that prefers a place. */
function said(spec: JudgeSpec, { result, model, pair }: JudgeOutcome): { readonly value: number | null; readonly error: string | null; readonly label: string | null; readonly explanation: string | null; readonly model: string | null } {
  if ('error' in result) return { value: null, error: result.error, label: null, explanation: null, model };
  const label = spec.kind === 'pairwise' && pair !== undefined ? `${pair.candidateFirst} ${pair.candidateSecond}` : result.label ?? null;
  return { value: result.value, error: null, label, explanation: result.explanation ?? null, model };
}
function pairIn(spec: JudgeSpec, label: string | null): Pick<Probed, 'pair'> {
  const [one, two] = spec.kind === 'pairwise' ? label?.split(' ') ?? [] : [];
  return one !== undefined && two !== undefined && WINNERS.includes(one) && WINNERS.includes(two) ? { pair: { candidateFirst: one as Winner, candidateSecond: two as Winner } } : {};
}

