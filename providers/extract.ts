import { cosine, type Vector } from './embedding.js';

/** What the sandbox model says when nothing it was given comes near the question. */
export const NO_ANSWER = 'I do not know.';

/**
 * Below this cosine no sentence has anything to do with the question. MiniLM puts sentences from different worlds around 0; two about life
 * in the same company are mostly above 0.1 even when one does not answer the other. So the model is eager: it quotes rather than stays silent.
 */
const SIMILARITY_MIN = 0.08;
/** A second sentence is as good as the first when it is this near. */
const SECOND_WITHIN = 0.08;
const HEADING_WORDS_MAX = 8;

/** What a list of messages says to a model that can only quote. */
export interface PromptReading {
  /** Sentences inside `<context>…</context>`, in any message, each once, in order. */
  readonly sentences: readonly string[];
  /** The last user message without its context blocks. */
  readonly question: string;
  readonly asksForMore: boolean;
}

const BLOCK = /<context>([\s\S]*?)<\/context>/g;
const MORE = /\b(?:two|three|several|2|3) sentences\b/i;

/** Reads messages and nothing else: there is no other way to influence an answer. */
export function readPrompt(messages: readonly { readonly role: string; readonly content: string }[]): PromptReading {
  const sentences = messages.flatMap(({ content }) => [...content.matchAll(BLOCK)].flatMap((block) => sentencesOf(block[1] ?? '')));
  const last = messages.findLast(({ role }) => role === 'user');
  const instructions = messages.map(({ content }) => content.replaceAll(BLOCK, ' ')).join('\n');
  return { sentences: [...new Set(sentences)], question: (last?.content ?? '').replaceAll(BLOCK, ' ').trim(), asksForMore: MORE.test(instructions) };
}

/** Sentences of plain or lightly marked text. Headings are no sentences; a list item is one, punctuated or not. */
export function sentencesOf(text: string): string[] {
  const found: string[] = [];
  let paragraph: string[] = [];
  const endParagraph = (): void => {
    for (const piece of splitAtStops(paragraph.join(' '))) {
      if (/[.!?]["')\]]?$/.test(piece) || piece.split(' ').length > HEADING_WORDS_MAX) found.push(piece);
    }
    paragraph = [];
  };
  for (const raw of text.split('\n')) {
    const line = raw.trim().replaceAll(/\s+/g, ' ');
    const item = /^(?:[-*•]|\d{1,3}[.)]) (.+)$/.exec(line)?.[1];
    if (item !== undefined) { endParagraph(); found.push(...splitAtStops(item)); }
    else if (line === '' || line.startsWith('#')) endParagraph();
    else paragraph.push(line);
  }
  endParagraph();
  return found;
}

/** A stop ends a sentence when a capital or a digit follows; so `e.g. this` and `2.30` stay whole. */
const splitAtStops = (text: string): string[] => text.split(/(?<=[.!?]["')\]]?)\s+(?=["'([]?[\p{Lu}\p{N}])/u).filter((piece) => piece !== '');

/** The sentence nearest to the question, perhaps with a second; or that there is none. Ties go to the earlier. */
export function extract(reading: PromptReading, question: Vector, sentences: readonly Vector[]): string {
  const ranked = reading.sentences
    .map((text, i) => { const vector = sentences[i]; return { text, similarity: vector === undefined ? -1 : cosine(question, vector) }; })
    .sort((a, b) => b.similarity - a.similarity);
  const [best, second] = ranked;
  if (best === undefined || best.similarity < SIMILARITY_MIN) return NO_ANSWER;
  const addsSecond = reading.asksForMore && second !== undefined && second.similarity >= Math.max(SIMILARITY_MIN, best.similarity - SECOND_WITHIN);
  return addsSecond ? `${best.text} ${second.text}` : best.text;
}
