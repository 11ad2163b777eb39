import { activityInfo, heartbeat } from '@temporalio/activity';
import { addItem, faultsOfVerdictPlan, startVerdict, verdictOf } from '../core/gate/index.js';
import type { Verdict, VerdictItem, VerdictPlan, VerdictState } from '../core/gate/index.js';
import type { ErrorCode } from '../core/errors.js';
import { NOTHING_SPENT } from '../core/money/index.js';
import type { Spending } from '../core/money/index.js';
import type { EvaluationId } from '../core/ids.js';
import { answerId, permutationOf, scoreId, valueFor } from '../core/results/index.js';
import { isJudge } from '../core/score/index.js';
import type { Actor, AnswerDoc, DatasetItemDoc, EvaluationPlan, EvaluationState, ModelVersionDoc, Once } from '../store/index.js';
import { intentOf } from './deps.js';
import type { ActivityDeps } from './deps.js';
import { answerOf } from './evaluation-answer.js';
import type { Answer } from './evaluation-answer.js';
import { seatsOf } from './evaluation-judge.js';
import { flagsOf, modelsSeen } from './evaluation-models.js';
import type { SeenModels } from './evaluation-models.js';
import { createPurse } from './evaluation-purse.js';
import type { Purse } from './evaluation-purse.js';
import { scoresOf } from './evaluation-scores.js';
import type { Arm, Used } from './evaluation-scores.js';
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

/** Calls at once. */
const CONCURRENCY = 8;
const BEAT_MS = 4_000;


/** What the verdict is reached by; margins say nothing where there is no baseline. A judge that nobody has qualified passes and fails nothing. */
export const verdictPlanOf = ({ evaluators, baseline, dataset }: EvaluationPlan, used: readonly Used[] = []): VerdictPlan => ({
  evaluators: evaluators.map(({ name, role, margin, floor }) => ({ name, role, margin, floor, ...(used.some((one) => one.name === name && isJudge(one.spec)) ? ADVISORY : {}) })), hasBaseline: baseline !== 'none', datasetItems: dataset.items,
});
const ADVISORY = { mayPass: false, mayFail: false } as const;

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
    const [arms, used, items] = await Promise.all([armsOf(application, plan), evaluatorsOf(application, plan), itemsOf(application, plan, from, to)]);
    const contents = arms.map(({ content }) => content);
    const seats = await seatsOf(deps, application, used, contents);
    assertPriced([...contents, ...seats.values()], plan);
    const earlier = activityInfo().heartbeatDetails as Spending | undefined;
    const purse = createPurse(plan, earlier ?? spendingOf(before));
    const beat = setInterval(() => { heartbeat(purse.spending()); }, BEAT_MS);
    try {
      const { answers, savedUsd } = await answersTo(evaluation, arms, items, plan.repetitions, answersKeepSec, purse);
      heartbeat(purse.spending());
      const scores = await scoresOf(deps, { used, arms, items, repetitions: plan.repetitions, seats }, answers, answersKeepSec, purse, eachOf);
      heartbeat(purse.spending());
      const verdictPlan = verdictPlanOf(plan, used);
      let state = before?.state ?? startVerdict(verdictPlan);
      let isSpent = false;
      for (const [index, item] of items.entries()) {
        const scored = itemScores(arms, used, item, plan.repetitions, scores);
        if (scored === null) { isSpent = true; break; }   // in the permutation's order, so the first gap ends it
        state = addItem(verdictPlan, state, { position: from + index, scores: scored });
      }
      const errors = (before?.errors ?? 0) + [...answers.values()].filter(({ error }) => error !== null).length;
      const verdict = verdictOf(verdictPlan, state, { spent: isSpent ? 'budget' : to >= plan.dataset.items ? 'items' : null });
      const spending = purse.spending();
      const saved = before?.savedUsd === null || savedUsd === null ? null : (before?.savedUsd ?? 0) + savedUsd;
      const models = arms.reduce<SeenModels>((seen, { name, content }) => modelsSeen(seen, name, [...answers.values()].filter(({ bundle }) => bundle === content.digest)), before?.models ?? {});
      const flags = flagsOf(models, arms);
      for (const flag of flags) if (before?.flags?.includes(flag) !== true) tell({ event: 'evaluation.flagged', level: 'warn', evaluation, application, flag });
      await evaluations.progress(evaluation, { items: state.items, itemsTotal: plan.dataset.items, calls: spending.calls, errors, costUsd: spending.costUsd, savedUsd: saved, flags });
      return {
        through: to, state, ...spending, errors, savedUsd: saved, models, flags, isDecided: verdict.kind !== 'UNDECIDED', verdict: verdict.kind === 'UNDECIDED' ? null : verdict,
      };
    } finally { clearInterval(beat); }
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
    return Promise.all(plan.evaluators.map(async ({ name, version, digest }): Promise<Used> => {
      const found = await evaluators.find(application, name, version);
      if (found?.digest !== digest) throw final('NOT_FOUND', `No evaluator ${name}, version ${version}, of digest ${digest}.`);
      return { name, digest, spec: found.spec };
    }));
  }

  /** In the permutation's order, which is not the file's. */
  async function itemsOf(application: string, { dataset, seed }: EvaluationPlan, from: number, to: number): Promise<readonly DatasetItemDoc[]> {
    const indexes = permutationOf(dataset.items, seed).slice(from, to);
    const found = new Map((await datasets.items(application, dataset.name, dataset.version, indexes)).map((item) => [item.index, item]));
    return indexes.map((index) => {
      const item = found.get(index);
      if (item === undefined) throw final('NOT_FOUND', `Dataset ${dataset.name} ${dataset.version} has no case ${index}.`);
      return item;
    });
  }

  /**
   * By answer id; without those the budget did not reach. An error that was stored is asked again: it may have been the provider's day. What
   * was there before the evaluation began is saved; what an earlier try of this batch has paid for is not.
   */
  async function answersTo(evaluation: EvaluationId, arms: readonly Arm[], items: readonly DatasetItemDoc[], repetitions: number, keepSec: number, purse: Purse): Promise<{ readonly answers: ReadonlyMap<string, Answer>; readonly savedUsd: number | null }> {
    const wanted = items.flatMap((item) => Array.from({ length: repetitions }, (_, repetition) => arms.map((arm) => ({ arm, item, repetition }))).flat())
      .map((one) => ({ ...one, id: answerId(one.arm.content.application, one.arm.content.digest, one.item.itemDigest, one.repetition) }));
    const answers = new Map<string, Answer>();
    const [bornAt, stored] = await Promise.all([evaluations.find(evaluation).then((doc) => doc?.createdAt ?? null), storedAnswers(arms, wanted.map(({ id }) => id))]);
    let savedUsd: number | null = 0;
    for (const one of stored) {
      if (one.error !== null) continue;
      answers.set(one._id, one);
      if (bornAt === null || one.at < bornAt) savedUsd = savedUsd === null || bornAt === null || one.costUsd === null ? null : savedUsd + one.costUsd;
    }
    const missing = new Map(wanted.filter(({ id }) => !answers.has(id)).map((one) => [one.id, one]));
    await eachOf([...missing.values()], async ({ arm, item, repetition, id }) => {
      const answer = await answerOf(deps, arm.content, item, repetition, keepSec, purse);
      if (answer !== null) answers.set(id, answer);
    });
    return { answers, savedUsd };
  }

  async function storedAnswers(arms: readonly Arm[], ids: readonly string[]): Promise<readonly AnswerDoc[]> {
    const application = arms[0]?.content.application;
    return application === undefined ? [] : evaluations.answers(application, [...new Set(ids)]);
  }
}

/** Where money is capped, what has no price is not begun, arm or judge: it is never taken for free. */
function assertPriced(asked: readonly { readonly model: ModelVersionDoc | null }[], { spendMaxUsd }: EvaluationPlan): void {
  for (const { model } of asked) {
    if (spendMaxUsd === undefined || model === null || model.priceUsdPerMTok !== null) continue;
    throw final('BAD_INPUT', `Model ${model.name}, version ${model.version}, has no price, and the evaluation may spend ${spendMaxUsd} USD. Register it with its price, or take the cap out of the policy.`);
  }
}

const spendingOf = (before: BatchProgress | null): Spending => (before === null ? NOTHING_SPENT : {
  calls: before.calls, costUsd: before.costUsd, ...(before.dearestUsd === undefined ? {} : { dearestUsd: before.dearestUsd }), ...(before.assumedUsd === undefined ? {} : { assumedUsd: before.assumedUsd }),
});

/** Mean over the repetitions, in which an error is a 0; `null` where all of them are errors. `null` for the whole: not all was answered. */
function itemScores(arms: readonly Arm[], used: readonly Used[], item: DatasetItemDoc, repetitions: number, scores: ReadonlyMap<string, number | null>): VerdictItem['scores'] | null {
  const means: Record<string, { candidate: number | null; baseline?: number | null }> = {};
  for (const evaluator of used) {
    const own: { candidate: number | null; baseline?: number | null } = { candidate: null };
    for (const arm of arms) {
      const found = Array.from({ length: repetitions }, (_, repetition) => scores.get(scoreId(evaluator, arms, arm, item, repetition, repetitions)));
      const values = found.map((value) => (value === undefined ? undefined : valueFor(evaluator, arm, value)));
      if (values.some((value) => value === undefined)) return null;
      own[arm.name] = values.every((value) => value === null) ? null : values.reduce<number>((sum, value) => sum + (value ?? 0), 0) / repetitions;
    }
    means[evaluator.name] = own;
  }
  return means;
}

/** A few at a time; the first that throws ends it once those under way are through. */
async function eachOf<T>(all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const queue = all.values();
  const worker = async (): Promise<void> => { for (const one of queue) await work(one); };
  const done = await Promise.allSettled(Array.from({ length: Math.min(CONCURRENCY, all.length) }, worker));
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}
