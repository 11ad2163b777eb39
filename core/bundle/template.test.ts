import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TemplateError, placeholdersOf, render } from './template.js';

const NAME = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,20}$/);
const LITERAL = fc.string().filter((text) => !text.includes('{') && !text.includes('}'));
const faultOf = (run: () => unknown): TemplateError => {
  try { run(); } catch (error) { if (error instanceof TemplateError) return error; throw error; }
  throw new Error('nothing was refused');
};

describe('R-110 a template is plain text with {{name}} in it, and nothing else', () => {
  test('names come once each, in order', () => {
    expect(placeholdersOf('{{b}} {{ a }} {{b}} {{c-1.x_y}}')).toEqual(['b', 'a', 'c-1.x_y']);
    expect(placeholdersOf('none { here } nor }} here')).toEqual([]);
  });
  test('values take their places', () => {
    expect(render('Hello {{name}}, {{ name }}: {{x}}.', { name: 'Ann', x: '' }, ['name', 'x', 'unused'])).toBe('Hello Ann, Ann: .');
  });
  test.each(['{{#if x}}', '{{/if}}', '{{> part}}', '{{a b}}', '{{1a}}', '{{}}', '{{', '{{a}', '{{{a}}}', '{{a\n}}', '{{ä}}', `{{${'a'.repeat(65)}}}`, '{{a|upper}}', '{{"a"}}'])(
    '%j is refused', (text) => {
      expect(faultOf(() => placeholdersOf(text)).code).toBe('BAD_INPUT');
      expect(faultOf(() => render(text, { a: '1', x: '1' }, ['a', 'x'])).hint).not.toBe('');
    });
  test('a placeholder nobody declared is refused, even with a value for it', () => {
    expect(faultOf(() => render('{{a}}', { a: '1' }, [])).message).toContain('not declared');
  });
  test('a placeholder without a value is refused', () => {
    expect(faultOf(() => render('{{a}}', {}, ['a'])).message).toContain('no value');
    expect(faultOf(() => render('{{a}}', { a: 7 as unknown as string }, ['a'])).code).toBe('BAD_INPUT');
    expect(faultOf(() => render('{{a}}', { a: undefined as unknown as string }, ['a'])).code).toBe('BAD_INPUT');
  });
});

describe('R-111 a value is never parsed again, and no name reaches a prototype', () => {
  test('a placeholder inside a value stays text', () => {
    expect(render('{{a}}{{b}}', { a: '{{b}}', b: '{{#if}}$& $1' }, ['a', 'b'])).toBe('{{b}}{{#if}}$& $1');
  });
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])('%s is a name like any other', (name) => {
    expect(faultOf(() => render(`{{${name}}}`, {}, [name])).message).toContain('no value');
    const variables = JSON.parse(`{${JSON.stringify(name)}: "given"}`) as Record<string, string>;
    expect(render(`<{{${name}}}>`, variables, [name])).toBe('<given>');
  });
  test('for any literals and any values the result is their concatenation', () => {
    fc.assert(fc.property(fc.array(fc.tuple(LITERAL, NAME, fc.string()), { maxLength: 8 }), LITERAL, (parts, end) => {
      const variables = Object.create(null) as Record<string, string>;
      for (const [, name, value] of parts) variables[name] ??= value;
      const text = parts.map(([literal, name]) => `${literal}{{${name}}}`).join('') + end;
      const wanted = parts.map(([literal, name]) => `${literal}${variables[name] ?? ''}`).join('') + end;
      expect(render(text, variables, Object.keys(variables))).toBe(wanted);
      expect(placeholdersOf(text)).toEqual([...new Set(parts.map(([, name]) => name))]);
    }), { numRuns: 500 });
  });
  test('any text renders or is refused with a code, and nothing else happens', () => {
    const braces = fc.array(fc.constantFrom('{', '}', '{{', '}}', 'a', ' ', '#', '{{a}}', '\n', '__proto__'), { maxLength: 12 }).map((parts) => parts.join(''));
    fc.assert(fc.property(fc.oneof(braces, fc.string()), fc.string(), (text, value) => {
      try {
        const rendered = render(text, { a: value }, ['a']);
        expect(rendered).toBe(text.replaceAll(/\{\{[ \t]*a[ \t]*\}\}/g, () => value));
      } catch (error) { expect(error).toBeInstanceOf(TemplateError); }
    }), { numRuns: 1000 });
  });
});
