/** I-16, I-17, I-18, I-28: what readers were told, call by call. */
import { bucketOf, saltOf } from '../../../core/assignment/index.js';
import type { SplitDoc } from '../../../store/index.js';
import { environmentOf, grouped, served, toldOf } from './world.js';
import type { Invariant, Served, Stored } from './world.js';

/** The split an answer says it comes from. */
const splitOf = (store: Stored, { rev, release }: Pick<Served, 'rev' | 'release'>): SplitDoc | undefined => store.splits.find((split) => split.rev === rev && split.release === release);

/** An edge that runs answers, and its answer is what its split and its lease say: with a token by the bucket, without one stable, or the split as it was. */
export const servesStatic: Invariant = function* ({ store, ledger }) {
  for (const answer of served(ledger)) {
    const { line, edge, status, arm, token, isStale, reason } = answer;
    if (status >= 500) { yield `call ${line.id}: ${edge} answered ${status}`; continue; }
    if (status !== 200 || arm === null) continue;
    if (token !== null && isStale) yield `call ${line.id}: ${edge} gave a token with an answer that is stale`;
    if (token !== null && (token.arm !== arm || token.rev !== answer.rev || token.release !== answer.release)) yield `call ${line.id}: the token says ${token.arm} of rev ${token.rev}, the answer ${arm} of ${String(answer.rev)}`;
    if (arm === 'candidate' && reason !== 'SPLIT') yield `call ${line.id}: ${edge} served the candidate without an open split`;
    if (arm === 'candidate' && (splitOf(store, answer)?.weightBp ?? 1) === 0) yield `call ${line.id}: ${edge} served a candidate that has no weight at rev ${String(answer.rev)}`;
  }
};

/** Nothing is served that was never committed. */
export const onlyCommitted: Invariant = function* ({ store, ledger }) {
  for (const answer of served(ledger)) {
    const { line, edge, rev, epoch, arm, bundle, status } = answer;
    if (status !== 200 || rev === null || arm === null || arm === 'default') continue;
    const split = splitOf(store, answer);
    if (split === undefined) { yield `call ${line.id}: ${edge} served rev ${rev} of ${String(answer.release)}, which is in no log`; continue; }
    const env = store.environments.find(({ _id }) => _id === environmentOf(split));
    if (epoch !== null && (epoch < split.epoch || (env !== undefined && epoch > env.epoch))) yield `call ${line.id}: ${edge} served rev ${rev} under epoch ${epoch}, which it never had`;
    const expected = arm === 'candidate' ? split.candidate : split.stable;
    if (bundle !== null && bundle !== expected) yield `call ${line.id}: ${edge} served ${bundle} as ${arm}, and rev ${rev} says ${String(expected)}`;
  }
};

/** The bucket of a key is the same on every reader, and raising the weight moves nobody out. */
export const sticky: Invariant = function* ({ store, ledger }) {
  const answers = served(ledger);
  for (const answer of answers) {
    const { line, token, targetingKey } = answer;
    const split = splitOf(store, answer);
    if (token === null || split === undefined) continue;
    const bucket = split.candidate === undefined ? 0 : bucketOf(saltOf(split.application, split.environment, split.candidate), targetingKey);
    if (token.bucket !== bucket) yield `call ${line.id}: ${targetingKey} is in bucket ${token.bucket}, and should be in ${bucket}`;
    const arm = split.candidate !== undefined && bucket < split.weightBp ? 'candidate' : 'stable';
    if (token.arm !== arm) yield `call ${line.id}: ${targetingKey} was served ${token.arm} at rev ${split.rev}, where its bucket ${bucket} is ${arm}`;
  }
  for (const [key, same] of grouped(answers.filter(({ token }) => token !== null), ({ targetingKey, release }) => `${targetingKey} of ${String(release)}`)) {
    const weights = same.map((answer) => ({ arm: answer.arm, weightBp: splitOf(store, answer)?.weightBp ?? -1 })).toSorted((a, b) => a.weightBp - b.weightBp);
    if (weights.some(({ arm, weightBp }, i) => arm === 'stable' && weights.slice(0, i).some((lower) => lower.arm === 'candidate' && lower.weightBp <= weightBp && lower.weightBp > 0))) yield `${key} was moved out of the candidate by a higher weight`;
  }
};

/** Who asks one reader twice, the second time after the first answer, never sees something older. The same for a release. */
export const monotone: Invariant = function* ({ ledger }) {
  for (const [edge, answers] of grouped(served(ledger).filter(({ rev, token }) => rev !== null && token !== null), ({ edge, token }) => `${edge} ${token?.application ?? ''}/${token?.environment ?? ''}`)) {
    const byEnd = answers.toSorted((a, b) => a.line.endMono - b.line.endMono);
    let newest: Served | null = null, ended = 0;
    for (const answer of answers) {
      for (; (byEnd[ended]?.line.endMono ?? Infinity) < answer.line.startMono; ended += 1) { const done = byEnd[ended]; if (done !== undefined && (newest === null || isAfter(done, newest))) newest = done; }
      if (newest !== null && isAfter(newest, answer)) yield `call ${answer.line.id}: ${edge} answered rev ${String(answer.rev)} after ${String(newest.rev)}`;
    }
  }
  const reads = ledger.filter((line) => line.outcome === 'ok' && toldOf(line)?.seq != null);
  for (const [id, lines] of grouped(reads, (line) => toldOf(line)?.id ?? '')) {
    for (const line of lines) {
      const older = lines.find((one) => one.endMono < line.startMono && (toldOf(one)?.seq ?? 0) > (toldOf(line)?.seq ?? 0));
      if (older !== undefined) yield `call ${line.id}: ${id} was at ${String(toldOf(line)?.seq)} after ${String(toldOf(older)?.seq)}`;
    }
  }
};
const isAfter = (a: Served, b: Served): boolean => (a.epoch ?? 0) > (b.epoch ?? 0) || (a.epoch === b.epoch && (a.rev ?? 0) > (b.rev ?? 0));
