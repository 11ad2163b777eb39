/** How much work a JSON Schema can be, known before it is compiled. */

/** Parts met when every reference is followed; times the values of an answer this is the most that is ever checked. */
const PARTS_MAX = 2_000;
const DEPTH_MAX = 64;
const MARK = Number.POSITIVE_INFINITY;

/**
 * Why a schema is refused for its size. References are followed as often as they are named: a chain of schemas that each name the next one
 * twice doubles with every step, and one that names itself has no end, so an answer could be made that is checked for ever.
 *
 * @param schema  plain JSON, whose references lead inside of it, as `#/…`
 */
export function faultOfSize(schema: object): string | undefined {
  const parts = new Map<object, number>();
  const count = (value: unknown, depth: number): number => {
    if (typeof value !== 'object' || value === null) return 0;
    if (depth > DEPTH_MAX) throw new RangeError(`the schema is nested more than ${DEPTH_MAX} deep`);
    const known = parts.get(value);
    if (known === MARK) throw new RangeError('the schema refers to itself: an answer could keep it busy for ever');
    if (known !== undefined) return known;
    parts.set(value, MARK);
    let sum = 1;
    for (const [name, inner] of Object.entries(value)) {
      if (name === '$id' && typeof inner === 'string' && depth > 0) throw new RangeError('the schema cannot be compiled: an $id inside of it would change where references lead');
      sum += name === '$ref' && typeof inner === 'string' ? count(targetOf(schema, inner), depth + 1) : count(inner, depth + 1);
    }
    parts.set(value, sum);
    if (sum > PARTS_MAX) throw new RangeError(`the schema comes to more than ${PARTS_MAX} parts when its references are followed`);
    return sum;
  };
  try { count(schema, 0); } catch (error) {
    if (error instanceof RangeError) return error.message;
    throw error;
  }
  return undefined;
}

/** What a reference leads to; `undefined` where there is nothing, which the compiler will say. */
function targetOf(schema: object, reference: string): unknown {
  if (!/^#(\/|$)/.test(reference)) throw new RangeError('the schema cannot be compiled: a reference leads out of it; only # and #/… are followed');
  let found: unknown = schema;
  for (const step of reference.slice(1).split('/').slice(1)) {
    const name = unescaped(step);
    found = typeof found === 'object' && found !== null && Object.hasOwn(found, name) ? (found as Record<string, unknown>)[name] : undefined;
  }
  return found;
}
function unescaped(step: string): string {
  try { return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~'); } catch { return step; }
}
