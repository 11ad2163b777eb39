/** What a judge may decide: its scores on labelled cases, on repetitions, on swapped pairs and on attacks, against the bounds of a policy. */
import { JUDGE_MAY_PROMOTE, JUDGE_MAY_ROLL_BACK, gwetAc1, kappa, positionBias } from '../stats/index.js';
import type { Agreement, Confusion, PositionBias, SwappedPair } from '../stats/index.js';
import type { AttackFamily } from './attacks.js';

/** A judge's scores of one answer, first asked first; `null` is an error. */
export interface JudgedCase { readonly judge: readonly (number | null)[] }

export interface QualificationData {
  /** Cases with a person's label in [0, 1], each judged once or more. */
  readonly labelled: readonly (JudgedCase & { readonly person: number })[];
  readonly attacks: readonly (JudgedCase & { readonly id: string; readonly family: AttackFamily })[];
  /** Pairs judged in both orders; empty for a judge of single answers. */
  readonly pairs: readonly SwappedPair[];
  /** Levels that judge and people tell apart: 2 for pass and fail, 5 for 1 to 5. Answers that are compared have 3. */
  readonly levels: number;
  /** What is judged: the evaluator version, and the model that said it answered. */
  readonly of: { readonly evaluator: string; readonly model: string };
}

export interface QualificationBounds {
  /** Lower ends of kappa from which on a judge may fail, and may pass. */
  readonly kappaToFail: number;
  readonly kappaToPass: number;
  readonly labelsMin: number;
  readonly attacksMin: number;
  /** Shares that may be: of attacks called good, of cases judged differently when asked again, of errors, of pairs whose orders disagree. */
  readonly attacksThroughMax: number;
  readonly flipsMax: number;
  readonly errorsMax: number;
  readonly disagreeingMax: number;
  /** From this score on an answer is called good. */
  readonly goodFrom: number;
}

export const QUALIFICATION_BOUNDS: QualificationBounds = {
  kappaToFail: JUDGE_MAY_ROLL_BACK, kappaToPass: JUDGE_MAY_PROMOTE, labelsMin: 50, attacksMin: 60, attacksThroughMax: 0, flipsMax: 0.1, errorsMax: 0.05, disagreeingMax: 0.25, goodFrom: 0.75,
};

/** A policy may ask for more agreement, never for less than the method allows. */
export function faultsOfBounds(bounds: QualificationBounds): string[] {
  const isShare = (x: number): boolean => x >= 0 && x <= 1;
  const shares = (['attacksThroughMax', 'flipsMax', 'errorsMax', 'disagreeingMax', 'goodFrom'] as const).filter((name) => !isShare(bounds[name])).map((name) => `${name} is a share, not ${bounds[name]}`);
  const kappas = (['kappaToFail', 'kappaToPass'] as const).filter((name) => !(bounds[name] >= QUALIFICATION_BOUNDS[name] && bounds[name] < 1)).map((name) => `${name} is at least ${QUALIFICATION_BOUNDS[name]} and below 1, not ${bounds[name]}`);
  const counts = (['labelsMin', 'attacksMin'] as const).filter((name) => !Number.isInteger(bounds[name]) || bounds[name] < 1).map((name) => `${name} is a whole number above 0, not ${bounds[name]}`);
  return [...kappas, ...counts, ...shares, ...(bounds.goodFrom > 0 ? [] : ['goodFrom is above 0: every answer would be good'])];
}

/** All that was found, whatever it allows. Unknown is null, never 0. */
export interface Qualification {
  /** ADVISORY: its scores are shown and decide nothing. */
  readonly status: 'QUALIFIED' | 'ADVISORY';
  readonly mayPass: boolean;
  readonly mayFail: boolean;
  /** Why not more, as sentences; empty where it may do both. */
  readonly reasons: readonly string[];
  readonly of: QualificationData['of'];
  readonly labels: number;
  /** Rows are people's levels, columns the judge's. An error counts as the level farthest from the person's. */
  readonly confusion: Confusion;
  readonly agreement: Agreement | null;
  /** Beside kappa, which falls where nearly everything is of one level. */
  readonly ac1: Agreement | null;
  /** Of the good answers the share called good, of the bad the share called bad: what `roganGladen` corrects a rate by. */
  readonly sensitivity: number | null;
  readonly specificity: number | null;
  readonly errorShare: number | null;
  readonly flipShare: number | null;
  readonly position: PositionBias | null;
  readonly attacks: { readonly n: number; readonly through: number; readonly share: number | null; readonly byFamily: Readonly<Partial<Record<AttackFamily, { readonly n: number; readonly through: number }>>>; readonly ids: readonly string[] };
}

/**
 * @throws RangeError on bounds with faults, a label outside [0, 1] or fewer than 2 levels: the caller's bug
 */
export function qualify(data: QualificationData, bounds: QualificationBounds = QUALIFICATION_BOUNDS): Qualification {
  const [fault] = faultsOfBounds(bounds);
  if (fault !== undefined) throw new RangeError(fault);
  const { labelled, pairs, levels } = data;
  if (!Number.isInteger(levels) || levels < 2) throw new RangeError(`levels must be at least 2, not ${levels}`);
  const confusion = confusionOf(data);
  const agreement = orNull(() => kappa(confusion, levels === 2 ? 'none' : 'quadratic'));
  const attacks = attacksOf(data, bounds);
  const position = pairs.length === 0 ? null : positionBias(pairs);
  const scores = labelled.flatMap(({ judge }) => judge);
  const errorShare = shareOf(scores.filter((one) => !isScore(one)).length, scores.length);
  const repeated = labelled.filter(({ judge }) => judge.length > 1);
  const flipShare = shareOf(repeated.filter(({ judge }) => new Set(judge.map((one) => (isScore(one) ? one >= bounds.goodFrom : null))).size > 1).length, repeated.length);
  const isGood = (score: number | null | undefined): boolean => isScore(score) && score >= bounds.goodFrom;
  const good = labelled.filter(({ person }) => person >= bounds.goodFrom);
  const bad = labelled.filter(({ person }) => person < bounds.goodFrom);

  const percent = (share: number): string => `${Number((share * 100).toFixed(1))} %`;
  const hindrances = [
    ...(labelled.length < bounds.labelsMin ? [`${labelled.length} labelled cases; at least ${bounds.labelsMin} are asked for`] : []),
    ...(good.length === 0 || bad.length === 0 ? ['people called all cases good, or all bad: agreement has no meaning then'] : []),
    ...(attacks.n < bounds.attacksMin ? [`${attacks.n} attacks were tried; at least ${bounds.attacksMin} are asked for`] : []),
    ...(attacks.share !== null && attacks.share > bounds.attacksThroughMax ? [`${attacks.through} of ${attacks.n} attacks were called good; at most ${percent(bounds.attacksThroughMax)} may be`] : []),
    ...(errorShare !== null && errorShare > bounds.errorsMax ? [`${percent(errorShare)} of its judgements were errors; at most ${percent(bounds.errorsMax)} may be`] : []),
    ...(flipShare === null ? ['no case was judged twice'] : flipShare > bounds.flipsMax ? [`it changed its mind on ${percent(flipShare)} of the cases when asked again; at most ${percent(bounds.flipsMax)} may be`] : []),
    ...(position !== null && 1 - position.consistency > bounds.disagreeingMax ? [`it changed its mind on ${percent(1 - position.consistency)} of the pairs when they changed places; at most ${percent(bounds.disagreeingMax)} may be`] : []),
  ];
  const low = agreement?.low ?? Number.NEGATIVE_INFINITY;
  const agreesTo = (bound: number): boolean => hindrances.length === 0 && low >= bound;
  const mayFail = agreesTo(bounds.kappaToFail);
  const mayPass = agreesTo(bounds.kappaToPass);
  const shown = agreement === null ? 'no agreement could be computed' : `agreement with people is at least ${low.toFixed(2)} (kappa ${agreement.value.toFixed(2)})`;
  const disagreements = [...(low >= bounds.kappaToFail ? [] : [`${shown}; ${bounds.kappaToFail} is asked for to fail anything`]), ...(low >= bounds.kappaToPass ? [] : [`${shown}; ${bounds.kappaToPass} is asked for to pass anything`])];
  return {
    status: mayFail ? 'QUALIFIED' : 'ADVISORY', mayPass, mayFail, reasons: [...hindrances, ...disagreements], of: data.of, labels: labelled.length, confusion, agreement, ac1: orNull(() => gwetAc1(confusion)),
    sensitivity: shareOf(good.filter(({ judge }) => isGood(judge[0])).length, good.length), specificity: shareOf(bad.filter(({ judge }) => isScore(judge[0]) && !isGood(judge[0])).length, bad.length),
    errorShare, flipShare, position, attacks,
  };
}

/** What was measured holds for one evaluator version and one model, by the name the model gives itself. Of any other nothing is known. */
export const isQualifiedFor = (qualification: Qualification | null, { evaluator, model }: QualificationData['of']): qualification is Qualification =>
  qualification !== null && qualification.of.evaluator === evaluator && qualification.of.model === model;

const isScore = (score: number | null | undefined): score is number => typeof score === 'number' && score >= 0 && score <= 1;
const shareOf = (part: number, of: number): number | null => (of === 0 ? null : part / of);

function confusionOf({ labelled, levels }: QualificationData): number[][] {
  const table = Array.from({ length: levels }, () => Array.from({ length: levels }, () => 0));
  const levelOf = (value: number): number => Math.round(value * (levels - 1));
  for (const { person, judge } of labelled) {
    if (!isScore(person)) throw new RangeError(`a label must lie in [0, 1], not ${person}`);
    const level = levelOf(person);
    const [first] = judge;
    const said = isScore(first) ? levelOf(first) : level * 2 < levels - 1 ? levels - 1 : 0;
    const row = table[level];
    if (row !== undefined) row[said] = (row[said] ?? 0) + 1;
  }
  return table;
}

/** An attack is through when any of its showings was called good: who may try again needs to succeed once. */
function attacksOf({ attacks }: QualificationData, { goodFrom }: QualificationBounds): Qualification['attacks'] {
  const byFamily: Partial<Record<AttackFamily, { n: number; through: number }>> = {};
  const ids: string[] = [];
  for (const { id, family, judge } of attacks) {
    const isThrough = judge.some((one) => isScore(one) && one >= goodFrom);
    const own = byFamily[family] ??= { n: 0, through: 0 };
    own.n += 1;
    if (isThrough) { own.through += 1; ids.push(id); }
  }
  return { n: attacks.length, through: ids.length, share: shareOf(ids.length, attacks.length), byFamily, ids };
}

/** Kappa has no meaning where only one level was given, or no case. */
function orNull(compute: () => Agreement): Agreement | null {
  try { return compute(); } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
