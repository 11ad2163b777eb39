import { describe, expect, test } from 'vitest';
import { score, textsToEmbed, PII_KINDS, type Checks, type EvaluatorSpec, type PiiKind } from './index.js';
import { normalised } from './consistency.js';
import { findPii, isCard, isIban } from './pii-forms.js';

const checks: Checks = { matches: () => ({ holds: true }), fits: () => ({ holds: true }), similarity: () => 0.5, editDistance: () => 0 };
const kindsIn = (text: string): PiiKind[] => findPii(text, PII_KINDS).map(({ kind }) => kind);

describe('R-264 personal data is found by its form and its checksum, and never repeated', () => {
  test.each<[PiiKind, string]>([
    ['email', 'Write to ada.lovelace+x@mail.example.co.uk.'], ['email', 'jörg@müller.example'], ['phone', 'Call +49 171 1234567 today'], ['phone', '0049 (0)30 123456'], ['phone', '(555) 123-4567'], ['phone', '555-123-4567'], ['phone', '0171 1234567'], ['phone', '+1-212-555-0187'],
    ['iban', 'DE89 3704 0044 0532 0130 00'], ['iban', 'gb29nwbk60161331926819'], ['iban', 'Pay to GB29 NWBK 6016 1331 9268 19 by Monday 12'], ['card', '4111 1111 1111 1111'], ['card', '5500-0000-0000-0004'], ['card', '378282246310005'], ['card', '4111 1111 1111 1111 12/27'],
    ['ip', 'from 192.168.12.7 at noon'], ['ip', '2001:db8::8a2e:370:7334'], ['ip', 'fe80::1'], ['ip', '2001:0db8:85a3:0000:0000:8a2e:0370:7334'],
    ['key', `AKIA${'A'.repeat(16)}`], ['key', `ghp_${'a1'.repeat(18)}`], ['key', `sk-proj-${'a1'.repeat(12)}`], ['key', '-----BEGIN RSA PRIVATE KEY-----'], ['key', `eyJ${'a'.repeat(20)}.eyJ${'b'.repeat(20)}.${'c'.repeat(20)}`], ['key', `xoxb-${'1'.repeat(12)}-abc`],
  ])('%s: %s', (kind, text) => { expect(kindsIn(text)).toEqual([kind]); });
  test.each([
    'Order 2026-05-12, 12:30:45.', 'Version 1.2.3.4.5', 'localhost is 127.0.0.1', 'ISBN 978-3-16-148410-0', 'DE89 3704 0044 0532 0130 01', '4111 1111 1111 1112', '1111 1111 1111 1111', 'std::vector and a::b', 'x@y', 'a..b@example.com.', '999.999.999.999', 'The total is 1,234,567.89.',
    'Ticket 12345678', '@handle and #1234567', 'sk-short', 'on 12.05.2026 or 2026/05/12', '',
  ])('nothing in %j', (text) => { expect(kindsIn(text)).toEqual([]); });
  test('several, each once, and a card is no phone', () => { expect(kindsIn('a@example.com, +49 171 1234567, 4111111111111111')).toEqual(['email', 'card', 'phone']); });
  test('checksums, one digit off', () => {
    for (let digit = 0; digit < 10; digit++) {
      expect(isCard(`411111111111111${digit}`)).toBe(digit === 1);
      expect(isIban(`DE8937040044053201300${digit}`)).toBe(digit === 0);
    }
  });
  test('the explanation counts and repeats nothing; what was expected may be said', () => {
    const spec: EvaluatorSpec = { kind: 'pii', detect: ['email', 'phone'] };
    expect(score(spec, { text: 'ask a@example.com or b@example.com' }, {}, checks)).toEqual({ value: 0, label: 'fail', explanation: 'email: 2' });
    expect(score(spec, { text: 'ask a@example.com' }, { expected: 'A@example.com' }, checks)).toEqual({ value: 1, label: 'pass' });
    expect(score(spec, { text: 'call +49 171 1234567' }, { expected: '+49 (171) 123-4567' }, checks)).toMatchObject({ value: 1 });
    expect(score({ kind: 'pii', detect: ['ip'] }, { text: 'ask a@example.com' }, {}, checks)).toMatchObject({ value: 1 });
  });
});

describe('R-265 repetitions agree by their text or their meaning, and an error agrees with nothing', () => {
  const by = (how: 'text' | 'meaning', text: string, repetitions: readonly (string | null)[], cosine: number | null = 0.5) =>
    score({ kind: 'consistency', by: how }, { text }, {}, { ...checks, similarity: () => cosine ?? undefined }, { repetitions });
  test('case, width, spaces and outer punctuation are not what an answer says', () => {
    expect(by('text', ' The  ANSWER is 42. ', ['the answer is \uff14\uff12', 'the answer is 43'])).toMatchObject({ value: 0.5 });
    expect(normalised('«Yes!»')).toBe('yes');
  });
  test('an error stays in the denominator', () => { expect(by('text', 'a', ['a', null, null])).toMatchObject({ value: 1 / 3 }); });
  test('meaning is asked where the text differs', () => {
    expect(by('meaning', 'a', ['b', 'a'], 0.9)).toMatchObject({ value: 1 });
    expect(by('meaning', 'a', ['b', 'a'], 0.8)).toMatchObject({ value: 0.5 });
    expect(by('meaning', 'a', ['b'], null)).toHaveProperty('error');
    expect(by('meaning', '', ['b', ''], 1)).toMatchObject({ value: 0.5 });
    expect(score({ kind: 'consistency', by: 'meaning', threshold: 0.5 }, { text: 'a' }, {}, { ...checks, similarity: () => 0.6 }, { repetitions: ['b'] })).toMatchObject({ value: 1 });
  });
  test('one repetition is an error, not a perfect score', () => { expect(by('text', 'a', [])).toHaveProperty('error'); });
  test('it names the texts it needs', () => {
    expect(textsToEmbed({ kind: 'consistency', by: 'meaning' }, { text: 'a' }, {}, { repetitions: ['b', null, ' '] })).toEqual(['a', 'b']);
    expect(textsToEmbed({ kind: 'consistency', by: 'text' }, { text: 'a' }, {}, { repetitions: ['b'] })).toEqual([]);
    expect(textsToEmbed({ kind: 'semantic' }, { text: 'a\u0000' }, { expected: 'b' })).toEqual([]);
  });
});
