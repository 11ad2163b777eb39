/** What one text has that another has not, word by word. */
export interface DiffPart { readonly kind: 'same' | 'gone' | 'new'; readonly text: string }

/** Cells of the table that is filled; beyond it what lies between the common ends is shown as replaced whole. */
const CELLS_MAX = 2_000_000;
const TOKENS_MAX = 20_000;

const tokensOf = (text: string): readonly string[] => text.match(/\s+|[\p{L}\p{N}\p{M}_]+|[^\s\p{L}\p{N}\p{M}_]/gu) ?? [];

/** The longest common subsequence of words, signs and blanks: joined again, `same` and `gone` are the first text, `same` and `new` the second. */
export function wordDiff(before: string, after: string): readonly DiffPart[] {
  const [a, b] = [tokensOf(before), tokensOf(after)];
  if (a.length + b.length > TOKENS_MAX) return joined(before === after ? [{ kind: 'same', text: before }] : [{ kind: 'gone', text: before }, { kind: 'new', text: after }]);
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const [middleA, middleB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  return joined([{ kind: 'same', text: a.slice(0, start).join('') }, ...between(middleA, middleB), { kind: 'same', text: a.slice(a.length - end).join('') }]);
}

function between(a: readonly string[], b: readonly string[]): readonly DiffPart[] {
  const width = b.length + 1;
  if ((a.length + 1) * width > CELLS_MAX) return [{ kind: 'gone', text: a.join('') }, { kind: 'new', text: b.join('') }];
  const longest = new Uint16Array((a.length + 1) * width);
  for (let i = a.length - 1; i >= 0; i -= 1) for (let j = b.length - 1; j >= 0; j -= 1) {
    longest[i * width + j] = a[i] === b[j] ? (longest[(i + 1) * width + j + 1] ?? 0) + 1 : Math.max(longest[(i + 1) * width + j] ?? 0, longest[i * width + j + 1] ?? 0);
  }
  const parts: DiffPart[] = [];
  for (let i = 0, j = 0; i < a.length || j < b.length;) {
    if (i < a.length && j < b.length && a[i] === b[j]) { parts.push({ kind: 'same', text: a[i] ?? '' }); i += 1; j += 1; }
    else if (i < a.length && (j >= b.length || (longest[(i + 1) * width + j] ?? 0) >= (longest[i * width + j + 1] ?? 0))) { parts.push({ kind: 'gone', text: a[i] ?? '' }); i += 1; }
    else { parts.push({ kind: 'new', text: b[j] ?? '' }); j += 1; }
  }
  return parts;
}

/** Neighbours of a kind are one, what is gone stands before what is new, and nothing is empty. */
function joined(parts: readonly DiffPart[]): readonly DiffPart[] {
  const out: DiffPart[] = [];
  let gone = '', fresh = '';
  const flush = (): void => { if (gone !== '') out.push({ kind: 'gone', text: gone }); if (fresh !== '') out.push({ kind: 'new', text: fresh }); gone = ''; fresh = ''; };
  for (const { kind, text } of parts) {
    if (text === '') continue;
    if (kind === 'gone') gone += text;
    else if (kind === 'new') fresh += text;
    else {
      flush();
      const last = out.at(-1);
      if (last?.kind === 'same') out[out.length - 1] = { kind: 'same', text: last.text + text }; else out.push({ kind: 'same', text });
    }
  }
  flush();
  return out;
}

/** Share of words in common, in [0, 1], in whatever order (Dice); 1 for two texts without words. */
export function wordsInCommon(before: string, after: string): number {
  const count = (text: string): Map<string, number> => { const counts = new Map<string, number>(); for (const word of text.toLowerCase().match(/[\p{L}\p{N}\p{M}]+/gu) ?? []) counts.set(word, (counts.get(word) ?? 0) + 1); return counts; };
  const [a, b] = [count(before), count(after)];
  const sizeOf = (counts: ReadonlyMap<string, number>): number => [...counts.values()].reduce((sum, n) => sum + n, 0);
  const size = sizeOf(a) + sizeOf(b);
  return size === 0 ? 1 : 2 * [...a].reduce((sum, [word, n]) => sum + Math.min(n, b.get(word) ?? 0), 0) / size;
}
