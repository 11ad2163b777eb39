import fc from 'fast-check';
import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { canonical, digestOf } from './canonical.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const double = (hex: string): number => Buffer.from(hex, 'hex').readDoubleBE();

describe('R-120 one value has one canonical text, RFC 8785', () => {
  test('the example of section 3.2', () => {
    const value: unknown = JSON.parse(String.raw`{"numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false]}`);
    expect(canonical(value)).toBe('{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\\u000f\\nA\'B\\"\\\\\\\\\\"/"}');
  });

  test('members in the order of UTF-16 code units, section 3.2.3', () => {
    const value = { '\u20ac': 'Euro Sign', '\r': 'Carriage Return', '\ufb33': 'Hebrew Letter Dalet With Dagesh', '1': 'One', '\ud83d\ude00': 'Emoji: Grinning Face', '\u0080': 'Control', '\u00f6': 'Latin Small Letter O With Diaeresis' };
    expect([...canonical(value).matchAll(/:"([^"]+)"/g)].map(([, name]) => name)).toEqual(
      ['Carriage Return', 'One', 'Control', 'Latin Small Letter O With Diaeresis', 'Euro Sign', 'Emoji: Grinning Face', 'Hebrew Letter Dalet With Dagesh']);
  });

  test.each([
    ['0000000000000000', '0'], ['8000000000000000', '0'], ['0000000000000001', '5e-324'], ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'], ['ffefffffffffffff', '-1.7976931348623157e+308'], ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'], ['4430000000000000', '295147905179352830000'], ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'], ['44b52d02c7e14af7', '1.0000000000000001e+23'], ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'], ['444b1ae4d6e2ef50', '1e+21'], ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'], ['41b3de4355555553', '333333333.3333332'], ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'], ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('the double %s of appendix B is %s', (hex, text) => { expect(canonical(double(hex))).toBe(text); });

  test('order of insertion, prototype and undefined members do not matter', () => {
    const bare: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    bare['b'] = 1; bare['a'] = [{ d: undefined, c: 2 }];
    expect(canonical(bare)).toBe(canonical({ a: [{ c: 2 }], b: 1 }));
  });

  test('for any JSON value: it reads back as the same value, and twice is the same text', () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const text = canonical(value);
      expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      expect(canonical(JSON.parse(text))).toBe(text);
    }));
  });

  test('its digest carries the name of the method', () => {
    expect(digestOf({}, sha256)).toBe('sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a');
  });
});

describe('R-121 what has no canonical text is refused, never guessed', () => {
  test.each<[string, unknown]>([
    ['NaN', Number.NaN], ['an infinity', [Number.POSITIVE_INFINITY]], ['a lone high surrogate', '\ud83d'], ['a lone low surrogate in a name', { '\ude00': 1 }],
    ['surrogates in the wrong order', '\ude00\ud83d'], ['undefined', undefined], ['undefined in a list', [undefined]], ['a function', () => 1], ['a symbol', Symbol('x')],
    ['a big integer', 1n], ['a date', new Date(0)], ['a map', new Map()], ['bytes', new Uint8Array(1)],
    ['nesting without end', JSON.parse(`${'['.repeat(300)}${']'.repeat(300)}`)],
  ])('%s', (_name, value) => { expect(() => canonical(value)).toThrow(/./); });
});
