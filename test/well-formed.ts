/** What an XML parser would stop at, by the rules that matter here: one root, tags that nest, attributes in quotes, no bare ampersand, no letter XML has not. */
export function wellFormed(xml: string): string | null {
  const open: string[] = [];
  let rest = xml.replace(/^<\?xml[^?]*\?>\s*/, '');
  // eslint-disable-next-line no-control-regex
  if (/[\u0000-\u0008\u000b\u000c\u000e-\u001f]/.test(xml)) return 'a letter that XML has not';
  while (rest !== '') {
    const [text = ''] = /^[^<]*/.exec(rest) ?? [];
    if (/&(?!(?:amp|lt|gt|quot|apos|#\d+);)/.test(text)) return `a bare ampersand in ${text}`;
    if (open.length === 0 && text.trim() !== '') return `text outside of the root: ${text}`;
    rest = rest.slice(text.length);
    if (rest === '') break;
    const [tag, closing, name = '', , alone] = /^<(\/)?([A-Za-z][\w:-]*)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/)?>/.exec(rest) ?? [];
    if (tag === undefined) return `no tag: ${rest.slice(0, 40)}`;
    if (closing !== undefined) { if (open.pop() !== name) return `</${name}> closes nothing`; } else if (alone === undefined) open.push(name);
    rest = rest.slice(tag.length);
    if (open.length === 0 && rest.trim() !== '') return `more than one root: ${rest.slice(0, 40)}`;
  }
  return open.length === 0 ? null : `${open.join(' ')} is never closed`;
}
