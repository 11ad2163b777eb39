import type { Output } from './output.js';

export interface GroupView { readonly ids: readonly string[]; readonly count: number; readonly splits: readonly string[] }
/** A report as the API tells it. */
export interface ReportView {
  readonly items: number; readonly hidden: number; readonly splits: readonly { readonly split: string | null; readonly items: number }[]; readonly tags: readonly { readonly tag: string; readonly items: number }[];
  readonly duplicateItems: number; readonly duplicateGroups: number; readonly duplicates: readonly GroupView[]; readonly leakGroups: number; readonly leaks: readonly GroupView[];
  readonly near: readonly { readonly a: string; readonly b: string; readonly similarity: number; readonly acrossSplits: boolean }[]; readonly nearPartial: boolean;
}

const SHOWN = 5;
const idsOf = ({ ids, count }: GroupView): string => `${ids.slice(0, 4).join(', ')}${count > Math.min(4, ids.length) ? ` and ${count - Math.min(4, ids.length)} more` : ''}`;

/** The whole of it as one record; for people what they would act on. */
export function tellReport(report: ReportView, out: Output): void {
  out.record('report', { ...report });
  const { items, hidden, splits, tags, duplicateItems, duplicates, leaks, leakGroups, near } = report;
  out.line(`${items} cases${hidden === 0 ? '' : `, ${hidden} of them hidden`}${splits.every(({ split }) => split === null) ? '' : `; ${splits.map(({ split, items: count }) => `${split ?? 'no split'} ${count}`).join(', ')}`}`);
  if (tags.length > 0) out.line(`tags: ${tags.slice(0, 10).map(({ tag, items: count }) => `${tag} ${count}`).join(', ')}`);
  if (leakGroups > 0) out.line(out.paint('bad', `${leakGroups} ${leakGroups === 1 ? 'case stands' : 'cases stand'} in more than one split: what was tuned on would be tested on.`));
  for (const group of leaks.slice(0, SHOWN)) out.line(`  ${idsOf(group)}: ${group.splits.join(', ')}`);
  if (duplicateItems > 0) out.line(out.paint('bold', `${duplicateItems} ${duplicateItems === 1 ? 'case repeats' : 'cases repeat'} another.`));
  for (const group of duplicates.filter((one) => !leaks.some(({ ids }) => ids[0] === one.ids[0])).slice(0, SHOWN)) out.line(`  ${idsOf(group)}`);
  if (near.length > 0) out.line(out.paint('bold', `${near.length === 100 ? 'At least 100' : near.length} ${near.length === 1 ? 'pair is' : 'pairs are'} nearly the same.`));
  for (const { a, b, similarity, acrossSplits } of near.slice(0, SHOWN)) out.line(`  ${a}, ${b}: ${similarity.toFixed(2)}${acrossSplits ? ', in two splits' : ''}`);
}
