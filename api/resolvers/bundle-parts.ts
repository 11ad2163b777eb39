import { bundleDigest, contentsDigest } from '../../core/bundle/index.js';
import type { ApplicationKey } from '../../core/ids.js';
import type { ActorId } from '../../core/ids.js';
import type { BundleContent, BundleDoc, BundleParts, Pinned } from '../../store/index.js';
import { actorOf, intentOf } from '../acts.js';
import type { Context } from '../context.js';
import { present } from './pages.js';

interface Part { readonly name: string; readonly version: number }
/** What is to be in a bundle, by name and version; what is left out is taken from the bundle it is built on. */
export interface WantedParts {
  readonly prompts?: readonly Part[]; readonly model?: Part; readonly context?: Part; readonly guardrails?: readonly Part[];
  readonly tools?: readonly { readonly name: string; readonly schema: unknown }[]; readonly safety?: Readonly<Record<string, string>>;
}

/**
 * The bundle of these parts on top of another one: written under its digest, so that writing it twice is writing it once.
 *
 * @throws NotFoundError that names the first part which does not exist
 */
export async function insertBundle(context: Context, application: ApplicationKey, wanted: WantedParts, base: BundleContent | null): Promise<BundleDoc> {
  const { deps, principal } = context;
  const find = async <D>(part: Part | undefined, kind: string, lookUp: (part: Part) => Promise<D | null>): Promise<D | null> =>
    (part === undefined ? null : present(await lookUp(part), kind, `${part.name}/${part.version}`));
  const all = async <D>(parts: readonly Part[] | undefined, kind: string, lookUp: (part: Part) => Promise<D | null>): Promise<readonly D[]> =>
    Promise.all((parts ?? []).map(async (part) => present(await lookUp(part), kind, `${part.name}/${part.version}`)));
  const [newPrompts, newGuardrails, newModel, newContext] = await Promise.all([
    all(wanted.prompts, 'prompt', ({ name, version }) => deps.prompts.find(application, name, version)),
    all(wanted.guardrails, 'guardrail policy', ({ name, version }) => deps.bundles.guardrail(application, name, version)),
    find(wanted.model, 'model', ({ name, version }) => deps.bundles.model(application, name, version)),
    find(wanted.context, 'context', ({ name, version }) => deps.bundles.context(application, name, version)),
  ]);
  const prompts = replaced(base?.prompts ?? [], newPrompts, ({ prompt }) => prompt);
  const guardrails = replaced(base?.guardrails ?? [], newGuardrails, ({ name }) => name);
  const model = newModel ?? base?.model ?? null;
  const retrieval = newContext ?? base?.context ?? null;
  const tools = wanted.tools ?? base?.tools ?? [];
  const safety = wanted.safety ?? base?.safety ?? {};
  const parts: BundleParts = {
    ...(prompts.length === 0 ? {} : { prompts: pinsOf(prompts, ({ prompt }) => prompt) }),
    ...(model === null ? {} : { model: { name: model.name, ...pinOf(model) } }), ...(retrieval === null ? {} : { context: { name: retrieval.name, ...pinOf(retrieval) } }),
    ...(guardrails.length === 0 ? {} : { guardrails: pinsOf(guardrails, ({ name }) => name) }),
    ...(tools.length === 0 ? {} : { tools }), ...(Object.keys(safety).length === 0 ? {} : { safety }),
  };
  const digest = bundleDigest(parts, deps.sha256);
  const me = actorOf(principal).id;
  // Tools and settings have no version that says who wrote them: theirs are the authors of the bundle they came with, or whoever sends them now.
  const isCarried = base !== null && ((wanted.tools === undefined && tools.length > 0) || (wanted.safety === undefined && Object.keys(safety).length > 0));
  const authors = new Set<ActorId>([...prompts, ...guardrails, ...(model === null ? [] : [model]), ...(retrieval === null ? [] : [retrieval])].map(({ author }) => author));
  if (isCarried) for (const author of base.authors) authors.add(author);
  if (wanted.tools !== undefined || wanted.safety !== undefined) authors.add(me);
  return deps.bundles.insert({
    application, digest, contents: contentsDigest(parts, deps.sha256), parts, authors: [...authors].sort(), floatingModel: model?.floating ?? false, createdBy: me,
  }, { ...intentOf(context, application, 'bundle.created', { afterDigest: String(digest) }), subject: `bundle/${digest}` });
}

const pinOf = ({ version, digest }: Pinned): Pinned => ({ version, digest });
const pinsOf = <D extends Pinned>(docs: readonly D[], nameOf: (doc: D) => string): Readonly<Record<string, Pinned>> => Object.fromEntries(docs.map((doc) => [nameOf(doc), pinOf(doc)]));
const replaced = <D>(before: readonly D[], now: readonly D[], nameOf: (doc: D) => string): readonly D[] => [...before.filter((old) => !now.some((doc) => nameOf(doc) === nameOf(old))), ...now];
