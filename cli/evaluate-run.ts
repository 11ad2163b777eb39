/** One evaluation from its start to its verdict, as the commands that start some do it. */
import { createHash } from 'node:crypto';
import type { Client } from './client.js';
import { changedOf, resultsOf, rowsOf } from './evaluation-view.js';
import { summaryOf, type Summary } from './evaluation-summary.js';
import { subscribe } from './events.js';
import { EXIT } from './exit.js';
import type { Output } from './output.js';
import type { candidateOf } from './release.js';
import { EVALUATION_FIELDS, type EvaluationView } from './release-view.js';

/** Rows that clusters and the worst cases are taken from. */
const ROWS_READ = 200;

/** What is evaluated, of one candidate after the other. */
export interface Ground { readonly application: string; readonly environment: string; readonly policy: string }
export interface Commit { readonly sha: string | undefined; /** Typed by whoever asks: then the same call is the same act. */ readonly isGiven: boolean }

/** Attempts that could not run are passed by, so many of them. */
const ATTEMPTS_MAX = 10;

/**
 * A repeated job of the same commit is the same act, unless that act could not run: then it is the next attempt. Without a commit that was typed
 * every call is a new act; its content decides what it joins.
 */
export async function begin(api: Client, { application, environment, policy }: Ground, candidate: ReturnType<typeof candidateOf>, { sha, isGiven }: Commit): Promise<EvaluationView> {
  const input = { application, environment, candidate, policy, ...(sha === undefined ? {} : { commit: sha }) };
  const start = (once: object): Promise<EvaluationView> => api.mutate<EvaluationView>('startEvaluation', { ...input, ...once }, EVALUATION_FIELDS);
  if (!isGiven) return start({});
  const keyOf = (after: string | null): object => ({ idempotencyKey: `evaluate-${createHash('sha256').update(JSON.stringify(after === null ? input : [input, after])).digest('hex').slice(0, 40)}` });
  let begun = await start(keyOf(null));
  for (let attempts = 1; attempts < ATTEMPTS_MAX && couldNotRun(begun); attempts += 1) {
    const next = await start(keyOf(begun.id));
    if (next.id === begun.id) break;
    begun = next;
  }
  return begun;
}

/** What was wrong with the plan is wrong the next time too. */
const couldNotRun = ({ state, verdict, error }: EvaluationView): boolean => verdict === null && (state === 'CANCELLED' || (state === 'FAILED' && !/^(BAD_INPUT|NOT_FOUND)\b/.test(error ?? '')));

export async function awaitVerdict(api: Client, begun: EvaluationView, out: Output, signal: AbortSignal): Promise<EvaluationView> {
  const bar = await out.bar('cases', Math.max(1, begun.progress.itemsTotal));
  try {
    let last = begun;
    const told = (now: EvaluationView): boolean => {
      last = now;
      const { items, itemsTotal, calls, errors, costUsd } = now.progress;
      bar.at(items, `${calls} calls, ${errors} errors, ${costUsd === null ? 'cost unknown' : `${costUsd.toFixed(4)} USD`}`);
      out.record('progress', { evaluation: now.id, items, itemsTotal, calls, errors, costUsd });
      return now.state !== 'RUNNING';
    };
    if (told(begun)) return begun;
    const query = `subscription($id: ID!) { evaluationProgress(id: $id) ${EVALUATION_FIELDS} }`;
    for await (const now of subscribe<EvaluationView>(api, { query, field: 'evaluationProgress', variables: () => ({ id: begun.id }), signal })) if (told(now)) break;
    return last;
  } finally { bar.stop(); }
}

export async function readSummary(api: Client, id: string, subject?: string): Promise<Summary> {
  const view = await resultsOf(api, id);
  const [read, changed] = await Promise.all([rowsOf(api, id, ROWS_READ), changedOf(api, view)]);
  return summaryOf({ view, read, changed, ...(subject === undefined ? {} : { subject }) });
}

export function recordVerdict(ended: EvaluationView, out: Output): void {
  out.record('verdict', { evaluation: ended.id, state: ended.state, verdict: ended.verdict?.kind ?? null, reasons: ended.verdict?.reasons ?? [], evidence: ended.verdict?.evidence ?? null, moreCasesNeeded: ended.verdict?.moreCasesNeeded ?? null, error: ended.error });
}

export function exitOfVerdict({ verdict }: Pick<EvaluationView, 'verdict'>): number {
  switch (verdict?.kind) {
    case 'PASS': return EXIT.ok.code;
    case 'FAIL': return EXIT.negative.code;
    case 'INCONCLUSIVE': return EXIT.inconclusive.code;
    case undefined: return EXIT.failed.code;
  }
}
