import { BadInputError, NotFoundError } from '../core/errors.js';
import { optional, type Context, type Typed } from './context.js';
import type { Client } from './client.js';
import { bundleOf, partsName, resultsOf, type ArmView, type EvaluatorView, type ResultsView } from './evaluation-view.js';
import { meanWords, differenceWords, standingOf, usd } from './evaluation-summary.js';
import { EXIT } from './exit.js';
import { pages } from './pages.js';

const CANDIDATES_MAX = 20;
/** Evaluations that are looked through for those of a bundle. */
const SEARCHED_MAX = 2_000;

/** One candidate of the table: prompt and model, as one evaluation found it. */
interface Compared { readonly name: string; readonly view: ResultsView; readonly quality: EvaluatorView | undefined; readonly consistency: number | null; readonly arm: ArmView | undefined }

/** `slipway compare CANDIDATE…`: evaluations by id, or bundles and prompt versions by their latest evaluation. */
export async function compare(typed: Typed, { out, client }: Context): Promise<number> {
  const asked = [...new Set((typed.args[0] as readonly string[] | undefined) ?? [])];
  if (asked.length > CANDIDATES_MAX) throw new BadInputError(`${asked.length} candidates were named, and at most ${CANDIDATES_MAX} are compared.`, 'Leave out those that are behind already.');
  const api = await client('author');
  const ids = await evaluationsOf(api, asked, optional(typed, 'app'));
  const compared: Compared[] = [];
  for (const id of ids) compared.push(await comparedOf(api, id, optional(typed, 'evaluator')));
  const sorted = [...compared].sort((a, b) => (b.quality?.candidate?.estimate ?? -1) - (a.quality?.candidate?.estimate ?? -1));
  for (const { name, view, quality, consistency, arm } of sorted) {
    out.record('candidate', {
      evaluation: view.id, candidate: name, bundle: view.bundle, baseline: view.baseline, dataset: view.dataset, standing: standingOf(view), evaluator: quality?.evaluator ?? null, cases: quality?.n ?? 0,
      quality: quality?.candidate ?? null, difference: quality?.difference ?? null, consistency, costUsd: arm?.costUsd ?? null, costPerAnswerUsd: costOf(arm), latencyMs: arm?.latencyMs ?? null, errors: arm?.errors ?? null,
    });
  }
  if (!out.isJson) await out.table(['candidate', 'verdict', 'evaluator', 'cases', 'quality (95 %)', 'against its baseline', 'consistency', 'cost an answer', 'latency p50/p90', 'evaluation'], sorted.map(({ name, view, quality, consistency, arm }) => [
    name, standingOf(view), quality?.evaluator ?? 'unknown', String(quality?.n ?? 0), quality?.candidate === null || quality === undefined ? 'unknown' : meanWords(quality.candidate), quality?.difference === null || quality === undefined ? '-' : differenceWords(quality.difference),
    consistency === null ? 'unknown' : `${Math.round(100 * consistency)} %`, usd(costOf(arm)), arm?.latencyMs === null || arm === undefined ? 'unknown' : `${Math.round(arm.latencyMs.p50)}/${Math.round(arm.latencyMs.p90)} ms`, view.id]));
  for (const warning of warningsOf(compared)) { out.record('warning', { message: warning }); out.line(out.paint('bad', warning)); }
  out.next(`slipway evaluation show ${sorted[0]?.view.id ?? '<id>'}`);
  return EXIT.ok.code;
}

async function comparedOf(api: Client, id: string, evaluator: string | undefined): Promise<Compared> {
  const view = await resultsOf(api, id);
  const { evaluators, arms } = view.results;
  const quality = evaluator === undefined ? evaluators.find(({ role, kind }) => role === 'GUARDRAIL' && kind !== 'CONSISTENCY') ?? evaluators[0] : evaluators.find((one) => one.evaluator === evaluator);
  if (evaluator !== undefined && quality === undefined) throw new BadInputError(`Evaluation ${id} has no evaluator ${evaluator}.`, `It has ${evaluators.map((one) => one.evaluator).join(', ')}.`);
  const arm = arms.find((one) => one.arm === 'CANDIDATE');
  const steady = evaluators.find(({ kind }) => kind === 'CONSISTENCY')?.candidate?.estimate;
  return { name: partsName(await bundleOf(api, view.application, view.bundle), view.bundle), view, quality, arm, consistency: steady ?? arm?.agreement ?? null };
}

const costOf = (arm: ArmView | undefined): number | null => (arm === undefined || arm.costUsd === null || arm.answers === arm.errors ? null : arm.costUsd / (arm.answers - arm.errors));

/** What keeps the lines of the table from being held against each other. */
function warningsOf(compared: readonly Compared[]): readonly string[] {
  const different = (pick: (one: Compared) => string): boolean => new Set(compared.map(pick)).size > 1;
  return [
    ...(different(({ view: { dataset } }) => (dataset === null ? '' : `${dataset.name}/${dataset.version}`)) ? ['These were asked different cases: their means are not of the same thing.'] : []),
    ...(different(({ quality }) => quality?.evaluator ?? '') ? ['These were scored by different evaluators: name one with --evaluator.'] : []),
    ...(different(({ view }) => view.baseline) ? ['These have different baselines: what stands against them is not the same.'] : []),
    ...(different(({ quality }) => String(quality?.n ?? 0)) ? ['These ended after different numbers of cases: the intervals say how much each is known.'] : []),
    ...(compared.some(({ view }) => view.state === 'RUNNING') ? ['Some are still running.'] : []),
  ];
}

type Found = { readonly id: string; readonly bundle: string };
/** @throws NotFoundError for a bundle or a prompt version that has no evaluation */
async function evaluationsOf(api: Client, asked: readonly string[], application: string | undefined): Promise<readonly string[]> {
  const others = asked.filter((one) => /^sha256:|@/.test(one));
  if (others.length === 0) return asked;
  if (application === undefined) throw new BadInputError(`${others[0] ?? ''} is of an application.`, 'Say of which: --app KEY.');
  const found = new Map<string, string>();
  let seen = 0;
  for await (const nodes of pages<Found>(api, 'query($application: ID, $first: Int!, $after: String) { page: evaluations(application: $application, first: $first, after: $after) { nodes { id bundle } pageInfo { hasNextPage endCursor } } }', { application })) {
    for (const { id, bundle } of nodes) {
      // Newest first: the first that fits is the latest.
      if (others.includes(bundle) && !found.has(bundle)) found.set(bundle, id);
      const wanted = others.filter((one) => one.includes('@') && !found.has(one));
      if (wanted.length === 0) continue;
      const prompts = (await promptsOf(api, application, bundle)).filter((one) => wanted.includes(one));
      for (const one of prompts) found.set(one, id);
    }
    seen += nodes.length;
    if (others.every((one) => found.has(one)) || seen >= SEARCHED_MAX) break;
  }
  return [...new Set(asked.map((one) => {
    if (!others.includes(one)) return one;
    const id = found.get(one);
    if (id === undefined) throw new NotFoundError('evaluation of', one);
    return id;
  }))];
}

const promptsOf = async (api: Client, application: string, digest: string): Promise<readonly string[]> => (await bundleOf(api, application, digest))?.prompts.map(({ prompt, version }) => `${prompt}@${version}`) ?? [];
