/** Failing rows put together by what they have in common, so that a person reads five names and not two hundred answers. No model is asked, and each name says what it was made from. */
export interface FailingRow {
  readonly item: string; readonly evaluator: string; readonly tags: readonly string[];
  /** candidate less baseline, or the candidate's score where it is alone */
  readonly loss: number;
  readonly error: string | null; readonly finishReason: string | null;
  readonly text: string | null;
  readonly label: string | null; readonly labelBefore: string | null;
}
/** One of a sample of all rows, failing or not: what is common everywhere names nothing. */
export interface SampledRow { readonly item: string; readonly tags: readonly string[]; readonly text: string | null }

export interface Cluster {
  readonly name: string; readonly evaluator: string; readonly cause: string; readonly tag: string | null;
  /** words that most answers of the cluster have, and few others */
  readonly terms: readonly string[];
  readonly size: number;
  /** mean loss */
  readonly loss: number;
  /** ids of cases, worst first */
  readonly examples: readonly string[];
}

const CLUSTERS_MAX = 12;
const EXAMPLES_MAX = 3;
/** Fewer than these have nothing in common that chance would not explain. */
const SHARED_MIN = 3;
/** A tag names a cluster when its rows fail this much more often than rows at large carry it. */
const LIFT_MIN = 1.5;
const TERM_SHARE_MIN = 0.6;
const TERM_ELSEWHERE_MAX = 0.3;
const TERMS_MAX = 3;
const WORDS_READ_MAX = 2_000;

/**
 * Largest first: by evaluator and cause, and within those by a tag that is more frequent than elsewhere. Every failing row is in exactly one.
 *
 * @param sample  of all rows, chosen without regard to how they fared; without one no tag names a cluster
 */
export function clustersOf(failing: readonly FailingRow[], sample: readonly SampledRow[]): readonly Cluster[] {
  const groups = new Map<string, FailingRow[]>();
  for (const row of failing) { const key = `${row.evaluator}\u0000${causeOf(row)}`; groups.set(key, [...groups.get(key) ?? [], row]); }
  const parts = [...groups.values()].flatMap((rows) => byTag(rows, sample)).sort((a, b) => b.rows.length - a.rows.length || sumOf(a.rows) - sumOf(b.rows));
  return parts.slice(0, CLUSTERS_MAX).map(({ rows, tag }) => clusterOf(rows, tag, sample));
}

const sumOf = (rows: readonly FailingRow[]): number => rows.reduce((sum, { loss }) => sum + loss, 0);

/** Why a row fails, from the most certain sign to the least. */
function causeOf({ error, text, finishReason, label, labelBefore }: FailingRow): string {
  if (error !== null) return `error: ${error.replace(/\d+/g, '#').replace(/\s+/g, ' ').slice(0, 80)}`;
  if (text !== null && text.trim() === '') return 'empty answer';
  if (finishReason === 'length' || finishReason === 'max_tokens') return 'cut off at its length';
  if (finishReason === 'content_filter') return 'refused by a filter';
  if (label === 'refusal' || label === 'refused') return 'refusal';
  // Labels with numbers are grades, and each would be a cluster of its own.
  if (label !== null && !/\d/.test(label)) return labelBefore === null || labelBefore === label ? label : `${labelBefore} → ${label}`;
  return 'lower score';
}

interface Part { readonly rows: readonly FailingRow[]; readonly tag: string | null }
/** The tag with the greatest lift takes its rows out, until none is left that lifts. */
function byTag(rows: readonly FailingRow[], sample: readonly SampledRow[]): readonly Part[] {
  // Half a row more: a tag that the sample has missed is rare, not impossible.
  const shareOf = (tag: string): number => (sample.length === 0 ? 1 : (sample.filter(({ tags }) => tags.includes(tag)).length + 0.5) / (sample.length + 0.5));
  const parts: Part[] = [];
  let left = rows;
  for (;;) {
    const best = [...new Set(left.flatMap(({ tags }) => tags))].map((tag) => ({ tag, own: left.filter(({ tags }) => tags.includes(tag)) }))
      .map(({ tag, own }) => ({ tag, own, lift: own.length / left.length / shareOf(tag) }))
      .filter(({ own, lift }) => own.length >= SHARED_MIN && lift >= LIFT_MIN).sort((a, b) => b.lift * b.own.length - a.lift * a.own.length || (a.tag < b.tag ? -1 : 1))[0];
    if (best === undefined) break;
    parts.push({ rows: best.own, tag: best.tag });
    left = left.filter(({ tags }) => !tags.includes(best.tag));
    if (left.length === 0) return parts;
  }
  return [...parts, { rows: left, tag: null }];
}

function clusterOf(rows: readonly FailingRow[], tag: string | null, sample: readonly SampledRow[]): Cluster {
  const worst = [...rows].sort((a, b) => a.loss - b.loss || (a.item < b.item ? -1 : 1));
  const [{ evaluator }, cause] = [worst[0] ?? { evaluator: '' }, worst[0] === undefined ? '' : causeOf(worst[0])];
  const terms = termsOf(rows, sample);
  return {
    name: [`${evaluator}: ${cause}`, ...(tag === null ? [] : [`tag ${tag}`]), ...(terms.length === 0 ? [] : [`says ${terms.map((term) => `“${term}”`).join(', ')}`])].join(', '),
    evaluator, cause, tag, terms, size: rows.length, loss: sumOf(rows) / rows.length, examples: [...new Set(worst.map(({ item }) => item))].slice(0, EXAMPLES_MAX),
  };
}

const wordsOf = (text: string | null): ReadonlySet<string> => new Set((text ?? '').slice(0, 20 * WORDS_READ_MAX).toLowerCase().match(/\p{L}{4,}/gu)?.slice(0, WORDS_READ_MAX) ?? []);

function termsOf(rows: readonly FailingRow[], sample: readonly SampledRow[]): readonly string[] {
  const own = new Set(rows.map(({ item }) => item));
  const others = sample.filter(({ item }) => !own.has(item));
  if (rows.length < SHARED_MIN || others.length < SHARED_MIN) return [];
  const shares = (of: readonly { readonly text: string | null }[]): ReadonlyMap<string, number> => {
    const counts = new Map<string, number>();
    for (const { text } of of) for (const word of wordsOf(text)) counts.set(word, (counts.get(word) ?? 0) + 1);
    return new Map([...counts].map(([word, count]) => [word, count / of.length]));
  };
  const [inside, outside] = [shares(rows), shares(others)];
  return [...inside].map(([word, share]) => ({ word, share, elsewhere: outside.get(word) ?? 0 })).filter(({ share, elsewhere }) => share >= TERM_SHARE_MIN && elsewhere <= TERM_ELSEWHERE_MAX)
    .sort((a, b) => b.share - b.elsewhere - (a.share - a.elsewhere) || (a.word < b.word ? -1 : 1)).slice(0, TERMS_MAX).map(({ word }) => word);
}
