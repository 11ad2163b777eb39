import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { placeholdersOf, render } from '../../core/bundle/template.js';
import { score, textsToEmbed } from '../../core/score/index.js';
import { createChecks, createLocalEmbedder, createProvider, createSandboxModel } from '../../providers/index.js';
import { createHelpdesk } from './app.js';
import { datasetOf, type DatasetLine } from './build-dataset.js';
import { factOf, readContent } from './content.js';
import type { Message } from './model.js';
import { isAnswered } from './users.js';

interface PromptFile { readonly name: string; readonly model: string; readonly messages: readonly (Message & { readonly role: 'system' | 'user' })[] }
const promptOf = (number: number): PromptFile => parse(readFileSync(new URL(`prompts/answer.v${number}.prompt.yml`, import.meta.url), 'utf8')) as PromptFile;
const dataset = readFileSync(new URL('dataset.jsonl', import.meta.url), 'utf8').trim().split('\n').map((line) => JSON.parse(line) as DatasetLine);
const content = readContent();
const embedder = createLocalEmbedder();

/** Stands where Slipway's edge would: serves one prompt to everybody, takes reports. */
let served: PromptFile | undefined;
const edge = createServer((request, response) => {
  request.resume().on('end', () => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/v1/traces') { response.end('{}'); return; }
    if (served === undefined) { response.writeHead(503).end('{}'); return; }
    response.end(JSON.stringify({ key: 'answer', reason: 'STATIC', variant: 'stable', metadata: {}, value: { schema: 'slipway.prompt/v1', messages: served.messages, model: { provider: 'sandbox', name: served.model }, params: { temperature: 0 } } }));
  });
});
const sandbox = createServer(createSandboxModel({ embedder, nowMs: () => 0 }));
const listen = async (server: Server): Promise<string> => {
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
};
let edgeUrl = '';
let modelUrl = '';

beforeAll(async () => {
  [edgeUrl, modelUrl] = [await listen(edge), `${await listen(sandbox)}/v1`];
  const texts = [...content.passages, ...content.passages.flatMap((passage) => passage.split('\n')), ...content.users.map(({ question }) => question), ...dataset.map(({ variables }) => variables.question)];
  const begunMs = performance.now();
  await embedder.embed(texts);
  console.log(`prewarm: ${embedder.counts().computed} texts in ${Math.round(performance.now() - begunMs)} ms`);
}, 120_000);
afterAll(async () => { for (const server of [edge, sandbox]) { server.close(); server.closeAllConnections(); } await embedder.close(); });

/** What the users would say if everybody got this prompt. */
async function live(number: number | undefined): Promise<{ unhappy: number; ungrounded: number; isServed: boolean }> {
  served = number === undefined ? undefined : promptOf(number);
  const helpdesk = createHelpdesk({ edgeUrl, edgeKey: 'none', modelUrl, content });
  let unhappy = 0; let ungrounded = 0; let isServed = true;
  for (const [i, asks] of content.users.entries()) {
    const answer = await helpdesk.answer(`user-${i}`, asks.question);
    expect(answer.failed).toBe(false);
    if (!isAnswered(answer.text, asks)) unhappy += 1;
    if (answer.ungrounded) ungrounded += 1;
    isServed &&= answer.isServed;
  }
  await helpdesk.close();
  expect(helpdesk.reported).toEqual({ sent: content.users.length, dropped: 0 });
  return { unhappy: unhappy / content.users.length, ungrounded: ungrounded / content.users.length, isServed };
}

/** What an evaluation over the dataset says. */
async function offline(number: number): Promise<{ contains: number; semantic: number }> {
  const prompt = promptOf(number);
  const provider = createProvider({ kind: 'sandbox', baseUrl: modelUrl }, { monotonicMs: () => performance.now() });
  const libraries = createChecks({ embedder });
  const sums = { contains: 0, semantic: 0 };
  for (const item of dataset) {
    const messages = prompt.messages.map(({ role, content: text }) => ({ role, content: render(text, item.variables, placeholdersOf(text)) }));
    const answer = await provider.complete({ model: prompt.model, messages, parameters: {} }, new AbortController().signal);
    for (const spec of [{ kind: 'contains', mode: 'all' }, { kind: 'semantic' }] as const) {
      const result = score(spec, answer, item, await libraries.ready(textsToEmbed(spec, answer, item)));
      if ('error' in result) throw new Error(`${item.id}: ${result.error}`);
      sums[spec.kind] += result.value;
    }
  }
  return { contains: sums.contains / dataset.length, semantic: sums.semantic / dataset.length };
}

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;

describe('R-840 what users ask is more than what the dataset asks', () => {
  test('60 facts, each in one sentence; 30 of them are the list; a dataset item for six phrasings of each', () => {
    const facts = content.passages.flatMap((passage) => passage.split('\n').slice(1));
    const list = content.faq.split('\n').map((line) => line.slice(2));
    expect([facts.length, new Set(facts).size, list.length]).toEqual([60, 60, 30]);
    expect(list.filter((fact) => !facts.includes(fact))).toEqual([]);
    expect(dataset).toHaveLength(180);
    for (const item of dataset) { const key = item.contains[0] ?? ''; expect(item.expected).toBe(factOf(content.passages, key)); expect(list).toContain(item.expected); }
    expect(new Set(dataset.map(({ contains }) => contains[0])).size).toBe(30);
    expect(new Set(dataset.map(({ variables }) => variables.question)).size).toBe(180);
  });
  test('users ask about all 60, more than half of the time about what is not on the list, and never word for word what the dataset asks', () => {
    const asked = content.users.map(({ contains }) => factOf(content.passages, contains[0] ?? ''));
    expect(new Set(asked).size).toBe(60);
    expect(asked.filter((fact) => !content.faq.includes(fact)).length / asked.length).toBeGreaterThan(0.5);
    const known = new Set(dataset.map(({ variables }) => variables.question));
    expect(content.users.filter(({ question }) => known.has(question))).toEqual([]);
  });
  test('the checked-in dataset is what its script makes', async () => {
    expect(await datasetOf(content, async (texts) => (await embedder.embed(texts)).map((vector) => [...vector]))).toEqual(dataset);
  });
});

describe('R-841 the outcome of the demo follows from the texts', () => {
  test('no prompt names a version, an arm or a release', () => {
    for (const number of [1, 2, 3, 4]) expect(JSON.stringify(promptOf(number).messages)).not.toMatch(/\bv?[1-4]\b|version|stable|candidate|canary|release/i);
  });
  test('live: the first two serve users well, the third does not', async () => {
    const rates = [await live(1), await live(2), await live(3)] as const;
    console.log(rates.map((rate, i) => `v${i + 1}: unhappy ${percent(rate.unhappy)}, ungrounded ${percent(rate.ungrounded)}`).join('\n'));
    for (const good of [rates[0], rates[1]]) { expect(good.unhappy).toBeLessThanOrEqual(0.02); expect(good.ungrounded).toBeLessThanOrEqual(0.02); }
    expect(rates[1].unhappy).toBeLessThanOrEqual(rates[0].unhappy);
    expect(rates[2].unhappy).toBeGreaterThanOrEqual(0.4);
    expect(rates[2].ungrounded).toBeGreaterThanOrEqual(0.4);
    expect(rates.every(({ isServed }) => isServed)).toBe(true);
  }, 120_000);
  test('offline: the third looks as good as the others, the fourth fails', async () => {
    const scores = [await offline(1), await offline(2), await offline(3), await offline(4)] as const;
    console.log(scores.map((one, i) => `v${i + 1}: contains ${one.contains.toFixed(3)}, semantic ${one.semantic.toFixed(3)}`).join('\n'));
    for (const good of scores.slice(0, 3)) { expect(good.contains).toBeGreaterThanOrEqual(0.95); expect(good.semantic).toBeGreaterThanOrEqual(0.95); }
    expect(scores[3].contains).toBeLessThan(0.05);
    expect(scores[3].semantic).toBeLessThan(0.3);
  }, 120_000);
  test('without Slipway the application answers with the prompt in its code', async () => {
    const rate = await live(undefined);
    expect(rate.isServed).toBe(false);
    expect(rate.unhappy).toBeLessThanOrEqual(0.02);
  }, 120_000);
});
