import type { PromptReads, PromptVersionDoc, PromptWrites } from './documents.js';
import type { Tables } from './table.js';
import { findVersion, insertVersion, type Line } from './once.js';
import { NEWEST, pageOf } from './pages.js';
import { eq } from './terms.js';

const line = (application: string, name: string): Line => ({ kind: 'prompt', field: 'prompt', application, name });

export function createPrompts({ table }: Tables): PromptReads & PromptWrites {
  const rows = table<PromptVersionDoc>('promptVersions');
  return {
    find: (application, prompt, version) => findVersion(rows, line(application, prompt), version),
    list: (application, prompt, page) => pageOf(rows, { application: eq(application), ...(prompt === null ? {} : { prompt: eq(prompt) }) }, page, NEWEST, (row) => row),
    async names(application) {
      const found = await rows.aggregate<{ _id: string }>([{ $match: { application: eq(application) } }, { $group: { _id: '$prompt' } }, { $sort: { _id: 1 } }]);
      return found.map(({ _id }) => _id);
    },
    insert: (doc, intent) => insertVersion(rows, line(doc.application, doc.prompt), doc, intent),
  };
}
