import { digestOf } from '../../core/canonical.js';
import { ImportDatasetVersionInput } from '../../schema/dataset.js';
import { read } from '../../schema/read.js';
import type { DatasetItem } from '../../store/index.js';
import { actorOf, intentOf, made, onceOf } from '../acts.js';
import type { DatasetVersionResolvers, MutationResolvers, QueryResolvers } from '../generated.js';
import { applicationOf, connectionOf, pageOf } from './pages.js';

export const datasetQueries = {
  datasets: async (_root, { application, ...args }, context) => {
    await applicationOf(context, application);
    return connectionOf(await context.deps.datasets.list(application, pageOf(args)));
  },
} satisfies QueryResolvers;

export const datasetMutations = {
  importDatasetVersion: async (_root, args, context) => {
    const input = read(ImportDatasetVersionInput, args.input);
    const { application, name } = input;
    await applicationOf(context, application);
    const items = input.items.map(itemOf);
    const { sha256 } = context.deps;
    const digest = digestOf(items, sha256);
    return made(await context.deps.datasets.insert(
      { application, name, digest, items: items.length, author: actorOf(context.principal).id, once: onceOf(context, 'importDatasetVersion', input) },
      items.map((item) => ({ itemDigest: digestOf(item, sha256), item })), intentOf(context, application, 'dataset.imported', { afterDigest: digest })), input);
  },
} satisfies MutationResolvers;

const itemOf = ({ id, variables, expected, contains, tags, judged }: ImportDatasetVersionInput['items'][number]): DatasetItem => ({
  id, variables: Object.fromEntries(variables.map(({ name, value }) => [name, value])),
  ...(expected === undefined ? {} : { expected }), ...(contains === undefined ? {} : { contains }), ...(tags === undefined ? {} : { tags }),
  ...(judged === undefined ? {} : { judged: { answer: judged.answer, ...(judged.other === undefined ? {} : { other: judged.other }), label: judged.label } }),
});

export const datasetVersionFields = { id: ({ _id }) => _id } satisfies DatasetVersionResolvers;
