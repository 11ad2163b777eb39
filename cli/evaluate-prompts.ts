/** `slipway evaluate --prompts GLOB` and `--changed-since REF`: each file is pushed, which changes nothing where it says the same, and evaluated on top of what is live. */
import path from 'node:path';
import { BadInputError, SlipwayError } from '../core/errors.js';
import { assertPlainFile, changedSince, promptsMatching, type PromptFiles } from './changed-prompts.js';
import type { Client } from './client.js';
import { isOn, optional, type Context, type Io, type Typed } from './context.js';
import { awaitVerdict, begin, exitOfVerdict, readSummary, recordVerdict, type Commit, type Ground } from './evaluate-run.js';
import { standingOf, type Refusal, type Standing } from './evaluation-summary.js';
import { EXIT, exitOf } from './exit.js';
import { forewarnOfCases } from './forecast.js';
import { pushDraft, readDraft, type PromptDraft } from './prompt.js';
import { verdictLine, type EvaluationView } from './release-view.js';
import { writeReport, type ReportOrder } from './report.js';

/** One file on its way: an evaluation, or why there is none. */
interface Subject { readonly file: string; readonly name: string; readonly now: EvaluationView | null; readonly error: SlipwayError | null }

export async function evaluatePrompts(typed: Typed, { io, out, client }: Context, ground: Ground, commit: Commit, order: ReportOrder | null): Promise<number> {
  const { files, deleted } = await filesOf(typed, io);
  const notes = deleted.map((file) => `${file} was deleted. What is live stays live, and its versions are kept: take it out of the bundle to stop serving it.`);
  for (const [i, note] of notes.entries()) { out.record('deleted', { file: deleted[i] }); out.line(note); }
  if (files.length === 0) {
    const nothing = `Nothing to evaluate: no .prompt.yml has changed since ${optional(typed, 'changedSince') ?? ''}.`;
    out.record('evaluations', { standing: 'NOTHING', evaluations: [] });
    out.line(nothing);
    if (order !== null) await writeReport(order, { summaries: [], notes: [...notes, nothing], refusals: [], standing: 'NOTHING' }, io);
    out.next(`slipway status ${ground.application} ${ground.environment}`);
    return EXIT.ok.code;
  }
  const drafts = await draftsOf(io, files);
  const api = await client('author');
  await forewarnOfCases(api, ground, out);
  const begun: Subject[] = [];
  for (const one of drafts) begun.push(await beginOne(api, ground, one, commit));
  const ended: Subject[] = [];
  for (const one of begun) {
    const now = one.now?.state === 'RUNNING' && isOn(typed, 'wait') ? await awaitVerdict(api, one.now, out, io.signal) : one.now;
    ended.push({ ...one, now });
  }
  for (const { file, name, now, error } of ended) {
    out.record('evaluated', { file, prompt: name, evaluation: now?.id ?? null, state: now?.state ?? null, verdict: now?.verdict?.kind ?? null, code: error?.code ?? null, message: error?.message ?? null });
    if (now !== null && now.state !== 'RUNNING') recordVerdict(now, out);
    out.line(`${file}  ${name}  ${error !== null ? out.paint('bad', `${error.code}: ${error.message}`) : now === null ? '' : out.paint(now.verdict?.kind === 'PASS' ? 'good' : now.state === 'RUNNING' ? 'dim' : 'bad', verdictLine(now))}`);
  }
  const standing = worstStanding(ended);
  out.record('evaluations', { standing, evaluations: ended.flatMap(({ now }) => (now === null ? [] : [now.id])) });
  if (order !== null) await report(api, order, ended, notes, standing, io);
  out.next(nextOf(ended, ground, standing));
  return worstExit(ended.map(exitOfSubject));
}

function filesOf(typed: Typed, io: Io): Promise<PromptFiles> {
  const [ref, pattern] = [optional(typed, 'changedSince'), optional(typed, 'prompts')];
  return ref === undefined ? promptsMatching(io.cwd, pattern ?? '') : changedSince(io.cwd, ref, pattern);
}

type Drafted = { readonly file: string; readonly draft: PromptDraft } | { readonly file: string; readonly error: SlipwayError };
/** Read before anything is sent. @throws BadInputError when two files would overwrite each other */
async function draftsOf(io: Io, files: readonly string[]): Promise<readonly Drafted[]> {
  const drafts: Drafted[] = [];
  for (const file of files) {
    drafts.push(await orRefused(file, async () => { await assertPlainFile(io.cwd, file); return { file, draft: await readDraft(path.resolve(io.cwd, file), {}) }; }));
  }
  const seen = new Map<string, string>();
  for (const one of drafts) {
    if (!('draft' in one)) continue;
    const former = seen.get(one.draft.prompt);
    if (former !== undefined) throw new BadInputError(`${former} and ${one.file} are both prompt ${one.draft.prompt}.`, 'Give one of them another name:, or evaluate them one by one.');
    seen.set(one.draft.prompt, one.file);
  }
  return drafts;
}

async function beginOne(api: Client, ground: Ground, one: Drafted, commit: Commit): Promise<Subject> {
  if ('error' in one) return { file: one.file, name: '', now: null, error: one.error };
  const { file, draft } = one;
  let name = draft.prompt;
  const begun = await orRefused(file, async () => {
    const { version } = await pushDraft(api, ground.application, draft);
    name = `${draft.prompt}@${version}`;
    return { now: await begin(api, ground, { prompt: draft.prompt, version }, commit) };
  });
  return 'now' in begun ? { file, name, now: begun.now, error: null } : { file, name, now: null, error: begun.error };
}

/** What is refused of one file does not keep the others from their verdict. */
async function orRefused<T extends object>(file: string, work: () => Promise<T>): Promise<T | { readonly file: string; readonly error: SlipwayError }> {
  try { return await work(); } catch (error) {
    if (error instanceof SlipwayError) return { file, error };
    throw error;
  }
}

const exitOfSubject = ({ now, error }: Subject): number => (error !== null ? exitOf(error.code) : now === null || now.state === 'RUNNING' ? EXIT.ok.code : exitOfVerdict(now));
/** Could not run (3, or the code of what was refused) before FAIL (1) before INCONCLUSIVE (2) before PASS (0). */
export function worstExit(codes: readonly number[]): number {
  return codes.find((code) => code >= EXIT.failed.code) ?? [EXIT.negative.code, EXIT.inconclusive.code].find((code) => codes.includes(code)) ?? EXIT.ok.code;
}
const STANDINGS = ['COULD_NOT_RUN', 'FAIL', 'INCONCLUSIVE', 'RUNNING', 'PASS'] as const satisfies readonly Standing[];
function worstStanding(ended: readonly Subject[]): Standing {
  const all = ended.map(({ now }): Standing => (now === null ? 'COULD_NOT_RUN' : standingOf(now)));
  return STANDINGS.find((one) => all.includes(one)) ?? 'PASS';
}

async function report(api: Client, order: ReportOrder, ended: readonly Subject[], notes: readonly string[], standing: Standing, io: Io): Promise<void> {
  const summaries = [];
  for (const { now, file, name } of ended) if (now !== null) summaries.push(await readSummary(api, now.id, `${name} ${file}`));
  const refusals = ended.flatMap(({ file, error }): Refusal[] => (error === null ? [] : [{ subject: file, code: error.code, message: error.message }]));
  await writeReport(order, { summaries, notes, refusals, standing }, io);
}

function nextOf(ended: readonly Subject[], { application, environment, policy }: Ground, standing: Standing): string {
  const shown = ended.find(({ now }) => now !== null && standingOf(now) === standing);
  const first = ended[0];
  if (standing === 'PASS') return `slipway release start --app ${application} --env ${environment} --prompt ${first?.name ?? '<name@version>'} --policy ${policy}`;
  if (shown?.now === null || shown === undefined) return 'slipway prompt push <file>';
  return standing === 'RUNNING' ? `slipway evaluate --app ${application} --env ${environment} --prompt ${shown.name} --policy ${policy} --wait` : `slipway evaluation show ${shown.now.id}`;
}
