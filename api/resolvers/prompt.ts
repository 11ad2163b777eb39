import { promptDigest } from '../../core/bundle/index.js';
import { CreatePromptVersionInput } from '../../schema/prompt.js';
import { read } from '../../schema/read.js';
import { actorOf, intentOf, made, onceOf } from '../acts.js';
import type { MutationResolvers, PromptVersionResolvers, QueryResolvers } from '../generated.js';
import { applicationOf, connectionOf, pageOf } from './pages.js';

export const promptQueries = {
  prompts: async (_root, { application }, context) => {
    await applicationOf(context, application);
    return context.deps.prompts.names(application);
  },
  promptVersions: async (_root, { application, prompt, ...args }, context) => {
    await applicationOf(context, application);
    return connectionOf(await context.deps.prompts.list(application, prompt ?? null, pageOf(args)));
  },
} satisfies QueryResolvers;

export const promptMutations = {
  createPromptVersion: async (_root, args, context) => {
    const input = read(CreatePromptVersionInput, args.input);
    const { application, prompt, messages, variables, message, source } = input;
    await applicationOf(context, application);
    const digest = promptDigest(messages, variables, context.deps.sha256);
    return made(await context.deps.prompts.insert({
      application, prompt, digest, messages, variables, message, author: actorOf(context.principal).id, source: source ?? null, once: onceOf(context, 'createPromptVersion', input),
    }, intentOf(context, application, 'prompt.created', { afterDigest: digest })), input);
  },
} satisfies MutationResolvers;

export const promptVersionFields = { id: ({ _id }) => _id } satisfies PromptVersionResolvers;
