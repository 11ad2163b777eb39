import { createReadStream } from 'node:fs';
import { createDatasetReader, type DatasetItem, type DatasetRead, type ReaderOptions } from '../core/dataset/index.js';
import { BadInputError } from '../core/errors.js';
import type { Client } from './client.js';
import { keyOf } from './prompt.js';

const FAULTS_TOLD = 10;
/** Of one request: below the API's 1 MiB, with room for what stands around the items. */
const REQUEST_BYTES = 900_000;
const REQUEST_ITEMS = 5_000;

export const formatOf = (file: string): ReaderOptions['format'] => (/\.csv$/i.test(file) ? 'csv' : 'jsonl');

/** A file as cases, piece by piece. Bytes that are not UTF-8 become U+FFFD, which the reader names with its row. @throws BadInputError when it cannot be read */
export async function readCases(file: string, options: ReaderOptions): Promise<DatasetRead> {
  const reader = createDatasetReader(options);
  const decoder = new TextDecoder();
  try {
    for await (const piece of createReadStream(file)) reader.feed(decoder.decode(piece as Buffer, { stream: true }));
  } catch { throw new BadInputError(`${file} cannot be read.`); }
  reader.feed(decoder.decode());
  return reader.end();
}

/** The cases of a file that a manifest names: JSON lines, or CSV where its name ends so. @throws BadInputError that names the first faulty rows */
export async function readDataset(file: string): Promise<readonly DatasetItem[]> {
  const read = await readCases(file, { format: formatOf(file) });
  if (read.kind === 'read') return read.items;
  const told = read.faults.slice(0, FAULTS_TOLD).map(({ row, column, message }) => `${file}:${row}: ${column === undefined ? '' : `${column}: `}${message}`).join('; ');
  throw new BadInputError(`${told}${read.count > FAULTS_TOLD ? `; and ${read.count - FAULTS_TOLD} more` : ''}`, read.faults[0]?.hint);
}

/** A case as the API takes it. */
export function inputOf({ variables, messages, toolCalls, ...item }: DatasetItem): Readonly<Record<string, unknown>> {
  return {
    ...item, variables: Object.entries(variables).map(([name, value]) => ({ name, value })),
    ...(messages === undefined ? {} : { messages: messages.map(({ role, content }) => ({ role: role.toUpperCase(), content })) }),
    ...(toolCalls === undefined ? {} : { toolCalls: { order: toolCalls.order.toUpperCase(), calls: toolCalls.calls } }),
  };
}

/** Items in runs that one request carries each. */
export function partsOf(items: readonly DatasetItem[], bytesMax = REQUEST_BYTES): (readonly Readonly<Record<string, unknown>>[])[] {
  const parts: Readonly<Record<string, unknown>>[][] = [];
  let bytes = bytesMax;
  for (const item of items) {
    const input = inputOf(item);
    const own = Buffer.byteLength(JSON.stringify(input)) + 1;
    const last = parts.at(-1);
    if (last === undefined || bytes + own > bytesMax || last.length >= REQUEST_ITEMS) { parts.push([input]); bytes = own; } else { last.push(input); bytes += own; }
  }
  return parts;
}

/**
 * Imports a version: in one request where it fits, else part by part. Cut off anywhere, the same again goes on: a part is known by its content,
 * and the version is made by the last request alone.
 *
 * @param ground  the latest version there is, 0 where there is none: on the same ground the same import is the same act
 * @param at      told how many items have arrived
 */
export async function importItems(api: Client, application: string, name: string, items: readonly DatasetItem[], ground: number, at: (items: number) => void = () => undefined): Promise<number> {
  const parts = partsOf(items);
  const last = (input: Readonly<Record<string, unknown>>): Promise<{ readonly version: number }> =>
    api.mutate('importDatasetVersion', { application, name, ...input, idempotencyKey: keyOf('importDatasetVersion', { application, name, ...input }, ground) }, '{ version }');
  if (parts.length === 1) return (await last({ items: parts[0] })).version;
  const kept: { readonly digest: string; readonly items: number }[] = [];
  let done = 0;
  for (const part of parts) {
    const input = { application, name, items: part };
    const { digest, items: count } = await api.mutate<{ readonly digest: string; readonly items: number }>('addDatasetPart', { ...input, idempotencyKey: keyOf('addDatasetPart', input, 0) }, '{ digest items }');
    kept.push({ digest, items: count });
    at(done += count);
  }
  return (await last({ parts: kept })).version;
}
