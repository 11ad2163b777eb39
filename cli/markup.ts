/** A stranger's text inside markup of ours: it stays text, whatever it holds. */

// eslint-disable-next-line no-control-regex
const UNFIT = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
/** Marks that turn the direction of what follows: a text may look like another. */
const TURNING = /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/g;

/** For XML, SVG and HTML, in text and in attributes between double quotes. What XML cannot hold at all is shown as a mark. */
export const escaped = (words: string): string =>
  words.replace(UNFIT, '\ufffd').replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');

/** The same, with what turns its direction shown by its number. */
export const plain = (words: string): string => escaped(words.replace(TURNING, (mark) => `[U+${mark.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`)).replace(/'/g, '&#39;');

/** On one line: a blank line would end a block of HTML in Markdown, and what follows would be read as Markdown again. */
export const inOneLine = (words: string): string => plain(words.replace(/\r\n?/g, '\n')).replace(/\n/g, '&#10;').replace(/\t/g, '&#9;').replace(/[\u2028\u2029\u0085]/g, '&#10;');

/** At most so many characters, without half of one; says how many are missing. */
export function clipped(words: string, max: number): string {
  if (words.length <= max) return words;
  const cut = /[\ud800-\udbff]$/.test(words.slice(0, max)) ? max - 1 : max;
  return `${words.slice(0, cut)}… (${words.length - cut} more characters)`;
}
