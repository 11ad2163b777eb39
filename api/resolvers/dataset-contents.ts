/** What a version holds, as far as people may see it: the one place where cases leave the store towards a person. */
import { createReport, type DatasetItem } from '../../core/dataset/index.js';
import { BadInputError } from '../../core/errors.js';
import type { DatasetDoc } from '../../store/index.js';
import type { Context } from '../context.js';
import type { DatasetCaseResolvers, DatasetDiffResolvers, DatasetNearPairResolvers, DatasetReportResolvers, DatasetVersionResolvers } from '../generated.js';
import { pageOf } from './pages.js';

const ITEMS_A_READ = 500;
/** A list of versions may ask each for its contents; so many are read for one request. */
const READS_A_REQUEST = 4;
/** By request: its loaders are its own. */
const reads = new WeakMap<Context['loaders'], number>();

function count({ loaders }: Context): void {
  const before = reads.get(loaders) ?? 0;
  if (before >= READS_A_REQUEST) throw new BadInputError(`One request reads the contents of at most ${READS_A_REQUEST} versions.`, 'Ask for cases and reports of one version at a time: datasetVersion.');
  reads.set(loaders, before + 1);
}

/** All cases, the hidden ones too: for what is told of them without showing them. */
export async function contentsOf(context: Context, version: DatasetDoc): Promise<readonly DatasetItem[]> {
  const all: DatasetItem[] = [];
  for await (const some of readsOf(context, version)) all.push(...some);
  return all;
}

/** The same, some at a time: between two reads others are answered. */
async function* readsOf(context: Context, { application, name, version, items }: DatasetDoc): AsyncGenerator<readonly DatasetItem[], void> {
  count(context);
  for (let from = 0; from < items; from += ITEMS_A_READ) {
    const indexes = Array.from({ length: Math.min(ITEMS_A_READ, items - from) }, (_, at) => from + at);
    yield (await context.deps.datasets.items(application, name, version, indexes)).map(({ item }) => item);
  }
}

/** Where a page of a fixed list begins; the cursor is the place of its last entry. @throws BadInputError on a cursor that we did not make */
function placeOf(args: { readonly first: number; readonly after?: string | null | undefined }, size: number): { readonly from: number; readonly to: number; readonly info: { readonly hasNextPage: boolean; readonly endCursor: string | null } } {
  const { first, after } = pageOf(args);
  const from = after === undefined ? 0 : Number(/^at-(\d{1,6})$/.exec(after)?.[1] ?? Number.NaN);
  if (Number.isNaN(from)) throw new BadInputError('The cursor is not one of ours.', 'Use the cursor of the page before, unchanged.');
  const to = Math.min(size, from + first);
  return { from, to, info: { hasNextPage: to < size, endCursor: to < size ? `at-${to}` : null } };
}

export const datasetVersionFields = {
  id: ({ _id }) => _id,
  adversarial: ({ adversarial }) => adversarial ?? null,
  hidden: ({ hidden }) => hidden ?? null,
  cases: async ({ application, name, version, items }, args, context) => {
    const { from, to, info } = placeOf(args, items);
    count(context);
    const found = await context.deps.datasets.items(application, name, version, Array.from({ length: Math.max(0, to - from) }, (_, at) => from + at));
    return { nodes: found.map(({ item }) => item), pageInfo: info };
  },
  report: async (version, _args, context) => {
    const report = createReport();
    for await (const some of readsOf(context, version)) report.add(some);
    return report.end();
  },
} satisfies DatasetVersionResolvers;

/** Null for whatever a case of the hidden slice holds. */
const shown = <T>(item: DatasetItem, value: T | undefined): T | null => (item.hidden === true ? null : value ?? null);
export const datasetCaseFields = {
  tags: ({ tags }) => tags ?? [],
  hidden: ({ hidden }) => hidden === true,
  variables: (item) => shown(item, Object.entries(item.variables).map(([name, value]) => ({ name, value }))),
  expected: (item) => shown(item, item.expected),
  contains: (item) => shown(item, item.contains),
  split: (item) => shown(item, item.split),
  source: (item) => shown(item, item.source),
  messages: (item) => shown(item, item.messages),
  toolCalls: (item) => shown(item, item.toolCalls),
  judged: (item) => shown(item, item.judged === undefined ? undefined : { ...item.judged, other: item.judged.other ?? null }),
} satisfies DatasetCaseResolvers;

export const datasetReportFields = { nearPartial: ({ isNearPartial }) => isNearPartial } satisfies DatasetReportResolvers;
export const datasetNearPairFields = { acrossSplits: ({ isAcrossSplits }) => isAcrossSplits } satisfies DatasetNearPairResolvers;
export const datasetDiffFields = {
  changes: ({ changes }, args) => {
    const { from, to, info } = placeOf(args, changes.length);
    return { nodes: changes.slice(from, to), pageInfo: info };
  },
} satisfies DatasetDiffResolvers;
