/** Reads a stranger's object field by field: what is missing, unknown or out of range becomes a sentence. */

export type Fields = Readonly<Record<string, unknown>>;
export const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A test of one value, and how to name what it wants. */
export interface Rule { readonly wants: string; readonly holds: (value: unknown) => boolean }

const isFinite = (value: unknown): value is number => typeof value === 'number' && Number.isFinite(value);
export const number = (wants: string, holds: (x: number) => boolean = () => true): Rule => ({ wants, holds: (v) => isFinite(v) && holds(v) });
export const whole = (wants: string, least: number, most = Number.MAX_SAFE_INTEGER): Rule =>
  ({ wants, holds: (v) => Number.isSafeInteger(v) && (v as number) >= least && (v as number) <= most });
export const listOf = (wants: string, item: Rule, least = 0): Rule =>
  ({ wants, holds: (v) => Array.isArray(v) && v.length >= least && v.every((x) => item.holds(x)) });
export const oneOf = (...words: readonly string[]): Rule => ({ wants: `one of ${words.join(', ')}`, holds: (v) => words.includes(v as string) });
export const orNull = (rule: Rule): Rule => ({ wants: `${rule.wants}, or null`, holds: (v) => v === null || rule.holds(v) });

export const BOOL: Rule = { wants: 'true or false', holds: (v) => typeof v === 'boolean' };
export const TEXT: Rule = { wants: 'a string', holds: (v) => typeof v === 'string' };
export const OBJECT: Rule = { wants: 'an object', holds: isFields };
export const POSITIVE = number('a number > 0', (x) => x > 0);
export const NOT_NEGATIVE = number('a number >= 0', (x) => x >= 0);
export const ANY_NUMBER = number('a number');
export const LEVEL = number('a number in (0,1)', (x) => x > 0 && x < 1);
export const PROBABILITY = number('a number in [0,1]', (x) => x >= 0 && x <= 1);
export const COUNT = whole('a whole number in [0, 2^53)', 0);

/** All faults of one object; `where` opens every sentence. */
export function faultsOfFields(where: string, value: unknown, required: Readonly<Record<string, Rule>>, optional: Readonly<Record<string, Rule>> = {}): string[] {
  if (!isFields(value)) return [`${where} must be an object`];
  const faults: string[] = [];
  for (const [name, rule] of Object.entries(required)) {
    if (!Object.hasOwn(value, name)) faults.push(`${where}.${name} is missing`);
    else if (!rule.holds(value[name])) faults.push(`${where}.${name} must be ${rule.wants}`);
  }
  for (const [name, rule] of Object.entries(optional)) {
    if (Object.hasOwn(value, name) && !rule.holds(value[name])) faults.push(`${where}.${name} must be ${rule.wants}`);
  }
  for (const name of Object.keys(value)) {
    if (!Object.hasOwn(required, name) && !Object.hasOwn(optional, name)) faults.push(`${where}.${name} is not a field of the format`);
  }
  return faults;
}
