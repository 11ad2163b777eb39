import type { z } from 'zod';
import { BadInputError, TooLargeError } from '../core/errors.js';

const FAULTS_MAX = 10;
/** Fields that hold somebody's JSON, in which a null means something. */
const OPAQUE: readonly string[] = ['schema', 'arguments'];

/**
 * A stranger's value as one of ours. After this there is no `unknown` and no second check. An explicit `null` counts as left out.
 *
 * @throws BadInputError whose message names the path of each fault, and whose hint says what is allowed there; TooLargeError where only a
 *   stated limit is crossed
 */
export function read<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const outcome = shape.safeParse(withoutNulls(value));
  if (outcome.success) return outcome.data;
  const { issues } = outcome.error;
  const faults = issues.slice(0, FAULTS_MAX).map((issue) => `${placeOf(issue)}: ${issue.message}`).join('; ');
  const hint = [...new Set(issues.slice(0, FAULTS_MAX).map(allowedOf).filter((one) => one !== undefined))].join(' ') || undefined;
  if (issues.every((issue) => issue.code === 'custom' && issue.params?.['tooLarge'] === true)) throw new TooLargeError(faults, hint);
  throw new BadInputError(faults, hint);
}

const placeOf = ({ path }: z.core.$ZodIssue): string => (path.length === 0 ? 'input' : path.map(String).join('.'));

/** What would have been right, in one sentence; nothing where the fault's own words say it. */
function allowedOf(issue: z.core.$ZodIssue): string | undefined {
  const place = placeOf(issue);
  switch (issue.code) {
    case 'too_big': return `${place} ${sizeOf('at most', issue.maximum, issue.origin)}.`;
    case 'too_small': return `${place} ${sizeOf('at least', issue.minimum, issue.origin)}.`;
    case 'invalid_type': return `${place} is of type ${issue.expected}.`;
    case 'invalid_value': return `${place} is one of ${issue.values.map(String).join(', ')}.`;
    case 'unrecognized_keys': return `Leave out ${issue.keys.join(', ')}, or correct the spelling.`;
    default: return undefined;
  }
}
function sizeOf(bound: string, limit: number | bigint, origin: string): string {
  const [one, many] = origin === 'string' ? ['character', 'characters'] : origin === 'array' || origin === 'set' ? ['entry', 'entries'] : [];
  return one === undefined ? `is ${bound} ${String(limit)}` : `has ${bound} ${String(limit)} ${Number(limit) === 1 ? one : many}`;
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== null).map(([name, one]) => [name, OPAQUE.includes(name) ? one : withoutNulls(one)]));
}
