/**
 * Writes dataset.jsonl from the handbook and questions.json, with the application's own retrieval:
 *
 *     npx tsx examples/helpdesk/build-dataset.ts
 *
 * The dataset asks about what the curated list holds, because that is what its author had at hand. Users ask about the whole handbook.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createLocalEmbedder } from '../../providers/index.js';
import { contextOf } from './app.js';
import { factOf, readContent, type Content } from './content.js';
import { createRetrieval, type Embed } from './retrieval.js';

/** One line of dataset.jsonl. */
export interface DatasetLine {
  readonly id: string;
  readonly variables: Readonly<Record<'question' | 'passage' | 'passages' | 'faq', string>>;
  readonly expected: string;
  readonly contains: readonly string[];
  readonly tags: readonly string[];
}

const here = (name: string): URL => new URL(name, import.meta.url);

/** Every question of questions.json with what the application would find for it. */
export async function datasetOf(content: Content, embed: Embed): Promise<DatasetLine[]> {
  const facts = JSON.parse(readFileSync(here('questions.json'), 'utf8')) as { readonly fact: string; readonly questions: readonly string[] }[];
  const retrieve = createRetrieval(content.passages, embed);
  const lines: DatasetLine[] = [];
  for (const { fact, questions } of facts) {
    const expected = factOf(content.passages, fact);
    const section = content.passages.find((passage) => passage.includes(expected))?.split('\n')[0]?.replace(/^## /, '') ?? '';
    for (const question of questions) {
      const id = `q-${String(lines.length + 1).padStart(3, '0')}`;
      lines.push({ id, variables: { question, ...contextOf(await retrieve(question, 3), content.faq) }, expected, contains: [fact], tags: [section.toLowerCase().replaceAll(/\W+/g, '-')] });
    }
  }
  return lines;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const embedder = createLocalEmbedder();
  const lines = await datasetOf(readContent(), async (texts) => (await embedder.embed(texts)).map((vector) => [...vector]));
  writeFileSync(here('dataset.jsonl'), lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  process.stdout.write(`${lines.length} items\n`);
  await embedder.close();
}
