import { activityInfo, heartbeat } from '@temporalio/activity';
import { addItem, faultsOfVerdictPlan, startVerdict, verdictOf } from '../core/gate/index.js';
import type { Verdict, VerdictEvaluator, VerdictPlan, VerdictState } from '../core/gate/index.js';
import type { ErrorCode } from '../core/errors.js';
import { NOTHING_SPENT } from '../core/money/index.js';
import type { Spending } from '../core/money/index.js';
import type { EvaluationId } from '../core/ids.js';
import { permutationOf } from '../core/results/index.js';
import { isJudge } from '../core/score/index.js';
import type { Actor, AnswerDoc, DatasetItemDoc, EvaluationPlan, EvaluationState, JudgeStanding, ModelVersionDoc, Once, ScoreDoc } from '../store/index.js';
import { intentOf } from './deps.js';
import type { ActivityDeps } from './deps.js';
import { createRecent } from './evaluation-asking.js';
import type { Arm, Asking, Used } from './evaluation-asking.js';
import { answerIds, caseDone, scoreIds } from './evaluation-cases.js';
import type { CaseDone, Prepared } from './evaluation-cases.js';
import { seatsOf } from './evaluation-judge.js';
import { flagsOf, modelsSeen } from './evaluation-models.js';
import type { SeenModels } from './evaluation-models.js';
import { createPurse } from './evaluation-purse.js';
import type { Purse } from './evaluation-purse.js';
import { createGate, inOrder, together } from './evaluation-window.js';
import { final } from './failure.js';

export interface OpenEvaluation { readonly evaluation: EvaluationId; readonly application: string; readonly identity: string; readonly attempt: number; readonly once: Once; readonly requestedBy: Actor; readonly plan: EvaluationPlan }
export interface OpenedEvaluation {
  readonly state: EvaluationState;
  readonly birth: { readonly kind: 'opened' | 'repeated'; readonly evaluation: EvaluationId } | { readonly kind: 'refused'; readonly code: ErrorCode; readonly message: string; readonly hint: string };
}
export interface RunBatch {
  readonly evaluation: EvaluationId; readonly application: string; readonly plan: EvaluationPlan; readonly answersKeepSec: number;
  /** Places in the permutation: from, up to but without to. */ readonly from: number; readonly to: number;
  readonly before: BatchProgress | null;
}
/** All that the next batch goes on from; small, because it travels through the workflow. */
export interface BatchProgress {
  readonly through: number; readonly state: VerdictState; readonly calls: number; readonly errors: number; readonly costUsd: number | null;
  readonly isDecided: boolean; readonly verdict: Verdict | null;
  /** These are absent in progress that an earlier version wrote. */
  readonly dearestUsd?: number; readonly assumedUsd?: number; readonly savedUsd?: number | null; readonly models?: SeenModels; readonly flags?: readonly string[];
}
export interface FinishEvaluation { readonly evaluation: EvaluationId; readonly application: string; readonly requestedBy: Actor; readonly state: Exclude<EvaluationState, 'RUNNING'>; readonly error: string | null; readonly verdict: Verdict | null }

/** Calls at once, before the connection's own limit. */
const WINDOW = 32;
/** How long one activity goes on. History grows with this, and not with the cases; what is under way when a worker dies is at most the window. */
const SLICE_MS = 20_000;
/** Cases that are read at once. */
const PAGE = 200;
/** How often a person who watches hears of it. */
const TELL_MS = 500;
export const BEAT_MS = 4_000;

/** What the verdict is reached by; margins say nothing where there is no baseline. A judge decides what its pinned calibration lets it, and nothing without one. */
export const verdictPlanOf = ({ evaluators, baseline, dataset, slices }: EvaluationPlan, used: readonly Used[] = []): VerdictPlan => ({
  evaluators: evaluators.map(({ name, role, margin, floor, mustPass, standing }) => ({ name, role, margin, floor, ...(mustPass === undefined ? {} : { mustPass }), ...(used.some((one) => one.name === name && isJudge(one.spec)) ? rightsOf(standing) : {}) })), hasBaseline: baseline !== 'none', datasetItems: dataset.items, ...(slices === undefined ? {} : { slices }),
});
const rightsOf = (standing: JudgeStanding | undefined): Pick<VerdictEvaluator, 'mayPass' | 'mayFail'> => ({ mayPass: standing?.mayPass ?? false, mayFail: standing?.mayFail ?? false });

type EvaluationDeps = Pick<ActivityDeps, 'evaluations' | 'bundles' | 'datasets' | 'evaluators' | 'providerFor' | 'permits' | 'judgeFor' | 'newId' | 'score' | 'monotonicMs' | 'trace' | 'tell'>;

export function createEvaluationActivities(deps: EvaluationDeps) {
  const { evaluations, bundles, datasets, evaluators, trace, tell } = deps;

  return {
    /** The evaluation's first write. Safe to run twice: the key finds what it began. A plan that can never be judged ends at once. */
    async openEvaluation({ evaluation, application, identity, attempt, once, requestedBy, plan }: OpenEvaluation): Promise<OpenedEvaluation> {
      const started = intentOf(application, `${evaluation}/started`, 'evaluation.started', requestedBy, evaluation);
      const inserted = await evaluations.insert({ _id: evaluation, application, identity, attempt, plan, once, requestedBy }, started);
      if (inserted.kind === 'reused') {
        return { state: 'FAILED', birth: { kind: 'refused', code: 'CONFLICT', message: 'The idempotency key was used with another input.', hint: 'Use a new key for a new input.' } };
      }
      const { doc } = inserted;
      const birth = { kind: doc._id === evaluation ? 'opened' : 'repeated', evaluation: doc._id } as const;
      const [fault] = faultsOfVerdictPlan(verdictPlanOf(plan));
      if (fault === undefined || doc.state !== 'RUNNING') return { state: doc.state, birth };
      await finishEvaluation({ evaluation: doc._id, application, requestedBy, state: 'FAILED', error: `BAD_INPUT: ${fault}.`, verdict: null });
      return { state: 'FAILED', birth };
    },

    /**
     * Some cases: answers of both arms, their scores, the verdict so far. Safe to run twice: what is stored is looked up first, and what was
     * spent is told by the heartbeat. An error is an answer that counts.
     */
    runBatch: (order: RunBatch): Promise<BatchProgress> => trace.span('slipway.evaluation.batch', { from: order.from, to: order.to }, () => batch(order)),

    /** Safe to run twice: a repeat finds it done. */
    finishEvaluation,
  };

  async function finishEvaluation({ evaluation, application, requestedBy, state, error, verdict }: FinishEvaluation): Promise<void> {
    await evaluations.finish(evaluation, { state, verdict, error }, intentOf(application, `${evaluation}/finished`, 'evaluation.finished', requestedBy, evaluation, error ?? verdict?.kind));
    tell({ event: 'evaluation.finished', evaluation, application, state, verdict: verdict?.kind ?? null });
  }

  async function batch({ evaluation, application, plan, answersKeepSec, from, to, before }: RunBatch): Promise<BatchProgress> {
    const [arms, used, doc] = await Promise.all([armsOf(application, plan), evaluatorsOf(application, plan), evaluations.find(evaluation)]);
    const contents = arms.map(({ content }) => content);
    const seats = await seatsOf(deps, application, used, contents);
    assertPriced([...contents, ...seats.values()], plan);
    const earlier = activityInfo().heartbeatDetails as Spending | undefined;
    const purse = createPurse(plan, earlier ?? spendingOf(before));
    const asking: Asking = { deps: { ...deps, evaluations: writingTogether(evaluations, answersKeepSec) }, bornAt: doc?.createdAt ?? null, arms, used, seats, repetitions: plan.repetitions, keepSec: answersKeepSec, purse, gate: createGate(widthOf(plan, purse)), recent: createRecent() };
    const verdictPlan = verdictPlanOf(plan, used);
    const tally = tallyFrom(before, startVerdict(verdictPlan));
    const untilMs = deps.monotonicMs() + SLICE_MS;
    let isSpent = false;
    let toldMs = deps.monotonicMs();
    const beat = setInterval(() => { heartbeat(purse.spending()); }, BEAT_MS);
    try {
      await inOrder(casesOf(asking, { plan, application, from, to }), asking.gate, (one) => caseDone(asking, one), async (done) => {
        if (done.scores === null) { isSpent = true; return false; }   // in the permutation's order, so the first gap ends it
        count(tally, arms, done);
        tally.state = addItem(verdictPlan, tally.state, { position: done.position, scores: done.scores, ...(done.tags === undefined ? {} : { tags: done.tags }) });
        if (tally.state.decided !== null) return false;
        const nowMs = deps.monotonicMs();
        if (nowMs - toldMs >= TELL_MS) { toldMs = nowMs; if (!(await tellProgress())) return false; }
        return nowMs < untilMs;
      });
      heartbeat(purse.spending());
      const verdict = verdictOf(verdictPlan, tally.state, { spent: isSpent ? 'budget' : tally.through >= plan.dataset.items ? 'items' : null });
      const flags = flagsOf(tally.models, arms);
      for (const flag of flags) if (before?.flags?.includes(flag) !== true) tell({ event: 'evaluation.flagged', level: 'warn', evaluation, application, flag });
      await tellProgress();
      return {
        through: tally.through, state: tally.state, ...purse.spending(), errors: tally.errors, savedUsd: tally.savedUsd, models: tally.models, flags,
        isDecided: verdict.kind !== 'UNDECIDED', verdict: verdict.kind === 'UNDECIDED' ? null : verdict,
      };
    } finally { clearInterval(beat); }

    /** False when nobody waits for it any more: it was cancelled, or ended by another try. */
    function tellProgress(): Promise<boolean> {
      const { calls, costUsd } = purse.spending();
      return evaluations.progress(evaluation, { items: tally.state.items, itemsTotal: plan.dataset.items, calls, errors: tally.errors, costUsd, savedUsd: tally.savedUsd, flags: flagsOf(tally.models, arms) });
    }
  }

  /** In the permutation's order, each with what is stored of it; the next page is read while the one before is asked. */
  async function* casesOf({ arms, used, repetitions, recent }: Asking, { plan, application, from, to }: { readonly plan: EvaluationPlan; readonly application: string; readonly from: number; readonly to: number }): AsyncGenerator<Prepared> {
    const order = permutationOf(plan.dataset.items, plan.seed);
    const page = async (at: number): Promise<readonly Prepared[]> => {
      const items = await itemsOf(application, plan, order.slice(at, Math.min(at + PAGE, to)));
      const answers = new Map((await evaluations.answers(application, unique(items.flatMap((item) => answerIds(arms, item, repetitions))))).map((one): [string, AnswerDoc] => [one._id, one]));
      const scores = new Map((await evaluations.scores(application, unique(items.flatMap((item) => scoreIds(used, arms, item, repetitions))))).map((one): [string, ScoreDoc] => [one._id, one]));
      return items.map((item, index) => ({ position: at + index, page: at / PAGE, item, answers, scores }));
    };
    let ahead = from < to ? page(from) : null;
    for (let at = from; ahead !== null; at += PAGE) {
      const here: readonly Prepared[] = await ahead;
      recent.forget(at / PAGE);
      ahead = at + PAGE < to ? page(at + PAGE) : null;
      ahead?.catch(() => undefined);   // whoever awaits it gets it
      yield* here;
    }
  }

  async function armsOf(application: string, { bundle, baseline }: EvaluationPlan): Promise<readonly Arm[]> {
    const wanted = [['candidate', bundle], ...(baseline === 'none' ? [] : [['baseline', baseline] as const])] as const;
    return Promise.all(wanted.map(async ([name, digest]): Promise<Arm> => {
      const content = await bundles.content(application, digest);
      if (content === null) throw final('NOT_FOUND', `No bundle ${digest}.`);
      return { name, content };
    }));
  }

  async function evaluatorsOf(application: string, plan: EvaluationPlan): Promise<readonly Used[]> {
    return Promise.all(plan.evaluators.map(async ({ name, version, digest, standing }): Promise<Used> => {
      const found = await evaluators.find(application, name, version);
      if (found?.digest !== digest) throw final('NOT_FOUND', `No evaluator ${name}, version ${version}, of digest ${digest}.`);
      return { name, digest, spec: found.spec, calibrated: standing?.model ?? null };
    }));
  }

  /** In the order in which they are asked for, which is not the file's. */
  async function itemsOf(application: string, { dataset }: EvaluationPlan, indexes: readonly number[]): Promise<readonly DatasetItemDoc[]> {
    const found = new Map((await datasets.items(application, dataset.name, dataset.version, indexes)).map((item) => [item.index, item]));
    return indexes.map((index) => {
      const item = found.get(index);
      if (item === undefined) throw final('NOT_FOUND', `Dataset ${dataset.name} ${dataset.version} has no case ${index}.`);
      return item;
    });
  }
}

/** Where money is capped, what has no price is not begun, arm or judge: it is never taken for free. */
export function assertPriced(asked: readonly { readonly model: ModelVersionDoc | null }[], { spendMaxUsd }: Pick<EvaluationPlan, 'spendMaxUsd'>): void {
  for (const { model } of asked) {
    if (spendMaxUsd === undefined || model === null || model.priceUsdPerMTok !== null) continue;
    throw final('BAD_INPUT', `Model ${model.name}, version ${model.version}, has no price, and no more may be spent than ${spendMaxUsd} USD. Register it with its price, or leave out the cap.`);
  }
}

const spendingOf = (before: BatchProgress | null): Spending => (before === null ? NOTHING_SPENT : {
  calls: before.calls, costUsd: before.costUsd, ...(before.dearestUsd === undefined ? {} : { dearestUsd: before.dearestUsd }), ...(before.assumedUsd === undefined ? {} : { assumedUsd: before.assumedUsd }),
});

/** Under a cap of money the first answer is waited for: what one costs is what keeps the others below it. */
const widthOf = ({ spendMaxUsd }: EvaluationPlan, purse: Purse) => (): number => {
  const { dearestUsd } = purse.spending();
  return spendMaxUsd === undefined || dearestUsd !== undefined ? WINDOW : 1;
};

/** Every answer and score is written before it counts; those of one moment in one write. */
function writingTogether(evaluations: EvaluationDeps['evaluations'], keepSec: number): EvaluationDeps['evaluations'] {
  const [answers, scores] = [together<Parameters<typeof evaluations.saveAnswers>[0][number]>((docs) => evaluations.saveAnswers(docs, keepSec)), together<Parameters<typeof evaluations.saveScores>[0][number]>((docs) => evaluations.saveScores(docs, keepSec))];
  return { ...evaluations, saveAnswers: answers, saveScores: scores };
}

/** What a batch goes on from, and leaves behind. */
interface Tally { through: number; state: VerdictState; errors: number; savedUsd: number | null; models: SeenModels }
const tallyFrom = (before: BatchProgress | null, fresh: VerdictState): Tally =>
  ({ through: before?.through ?? 0, state: before?.state ?? fresh, errors: before?.errors ?? 0, savedUsd: before === null ? 0 : before.savedUsd ?? null, models: before?.models ?? {} });

/** A case that counts. */
function count(tally: Tally, arms: readonly Arm[], { position, answers, savedUsd }: CaseDone): void {
  tally.through = position + 1;
  tally.errors += [...answers.values()].filter(({ error }) => error !== null).length;
  tally.savedUsd = tally.savedUsd === null || savedUsd === null ? null : tally.savedUsd + savedUsd;
  tally.models = arms.reduce<SeenModels>((seen, { name, content }) => modelsSeen(seen, name, [...answers.values()].filter(({ bundle }) => bundle === content.digest)), tally.models);
}

const unique = (ids: readonly string[]): readonly string[] => [...new Set(ids)];
