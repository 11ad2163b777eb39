import type { DatasetDoc, DatasetItem, DatasetItemDoc, DatasetPart, DatasetReads, DatasetWrites } from './documents.js';
import type { Tables } from './table.js';
import { decode, encode } from './json.js';
import { byOnce, findVersion, foundBy, insertVersion, type Line } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { among, eq, literal, onlyIfMissing } from './terms.js';

/**
 * Items are kept under the digest of their set, not under a number that only the version's own insert decides: two imports at
 * once cannot mix, and versions of the same content share their items. A version in parts names the sets it is made of.
 */
type ItemRow = Omit<DatasetItemDoc, 'item'> & { readonly item: string };
type Cases = Parameters<DatasetWrites['insert']>[1];
const line = (application: string, name: string): Line => ({ kind: 'dataset', field: 'name', application, name });
const itemId = (application: string, name: string, digest: string, index: number): string => `${application}/${name}/${digest}/${index}`;
const ITEMS_A_BULK = 200;
const ITEMS_A_READ = 500;

/** Where each item of a version is kept: the set's digest and the place in it. */
function placeOf({ digest, items, parts }: DatasetDoc, index: number): { readonly digest: string; readonly at: number } | null {
  let at = index;
  for (const part of parts ?? [{ digest, items }]) {
    if (at >= 0 && at < part.items) return { digest: part.digest, at };
    at -= part.items;
  }
  return null;
}

export function createDatasets({ table }: Tables): DatasetReads & DatasetWrites {
  const versions = table<DatasetDoc>('datasets'), items = table<ItemRow>('datasetItems');

  async function keep(application: string, name: string, digest: string, cases: Cases): Promise<void> {
    const puts = cases.map(({ itemDigest, item }, index) => {
      const id = itemId(application, name, digest, index);
      const row: ItemRow = { _id: id, shape: 1, application, dataset: name, index, itemDigest, item: encode(item) };
      return { id, pipeline: onlyIfMissing(literal(row)) };
    });
    for (let at = 0; at < puts.length; at += ITEMS_A_BULK) await items.putAll(puts.slice(at, at + ITEMS_A_BULK));
  }
  const rowsOf = (application: string, ids: readonly string[]): Promise<ItemRow[]> => items.all({ _id: among(ids), application: eq(application) }, { index: 1 }, ids.length);

  return {
    find: (application, name, version) => findVersion(versions, line(application, name), version),
    list: (application, page) => pageOf(versions, { application: eq(application) }, page, NEWEST, (row) => row),
    async items(application, name, version, indexes) {
      const set = await findVersion(versions, line(application, name), version);
      if (set === null || indexes.length === 0) return [];
      const wanted = new Map(indexes.flatMap((index) => {
        const place = placeOf(set, index);
        return place === null ? [] : [[itemId(application, name, place.digest, place.at), index] as const];
      }));
      if (wanted.size === 0) return [];
      const rows = new Map((await rowsOf(application, [...wanted.keys()])).map((row) => [row._id, row]));
      return [...wanted].sort(([, a], [, b]) => a - b).flatMap(([id, index]) => {
        const row = rows.get(id);
        return row === undefined ? [] : [{ ...row, _id: `${application}/${name}/${version}/${index}`, index, item: decode<DatasetItem>(row.item) }];
      });
    },
    async part(application, name, { digest, items: count }: DatasetPart) {
      const found: DatasetItem[] = [];
      for (let from = 0; from < count; from += ITEMS_A_READ) {
        const ids = Array.from({ length: Math.min(ITEMS_A_READ, count - from) }, (_, at) => itemId(application, name, digest, from + at));
        found.push(...(await rowsOf(application, ids)).map((row) => decode<DatasetItem>(row.item)));
      }
      return found;
    },
    keepPart: (application, name, { digest }, cases) => keep(application, name, digest, cases),
    async insert(doc, cases, intent) {
      const former = await byOnce(versions, doc.application, doc.once.key);
      if (former !== null) return foundBy(former, doc.once);
      await keep(doc.application, doc.name, doc.digest, cases);
      return insertVersion(versions, line(doc.application, doc.name), doc, intent);
    },
  };
}
