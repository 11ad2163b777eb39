import type { DatasetItem } from './item.js';

/** Cases that ask the same. At most twenty ids are named; `count` says how many there are. */
export interface DuplicateGroup { readonly ids: readonly string[]; readonly count: number; readonly splits: readonly string[] }
export interface NearPair { readonly a: string; readonly b: string; readonly similarity: number; readonly isAcrossSplits: boolean }
export interface DatasetReport {
  readonly items: number;
  readonly hidden: number;
  /** Cases by split; those that name none stand under null. */
  readonly splits: readonly { readonly split: string | null; readonly items: number }[];
  /** Most frequent first. */
  readonly tags: readonly { readonly tag: string; readonly items: number }[];
  /** Groups of cases with the same content; the first hundred, largest first. */
  readonly duplicates: readonly DuplicateGroup[];
  readonly duplicateGroups: number;
  /** Cases that are there more than once, all but the first of each group: what the dataset is smaller than it looks. */
  readonly duplicateItems: number;
  /** Those groups that stand in more than one split: what was tuned on is tested on. */
  readonly leaks: readonly DuplicateGroup[];
  readonly leakGroups: number;
  /** Pairs that share most of their words in the same order; the first hundred, nearest first. */
  readonly near: readonly NearPair[];
  /** Not all cases were compared for nearness: there are too many words. */
  readonly isNearPartial: boolean;
}

const SHOWN = 100;
const IDS_SHOWN = 20;
const TAGS_SHOWN = 100;
/** Words in a row that make one shingle; a text of fewer is compared as a whole only. */
const SHINGLE = 3;
const SHINGLES_A_CASE = 400;
const SHINGLES_MAX = 2_000_000;
/** So many least shingles stand for a case when neighbours are looked for. */
const SKETCH = 12;
/** Cases that share a shingle with more others than this share a form letter, not a question. */
const BUCKET_MAX = 40;
const PAIRS_MAX = 50_000;
const NEAR = 0.8;

/** White space, case and the way an accent is written do not make another question. */
const plain = (text: string): string => text.normalize('NFKC').toLowerCase().replaceAll(/\s+/g, ' ').trim();

/** What a case asks, as one text: variables by name, then the conversation. Ids, tags and what is expected have no part in it. */
function contentOf({ variables, messages = [] }: DatasetItem): string {
  const names = Object.keys(variables).sort();
  return JSON.stringify([names.map((name) => [name, plain(variables[name] ?? '')]), messages.map(({ role, content }) => [role, plain(content)])]);
}

/** Of a case what a report keeps; its contents are not. */
interface Seen { readonly id: string; readonly split: string | undefined }

/** Takes the cases of a version as they are read, so that whoever must not stand still for long can pause between them. */
export interface ReportMaker { add(items: readonly DatasetItem[]): void; end(): DatasetReport }

/** What can be said of a version before anything is evaluated on it. Work is bounded whatever it holds. */
export function reportOf(items: readonly DatasetItem[]): DatasetReport {
  const maker = createReport();
  maker.add(items);
  return maker.end();
}

export function createReport(): ReportMaker {
  const splits = new Map<string | null, number>(), tags = new Map<string, number>(), groups = new Map<string, Seen[]>();
  const sets: Uint32Array[] = [], firsts: Seen[] = [];
  let items = 0, hidden = 0, held = 0;

  function addOne(item: DatasetItem): void {
    items += 1;
    hidden += item.hidden === true ? 1 : 0;
    splits.set(item.split ?? null, (splits.get(item.split ?? null) ?? 0) + 1);
    for (const tag of new Set(item.tags)) tags.set(tag, (tags.get(tag) ?? 0) + 1);
    const content = contentOf(item), seen: Seen = { id: item.id, split: item.split };
    const group = groups.get(content);
    if (group !== undefined) { group.push(seen); return; }
    groups.set(content, [seen]);
    if (held > SHINGLES_MAX) return;
    const set = shinglesOf(item);
    held += set.length;
    if (held <= SHINGLES_MAX) { sets.push(set); firsts.push(seen); }
  }
  return { add(more) { for (const item of more) addOne(item); }, end };

  function end(): DatasetReport {
    const repeated = [...groups.values()].filter((group) => group.length > 1).map(groupOf).sort((a, b) => b.count - a.count);
    const leaks = repeated.filter((group) => group.splits.length > 1);
    return {
      items, hidden,
      splits: [...splits].map(([split, count]) => ({ split, items: count })).sort((a, b) => ((a.split ?? '') < (b.split ?? '') ? -1 : 1)),
      tags: [...tags].map(([tag, count]) => ({ tag, items: count })).sort((a, b) => b.items - a.items || (a.tag < b.tag ? -1 : 1)).slice(0, TAGS_SHOWN),
      duplicates: repeated.slice(0, SHOWN), duplicateGroups: repeated.length, duplicateItems: repeated.reduce((sum, { count }) => sum + count - 1, 0),
      leaks: leaks.slice(0, SHOWN), leakGroups: leaks.length, ...nearPairs(firsts, sets, groups.size),
    };
  }
}

const groupOf = (group: readonly Seen[]): DuplicateGroup => ({
  ids: group.slice(0, IDS_SHOWN).map(({ id }) => id), count: group.length, splits: [...new Set(group.flatMap(({ split }) => (split === undefined ? [] : [split])))].sort(),
});

/** Of cases that are all different: which are nearly the same. Neighbours are found by their least shingles, then compared in full. */
function nearPairs(items: readonly Seen[], sets: readonly Uint32Array[], all: number): Pick<DatasetReport, 'near' | 'isNearPartial'> {
  const buckets = new Map<number, number[]>();
  for (const [index, set] of sets.entries()) for (const shingle of set.subarray(0, SKETCH)) {
    const bucket = buckets.get(shingle);
    if (bucket === undefined) buckets.set(shingle, [index]); else if (bucket.length < BUCKET_MAX) bucket.push(index);
  }
  const compared = new Set<number>();
  const pairs: NearPair[] = [];
  for (const bucket of buckets.values()) for (const [at, a] of bucket.entries()) for (const b of bucket.slice(at + 1)) {
    const pair = a * items.length + b;
    if (compared.has(pair) || compared.size >= PAIRS_MAX) continue;
    compared.add(pair);
    const [one, other] = [items[a], items[b]], [mine, theirs] = [sets[a], sets[b]];
    if (one === undefined || other === undefined || mine === undefined || theirs === undefined) continue;
    const similarity = jaccard(mine, theirs);
    if (similarity >= NEAR) pairs.push({ a: one.id, b: other.id, similarity: Math.round(similarity * 1_000) / 1_000, isAcrossSplits: one.split !== undefined && other.split !== undefined && one.split !== other.split });
  }
  pairs.sort((x, y) => y.similarity - x.similarity || (x.a < y.a ? -1 : 1));
  return { near: pairs.slice(0, SHOWN), isNearPartial: items.length < all || compared.size >= PAIRS_MAX };
}

/** Hashes of every three words in a row, rising, each once. */
function shinglesOf({ variables, messages = [] }: DatasetItem): Uint32Array {
  const words = [...Object.keys(variables).sort().map((name) => variables[name] ?? ''), ...messages.map(({ content }) => content)].flatMap((text) => plain(text.slice(0, 65_536)).split(/[^\p{L}\p{N}]+/u).filter((word) => word !== ''));
  const hashes = new Set<number>();
  for (let at = 0; at + SHINGLE <= words.length && hashes.size < SHINGLES_A_CASE; at += 1) hashes.add(hashOf(words.slice(at, at + SHINGLE).join(' ')));
  return Uint32Array.from(hashes).sort();
}

/** FNV-1a, which is quick and spreads; nothing is kept under it. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/** Shared by either, of all in either; both rise. */
function jaccard(a: Uint32Array, b: Uint32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length;) {
    const [x, y] = [a[i] ?? 0, b[j] ?? 0];
    if (x === y) shared += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  const all = a.length + b.length - shared;
  return all === 0 ? 0 : shared / all;
}
