import { BadInputError } from '../core/errors.js';
import { headOf } from './changed-prompts.js';
import { isOn, optional, wanted, type Context, type Io, type Typed } from './context.js';
import { evaluatePrompts } from './evaluate-prompts.js';
import { awaitVerdict, begin, exitOfVerdict, readSummary, recordVerdict, type Commit, type Ground } from './evaluate-run.js';
import { standingOf } from './evaluation-summary.js';
import { EXIT } from './exit.js';
import { forewarnOfCases } from './forecast.js';
import type { Output } from './output.js';
import { candidateOf } from './release.js';
import { verdictLine, type EvaluationView } from './release-view.js';
import { outputBeside, reportOrderOf, writeReport } from './report.js';

/**
 * `slipway evaluate`: starts, or joins what has the same content. With --wait, and where the verdict is there already, the exit code is the verdict.
 */
export async function evaluate(typed: Typed, context: Context): Promise<number> {
  const { io, client } = context;
  const order = reportOrderOf(typed, io);
  const out = outputBeside(order, io, context.out);
  const ground: Ground = { application: wanted(typed, 'app'), environment: wanted(typed, 'env'), policy: wanted(typed, 'policy') };
  const isMany = optional(typed, 'prompts') !== undefined || optional(typed, 'changedSince') !== undefined;
  if (isMany && (optional(typed, 'prompt') !== undefined || optional(typed, 'bundle') !== undefined)) throw new BadInputError('--prompts and --changed-since find the candidates themselves.', 'Leave out --prompt and --bundle.');
  const commit = await commitOf(typed, io);
  if (isMany) return evaluatePrompts(typed, { ...context, out }, ground, commit, order);
  const candidate = candidateOf(typed);
  const api = await client('author');
  await forewarnOfCases(api, ground, out);
  const begun = await begin(api, ground, candidate, commit);
  out.record('evaluation', { evaluation: begun.id, state: begun.state, bundle: begun.bundle, baseline: begun.baseline });
  out.line(`Evaluation ${begun.id} of ${begun.bundle.slice(0, 19)} against ${begun.baseline === 'none' ? 'the floors' : begun.baseline.slice(0, 19)}`);
  const ended = begun.state !== 'RUNNING' ? begun : isOn(typed, 'wait') ? await awaitVerdict(api, begun, out, io.signal) : null;
  if (order !== null) await writeReport(order, { summaries: [await readSummary(api, begun.id)], notes: [], refusals: [], standing: standingOf(ended ?? begun) }, io);
  if (ended !== null) return tellVerdict(ended, out, `slipway release start --app ${ground.application} --env ${ground.environment} --bundle ${ended.bundle} --policy ${ground.policy}`);
  out.next(`slipway evaluate --app ${ground.application} --env ${ground.environment} ${optional(typed, 'bundle') === undefined ? `--prompt ${wanted(typed, 'prompt')}` : `--bundle ${wanted(typed, 'bundle')}`} --policy ${ground.policy} --wait`);
  return EXIT.ok.code;
}

/** Without --commit it is the one that is checked out, for the record alone: what a call joins is decided by its content. */
async function commitOf(typed: Typed, io: Io): Promise<Commit> {
  const given = optional(typed, 'commit');
  return given === undefined ? { sha: await headOf(io.cwd), isGiven: false } : { sha: given, isGiven: true };
}

function tellVerdict(ended: EvaluationView, out: Output, next: string): number {
  recordVerdict(ended, out);
  out.line(out.paint(ended.verdict?.kind === 'PASS' ? 'good' : 'bad', verdictLine(ended)));
  switch (ended.verdict?.kind) {
    case 'PASS': out.next(next); break;
    case 'FAIL': out.next(`slipway evaluation show ${ended.id}`); break;
    case 'INCONCLUSIVE': out.next('slipway apply -f slipway.yaml, with more cases in the dataset'); break;
    case undefined: out.next('slipway doctor'); break;
  }
  return exitOfVerdict(ended);
}
