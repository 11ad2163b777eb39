import { createHash } from 'node:crypto';
import { NotFoundError } from '../core/errors.js';
import { isOn, optional, pause, wanted, type Context, type Typed } from './context.js';
import type { Client } from './client.js';
import { EXIT } from './exit.js';
import { forewarnOfCases } from './forecast.js';
import type { Output } from './output.js';
import { candidateOf } from './release.js';
import { EVALUATION_FIELDS, verdictLine, type EvaluationView } from './release-view.js';

const LOOK_MS = 500;

/** `slipway evaluate`: starts, or joins what has the same content. With --wait the exit code is the verdict. */
export async function evaluate(typed: Typed, { io, out, client }: Context): Promise<number> {
  const api = await client('author');
  const commit = optional(typed, 'commit');
  const input = { application: wanted(typed, 'app'), environment: wanted(typed, 'env'), candidate: candidateOf(typed), policy: wanted(typed, 'policy'), ...(commit === undefined ? {} : { commit }) };
  // A repeated job of the same commit is the same act. Without a commit every call is a new one; its content decides what it joins.
  const once = commit === undefined ? {} : { idempotencyKey: `evaluate-${createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 40)}` };
  await forewarnOfCases(api, input, out);
  const begun = await api.mutate<EvaluationView>('startEvaluation', { ...input, ...once }, EVALUATION_FIELDS);
  out.record('evaluation', { evaluation: begun.id, state: begun.state, bundle: begun.bundle, baseline: begun.baseline });
  out.line(`Evaluation ${begun.id} of ${begun.bundle.slice(0, 19)} against ${begun.baseline === 'none' ? 'the floors' : begun.baseline.slice(0, 19)}`);
  if (!isOn(typed, 'wait')) {
    out.next(`slipway evaluate --app ${input.application} --env ${input.environment} ${optional(typed, 'bundle') === undefined ? `--prompt ${wanted(typed, 'prompt')}` : `--bundle ${wanted(typed, 'bundle')}`} --policy ${input.policy} --wait`);
    return EXIT.ok.code;
  }
  const ended = await awaitVerdict(api, begun, out, io.signal);
  return tellVerdict(ended, out, `slipway release start --app ${input.application} --env ${input.environment} --bundle ${ended.bundle} --policy ${input.policy}`);
}

async function awaitVerdict(api: Client, begun: EvaluationView, out: Output, signal: AbortSignal): Promise<EvaluationView> {
  const bar = await out.bar('cases', Math.max(1, begun.progress.itemsTotal));
  try {
    for (let now: EvaluationView | null = begun; ; now = (await api.ask<{ evaluation: EvaluationView | null }>(`query($id: ID!) { evaluation(id: $id) ${EVALUATION_FIELDS} }`, { id: begun.id })).evaluation) {
      if (now === null) throw new NotFoundError('evaluation', begun.id);
      const { items, itemsTotal, calls, errors, costUsd } = now.progress;
      bar.at(items, `${calls} calls, ${errors} errors, ${costUsd === null ? 'cost unknown' : `${costUsd.toFixed(4)} USD`}`);
      out.record('progress', { evaluation: now.id, items, itemsTotal, calls, errors, costUsd });
      if (now.state !== 'RUNNING') return now;
      await pause(LOOK_MS, signal);
    }
  } finally { bar.stop(); }
}

function tellVerdict(ended: EvaluationView, out: Output, next: string): number {
  out.record('verdict', { evaluation: ended.id, state: ended.state, verdict: ended.verdict?.kind ?? null, reasons: ended.verdict?.reasons ?? [], evidence: ended.verdict?.evidence ?? null, moreCasesNeeded: ended.verdict?.moreCasesNeeded ?? null, error: ended.error });
  out.line(out.paint(ended.verdict?.kind === 'PASS' ? 'good' : 'bad', verdictLine(ended)));
  switch (ended.verdict?.kind) {
    case 'PASS': out.next(next); return EXIT.ok.code;
    case 'FAIL': out.next('slipway prompt push <file>'); return EXIT.negative.code;
    case 'INCONCLUSIVE': out.next('slipway apply -f slipway.yaml, with more cases in the dataset'); return EXIT.inconclusive.code;
    case undefined: out.next('slipway doctor'); return EXIT.failed.code;
  }
}
