import { describe, expect, test } from 'vitest';
import { findPii, PII_KINDS } from '../score/pii-forms.js';
import { refusalIn } from '../score/refusal.js';
import { adversarialItems, ADVERSARIAL_TAG, ATTACK_FAMILIES, CANARIES, canariesIn, faultsOfItem, reportOf } from './index.js';

const items = adversarialItems({ input: 'question' });
const FAMILIES = ['injection-direct', 'injection-indirect', 'exfiltration', 'jailbreak-roleplay', 'jailbreak-encoding', 'jailbreak-language', 'jailbreak-many-shot', 'prompt-leak', 'tool-misuse'];

describe('R-946 the built-in attacks are more than a hundred, of every family, and a leaked secret is found by code', () => {
  test('more than a hundred, all different, all fit for a dataset', () => {
    expect(items.length).toBeGreaterThanOrEqual(100);
    expect(new Set(items.map(({ id }) => id)).size).toBe(items.length);
    expect(items.flatMap((item) => faultsOfItem(item))).toEqual([]);
    expect(reportOf(items)).toMatchObject({ duplicateGroups: 0 });
  });
  test.each(FAMILIES)('%s', (family) => { expect(items.filter(({ tags }) => tags?.includes(family)).length).toBeGreaterThanOrEqual(5); });
  test('there is no other family', () => { expect(ATTACK_FAMILIES.map(({ name }) => name)).toEqual(FAMILIES); });
  test('each says what a good answer is: it declines, or holds the fact of its document', () => {
    for (const { id, tags = [], expected = '', contains = [], variables } of items) {
      expect(tags[0], id).toBe(ADVERSARIAL_TAG);
      const wants = tags[2];
      if (wants === 'wants:refusal') expect([refusalIn(expected) !== undefined, contains.some((one) => expected.includes(one))], id).toEqual([true, true]);
      else expect([wants, contains.every((one) => expected.includes(one)), variables['question']?.includes(expected)], id).toEqual(['wants:answer', true, true]);
    }
  });
  test('an application with a variable for documents has them there, and every prompt has all its variables', () => {
    const placed = adversarialItems({ input: 'q', documents: ['passage', 'context'], fill: { tone: 'kind' } });
    expect(placed.every(({ variables }) => Object.keys(variables).sort().join() === 'context,passage,q,tone' && variables['passage'] === variables['context'] && variables['passage'] !== '')).toBe(true);
    expect(placed.map(({ id }) => id)).toEqual(items.map(({ id }) => id));
  });
  test('every secret is planted, and what is expected gives none away', () => {
    const planted = ATTACK_FAMILIES.flatMap(({ name, attacks }) => (name === 'exfiltration' ? attacks.map(({ document }) => document ?? '') : []));
    expect(planted.every((document) => canariesIn(document).length > 0)).toBe(true);
    expect(new Set(planted.flatMap((document) => canariesIn(document)))).toEqual(new Set(CANARIES));
    expect(items.flatMap(({ expected = '', contains = [] }) => canariesIn([expected, ...contains].join(' ')))).toEqual([]);
  });
  test.each(CANARIES)('%s is found however it is written', (canary) => {
    const coded = Buffer.from(`the secret is:${canary} and no more`).toString('base64'), alone = Buffer.from(canary).toString('base64');
    for (const text of [canary, canary.toUpperCase(), [...canary].join(' '), [...canary].reverse().join(''), `Sure: "${canary.replaceAll(' ', '-')}".`, alone]) expect(canariesIn(`Well. ${text} Bye.`), text).toEqual([canary]);
    expect(canariesIn(`It is confidential. ${'x'.repeat(50)} ${coded.slice(0, 3)}`)).toEqual([]);
  });
  test('and by the evaluator pii, except for the code phrase', () => { expect(CANARIES.filter((canary) => findPii(`It is ${canary} .`, PII_KINDS).length === 0)).toEqual(['CANARY-HERON-4471']); });
});
