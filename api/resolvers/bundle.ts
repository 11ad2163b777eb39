import { bundleForm, contextDigest, guardrailDigest, modelDigest } from '../../core/bundle/index.js';
import { ConflictError } from '../../core/errors.js';
import { CreateBundleInput, CreateConnectionInput, CreateContextVersionInput, CreateGuardrailPolicyInput, CreateModelVersionInput } from '../../schema/bundle.js';
import { read } from '../../schema/read.js';
import type { BundleContent, BundleDoc } from '../../store/index.js';
import { actorOf, intentOf, made, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type {
  BundleResolvers, ConnectionResolvers, ContextVersionResolvers, GuardrailPolicyResolvers, ModelVersionResolvers, MutationResolvers, QueryResolvers,
} from '../generated.js';
import { insertBundle } from './bundle-parts.js';
import type { WantedParts } from './bundle-parts.js';
import { applicationOf, present } from './pages.js';

export const bundleQueries = {
  bundle: async (_root, { application, digest }, context) => {
    await applicationOf(context, application);
    return context.loaders.bundle(application, digest);
  },
  connections: async (_root, { application }, context) => {
    await applicationOf(context, application);
    return context.deps.connections.list(application);
  },
  modelVersion: async (_root, { application, name, version }, context) => {
    await applicationOf(context, application);
    return context.deps.bundles.model(application, name, version ?? 'latest');
  },
} satisfies QueryResolvers;

export const bundleMutations = {
  createConnection: async (_root, args, context) => {
    const input = read(CreateConnectionInput, args.input);
    const { application, name, kind, baseUrl, secretRef, requestsPerMin, concurrencyMax } = input;
    await applicationOf(context, application);
    return made(await context.deps.connections.insert({
      _id: `${application}/${name}`, application, name, kind, baseUrl, secretRef: secretRef ?? null, requestsPerMin: requestsPerMin ?? null, concurrencyMax: concurrencyMax ?? null,
      once: onceOf(context, 'createConnection', input), createdBy: actorOf(context.principal).id,
    }, { ...intentOf(context, application, 'connection.created'), subject: `connection/${name}` }), input);
  },

  createModelVersion: async (_root, args, context) => {
    const input = read(CreateModelVersionInput, args.input);
    const { application, name, connection, model, floating, safety, priceUsdPerMTok } = input;
    await applicationOf(context, application);
    present(await context.deps.connections.find(application, connection), 'connection', connection);
    const { temperature, topP, maxTokens, seed, stop, stream } = input.parameters;
    const parameters = {
      ...(temperature === undefined ? {} : { temperature }), ...(topP === undefined ? {} : { topP }), ...(maxTokens === undefined ? {} : { maxTokens }),
      ...(seed === undefined ? {} : { seed }), ...(stop === undefined ? {} : { stop }), ...(stream === undefined ? {} : { stream }),
    };
    const price = priceUsdPerMTok === undefined ? null : {
      input: priceUsdPerMTok.input, output: priceUsdPerMTok.output,
      ...(priceUsdPerMTok.cachedInput === undefined ? {} : { cachedInput: priceUsdPerMTok.cachedInput }), ...(priceUsdPerMTok.reasoning === undefined ? {} : { reasoning: priceUsdPerMTok.reasoning }),
    };
    const digest = modelDigest({ connection, model, parameters, safety }, context.deps.sha256);
    return made(await context.deps.bundles.insertModel({
      application, name, digest, connection, model, floating, parameters, safety, priceUsdPerMTok: price, author: actorOf(context.principal).id,
      once: onceOf(context, 'createModelVersion', input),
    }, intentOf(context, application, 'model.created', { afterDigest: digest })), input);
  },

  createContextVersion: async (_root, args, context) => {
    const input = read(CreateContextVersionInput, args.input);
    const { application, name, embeddingModel, index, topK } = input;
    await applicationOf(context, application);
    const settings = { embeddingModel, index, topK, reranker: input.reranker ?? null };
    const digest = contextDigest(settings, context.deps.sha256);
    return made(await context.deps.bundles.insertContext({ application, name, digest, ...settings, author: actorOf(context.principal).id, once: onceOf(context, 'createContextVersion', input) },
      intentOf(context, application, 'context.created', { afterDigest: digest })), input);
  },

  createGuardrailPolicy: async (_root, args, context) => {
    const input = read(CreateGuardrailPolicyInput, args.input);
    const { application, name } = input;
    await applicationOf(context, application);
    const checks = input.checks.map((check) => ({ name: check.name, kind: check.kind, threshold: check.threshold ?? null }));
    const digest = guardrailDigest(checks, context.deps.sha256);
    return made(await context.deps.bundles.insertGuardrail({ application, name, digest, checks, author: actorOf(context.principal).id, once: onceOf(context, 'createGuardrailPolicy', input) },
      intentOf(context, application, 'guardrail.created', { afterDigest: digest })), input);
  },

  createBundle: async (_root, args, context) => {
    const { application, from, prompts, model, context: retrieval, guardrails, tools, safety } = read(CreateBundleInput, args.input);
    await applicationOf(context, application);
    const wanted: WantedParts = {
      ...(prompts === undefined ? {} : { prompts }), ...(model === undefined ? {} : { model }), ...(retrieval === undefined ? {} : { context: retrieval }),
      ...(guardrails === undefined ? {} : { guardrails }), ...(tools === undefined ? {} : { tools }), ...(safety === undefined ? {} : { safety }),
    };
    return insertBundle(context, application, wanted, from === undefined ? null : await stableContent(context, application, from));
  },
} satisfies MutationResolvers;

async function stableContent(context: Context, application: string, environment: string): Promise<BundleContent> {
  const stable = (await context.deps.environments.find(application, environment))?.split?.stable;
  if (stable === undefined) throw new ConflictError(`${application}/${environment} has no stable bundle to build on.`, 'Name all parts, and leave `from` out.');
  return present(await context.loaders.content(application, stable), 'bundle', stable);
}

const contentOf = async ({ application, digest }: BundleDoc, { loaders }: Context): Promise<BundleContent> => present(await loaders.content(application, digest), 'bundle', digest);

export const bundleFields = {
  prompts: async (bundle, _args, context) => (await contentOf(bundle, context)).prompts,
  model: async (bundle, _args, context) => (await contentOf(bundle, context)).model,
  context: async (bundle, _args, context) => (await contentOf(bundle, context)).context,
  guardrails: async (bundle, _args, context) => (await contentOf(bundle, context)).guardrails,
  tools: ({ parts }) => parts.tools ?? [],
  safety: ({ parts }) => parts.safety ?? {},
  canonical: ({ parts }) => bundleForm(parts),
} satisfies BundleResolvers;

export const connectionFields = {} satisfies ConnectionResolvers;
export const modelVersionFields = { id: ({ _id }) => _id } satisfies ModelVersionResolvers;
export const contextVersionFields = { id: ({ _id }) => _id } satisfies ContextVersionResolvers;
export const guardrailPolicyFields = { id: ({ _id }) => _id } satisfies GuardrailPolicyResolvers;
