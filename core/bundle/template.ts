import { SlipwayError } from '../errors.js';

/** A template, or the values for it, that cannot be rendered as written. The caller's text is at fault, never a rendering state. */
export class TemplateError extends SlipwayError {
  override readonly name = 'TemplateError';
  constructor(message: string, hint: string) { super('BAD_INPUT', message, hint); }
}

/** `{{`, then either a whole placeholder or whatever stands there instead of one. */
const OPENING = /\{\{(?:[ \t]*([A-Za-z_][A-Za-z0-9_.-]{0,63})[ \t]*\}\})?/g;
const EXCERPT_LENGTH_MAX = 24;

/**
 * The names a template asks for, each once, in the order they first appear.
 *
 * @throws TemplateError when `{{` opens anything but `{{name}}`: there is no logic, and half a placeholder must not reach a model as text
 */
export function placeholdersOf(text: string): string[] {
  const names = new Set<string>();
  for (const match of text.matchAll(OPENING)) names.add(nameOf(match, text));
  return [...names];
}

/**
 * The template with every `{{name}}` replaced by its value. A value is inserted as it is and never parsed again, so `{{other}}` inside
 * a value stays those nine characters.
 *
 * @param variables  own properties only; a name such as `__proto__` or `constructor` is a name like any other
 * @param declared   what the prompt version says it takes; a declared name need not appear
 * @throws TemplateError for a placeholder that is not declared, one without a value, or a malformed one
 */
export function render(text: string, variables: Readonly<Record<string, string>>, declared: readonly string[]): string {
  const allowed = new Set(declared);
  let rendered = '';
  let readUpTo = 0;
  for (const match of text.matchAll(OPENING)) {
    const name = nameOf(match, text);
    if (!allowed.has(name)) {
      throw new TemplateError(`{{${name}}} is not declared.`, `Declare "${name}" as a variable of the prompt, or take it out of the template.`);
    }
    const value: unknown = Object.hasOwn(variables, name) ? variables[name] : undefined;
    if (typeof value !== 'string') {
      throw new TemplateError(`{{${name}}} has no value.`, `Give the variable "${name}" a text.`);
    }
    rendered += text.slice(readUpTo, match.index) + value;
    readUpTo = match.index + match[0].length;
  }
  return rendered + text.slice(readUpTo);
}

function nameOf(match: RegExpExecArray, text: string): string {
  const name = match[1];
  if (name !== undefined) return name;
  const excerpt = text.slice(match.index, match.index + EXCERPT_LENGTH_MAX).split('\n')[0] ?? '';
  throw new TemplateError(
    `"${excerpt}" is not a placeholder.`,
    'A placeholder is {{name}}: letters, digits, "_", "." and "-", at most 64, beginning with a letter or "_". There is no logic.');
}
