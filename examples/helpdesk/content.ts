import { readFileSync } from 'node:fs';

/** One user's question, and the facts by which that user judges an answer. */
export interface UserQuestion { readonly question: string; readonly contains: readonly string[] }

/** Everything this application knows, as text. */
export interface Content {
  /** A section of the handbook each, with its heading. */
  readonly passages: readonly string[];
  /** The curated list, a line a fact. */
  readonly faq: string;
  readonly users: readonly UserQuestion[];
}

/** @param folder where handbook.md, faq.md and users.json are, ending in `/`; this folder by default */
export function readContent(folder: URL = new URL('./', import.meta.url)): Content {
  const read = (name: string): string => readFileSync(new URL(name, folder), 'utf8');
  return {
    passages: passagesOf(read('handbook.md')),
    faq: read('faq.md').split('\n').filter((line) => line.startsWith('- ')).join('\n'),
    users: JSON.parse(read('users.json')) as UserQuestion[],
  };
}

/** The sections of a handbook in Markdown: heading, then one sentence a line. */
export const passagesOf = (handbook: string): string[] =>
  handbook.split(/^(?=## )/m).slice(1).map((section) => section.trim().replaceAll(/\n{2,}/g, '\n'));

/** The sentence of the handbook that carries this key. */
export function factOf(passages: readonly string[], key: string): string {
  const facts = passages.flatMap((passage) => passage.split('\n').slice(1)).filter((sentence) => sentence.includes(key));
  const [fact, ...others] = facts;
  if (fact === undefined || others.length > 0) throw new Error(`"${key}" is in ${facts.length} sentences of the handbook, not in one.`);
  return fact;
}
