/**
 * murmur3_x86_32 with seed 0 over the UTF-8 of a text, as an unsigned 32-bit integer. UTF-8 is made on the way, a byte at a time, because
 * this runs once a request: no buffer, no garbage. A lone surrogate counts as U+FFFD.
 *
 * @see Austin Appleby, MurmurHash3 (public domain)
 */
export function murmur3(text: string): number {
  let hash = 0;
  let word = 0;
  let length = 0;
  const take = (byte: number): void => {
    word |= byte << ((length & 3) << 3);
    length += 1;
    if ((length & 3) !== 0) return;
    hash = Math.imul(rotate(hash ^ scramble(word), 13), 5) + 0xe6546b64;
    word = 0;
  };
  for (let i = 0; i < text.length; i += 1) {
    let point = text.charCodeAt(i);
    if (point < 0x80) { take(point); continue; }
    if (point < 0x800) { take(0xc0 | (point >> 6)); take(0x80 | (point & 0x3f)); continue; }
    if (point >= 0xd800 && point <= 0xdfff) {
      const low = point < 0xdc00 ? text.charCodeAt(i + 1) : Number.NaN;
      if (low >= 0xdc00 && low <= 0xdfff) {
        point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
        i += 1;
        take(0xf0 | (point >> 18)); take(0x80 | ((point >> 12) & 0x3f)); take(0x80 | ((point >> 6) & 0x3f)); take(0x80 | (point & 0x3f));
        continue;
      }
      point = 0xfffd;
    }
    take(0xe0 | (point >> 12)); take(0x80 | ((point >> 6) & 0x3f)); take(0x80 | (point & 0x3f));
  }
  if ((length & 3) !== 0) hash ^= scramble(word);
  hash ^= length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

const rotate = (word: number, by: number): number => (word << by) | (word >>> (32 - by));
const scramble = (word: number): number => Math.imul(rotate(Math.imul(word, 0xcc9e2d51), 15), 0x1b873593);

/** Which of 10 000 buckets a targetingKey falls into under a salt (`saltOf`): the candidate serves the buckets below its weight. The key is hashed as given. */
export const bucketOf = (salt: string, targetingKey: string): number => Math.floor((murmur3(`${salt}:${targetingKey}`) * 10_000) / 0x1_0000_0000);
