import { digestOf } from '../../core/canonical.js';
import { ADVERSARIAL_TAG, diffOf, type DatasetItem } from '../../core/dataset/index.js';
import { BadInputError, SlipwayError } from '../../core/errors.js';
import type { ApplicationKey } from '../../core/ids.js';
import type { SpecChecks } from '../../core/score/index.js';
import { AddDatasetPartInput, ImportDatasetVersionInput, caseOf } from '../../schema/dataset.js';
import { read } from '../../schema/read.js';
import type { DatasetPart } from '../../store/index.js';
import { actorOf, intentOf, made, onceOf } from '../acts.js';
import type { Context } from '../context.js';
import type { MutationResolvers, QueryResolvers } from '../generated.js';
import { contentsOf } from './dataset-contents.js';
import { applicationOf, connectionOf, pageOf, present } from './pages.js';

export const datasetQueries = {
  datasets: async (_root, { application, ...args }, context) => {
    await applicationOf(context, application);
    return connectionOf(await context.deps.datasets.list(application, pageOf(args)));
  },
  datasetVersion: async (_root, { application, name, version }, context) => {
    await applicationOf(context, application);
    return context.deps.datasets.find(application, name, version ?? 'latest');
  },
  datasetDiff: async (_root, { application, name, from, to }, context) => {
    await applicationOf(context, application);
    const [before, after] = await Promise.all([from, to].map(async (version) => present(await context.deps.datasets.find(application, name, version), 'dataset', `${name} ${version}`)));
    if (before === undefined || after === undefined) throw new RangeError('two versions were asked for');
    return { ...diffOf(await contentsOf(context, before), await contentsOf(context, after)), from, to };
  },
} satisfies QueryResolvers;

export const datasetMutations = {
  /** Kept under the digest of its content, so that a repeat under any key is the same part. No version refers to it yet: there is nothing to tell. */
  addDatasetPart: async (_root, args, context) => {
    const { application, name, items } = read(AddDatasetPartInput, args.input);
    await applicationOf(context, application);
    const cases = items.map(caseOf);
    assertSchemas(cases, context.deps.specChecks);
    const part = { digest: digestOf(cases, context.deps.sha256), items: cases.length };
    await context.deps.datasets.keepPart(application, name, part, kept(context, cases));
    return part;
  },

  importDatasetVersion: async (_root, args, context) => {
    const input = read(ImportDatasetVersionInput, args.input);
    const { application, name, items, parts } = input;
    await applicationOf(context, application);
    const cases = items === undefined ? await casesOf(context, application, name, parts ?? []) : items.map(caseOf);
    if (items !== undefined) assertSchemas(cases, context.deps.specChecks);
    const digest = digestOf(cases, context.deps.sha256);
    const counts = { items: cases.length, adversarial: cases.filter(({ tags }) => tags?.includes(ADVERSARIAL_TAG)).length, hidden: cases.filter(({ hidden }) => hidden === true).length };
    return made(await context.deps.datasets.insert(
      { application, name, digest, ...counts, ...(parts === undefined ? {} : { parts }), author: actorOf(context.principal).id, once: onceOf(context, 'importDatasetVersion', input) },
      items === undefined ? [] : kept(context, cases), intentOf(context, application, 'dataset.imported', { afterDigest: digest })), input);
  },
} satisfies MutationResolvers;

const kept = ({ deps }: Context, cases: readonly DatasetItem[]) => cases.map((item) => ({ itemDigest: digestOf(item, deps.sha256), item }));

/**
 * The cases of all parts, in their order. A part is its digest: one that did not arrive whole has another, and is not there.
 *
 * @throws SlipwayError NOT_FOUND that names the part; BadInputError where two parts hold one id
 */
async function casesOf({ deps }: Context, application: ApplicationKey, name: string, parts: readonly DatasetPart[]): Promise<readonly DatasetItem[]> {
  const cases: DatasetItem[] = [];
  const seen = new Map<string, number>();
  for (const [index, part] of parts.entries()) {
    const found = await deps.datasets.part(application, name, part);
    if (found.length !== part.items || digestOf(found, deps.sha256) !== part.digest) {
      throw new SlipwayError('NOT_FOUND', `parts.${index}: there is no part ${part.digest} of ${part.items} items for dataset ${name}, or not all of it.`, 'Send the part again: addDatasetPart. Then import under the same key.');
    }
    for (const item of found) {
      const first = seen.get(item.id);
      if (first !== undefined) throw new BadInputError(`parts.${index}: item ${item.id} is there twice, first in part ${first}.`, 'Every case has an id of its own.');
      seen.set(item.id, index);
      cases.push(item);
    }
  }
  return cases;
}

/** Compiling takes time: so many different ones are tried at once. One that is broken beyond them is an error of its case when it is scored. */
const SCHEMAS_TRIED = 100;
function assertSchemas(cases: readonly DatasetItem[], { faultOfSchema }: SpecChecks): void {
  const tried = new Set<string>();
  for (const [index, { toolCalls }] of cases.entries()) for (const [at, { arguments: schema }] of (toolCalls?.calls ?? []).entries()) {
    if (schema === undefined || tried.size >= SCHEMAS_TRIED) continue;
    const text = JSON.stringify(schema);
    if (tried.has(text)) continue;
    tried.add(text);
    const fault = faultOfSchema(schema);
    if (fault !== undefined) throw new BadInputError(`items.${index}.toolCalls.calls.${at}.arguments: ${fault}`);
  }
}
