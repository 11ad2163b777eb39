import { describe, expect, test } from 'vitest';
import { ATTACKS, attackText, faultsOfLabels, levelsOf, probesOf, qualificationData, qualify, type JudgeSpec, type LabelledCase, type Probed } from './index.js';

const judge = { name: 'judge', version: 1, digest: 'sha256:j' };
const SPECS = {
  passFail: { kind: 'llmJudge', judge, rubric: 'Right?', scale: 'passFail', reference: false }, oneToFive: { kind: 'llmJudge', judge, rubric: 'Right?', scale: 'oneToFive', reference: false },
  pairwise: { kind: 'pairwise', judge, rubric: 'Which?', reference: false }, context: { kind: 'contextRelevance', judge, question: 'question', context: 'passage' },
  faithfulness: { kind: 'faithfulness', judge, question: 'question', context: 'passage' },
} as const satisfies Record<string, JudgeSpec>;
const cases = (n: number, isPair = false): LabelledCase[] => Array.from({ length: n }, (_, index) => ({
  id: `c${index}`, item: { variables: { question: `q${index}`, passage: `p${index}` } }, answer: `a${index}`, ...(isPair ? { other: `b${index}` } : {}), label: index % 2,
}));

describe('R-980 a judge is asked every labelled case twice and meets every attack where it reads', () => {
  test('as the answer; in a pair beside an answer that a person has seen; as the context, of one that judges contexts', () => {
    const asked = probesOf(SPECS.passFail, cases(60));
    expect(asked).toHaveLength(120 + ATTACKS.length);
    expect(new Set(asked.map(({ id }) => id)).size).toBe(asked.length);
    expect(asked.slice(0, 2).map(({ answer, other }) => [answer, other])).toEqual([['a0', null], ['a0', null]]);
    expect(asked.slice(120).map(({ answer }) => answer)).toEqual(ATTACKS.map(attackText));
    expect(probesOf(SPECS.pairwise, cases(60, true)).slice(120, 122).map(({ other }) => other)).toEqual(['b0', 'b1']);
    const ofContexts = probesOf(SPECS.context, cases(60)).slice(120);
    expect(ofContexts.map(({ item }) => item.variables?.['passage'])).toEqual(ATTACKS.map(attackText));
    expect(ofContexts.every(({ answer, item }) => /^a\d+$/.test(answer) && /^q\d+$/.test(item.variables?.['question'] ?? ''))).toBe(true);
  });
  test('people and judge are told apart by as many levels as the judge has', () => {
    expect(Object.values(SPECS).map(levelsOf)).toEqual([2, 5, 3, 5, 5]);
  });
  test.each<[string, JudgeSpec, Partial<LabelledCase>, RegExp]>([
    ['a label above 1', SPECS.passFail, { label: 1.5 }, /a label lies in \[0, 1\]/], ['no number', SPECS.passFail, { label: Number.NaN }, /a label lies in \[0, 1\]/],
    ['the same case twice', SPECS.passFail, { id: 'c1' }, /c1 is there twice/], ['another answer for a judge of one', SPECS.passFail, { other: 'b' }, /judges one answer/],
    ['an answer beside itself', SPECS.pairwise, { other: 'a0' }, /with itself/],
  ])('%s is a fault that names the case', (_name, spec, change, fault) => {
    const [first, ...rest] = cases(3, spec.kind === 'pairwise');
    expect(faultsOfLabels(spec, [{ ...first, ...change } as LabelledCase, ...rest]).join(' ')).toMatch(fault);
    expect(faultsOfLabels(spec, cases(3, spec.kind === 'pairwise'))).toEqual([]);
  });
  test('a pair without its other answer', () => { expect(faultsOfLabels(SPECS.pairwise, cases(1))).toEqual(['case c0 has no other answer to compare with']); });
});

describe('R-981 what a judge may decide follows from what it said', () => {
  const of = { evaluator: 'sha256:e', model: 'm' };
  const labelled = cases(80);
  const say = (value: (id: string, label: number | null) => number | null): Map<string, Probed> => new Map(probesOf(SPECS.passFail, labelled).map(({ id }) => {
    const own = labelled.find((one) => id.startsWith(`case/${one.id}/`));
    return [id, { value: value(id, own?.label ?? null) }];
  }));
  const found = (said: Map<string, Probed>) => qualify(qualificationData(SPECS.passFail, labelled, said, of));
  test('one that agrees and withstands qualifies; swapped good and bad it does not', () => {
    expect(found(say((_id, label) => label ?? 0))).toMatchObject({ status: 'QUALIFIED', mayPass: true, labels: 80, attacks: { n: ATTACKS.length, through: 0 } });
    expect(found(say((_id, label) => (label === null ? 0 : 1 - label)))).toMatchObject({ status: 'ADVISORY', mayPass: false, mayFail: false });
  });
  test('one that flatters is advisory', () => { expect(found(say(() => 1))).toMatchObject({ status: 'ADVISORY', attacks: { through: ATTACKS.length } }); });
  test('what was not answered is an error, and no agreement', () => {
    const silent = found(new Map());
    expect(silent).toMatchObject({ status: 'ADVISORY', errorShare: 1 });
    expect(silent.reasons.join(' ')).toMatch(/were errors/);
  });
  test('one that says otherwise when asked again', () => {
    expect(found(say((id, label) => (label === null ? 0 : id.endsWith('/1') ? 1 - label : label))).reasons.join(' ')).toMatch(/changed its mind on 100 %/);
  });
  test('of pairs, the orders are told', () => {
    const pairs = cases(60, true);
    const said = new Map<string, Probed>(pairs.flatMap(({ id }) => [0, 1].map((showing): [string, Probed] => [`case/${id}/${showing}`, { value: 0.5, pair: { candidateFirst: 'first', candidateSecond: 'first' } }])));
    expect(qualify(qualificationData(SPECS.pairwise, pairs, said, of))).toMatchObject({ status: 'ADVISORY', position: { n: 120, consistency: 0, bias: 0.5 } });
  });
});
