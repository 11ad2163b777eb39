import { BadInputError } from '../core/errors.js';
import { argument, isOn, optional, wanted, type Context, type Person, type Typed } from './context.js';
import { EXIT } from './exit.js';
import { forewarn } from './forecast.js';
import { headline, nameOf, releaseOf, viewLines, type ReleaseView } from './release-view.js';
import { watchToTheEnd } from './release-watch.js';

/** `{ bundle }` or `{ prompt, version }` of `--bundle` and `--prompt`: exactly one. */
export function candidateOf(typed: Typed): { readonly bundle: string } | { readonly prompt: string; readonly version: number } {
  const bundle = optional(typed, 'bundle');
  const prompt = optional(typed, 'prompt');
  if ((bundle === undefined) === (prompt === undefined)) throw new BadInputError('Name one candidate: --prompt NAME@VERSION or --bundle DIGEST.');
  if (bundle !== undefined) {
    if (!/^sha256:[0-9a-f]{64}$/.test(bundle)) throw new BadInputError(`${bundle} is no digest of a bundle.`, 'sha256: and 64 hexadecimal digits.');
    return { bundle };
  }
  const [, name, version] = /^([a-z][a-z0-9-]{0,62})@([1-9][0-9]{0,8})$/.exec(prompt ?? '') ?? [];
  if (name === undefined || version === undefined) throw new BadInputError(`${prompt ?? ''} is no prompt version.`, 'Written answer@3. slipway prompt push says the number.');
  return { prompt: name, version: Number(version) };
}

interface Begun { readonly id: string; readonly state: string }

export async function start(typed: Typed, context: Context): Promise<number> {
  const { out, client } = context;
  const api = await client('releaseManager');
  const input = { application: wanted(typed, 'app'), environment: wanted(typed, 'env'), candidate: candidateOf(typed), policy: wanted(typed, 'policy'), ...(optional(typed, 'message') === undefined ? {} : { message: optional(typed, 'message') }) };
  await forewarn(api, input, out);
  const begun = await api.mutate<Begun>('startRelease', input, '{ id state }');
  return goOn(begun, 'started', isOn(typed, 'watch'), context, () => { out.line(`${input.application} ${input.environment}: release ${begun.id} started, ${begun.state}`); });
}

export async function retry(typed: Typed, context: Context): Promise<number> {
  const { out, client } = context;
  const api = await client('releaseManager');
  const old = await releaseOf(api, argument(typed, 0));
  if (old.open) throw new BadInputError(`Release ${old.id} is still open.`, `slipway release watch ${old.id}`);
  if (old.policy === null) throw new BadInputError(`Release ${old.id} has no policy to be repeated under.`, 'slipway release start');
  const begun = await api.mutate<Begun>('startRelease', { application: old.application, environment: old.environment, candidate: { bundle: old.candidate.digest }, policy: old.policy.name, message: `again after ${old.id}` }, '{ id state }');
  return goOn(begun, 'started', isOn(typed, 'watch'), context, () => { out.line(`${headline(old)}: again as release ${begun.id}`); });
}

async function goOn(begun: Begun, what: string, isWatched: boolean, context: Context, say: () => void): Promise<number> {
  context.out.record('release', { release: begun.id, state: begun.state, change: what });
  say();
  if (isWatched) return watchToTheEnd(begun.id, context);
  context.out.next(`slipway release watch ${begun.id}`);
  return EXIT.ok.code;
}

const LIST = `query($application: ID, $environment: ID, $state: [ReleaseState!]) { releases(application: $application, environment: $environment, state: $state, first: 50) {
  nodes { id kind application environment state candidate { digest prompts { prompt version } } requestedBy { id } createdAt } } }`;
const OPEN_STATES = ['REQUESTED', 'EVALUATING', 'AWAITING_APPROVAL', 'CANARY', 'PAUSED', 'BAKING', 'ROLLING_BACK'];

export async function list(typed: Typed, { out, client }: Context): Promise<number> {
  const api = await client('releaseManager');
  type Row = Pick<ReleaseView, 'id' | 'kind' | 'application' | 'environment' | 'state' | 'candidate' | 'createdAt'> & { readonly requestedBy: { readonly id: string } };
  const { releases } = await api.ask<{ releases: { nodes: readonly Row[] } }>(LIST, { application: optional(typed, 'app') ?? null, environment: optional(typed, 'env') ?? null, state: isOn(typed, 'open') ? OPEN_STATES : null });
  for (const { id, kind, application, environment, state, candidate, requestedBy, createdAt } of releases.nodes) out.record('release', { release: id, kind, application, environment, state, candidate: nameOf(candidate), bundle: candidate.digest, requestedBy: requestedBy.id, createdAt });
  if (releases.nodes.length === 0) out.line('No release.');
  else await out.table(['release', 'where', 'candidate', 'state', 'by', 'since'], releases.nodes.map((one) => [one.id, `${one.application}/${one.environment}`, nameOf(one.candidate), one.kind === 'REVERT' ? 'REVERT' : one.state, one.requestedBy.id, one.createdAt]));
  out.next(releases.nodes[0] === undefined ? 'slipway release start --app <app> --env <env> --prompt <name@version> --policy <policy>' : `slipway release status ${releases.nodes[0].id}`);
  return EXIT.ok.code;
}

export async function status(typed: Typed, { out, client }: Context): Promise<number> {
  const release = await releaseOf(await client('releaseManager'), argument(typed, 0));
  out.record('release', { ...release });
  for (const line of viewLines(release, out)) out.line(line);
  for (const event of release.timeline) out.line(out.paint('dim', `  ${event.at}  ${event.type}${event.reason === null || event.reason === '' ? '' : `: ${event.reason}`}  ${event.actor.id}`));
  out.next(release.open ? `slipway release watch ${release.id}` : `slipway status ${release.application} ${release.environment}`);
  return EXIT.ok.code;
}

/** What a person says to an open release: one mutation each, and the state it has then. */
const act = (mutation: string, person: Person, fields: (typed: Typed) => Readonly<Record<string, unknown>>, next: (id: string) => string) => async (typed: Typed, { out, client }: Context): Promise<number> => {
  const id = argument(typed, 0);
  const done = await (await client(person)).mutate<Begun>(mutation, { id, ...fields(typed) }, '{ id state }');
  out.record('release', { release: done.id, state: done.state, change: mutation.replace(/Release$|Hold$/, '') });
  out.line(`Release ${done.id}: ${done.state}`);
  out.next(next(id));
  return EXIT.ok.code;
};
const reason = (typed: Typed): Readonly<Record<string, unknown>> => ({ reason: wanted(typed, 'reason') });
const onward = (id: string): string => `slipway release watch ${id}`;
const again = (id: string): string => `slipway release retry ${id}`;

export const approve = act('approveRelease', 'approver', (typed) => (optional(typed, 'comment') === undefined ? {} : { comment: optional(typed, 'comment') }), onward);
export const reject = act('rejectRelease', 'approver', reason, again);
export const cancel = act('cancelRelease', 'releaseManager', reason, again);
export const pause = act('pauseRelease', 'releaseManager', reason, (id) => `slipway release resume ${id} --reason <text>`);
export const resume = act('resumeRelease', 'releaseManager', reason, onward);
export const acknowledge = act('acknowledgeHold', 'releaseManager', (typed) => ({ metric: wanted(typed, 'metric'), cause: wanted(typed, 'cause') }), onward);

