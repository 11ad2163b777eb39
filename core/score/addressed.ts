import type { ScoreResult } from './types.js';

/**
 * Answers that talk to their judge. What is found here is a finding on the row and can only lower a score. It is a list and finds what is on
 * it; a judge is tested without it (qualify.ts), or it would be this list that qualifies.
 */

const READ_LENGTH_MAX = 32 * 1024;
/** Letters that look like Latin ones, by what they look like. */
const LOOKS_LIKE: ReadonlyMap<string, string> = new Map([...'\u0430\u0435\u043e\u0440\u0441\u0443\u0445\u0456\u0458\u0455\u0501\u0261\u04bb\u0578\u0442\u043c\u043a\u0432\u043d\u03b1\u03bf\u03b5\u03b9\u03bd\u03c1\u03c4\u03c5\u03ba'].map((one, index) => [one, 'aeopcyxijsdghntmkbhaoeivptuk'.charAt(index)] as const));
/** Marks that are not seen: joiners, direction, soft hyphens, tags. */
const UNSEEN = /[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\u{e0000}-\u{e007f}]/gu;

const FORMS: readonly (readonly [string, RegExp])[] = [
  ['asks to forget instructions', /\b(?:ignore|disregard|forget|override|bypass)\b[^.!?\n]{0,40}\b(?:instruction|rubric|prompt|rule|criteri|guideline|system message|direction)/],
  ['asks to forget instructions', /\b(?:ignorier|vergiss|missacht)\p{L}{0,4}\b[^.!?\n]{0,40}(?:anweisung|vorgabe|regel|anleitung)|\b(?:ignore[zs]?|oublie[zs]?)\b[^.!?\n]{0,40}\b(?:instructions|consignes|directives)|\b(?:ignora|ignore|olvida|dimentica|esqueça)\b[^.!?\n]{0,40}\b(?:instruc|istruzion|instruç)|(?:игнорир|забудь)\p{L}{0,6}[^.!?\n]{0,40}инструкци|(?:忽略|无视|忘记)[^。！？\n]{0,20}(?:指令|指示|说明|规则)|(?:指示|命令)[^。\n]{0,10}(?:無視|忘れ)|(?:이전|위의?)[^.\n]{0,15}(?:지시|지침)[^.\n]{0,10}(?:무시|잊)|تجاهل[^.\n]{0,40}تعليمات/u],
  ['speaks to the judge', /\b(?:judge|grader|evaluator|rater|examiner|assessor|scorer)\b[^\n]{0,60}\b(?:give|award|assign|return|output|rate|mark|grade|score|must|should|please|choose|prefer)\b[^\n]{0,60}\b(?:full|maximum|highest|top|perfect|best|pass|first|\d{1,3})\b/],
  ['asks for a score', /\b(?:give|award|assign|return|output|rate|mark|grade|respond with|answer with)\b[^\n]{0,40}\b(?:full marks|maximum|highest|top|perfect|best)\s{0,3}(?:possible )?(?:score|rating|grade|mark)/],
  ['asks for a score', /\b(?:score|rate|grade|mark) (?:this|the|my) (?:answer|response|output|reply)\b[^\n]{0,40}\b(?:5|10|100|pass|perfect|excellent|correct)\b/],
  ['pretends a judgement', /<<<judgement|\bend \w{1,64}>>>|\{\s{0,5}"(?:reason|score|winner|claims)"\s{0,5}:|\b(?:final )?(?:judge?ment|verdict|score|rating|grade)\s{0,3}[:=]\s{0,3}(?:\d{1,3}\s{0,2}\/\s{0,2}\d|pass\b|5\b|10\b|100\b|first\b|excellent|perfect)/],
  ['pretends to be somebody else', /<\|(?:im_start|im_end|system|assistant|user|endoftext|eot_id)|\[\/?inst\]|<<\/?sys>>|<\/?(?:system|assistant|instructions?)>|(?:^|\n)\s{0,3}#{1,4}\s{0,2}(?:system|instruction|new task)|(?:^|\n)\s{0,3}(?:system|assistant|developer)\s{0,2}:/],
];

/** What an answer tries with its judge, in words; `undefined` where nothing known is found. The beginning and the end of a long text are read. */
export function addressesJudge(text: string): string | undefined {
  const read = text.length <= 2 * READ_LENGTH_MAX ? text : `${text.slice(0, READ_LENGTH_MAX)}\n${text.slice(-READ_LENGTH_MAX)}`;
  const plain = read.normalize('NFKC').replaceAll(UNSEEN, '').toLowerCase();
  const latin = [...plain].map((one) => LOOKS_LIKE.get(one) ?? one).join('');
  return FORMS.find(([, form]) => form.test(plain) || form.test(latin))?.[0];
}

/** No letter and no digit: nobody has to be asked whether that answers anything. */
export const saysNothing = (text: string): boolean => !/[\p{L}\p{N}]/u.test(text);

/** A judge's score of an answer that talks to it: 0, whatever the judge was talked into. An error stays one. */
export function guarded(result: ScoreResult, answer: string): ScoreResult {
  const finding = addressesJudge(answer);
  if (finding === undefined || 'error' in result) return result;
  return { value: 0, label: 'addresses the judge', explanation: `the answer ${finding}; the judge said ${Number(result.value.toFixed(3))}` };
}
