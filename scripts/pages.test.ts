import { describe, expect, test } from 'vitest';
import { tableOfErrors, tableOfSettings, withTable } from './pages.js';

describe('R-880 a generated table is written where its page has a place for it, and nowhere else', () => {
  const page = 'before\n<!-- words -->\n| old |\n| rows |\n<!-- /words -->\nafter\n<!-- exits -->\n| x |\n<!-- /exits -->\n';
  test('the rest of the page stays', () => {
    expect(withTable(page, 'words', '| new |')).toBe('before\n<!-- words -->\n| new |\n<!-- /words -->\nafter\n<!-- exits -->\n| x |\n<!-- /exits -->\n');
  });
  test('made twice is made once', () => { expect(withTable(withTable(page, 'exits', '| $& |'), 'exits', '| $& |')).toBe(withTable(page, 'exits', '| $& |')); });
  test.each([['no place', 'a page'], ['a place without an end', '<!-- words -->\n| a |\n'], ['two places', page + page]])('%s', (_name, text) => { expect(() => withTable(text, 'words', '|')).toThrow(/place for the table "words"/); });
  test('every setting is described, every error has four cells', () => {
    expect(tableOfSettings()).not.toContain('NOT DESCRIBED');
    for (const row of tableOfErrors().split('\n')) expect(row.split(' | ').length, row).toBeLessThanOrEqual(4);
  });
});
