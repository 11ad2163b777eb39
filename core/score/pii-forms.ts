/** Forms of personal data and of secrets, each with what makes it more than a form: a checksum, a range, a known length. */

export const PII_KINDS = ['email', 'phone', 'iban', 'card', 'ip', 'key'] as const;
export type PiiKind = (typeof PII_KINDS)[number];

export interface PiiFinding { readonly kind: PiiKind; readonly at: number; readonly length: number }

/** Every quantifier is bounded and every form begins where a run begins, so that the work stays linear in the text. */
const FORMS: Readonly<Record<PiiKind, { readonly form: RegExp; readonly isReal: (found: string) => boolean }>> = {
  email: { form: /(?<![\p{L}\p{N}._%+-])[\p{L}\p{N}._%+-]{1,64}@(?:[\p{L}\p{N}-]{1,63}\.){1,8}\p{L}{2,24}(?![\p{L}\p{N}-])/gu, isReal: (found) => !/^\.|\.\.|\.@|@-|-\./.test(found) },
  // International with its plus, or 00; national with its leading 0, in at least two groups; American in its three groups.
  phone: {
    form: /(?<![\p{L}\p{N}+.,/-]|\d )(?:(?:\+|00)[1-9](?:[ .\-/()]{0,3}\d){6,14}|\(?0[1-9]\d{1,4}\)?[ \-/]{1,3}\d{2,8}(?:[ -]\d{2,6}){0,4}|\(?[2-9]\d\d\)?[ .-]\d{3}[.-]\d{4})(?![\p{L}\p{N}]|[.,-]\d)/gu,
    isReal: (found) => { const digits = digitsOf(found); return digits.length >= 8 && digits.length <= 17 && !isDate(found) && !isOneDigit(digits); },
  },
  iban: { form: /(?<![\p{L}\p{N}])[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]){11,30}(?![\p{L}\p{N}])/giu, isReal: isIban },
  card: { form: /(?<![\p{L}\p{N}.,-])[2-6](?:[ -]?\d){11,18}(?![\p{L}\p{N}]|[.,-]\d)/gu, isReal: isCard },
  ip: {
    form: /(?<![\p{L}\p{N}.:])(?:\d{1,3}(?:\.\d{1,3}){3}|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}|(?:[0-9a-f]{1,4}:){2,7}:)(?![\p{L}\p{N}:]|\.\d)/giu,
    isReal: isAddress,
  },
  key: {
    form: /-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----|(?<![\p{L}\p{N}_-])(?:(?:AKIA|ASIA)[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{36,255}|github_pat_[A-Za-z0-9_]{22,255}|glpat-[A-Za-z0-9_-]{20,64}|sk-[A-Za-z0-9_-]{20,256}|xox[abeoprs]-[A-Za-z0-9-]{10,250}|AIza[A-Za-z0-9_-]{35}|npm_[A-Za-z0-9]{36}|pypi-[A-Za-z0-9_-]{50,250}|(?:sk|rk|pk)_(?:live|test)_[A-Za-z0-9]{16,128}|hf_[A-Za-z0-9]{30,64}|slp_[A-Za-z0-9_-]{20,128}|eyJ[A-Za-z0-9_-]{10,4096}\.eyJ[A-Za-z0-9_-]{10,4096}\.[A-Za-z0-9_-]{10,1024})/gu,
    isReal: () => true,
  },
};

/** What a text holds of these kinds, by kind and place. What lies inside another finding is told once: a card is no phone, a user part no key. */
export function findPii(text: string, kinds: readonly PiiKind[]): PiiFinding[] {
  const found: PiiFinding[] = [];
  // In the order of how much the form proves, not of the caller's list.
  for (const kind of (['key', 'email', 'iban', 'card', 'ip', 'phone'] as const).filter((one) => kinds.includes(one))) {
    const { form, isReal } = FORMS[kind];
    for (const match of text.matchAll(form)) {
      const real = realPart(kind, match[0], isReal);
      if (real === 0) continue;
      const end = match.index + real;
      if (!found.some(({ at, length }) => match.index < at + length && at < end)) found.push({ kind, at: match.index, length: real });
      if (found.length >= FINDINGS_MAX) return found;
    }
  }
  return found;
}
/** More of it says nothing new. */
const FINDINGS_MAX = 100;

/** What is written in groups runs on into the next word or number; each shorter end is tried at a gap. 0: not real. */
function realPart(kind: PiiKind, found: string, isReal: (found: string) => boolean): number {
  if (isReal(found)) return found.length;
  if (kind !== 'iban' && kind !== 'card') return 0;
  for (let end = found.length - 1; end >= 12; end -= 1) if ((found[end] === ' ' || found[end] === '-') && isReal(found.slice(0, end))) return end;
  return 0;
}

const digitsOf = (found: string): string => found.replaceAll(/\D/g, '');
const isOneDigit = (digits: string): boolean => /^(\d)\1*$/.test(digits);
const isDate = (found: string): boolean => /^0?\d{1,2}[ ./-]\d{1,2}[ ./-]\d{2,4}$/.test(found) || /^\d{4}-\d{2}-\d{2}/.test(found);

/** Lengths by country. @see ISO 13616 registry */
const IBAN_LENGTHS: ReadonlyMap<string, number> = new Map(('AD24 AE23 AL28 AT20 AZ28 BA20 BE16 BG22 BH22 BI27 BR29 BY28 CH21 CR22 CY28 CZ24 DE22 DJ27 DK18 DO28 EE20 EG29 ES24 FI18 FK18 FO18 FR27 GB22 GE22 GI23 GL18 GR27 GT28 '
  + 'HN28 HR21 HU28 IE22 IL23 IQ23 IS26 IT27 JO30 KW30 KZ20 LB28 LC32 LI21 LT20 LU20 LV21 LY25 MC27 MD24 ME22 MK19 MN20 MR27 MT31 MU30 NI28 NL18 NO15 OM23 PK24 PL28 PS29 PT25 QA29 RO24 RS22 RU33 SA24 SC31 SD18 SE24 SI19 SK24 SM27 '
  + 'SO23 ST25 SV28 TL23 TN24 TR26 UA29 VA22 VG24 XK20 YE30').split(' ').map((one) => [one.slice(0, 2), Number(one.slice(2))] as const));

/** Right length for its country, and ISO 7064 mod 97-10 is 1. */
export function isIban(found: string): boolean {
  const plain = found.replaceAll(/[ -]/g, '').toUpperCase();
  if (IBAN_LENGTHS.get(plain.slice(0, 2)) !== plain.length) return false;
  let rest = 0;
  for (const one of plain.slice(4) + plain.slice(0, 4)) rest = (one >= 'A' ? rest * 100 + one.charCodeAt(0) - 55 : rest * 10 + Number(one)) % 97;
  return rest === 1;
}

/** First digits and lengths that cards have: Visa, Mastercard, American Express, Diners, JCB, Discover and UnionPay, Maestro. */
const CARDS = /^(?:4(?:\d{12}|\d{15}|\d{18})|(?:5[1-5]|2[2-7])\d{14}|3[47]\d{13}|3[068]\d{12}|35\d{14}|6\d{15,18}|5[0678]\d{10,17})$/;

/** A length and first digits that cards have, and Luhn's sum is right. */
export function isCard(found: string): boolean {
  const digits = digitsOf(found);
  if (isOneDigit(digits) || !CARDS.test(digits)) return false;
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const weighed = i % 2 === 0 ? digit : digit * 2;
    sum += weighed > 9 ? weighed - 9 : weighed;
  }
  return sum % 10 === 0;
}

/** Four parts of at most 255, of a network that is not this machine; or the form of IPv6 with a group that is no short word or hour. */
function isAddress(found: string): boolean {
  if (found.includes(':')) return found.split(':').some((group) => group.length >= 3 && /\d/.test(group));
  const parts = found.split('.');
  return parts.every((part) => Number(part) <= 255 && (part === '0' || !part.startsWith('0'))) && !/^(?:0|127|255)\./.test(found);
}
