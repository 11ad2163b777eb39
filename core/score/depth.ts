/** How deep a JSON text is nested, without reading it: brackets outside of strings. Stops one above `most`. */
export function jsonDepth(text: string, most: number): number {
  let depth = 0;
  let deepest = 0;
  let isString = false;
  for (let i = 0; i < text.length && deepest <= most; i++) {
    const code = text.charCodeAt(i);
    if (isString) { if (code === 0x5c) i += 1; else if (code === 0x22) isString = false; continue; }
    if (code === 0x22) isString = true;
    else if (code === 0x7b || code === 0x5b) { depth += 1; deepest = Math.max(deepest, depth); } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return deepest;
}
