/**
 * JSON whose keys come from a stranger (schemas, policies, datasets, metric names) is kept as text: a key with `$`, a dot or a
 * NUL is then only a character. Unlike plain JSON it brings back NaN, the infinities and -0, so that a receipt replays bit for
 * bit, and lone surrogates, which BSON would replace.
 */
const MARK = '\u0000';

const marked = (value: unknown): unknown => {
  if (typeof value === 'number' && (!Number.isFinite(value) || Object.is(value, -0))) return `${MARK}n${Object.is(value, -0) ? '-0' : String(value)}`;
  return typeof value === 'string' && value.startsWith(MARK) ? `${MARK}s${value}` : value;
};
const unmarked = (value: unknown): unknown => {
  if (typeof value !== 'string' || !value.startsWith(MARK)) return value;
  return value[1] === 'n' ? Number(value.slice(2)) : value.slice(2);
};

/** A plain value (no dates, no functions) as text. */
export const encode = (value: unknown): string => JSON.stringify(value, (_key, inner: unknown) => marked(inner));
/** What `encode` was given. The type is the writer's word for it: only this room writes these texts. */
export const decode = <T>(text: string): T => JSON.parse(text, (_key, inner: unknown) => unmarked(inner)) as T;
