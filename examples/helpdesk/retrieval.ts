/** Texts to vectors, in order. */
export type Embed = (texts: readonly string[]) => Promise<readonly (readonly number[])[]>;

/** The passages that come nearest to a question, the best first. */
export type Retrieve = (question: string, count: number) => Promise<string[]>;

const QUESTIONS_KEPT = 5_000;

/**
 * Plain vector search over a handful of passages. Passages are embedded once, at the first question; a question that was asked before is
 * not embedded again.
 */
export function createRetrieval(passages: readonly string[], embed: Embed): Retrieve {
  let indexed: Promise<readonly (readonly number[])[]> | undefined;
  const asked = new Map<string, readonly number[]>();

  const vectorOf = async (question: string): Promise<readonly number[]> => {
    const known = asked.get(question);
    if (known !== undefined) return known;
    const [vector] = await embed([question]);
    if (vector === undefined) throw new Error('The question was not embedded.');
    if (asked.size >= QUESTIONS_KEPT) asked.clear();
    asked.set(question, vector);
    return vector;
  };

  return async (question, count) => {
    indexed ??= embed(passages).catch((error: unknown) => { indexed = undefined; throw error; });
    const [vectors, wanted] = await Promise.all([indexed, vectorOf(question)]);
    return passages
      .map((passage, i) => ({ passage, nearness: dot(vectors[i] ?? [], wanted) }))
      .sort((a, b) => b.nearness - a.nearness)
      .slice(0, count).map(({ passage }) => passage);
  };
}

/** Vectors of length 1: the dot product is the cosine. */
const dot = (a: readonly number[], b: readonly number[]): number => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

const GROUNDED_SHARE_MIN = 0.6;
const NO_ANSWER = 'I do not know.';
const STOP_WORDS = new Set(('a an and are as at be been before but by can do does every everyone for from has have i if in into is it its may more must no not of off on or our over '
  + 'per should since so than that the their them they this to until up we what when where which who whoever whom will with within you your').split(' '));

/**
 * Whether an answer says things that the passages do not: less than 60 % of its content words occur in them. A plain lexical check that
 * runs without a model. "I do not know." claims nothing and so is never ungrounded.
 */
export function isUngrounded(answer: string, passages: readonly string[]): boolean {
  const claimed = wordsOf(answer);
  if (answer.trim() === NO_ANSWER || claimed.length === 0) return false;
  const known = new Set(passages.flatMap(wordsOf));
  return claimed.filter((word) => known.has(word)).length / claimed.length < GROUNDED_SHARE_MIN;
}

const wordsOf = (text: string): string[] => (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).filter((word) => !STOP_WORDS.has(word));
