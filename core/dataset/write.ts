import { csvCell } from './csv.js';
import type { DatasetItem } from './item.js';
import { preferencesOf } from './preferences.js';
import type { DatasetFormat } from './reader.js';

/** Rows of a file that `createDatasetReader` reads back as the same cases. The core writes no file: the caller joins them with line feeds. */
export function* rowsOf(items: readonly DatasetItem[], format: DatasetFormat): Generator<string> {
  if (format === 'preferences') { yield* preferencesOf(items); return; }
  if (format === 'jsonl') { for (const item of items) yield JSON.stringify(item); return; }
  const variables = [...new Set(items.flatMap((item) => Object.keys(item.variables)))].sort();
  const fields = (['expected', 'contains', 'tags', 'split', 'hidden', 'source', 'messages', 'toolCalls', 'judged'] as const).filter((field) => items.some((item) => item[field] !== undefined));
  yield ['id', ...variables.map((name) => `var:${name}`), ...fields].map(csvCell).join(',');
  for (const item of items) yield [item.id, ...variables.map((name) => item.variables[name] ?? ''), ...fields.map((field) => cellOf(item, field))].map(csvCell).join(',');
}

function cellOf(item: DatasetItem, field: 'expected' | 'contains' | 'tags' | 'split' | 'hidden' | 'source' | 'messages' | 'toolCalls' | 'judged'): string {
  const value = item[field];
  if (value === undefined) return '';
  if (field === 'source' && item.source !== undefined) return item.source.kind === 'url' ? item.source.ref : `${item.source.kind}:${item.source.ref}`;
  return typeof value === 'string' ? value : JSON.stringify(value);
}
