import { canonical } from '../canonical.js';
import type { DatasetItem } from './item.js';

/** What became of one case from one version to another; of a changed one the fields that differ, variables each by name. */
export interface DatasetChange { readonly kind: 'added' | 'removed' | 'changed'; readonly id: string; readonly fields: readonly string[] }
export interface DatasetDiff {
  readonly added: number; readonly removed: number; readonly changed: number; readonly unchanged: number;
  /** Removed ones first, in the order of the older version, then the others in the order of the newer. */
  readonly changes: readonly DatasetChange[];
}

const FIELDS = ['expected', 'contains', 'tags', 'split', 'hidden', 'source', 'messages', 'toolCalls', 'judged'] as const satisfies readonly (keyof DatasetItem)[];

/** Two versions compared by the ids of their cases. Only names of fields are told, so that it may be said of the hidden slice too. Order says nothing. */
export function diffOf(from: readonly DatasetItem[], to: readonly DatasetItem[]): DatasetDiff {
  const before = new Map(from.map((item) => [item.id, item])), after = new Set(to.map(({ id }) => id));
  const changes: DatasetChange[] = from.filter(({ id }) => !after.has(id)).map(({ id }) => ({ kind: 'removed', id, fields: [] }));
  const removed = changes.length;
  let added = 0, changed = 0;
  for (const item of to) {
    const old = before.get(item.id);
    const fields = old === undefined ? [] : fieldsThatDiffer(old, item);
    if (old !== undefined && fields.length === 0) continue;
    if (old === undefined) added += 1; else changed += 1;
    changes.push({ kind: old === undefined ? 'added' : 'changed', id: item.id, fields });
  }
  return { added, removed, changed, unchanged: to.length - added - changed, changes };
}

function fieldsThatDiffer(a: DatasetItem, b: DatasetItem): string[] {
  const names = [...new Set([...Object.keys(a.variables), ...Object.keys(b.variables)])].sort();
  const own = (item: DatasetItem, name: string): string | undefined => (Object.hasOwn(item.variables, name) ? item.variables[name] : undefined);
  const isOther = (x: unknown, y: unknown): boolean => (x === undefined || y === undefined ? x !== y : canonical(x) !== canonical(y));
  return [...names.filter((name) => own(a, name) !== own(b, name)).map((name) => `variables.${name}`), ...FIELDS.filter((field) => isOther(a[field], b[field]))];
}
