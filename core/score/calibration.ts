/** What a judge is asked before it may decide anything: cases that people have judged, more than once, and the attacks as answers to them. */
import type { SwappedPair } from '../stats/index.js';
import { underAttack, type AttackFamily } from './attacks.js';
import type { JudgeSpec } from './judge-spec.js';
import type { QualificationData } from './qualify.js';
import type { Item } from './types.js';

/** An answer that a person has judged. For a pair `other` is what it stands beside, and the label says how far `answer` is the better: 1, ½ or 0. */
export interface LabelledCase { readonly id: string; readonly item: Item; readonly answer: string; readonly other?: string; /** In [0, 1]. */ readonly label: number }

/** One question to the judge, and where its answer is kept. */
export interface Probe { readonly id: string; readonly item: Item; readonly answer: string; readonly other: string | null }

/** What became of a probe: a score, `null` for an error; for a pair also who won in which order. */
export interface Probed { readonly value: number | null; readonly pair?: SwappedPair }

/** Each labelled case is shown so often: the second showing tells whether the judge keeps its mind. */
export const SHOWINGS = 2;

/** Everything wrong with labelled cases for this judge, as sentences; at most ten. */
export function faultsOfLabels(spec: JudgeSpec, cases: readonly LabelledCase[]): string[] {
  const faults: string[] = [];
  const seen = new Set<string>();
  for (const { id, answer, other, label } of cases) {
    if (seen.has(id)) faults.push(`case ${id} is there twice`);
    seen.add(id);
    if (!(label >= 0 && label <= 1)) faults.push(`case ${id}: a label lies in [0, 1], not ${label}`);
    if (spec.kind === 'pairwise' && other === undefined) faults.push(`case ${id} has no other answer to compare with`);
    if (spec.kind === 'pairwise' && other === answer) faults.push(`case ${id} compares an answer with itself`);
    if (spec.kind !== 'pairwise' && other !== undefined) faults.push(`case ${id}: ${spec.kind} judges one answer; leave out the other`);
  }
  return faults.slice(0, 10);
}

const caseProbe = (id: string, showing: number): string => `case/${id}/${showing}`;
const attackProbe = (id: string): string => `attack/${id}`;

/**
 * All that the judge is asked, in the order in which it is asked. What an attack takes the place of is what this judge judges: the context,
 * where it judges contexts; the answer everywhere else. In a pair it stands beside an answer that a person has seen.
 */
export function probesOf(spec: JudgeSpec, cases: readonly LabelledCase[], showings = SHOWINGS): readonly Probe[] {
  const labelled = cases.flatMap(({ id, item, answer, other }) => Array.from({ length: showings }, (_, showing) => ({ id: caseProbe(id, showing), item, answer, other: other ?? null })));
  const attacks = underAttack(cases.map((one) => one.item)).map(({ attack, item, answer }, index) => {
    const beside = cases[index % cases.length];
    if (spec.kind !== 'contextRelevance' || spec.context === undefined) return { id: attackProbe(attack.id), item, answer, other: spec.kind === 'pairwise' ? beside?.other ?? beside?.answer ?? null : null };
    return { id: attackProbe(attack.id), item: { ...item, variables: { ...item.variables, [spec.context]: answer } }, answer: beside?.answer ?? '', other: null };
  });
  return [...labelled, ...attacks];
}

/** Levels that a judge of this kind and people tell apart; shares of statements are read in quarters. */
export function levelsOf(spec: JudgeSpec): number {
  if (spec.kind === 'pairwise') return 3;
  return spec.kind === 'llmJudge' && spec.scale === 'passFail' ? 2 : 5;
}

/** What was asked and said, in the shape that `qualify` reads. A probe without an answer counts as an error. */
export function qualificationData(spec: JudgeSpec, cases: readonly LabelledCase[], probed: ReadonlyMap<string, Probed>, of: QualificationData['of'], showings = SHOWINGS): QualificationData {
  const valueOf = (id: string): number | null => probed.get(id)?.value ?? null;
  return {
    of, levels: levelsOf(spec),
    labelled: cases.map(({ id, label }) => ({ person: label, judge: Array.from({ length: showings }, (_, showing) => valueOf(caseProbe(id, showing))) })),
    attacks: underAttack(cases.map((one) => one.item)).map(({ attack: { id, family } }): { id: string; family: AttackFamily; judge: readonly (number | null)[] } => ({ id, family, judge: [valueOf(attackProbe(id))] })),
    pairs: cases.flatMap(({ id }) => Array.from({ length: showings }, (_, showing) => probed.get(caseProbe(id, showing))?.pair).filter((pair) => pair !== undefined)),
  };
}
