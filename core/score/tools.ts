import type { Checks, ExpectedTools, MadeCall, ScoreResult } from './types.js';

/** More calls than this of one answer are not compared: no case expects so many. */
const CALLS_MAX = 128;

/**
 * Whether an answer called the tools its case expects: the right ones, with arguments that fit their schemas, in order where that is asked for,
 * and none besides. All or nothing, because half of a booking is no booking.
 *
 * @param fits  of `Checks`: whether a text is JSON that a schema accepts
 * @returns     1 or 0 with what was missing, or an error where a schema itself is wrong: the dataset's fault, not the model's
 */
export function toolCallsMatch({ order, calls: expected }: ExpectedTools, made: readonly MadeCall[], fits: Checks['fits']): ScoreResult {
  if (made.length > CALLS_MAX) return fail(`${made.length} calls were made; ${expected.length} were expected`);
  const pairs = new Map<string, ReturnType<Checks['fits']>>();
  const outcomeOf = (wanted: number, index: number): ReturnType<Checks['fits']> => {
    const call = made[index], want = expected[wanted];
    if (call === undefined || want === undefined || call.name !== want.name) return { holds: false };
    const key = `${wanted}/${index}`;
    const known = pairs.get(key) ?? fits(want.arguments ?? {}, call.arguments);
    pairs.set(key, known);
    return known;
  };
  // A broken schema is told even where the calls differ otherwise.
  for (const [wanted] of expected.entries()) for (const [index] of made.entries()) {
    const outcome = outcomeOf(wanted, index);
    if ('error' in outcome) return { error: `tool ${expected[wanted]?.name ?? ''}: ${outcome.error}` };
  }
  const holds = (wanted: number, index: number): boolean => { const outcome = outcomeOf(wanted, index); return 'holds' in outcome && outcome.holds; };
  if (made.length !== expected.length) return fail(`expected ${namesOf(expected)}; called ${namesOf(made)}`);
  if (order === 'strict') {
    const wrong = expected.findIndex((_, index) => !holds(index, index));
    return wrong === -1 ? PASS : fail(whyNot(wrong, wrong));
  }
  const partner = matched(expected.length, holds);
  const alone = partner.findIndex((index) => index === undefined);
  return alone === -1 ? PASS : fail(whyNot(alone, made.findIndex(({ name }) => name === expected[alone]?.name)));

  function whyNot(wanted: number, index: number): string {
    const want = expected[wanted]?.name ?? '', call = made[index]?.name;
    if (call !== want) return `call ${wanted + 1} should be ${want}; called ${namesOf(made)}`;
    const outcome = outcomeOf(wanted, index);
    return `the arguments of ${want} do not fit: ${'why' in outcome && outcome.why !== undefined ? outcome.why : 'another schema'}`;
  }
}

const PASS: ScoreResult = { value: 1, label: 'pass' };
const fail = (explanation: string): ScoreResult => ({ value: 0, label: 'fail', explanation });
/** All calls of the answer against those the case expects. */
export interface ToolCallsSpec { readonly kind: 'toolCalls' }
const namesOf = (calls: readonly { readonly name: string }[]): string => (calls.length === 0 ? 'no tool' : calls.slice(0, 10).map(({ name }) => name.slice(0, 64)).join(', '));

/** A partner for each, none twice, wherever that can be done: augmenting paths, so that a broad schema does not take a narrow one's call. */
function matched(size: number, holds: (wanted: number, index: number) => boolean): readonly (number | undefined)[] {
  const holder: (number | undefined)[] = Array.from({ length: size }, () => undefined);
  const seat = (wanted: number, tried: Set<number>): boolean => {
    for (let index = 0; index < size; index += 1) {
      if (tried.has(index) || !holds(wanted, index)) continue;
      tried.add(index);
      const before = holder[index];
      if (before === undefined || seat(before, tried)) { holder[index] = wanted; return true; }
    }
    return false;
  };
  for (let wanted = 0; wanted < size; wanted += 1) seat(wanted, new Set());
  return Array.from({ length: size }, (_, wanted) => { const index = holder.indexOf(wanted); return index === -1 ? undefined : index; });
}
