import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { adversarialItems, reportOf, rowsOf, sentenceOfFault, type DatasetDiff, type DatasetItem, type ItemSource, type ReaderOptions } from '../core/dataset/index.js';
import type { ExpectedTools } from '../core/score/index.js';
import { BadInputError, NotFoundError } from '../core/errors.js';
import { formatOf, importItems, readCases } from './apply-dataset.js';
import type { Client } from './client.js';
import { argument, isOn, optional, wanted, type Context, type Typed } from './context.js';
import { tellReport, type ReportView } from './dataset-view.js';
import { datasetDigest } from './digests.js';
import { EXIT } from './exit.js';
import { pages } from './pages.js';

interface VersionView { readonly version: number; readonly digest: string; readonly items: number; readonly adversarial: number | null; readonly hidden: number | null; readonly author: string; readonly createdAt: string }
const VERSION = 'version digest items adversarial hidden author createdAt';
const REPORT = 'report { items hidden splits { split items } tags { tag items } duplicateItems duplicateGroups duplicates { ids count splits } leakGroups leaks { ids count splits } near { a b similarity acrossSplits } nearPartial }';

/** `slipway dataset import`: a file, the built-in attacks, or both, as the next version. All rows or none. */
export async function importDataset(typed: Typed, context: Context): Promise<number> {
  const { out, client } = context;
  const application = wanted(typed, 'app'), name = wanted(typed, 'name');
  const items = [...await itemsOfFile(typed, context), ...builtinOf(typed)];
  if (items.length === 0) throw new BadInputError('There is nothing to import.', 'Give a file, --builtin adversarial, or both.');
  const report = reportOf(items);
  tellReport({ ...report, near: report.near.map(({ isAcrossSplits, ...pair }) => ({ ...pair, acrossSplits: isAcrossSplits })), nearPartial: report.isNearPartial }, out);
  if (isOn(typed, 'check')) { out.line('Nothing was imported.'); return EXIT.ok.code; }
  const api = await client('author');
  const latest = await find(api, application, name, null);
  const digest = datasetDigest(items);
  const version = latest?.digest === digest ? latest.version : await uploaded();
  out.record('dataset', { application, name, version, digest, items: items.length, change: latest?.digest === digest ? 'unchanged' : 'created' });
  out.line(`${application} ${name}@${version}  ${latest?.digest === digest ? 'unchanged' : out.paint('good', 'created')}  ${items.length} cases`);
  out.next(version > 1 && latest?.digest !== digest ? `slipway dataset diff ${name} ${version - 1} ${version} --app ${application}` : `slipway dataset show ${name} --app ${application}`);
  return EXIT.ok.code;

  async function uploaded(): Promise<number> {
    const bar = await out.bar('items', items.length);
    try { return await importItems(api, application, name, items, latest?.version ?? 0, (done) => { bar.at(done); }); } finally { bar.stop(); }
  }
}

/** Tells every faulty row. @throws BadInputError when there is one */
async function itemsOfFile(typed: Typed, { io, out }: Pick<Context, 'io' | 'out'>): Promise<readonly DatasetItem[]> {
  const file = argument(typed, 0);
  if (file === '') return [];
  const split = optional(typed, 'split');
  const read = await readCases(path.resolve(io.cwd, file), { format: formatNamed(typed) ?? formatOf(file), takesAllColumns: isOn(typed, 'variables'), input: optional(typed, 'input') ?? 'question', ...(split === undefined ? {} : { split }) });
  if (read.kind === 'read') return read.items;
  for (const fault of read.faults) { out.record('fault', { ...fault }); out.line(out.paint('bad', sentenceOfFault(fault))); }
  const [first] = read.faults;
  throw new BadInputError(`${file}: ${read.count} ${read.count === 1 ? 'fault' : 'faults'}${read.count > read.faults.length ? `, of which the first ${read.faults.length} are told` : ''}${out.isJson || first === undefined ? '' : `; the first is ${sentenceOfFault(first)}`}. Nothing was imported.`, first?.hint);
}

function formatNamed(typed: Typed): ReaderOptions['format'] | undefined {
  const format = optional(typed, 'format');
  if (format === undefined || format === 'jsonl' || format === 'csv' || format === 'preferences') return format;
  throw new BadInputError(`"${format}" is no format.`, '--format jsonl, csv or preferences.');
}

function builtinOf(typed: Typed): readonly DatasetItem[] {
  const builtin = optional(typed, 'builtin');
  if (builtin === undefined) return [];
  if (builtin !== 'adversarial') throw new BadInputError(`There is no built-in set ${builtin}.`, 'There is one: --builtin adversarial.');
  const listed = (name: string): readonly string[] => { const value = typed.options[name]; return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []; };
  const fill = Object.fromEntries(listed('fill').map((one) => {
    const at = one.indexOf('=');
    if (at < 1) throw new BadInputError(`"${one}" names no variable.`, '--fill tone=friendly');
    return [one.slice(0, at), one.slice(at + 1)];
  }));
  return adversarialItems({ input: optional(typed, 'input') ?? 'question', documents: listed('document'), fill });
}

const find = async (api: Client, application: string, name: string, version: number | null): Promise<VersionView | null> =>
  (await api.ask<{ datasetVersion: VersionView | null }>(`query($application: ID!, $name: String!, $version: Int) { datasetVersion(application: $application, name: $name, version: $version) { ${VERSION} } }`, { application, name, version })).datasetVersion;

/** `name`, or `name@version`. */
function named(typed: Typed): { readonly name: string; readonly version: number | null } {
  const [name = '', version] = argument(typed, 0).split('@');
  if (version !== undefined && !/^[1-9]\d{0,8}$/.test(version)) throw new BadInputError(`"${version}" is no version.`, 'Write name@3, or the name alone for the latest.');
  return { name, version: version === undefined ? null : Number(version) };
}

/** `slipway dataset show`: one version, and what can be said of it before anything is evaluated. */
export async function show(typed: Typed, { out, client }: Context): Promise<number> {
  const application = wanted(typed, 'app'), { name, version } = named(typed);
  const api = await client('author');
  const { datasetVersion } = await api.ask<{ datasetVersion: (VersionView & { readonly report: ReportView }) | null }>(
    `query($application: ID!, $name: String!, $version: Int) { datasetVersion(application: $application, name: $name, version: $version) { ${VERSION} ${REPORT} } }`, { application, name, version });
  if (datasetVersion === null) throw new NotFoundError('dataset', argument(typed, 0));
  const { report, ...found } = datasetVersion;
  out.line(`${application} ${name}@${found.version}  ${found.digest.slice(0, 19)}  by ${found.author}, ${found.createdAt}`);
  tellReport(report, out);
  out.record('dataset', { application, name, ...found });
  out.next(found.version > 1 ? `slipway dataset diff ${name} ${found.version - 1} ${found.version} --app ${application}` : `slipway dataset export ${name} --app ${application}`);
  return EXIT.ok.code;
}

/** `slipway dataset diff`: what became of each case from one version to another. */
export async function diff(typed: Typed, { out, client }: Context): Promise<number> {
  const application = wanted(typed, 'app'), name = argument(typed, 0);
  const [from = 0, to = 0] = [1, 2].map((index) => {
    if (!/^[1-9]\d{0,8}$/.test(argument(typed, index))) throw new BadInputError(`"${argument(typed, index)}" is no version.`, 'slipway dataset diff questions 3 4 --app helpdesk');
    return Number(argument(typed, index));
  });
  const api = await client('author');
  const { datasetDiff: counts } = await api.ask<{ datasetDiff: Omit<DatasetDiff, 'changes'> }>(
    'query($application: ID!, $name: String!, $from: Int!, $to: Int!) { datasetDiff(application: $application, name: $name, from: $from, to: $to) { added removed changed unchanged } }', { application, name, from, to });
  const mark = { ADDED: ['good', '+'], REMOVED: ['bad', '-'], CHANGED: ['bold', '~'] } as const;
  for await (const changes of changesOf(api, { application, name, from, to })) {
    for (const { kind, id, fields } of changes) {
      out.record('change', { kind, id, fields });
      out.line(`${out.paint(mark[kind][0], mark[kind][1])} ${id}${fields.length === 0 ? '' : `  ${fields.join(', ')}`}`);
    }
  }
  out.record('diff', { application, name, from, to, ...counts });
  out.line(`${counts.added} added, ${counts.removed} removed, ${counts.changed} changed, ${counts.unchanged} unchanged.`);
  out.next(`slipway dataset show ${name}@${to} --app ${application}`);
  return EXIT.ok.code;
}

interface ChangeView { readonly kind: 'ADDED' | 'REMOVED' | 'CHANGED'; readonly id: string; readonly fields: readonly string[] }
interface Connection<T> { readonly nodes: readonly T[]; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null } }
const PAGE = '(first: $first, after: $after)', INFO = 'pageInfo { hasNextPage endCursor }';

/** A connection below a thing that is asked for anew with each page. */
async function* below<T>(api: Client, query: string, variables: Readonly<Record<string, unknown>>, connectionIn: (answer: never) => Connection<T> | null): AsyncGenerator<readonly T[], void> {
  const asIf: Client = { ...api, ask: async <A>(text: string, all: Readonly<Record<string, unknown>> = {}) => ({ page: connectionIn(await api.ask<never>(text, all)) ?? { nodes: [], pageInfo: { hasNextPage: false, endCursor: null } } }) as A };
  yield* pages<T>(asIf, query, variables);
}
const changesOf = (api: Client, variables: Readonly<Record<string, unknown>>): AsyncGenerator<readonly ChangeView[], void> =>
  below<ChangeView>(api, `query($application: ID!, $name: String!, $from: Int!, $to: Int!, $first: Int!, $after: String) { datasetDiff(application: $application, name: $name, from: $from, to: $to) { changes${PAGE} { nodes { kind id fields } ${INFO} } } }`,
    variables, ({ datasetDiff }: { readonly datasetDiff: { readonly changes: Connection<ChangeView> } }) => datasetDiff.changes);

interface CaseView {
  readonly id: string; readonly tags: readonly string[]; readonly hidden: boolean; readonly variables: readonly { readonly name: string; readonly value: string }[] | null; readonly expected: string | null; readonly contains: readonly string[] | null;
  readonly split: string | null; readonly source: ItemSource | null; readonly messages: readonly { readonly role: string; readonly content: string }[] | null; readonly toolCalls: ExpectedTools | null; readonly judged: { readonly answer: string; readonly other: string | null; readonly label: number } | null;
}
const casesOf = (api: Client, variables: Readonly<Record<string, unknown>>): AsyncGenerator<readonly CaseView[], void> =>
  below<CaseView>(api, `query($application: ID!, $name: String!, $version: Int, $first: Int!, $after: String) { datasetVersion(application: $application, name: $name, version: $version) { cases${PAGE} { nodes { id tags hidden variables { name value } expected contains split source { kind ref } messages { role content } toolCalls judged { answer other label } } ${INFO} } } }`,
    variables, ({ datasetVersion }: { readonly datasetVersion: { readonly cases: Connection<CaseView> } | null }) => datasetVersion?.cases ?? null);

function itemOf({ id, tags, variables, expected, contains, split, source, messages, toolCalls, judged }: CaseView): DatasetItem {
  return {
    id, variables: Object.fromEntries((variables ?? []).map((one) => [one.name, one.value])), ...(expected === null ? {} : { expected }), ...(contains === null ? {} : { contains }), ...(tags.length === 0 ? {} : { tags }),
    ...(split === null ? {} : { split }), ...(source === null ? {} : { source }), ...(messages === null ? {} : { messages: messages.map(({ role, content }) => ({ role: role === 'ASSISTANT' ? 'assistant' as const : 'user' as const, content })) }),
    ...(toolCalls === null ? {} : { toolCalls }), ...(judged === null ? {} : { judged: { answer: judged.answer, ...(judged.other === null ? {} : { other: judged.other }), label: judged.label } }),
  };
}

/** `slipway dataset export`: a version, or the built-in attacks, as a file that can be imported again. The hidden slice stays where it is. */
export async function exportDataset(typed: Typed, { io, out, client }: Context): Promise<number> {
  const output = wanted(typed, 'output'), { name, version } = named(typed);
  let items = builtinOf(typed), hidden = 0;
  if (name !== '' && items.length > 0) throw new BadInputError('Either a dataset or a built-in set is written, not both.', 'Leave one out.');
  if (items.length === 0) {
    const application = optional(typed, 'app');
    if (name === '' || application === undefined) throw new BadInputError('What is to be written?', 'slipway dataset export questions --app helpdesk -o questions.jsonl, or --builtin adversarial.');
    const api = await client('author');
    const found = await find(api, application, name, version);
    if (found === null) throw new NotFoundError('dataset', argument(typed, 0));
    const shown: DatasetItem[] = [];
    for await (const cases of casesOf(api, { application, name, version: found.version })) for (const one of cases) { if (one.hidden) hidden += 1; else shown.push(itemOf(one)); }
    items = shown;
  }
  const text = `${[...rowsOf(items, formatNamed(typed) ?? formatOf(output))].join('\n')}\n`;
  if (output === '-') { io.stdout.write(text); return EXIT.ok.code; }
  await writeFile(path.resolve(io.cwd, output), text);
  out.record('export', { file: output, items: items.length, hidden });
  out.line(`${items.length} cases in ${output}${hidden === 0 ? '' : `; ${hidden} of the hidden slice are left out`}.`);
  out.next(`slipway dataset import ${output} --app <app> --name <name>`);
  return EXIT.ok.code;
}
