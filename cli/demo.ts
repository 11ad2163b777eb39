import { existsSync } from 'node:fs';
import path from 'node:path';
import { BadInputError, SlipwayError, UnavailableError } from '../core/errors.js';
import { readDataset } from './apply-dataset.js';
import { performAll, readPlan } from './apply.js';
import { ROOT, type Child } from './child.js';
import { createClient } from './client.js';
import { InterruptedError, isOn, optional, pause, type Context, type Person, type Typed } from './context.js';
import { prewarm, startCrowd, textsOf, type Crowd } from './demo-crowd.js';
import { follow, type Followed } from './demo-release.js';
import { startStack, type DemoStack } from './demo-stack.js';
import { costLines, redacted, storyLines, summaryOf, type Engines, type Outcome } from './demo-summary.js';
import { EXIT } from './exit.js';
import { pushDraft, readDraft } from './prompt.js';

const APPLICATION = 'helpdesk';
const ENVIRONMENT = 'production';
const POLICY = 'demo';
const TOTAL_LIMIT_MS = 20 * 60_000;
const STOP_LIMIT_MS = 60_000;
/** A busy machine is no reason to give up. */
const PATIENCE_MS = [500, 1_000, 2_000, 4_000, 8_000, 8_000] as const;
/** In the checkout, or, where there are no sources, what the build has carried along. */
const FOLDER = [ROOT, path.join(ROOT, 'dist')].map((folder) => path.join(folder, 'examples', 'helpdesk')).find((folder) => existsSync(path.join(folder, 'slipway.yaml'))) ?? path.join(ROOT, 'examples', 'helpdesk');

/** What the story is told with: files by content, and the one that is live before it begins. */
interface Story { readonly first: string; readonly next: readonly string[] }

/**
 * `slipway demo`. It uses the doors that anybody has, and reports what the API says; nothing here reads a version, an arm or a release to
 * make an outcome.
 */
export async function demo(typed: Typed, context: Context): Promise<number> {
  const { io, out } = context;
  const story = storyOf(typed, io.cwd);
  const limit = new AbortController();
  const timer = setTimeout(() => { limit.abort(); }, TOTAL_LIMIT_MS);
  const signal = AbortSignal.any([io.signal, limit.signal]);
  const children: Child[] = [];
  try {
    await tell(story, typed, context, signal, (child) => { children.push(child); });
    return EXIT.ok.code;
  } catch (error) {
    if (error instanceof InterruptedError && limit.signal.aborted && !io.signal.aborted) throw new SlipwayError('UNAVAILABLE', `The demo has taken more than ${TOTAL_LIMIT_MS / 60_000} minutes and was stopped.`, 'Is the machine very busy? Run it again when it is not; slipway doctor looks at every part.');
    throw error;
  } finally {
    clearTimeout(timer);
    out.settle();
    if (children.some((child) => child.isRunning())) out.line(out.paint('dim', 'Stopping everything.'));
    for (const child of children.reverse()) await child.stop(STOP_LIMIT_MS);   // users first, then the stack under them
  }
}

function storyOf(typed: Typed, cwd: string): Story {
  const folder = optional(typed, 'prompts') === undefined ? path.join(FOLDER, 'prompts') : path.resolve(cwd, optional(typed, 'prompts') ?? '');
  const file = (number: number): string => path.join(folder, `answer.v${number}.prompt.yml`);
  const candidate = optional(typed, 'candidate');
  const story = { first: file(1), next: candidate === undefined ? [file(2), file(3), file(4)] : [path.resolve(cwd, candidate)] };
  const missing = [story.first, ...story.next].find((one) => !existsSync(one));
  if (missing !== undefined) throw new BadInputError(`${missing} does not exist.`, 'The demo runs from a checkout; --prompts names a folder with answer.v1.prompt.yml … answer.v4.prompt.yml, --candidate one file.');
  return story;
}

async function tell(story: Story, typed: Typed, context: Context, signal: AbortSignal, onChild: (child: Child) => void): Promise<void> {
  const { io, out } = context;
  const begunMs = io.nowMs();
  const drafts = await Promise.all([story.first, ...story.next].map((file) => readDraft(file, {})));   // a faulty file is told before anything starts
  out.line('Starting Temporal, MongoDB, a model, the API, a worker and an edge. Only on this machine; nothing is kept.');
  out.record('phase', { phase: 'stack' });
  const stack = await phase(context, 'The stack', 60_000, () => startStack(context, signal, onChild));
  out.line(`Up after ${seconds(io.nowMs() - begunMs)}.`);
  const client = createClients(stack, signal);
  const inside: Context = { ...context, client, stack: () => Promise.resolve(stack.ready) };

  out.record('phase', { phase: 'apply' });
  const plan = await readPlan(path.join(FOLDER, 'slipway.yaml'), { ...inside, io: { ...io, env: { ...io.env, SLIPWAY_MODEL_URL: stack.ready.model } } });
  await performAll(plan.filter(({ change }) => change !== 'unchanged'), { ...inside, out: quiet(out) });
  out.line(`Applied examples/helpdesk/slipway.yaml: ${plan.length} declarations.`);

  out.record('phase', { phase: 'prewarm' });
  await phase(context, 'Reading the handbook', 60_000, async () => { await prewarm(stack.ready, textsOf(await readDataset(path.join(FOLDER, 'dataset.jsonl'))), context, signal); });

  let crowd: Crowd | undefined;
  const below = (): string[] => (crowd === undefined ? [] : [`  users       ${crowd.counts()['visits'] ?? 0} came, ${crowd.counts()['unhappy'] ?? 0} unhappy, ${crowd.counts()['thumbsDown'] ?? 0} said so`]);
  const stillUp = (): void => {
    if (!stack.child.isRunning()) throw new UnavailableError('The stack has ended in the middle of the demo.', stack.child.lastWords().split('\n').slice(-6).join('\n  ') || 'Run it again.');
    if (crowd !== undefined && !crowd.child.isRunning()) throw new UnavailableError('The simulated users have ended in the middle of the demo.', crowd.child.lastWords().split('\n').slice(-4).join('\n  ') || 'Run it again.');
  };
  const manager = await client('releaseManager');
  const author = await client('author');
  let first: Outcome | null = null;
  const outcomes: Outcome[] = [];
  let last: Followed | undefined;
  for (const [index, draft] of drafts.entries()) {
    const pushed = await pushDraft(author, APPLICATION, draft);
    const name = `${draft.prompt}@${pushed.version}`;
    out.record('phase', { phase: index === 0 ? 'first' : 'release', candidate: name });
    out.line(`\n${out.paint('bold', name)}  ${draft.message}`);
    const candidate = index === 0 ? { bundle: await firstBundle(manager, draft.prompt, pushed.version) } : { prompt: draft.prompt, version: pushed.version };
    const begun = await manager.mutate<{ id: string }>('startRelease', { application: APPLICATION, environment: ENVIRONMENT, candidate, policy: POLICY, message: draft.message }, '{ id }');
    last = await follow(begun.id, { api: manager, context, signal, below, stillUp });
    const { release, outcome } = last;
    const isGood = release.state === 'PROMOTED';
    for (const line of storyLines(release, outcome)) out.line(line.includes('  evaluated ') ? line : out.paint(isGood ? 'good' : 'bad', line));
    out.record('outcome', { ...outcome });
    if (index > 0) { outcomes.push(outcome); continue; }
    first = outcome;
    if (!isGood) throw new UnavailableError(`The first release ended ${release.state}: ${outcome.reason ?? 'no reason given'}.`, 'Nothing is live, so there is nothing to compare with. slipway demo --keep leaves the stack up to look at.');
    out.record('phase', { phase: 'users' });
    const key = await keyOfDemo(await client('admin'));
    crowd = await phase(context, 'The first user', 60_000, () => startCrowd(stack.ready, key, inside, onChild));
    out.line('Simulated users arrive. They judge an answer by the facts it holds, and know nothing of releases.');
  }

  for (const outcome of outcomes) for (const line of ['', ...costLines(outcome)].slice(costLines(outcome).length === 0 ? 1 : 0)) out.line(line);
  out.line(`\nTook ${seconds(io.nowMs() - begunMs)} in all.`);
  if (isOn(typed, 'keep')) await stayUp(stack, last, crowd, context, signal, () => { summarise(out, enginesOf(stack), first, outcomes, io.nowMs() - begunMs); });
  else {
    out.line(`\n${out.paint('dim', 'Next:')} slipway demo --candidate <your .prompt.yml>, or npm start for a stack of your own`);
    summarise(out, enginesOf(stack), first, outcomes, io.nowMs() - begunMs);
  }
}

const summarise = (out: Context['out'], engines: Engines, first: Outcome | null, outcomes: readonly Outcome[], tookMs: number): void => { out.record('summary', { ...summaryOf(engines, first, outcomes, tookMs) }); };
const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
const quiet = (out: Context['out']): Context['out'] => ({ ...out, line: () => undefined });

/** One client a person, made once; each has the person's own key. */
function createClients({ ready }: DemoStack, signal: AbortSignal): Context['client'] {
  return (person: Person) => {
    const key = ready.people[person];
    if (key === undefined) return Promise.reject(new UnavailableError(`The stack has nobody called ${person}.`, 'Its API did not write its people; see its log.'));
    return Promise.resolve(createClient({ url: ready.api, key, signal, patienceMs: PATIENCE_MS }));
  };
}

/** The first release has no stable to stand on, so it names its model itself. */
async function firstBundle(manager: Awaited<ReturnType<Context['client']>>, prompt: string, version: number): Promise<string> {
  const { model } = await manager.ask<{ model: { name: string; version: number } | null }>('query($application: ID!, $name: String!) { model: modelVersion(application: $application, name: $name) { name version } }', { application: APPLICATION, name: MODEL });
  return (await manager.mutate<{ digest: string }>('createBundle', { application: APPLICATION, prompts: [{ name: prompt, version }], model: { name: MODEL, version: model?.version ?? 1 } }, '{ digest }')).digest;
}
const MODEL = 'sandbox';

/** A key as any application has: it may be served and may report, and nothing else. */
const keyOfDemo = async (admin: Awaited<ReturnType<Context['client']>>): Promise<string> =>
  (await admin.mutate<{ secret: string }>('createApiKey', { application: APPLICATION, kind: 'APPLICATION', name: 'simulated users', environment: ENVIRONMENT, scopes: ['SERVE', 'INGEST', 'FEEDBACK'], lifeDays: 1 }, '{ secret }')).secret;

/** What ran underneath; the launcher says so, or at least where it was. */
const enginesOf = ({ ready }: DemoStack): Engines => ready.engines ?? { temporal: ready.temporal, mongodb: redacted(ready.mongodb), model: ready.model };

/** Says so when a step takes longer than it usually does. */
async function phase<T>({ out }: Context, what: string, usualMs: number, work: () => Promise<T>): Promise<T> {
  const timer = setInterval(() => { out.line(out.paint('dim', `${what} takes longer than usual; still at it.`)); out.record('slow', { phase: what }); }, usualMs);
  try { return await work(); } finally { clearInterval(timer); }
}

/** `--keep`: the links, and then nothing until Ctrl-C. */
async function stayUp(stack: DemoStack, last: Followed | undefined, crowd: Crowd | undefined, { out, io }: Context, signal: AbortSignal, summary: () => void): Promise<void> {
  await crowd?.child.stop(10_000);
  const { ready } = stack;
  const data = path.dirname(ready.devFile);
  const links = { graphiql: `${ready.api}/graphql`, temporal: ready.temporalUi, release: last?.release.id ?? null, data };
  out.line(`\nThe stack stays up until Ctrl-C.\n  GraphiQL    ${links.graphiql}\n  Temporal    ${links.temporal ?? 'without an interface'}\n  release     slipway release status ${links.release ?? ''} --data ${data}`);
  out.line(`\n${out.paint('dim', 'Next:')} slipway status --data ${data}`);
  out.record('links', links);
  summary();
  while (stack.child.isRunning() && !io.signal.aborted) await pause(1_000, signal).catch((error: unknown) => { if (!io.signal.aborted) throw error; });
}

