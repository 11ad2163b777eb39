/** What one evaluation found, case by case: read by the ids under which its activities have kept it. */
import { TooLargeError } from '../../core/errors.js';
import { answerId, idsOf, matches, measuredOf, permutationOf, scoresOfCase, totalsOf, worstFirst } from '../../core/results/index.js';
import type { ArmAt, Asked, EvaluatorAt, MeasuredAnswer, ScoredRow } from '../../core/results/index.js';
import { RowsArguments } from '../../schema/evaluation.js';
import { read } from '../../schema/read.js';
import type { AnswerDoc, DatasetItem, DatasetItemDoc, EvaluationDoc } from '../../store/index.js';
import type { Context } from '../context.js';
import type { EvaluationResolvers, EvaluationRow, EvaluationRowConnection, RowAnswer } from '../generated.js';
import { present } from './pages.js';

/** Cases read at once. */
const CASES_A_READ = 200;
const CASES_MAX = 20_000;
/** Evaluations a request may read the rows of: a list of them would be the whole database. */
const SHEETS_MAX = 5;

/** All rows of an evaluation without their texts, and what they sum to. */
export interface Sheet {
  readonly asked: Asked;
  readonly rows: readonly ScoredRow[];
  readonly totals: readonly ReturnType<typeof totalsOf>[];
  /** every answer is still there */
  readonly kept: boolean;
}

/** One reading serves all fields of a request: those below a root field are given the request's own context. */
const sheets = new WeakMap<Context, Map<string, Promise<Sheet>>>();
/** @throws TooLargeError for more cases, or more evaluations, than one request may read */
export async function sheetOf(context: Context, evaluation: EvaluationDoc): Promise<Sheet> {
  const own = sheets.get(context) ?? new Map<string, Promise<Sheet>>();
  if (!own.has(evaluation._id) && own.size >= SHEETS_MAX) throw new TooLargeError(`Rows of more than ${SHEETS_MAX} evaluations are asked for at once.`, 'Ask for them one by one: evaluation(id).');
  const sheet = own.get(evaluation._id) ?? readSheet(context, evaluation);
  sheets.set(context, own.set(evaluation._id, sheet));
  return sheet;
}

export const armsOf = ({ application, plan }: Pick<EvaluationDoc, 'application' | 'plan'>): readonly ArmAt[] => [
  { name: 'candidate', content: { application, digest: plan.bundle } }, ...(plan.baseline === 'none' ? [] : [{ name: 'baseline' as const, content: { application, digest: plan.baseline } }]),
];

/** The cases the verdict has used, or those used so far; in the order in which they were asked. */
function usedIndexes({ _id, plan, progress, verdict }: EvaluationDoc): readonly number[] {
  const used = Math.min(verdict?.evidence.items ?? progress.items, plan.dataset.items);
  if (used > CASES_MAX) throw new TooLargeError(`Evaluation ${_id} has used ${used} cases, and at most ${CASES_MAX} are shown.`, 'Its verdict holds what they say together.');
  return permutationOf(plan.dataset.items, plan.seed).slice(0, used);
}

async function readSheet(context: Context, evaluation: EvaluationDoc): Promise<Sheet> {
  const { deps: { evaluations, evaluators } } = context;
  const { application, plan } = evaluation;
  const used = await Promise.all(plan.evaluators.map(async ({ name, version, digest }): Promise<EvaluatorAt> => ({ name, digest, spec: present(await evaluators.find(application, name, version), 'evaluator', `${name}/${version}`).spec })));
  const arms = armsOf(evaluation);
  const asked: Asked = { evaluators: used, arms, repetitions: plan.repetitions };
  const indexes = usedIndexes(evaluation);
  const rows: ScoredRow[] = [];
  const measured = arms.map((): (readonly MeasuredAnswer[])[] => []);
  let kept = true;
  for (let at = 0; at < indexes.length; at += CASES_A_READ) {
    const items = await itemsAt(context, evaluation, indexes.slice(at, at + CASES_A_READ));
    const ids = idsOf(asked, items);
    const [answers, scores] = await Promise.all([answersBy(context, application, ids.answers), evaluations.scores(application, ids.scores).then((docs) => new Map(docs.map((doc) => [doc._id, doc])))]);
    kept &&= ids.answers.every((id) => answers.has(id));
    for (const [index, one] of items.entries()) {
      rows.push({ position: at + index, item: one.item.id, tags: one.item.tags ?? [], hidden: isHidden(one.item), scores: scoresOfCase(asked, one, { answers, scores }) });
      for (const [a, arm] of arms.entries()) measured[a]?.push(measuredOf(answersOf(asked, arm, one, answers)));
    }
  }
  return { asked, rows, kept, totals: arms.map(({ name }, a) => totalsOf(name, measured[a] ?? [])) };
}

/** Nobody is told what a hidden case asks, or a dataset of which a part is kept back would be so no longer. */
const isHidden = (item: DatasetItem): boolean => (item as { readonly hidden?: boolean }).hidden === true;

/** In the order of the indexes. */
async function itemsAt({ deps }: Context, { application, plan: { dataset } }: EvaluationDoc, indexes: readonly number[]): Promise<readonly DatasetItemDoc[]> {
  const found = new Map((await deps.datasets.items(application, dataset.name, dataset.version, indexes)).map((one) => [one.index, one]));
  return indexes.map((index) => present(found.get(index), 'case', `${dataset.name}/${dataset.version}/${index}`));
}

const answersBy = async ({ deps }: Context, application: string, ids: readonly string[]): Promise<ReadonlyMap<string, AnswerDoc>> => new Map((await deps.evaluations.answers(application, ids)).map((doc) => [doc._id, doc]));
const answersOf = ({ repetitions }: Asked, { content }: ArmAt, { itemDigest }: DatasetItemDoc, answers: ReadonlyMap<string, AnswerDoc>): readonly AnswerDoc[] =>
  Array.from({ length: repetitions }, (_, repetition) => answers.get(answerId(content.application, content.digest, itemDigest, repetition))).filter((one) => one !== undefined);

export const evaluationRows: NonNullable<EvaluationResolvers['rows']> = async (evaluation, args, context): Promise<EvaluationRowConnection> => {
  const { filter, order, first, after } = read(RowsArguments, { filter: args.filter, order: args.order, first: args.first, after: args.after });
  const { asked, rows } = await sheetOf(context, evaluation);
  const found = rows.filter((row) => matches(row, filter));
  const page = (order === 'WORST' ? worstFirst(found, filter.evaluator) : found).slice(after, after + first);
  const indexes = usedIndexes(evaluation);
  const open = page.filter(({ hidden }) => !hidden);
  const items = new Map((await itemsAt(context, evaluation, open.map(({ position }) => indexes[position] ?? 0))).map((one, i) => [open[i]?.position, one]));
  const answers = await answersBy(context, evaluation.application, idsOf(asked, [...items.values()]).answers);
  return {
    nodes: page.map((row) => rowOf(row, asked, items.get(row.position), answers)), total: found.length,
    pageInfo: { hasNextPage: after + page.length < found.length, endCursor: page.length === 0 ? null : String(after + page.length) },
  };
};

function rowOf({ item, position, tags, hidden, scores }: ScoredRow, asked: Asked, doc: DatasetItemDoc | undefined, answers: ReadonlyMap<string, AnswerDoc>): EvaluationRow {
  if (hidden || doc === undefined) return { item, position, tags, hidden, variables: [], expected: null, scores: [], candidate: [], baseline: [] };
  const of = (name: ArmAt['name']): readonly RowAnswer[] => asked.arms.filter((arm) => arm.name === name).flatMap((arm) => answersOf(asked, arm, doc, answers)).map(answerShown);
  return {
    item, position, tags, hidden, expected: doc.item.expected ?? null, variables: Object.entries(doc.item.variables).map(([name, value]) => ({ name, value })),
    scores, candidate: of('candidate'), baseline: of('baseline'),
  };
}
const answerShown = ({ repetition, text, error, finishReason, model, inputTokens, outputTokens, costUsd, durationMs }: AnswerDoc): RowAnswer =>
  ({ repetition, text, error, finishReason, model, inputTokens, outputTokens, costUsd, durationMs });
