import { ERRORS } from '../core/errors.js';
import { SettingsVariables } from '../schema/settings.js';

/**
 * A page with a table of it made anew.
 *
 * @param name  the table stands between `<!-- name -->` and `<!-- /name -->`
 * @throws Error where the page has no such place, or more than one
 */
export function withTable(page: string, name: string, table: string): string {
  const [before, old, ...others] = page.split(new RegExp(`(?<=<!-- ${name} -->\n)([^]*?)(?=\n<!-- /${name} -->)`));
  const [after, ...more] = others;
  if (before === undefined || old === undefined || after === undefined || more.length > 0) throw new Error(`the page has not exactly one place for the table "${name}"`);
  return `${before}${table}${after}`;
}

/** The table of docs/errors.md, from the catalogue. */
export const tableOfErrors = (): string => ['| code | HTTP | means | what to do, unless the error says more |', '|---|---|---|---|',
  ...Object.entries(ERRORS).map(([code, { http, meaning, hint }]) => `| \`${code}\` | ${http} | ${meaning} | ${hint} |`)].join('\n');

/** The table of docs/settings.md, from the shapes themselves. A default that depends on the process is told in the meaning. */
export const tableOfSettings = (): string => ['| variable | default | meaning |', '|---|---|---|',
  ...Object.entries(SettingsVariables.shape).map(([name, shape]) => {
    const usual = shape.safeParse(undefined).data as string | number | readonly string[] | undefined;
    return `| \`${name}\` | ${usual === undefined || usual instanceof Array ? '' : `\`${usual}\``} | ${shape.description ?? 'NOT DESCRIBED'} |`;
  })].join('\n');
