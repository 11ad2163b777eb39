/** Which models answered: the same name may have come to mean another, and two halves of an evaluation then compare nothing. */
import type { BundleContent } from '../store/index.js';
import type { Answer } from './evaluation-answer.js';

/** As the provider names them, per arm. Small, because it travels from batch to batch. */
export type SeenModels = Readonly<Record<string, readonly { readonly model: string; readonly fingerprint: string | null }[]>>;
const SEEN_MAX = 8;

/** With what these answers say. Those stored by an earlier evaluation count: an arm may be answered in two halves, months apart. */
export function modelsSeen(before: SeenModels, arm: string, answers: Iterable<Answer>): SeenModels {
  const seen = [...before[arm] ?? []];
  for (const { model, fingerprint = null } of answers) {
    if (model === null || seen.length >= SEEN_MAX || seen.some((one) => one.model === model && one.fingerprint === fingerprint)) continue;
    seen.push({ model, fingerprint });
  }
  return { ...before, [arm]: seen };
}

/** What a person should know, in sentences. An alias that is answered by what it stands for, under a longer name, is as it should be. */
export function flagsOf(seen: SeenModels, arms: readonly { readonly name: string; readonly content: BundleContent }[]): readonly string[] {
  return arms.flatMap(({ name, content: { model } }) => {
    const models = seen[name] ?? [];
    const others = [...new Set(models.filter((one) => model !== null && !one.model.startsWith(model.model)).map((one) => one.model))];
    return [
      ...(others.length === 0 || model === null ? [] : [`${name}: ${model.model} was asked, ${others.join(', ')} answered.`]),
      ...(models.length < 2 ? [] : [`${name}: the model changed under way: ${models.map((one) => `${one.model}${one.fingerprint === null ? '' : ` (${one.fingerprint})`}`).join(', ')}.`]),
    ];
  });
}
