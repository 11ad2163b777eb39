import type { DatasetDoc, DatasetItem, DatasetItemDoc, DatasetReads, DatasetWrites } from './documents.js';
import type { Tables } from './table.js';
import { decode, encode } from './json.js';
import { byOnce, findVersion, foundBy, insertVersion, type Line } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { among, eq, literal, onlyIfMissing } from './terms.js';

/**
 * Items are kept under the digest of their set, not under a number that only the version's own insert decides: two imports at
 * once cannot mix, and versions of the same content share their items.
 */
type ItemRow = Omit<DatasetItemDoc, 'item'> & { readonly item: string };
const line = (application: string, name: string): Line => ({ kind: 'dataset', field: 'name', application, name });
const itemId = (application: string, name: string, digest: string, index: number): string => `${application}/${name}/${digest}/${index}`;
const ITEMS_A_BULK = 200;

export function createDatasets({ table }: Tables): DatasetReads & DatasetWrites {
  const versions = table<DatasetDoc>('datasets'), items = table<ItemRow>('datasetItems');
  return {
    find: (application, name, version) => findVersion(versions, line(application, name), version),
    list: (application, page) => pageOf(versions, { application: eq(application) }, page, NEWEST, (row) => row),
    async items(application, name, version, indexes) {
      const set = await findVersion(versions, line(application, name), version);
      if (set === null || indexes.length === 0) return [];
      const rows = await items.all({ _id: among(indexes.map((index) => itemId(application, name, set.digest, index))), application: eq(application) }, { index: 1 }, indexes.length);
      return rows.map((row) => ({ ...row, _id: `${application}/${name}/${version}/${row.index}`, item: decode<DatasetItem>(row.item) }));
    },
    async insert(doc, cases, intent) {
      const former = await byOnce(versions, doc.application, doc.once.key);
      if (former !== null) return foundBy(former, doc.once);
      const puts = cases.map(({ itemDigest, item }, index) => {
        const id = itemId(doc.application, doc.name, doc.digest, index);
        const row: ItemRow = { _id: id, shape: 1, application: doc.application, dataset: doc.name, index, itemDigest, item: encode(item) };
        return { id, pipeline: onlyIfMissing(literal(row)) };
      });
      for (let at = 0; at < puts.length; at += ITEMS_A_BULK) await items.putAll(puts.slice(at, at + ITEMS_A_BULK));
      return insertVersion(versions, line(doc.application, doc.name), doc, intent);
    },
  };
}
