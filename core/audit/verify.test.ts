import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { GENESIS_HASH, linkHash, verifyChain, type AuditEvent, type AuditLink } from './index.js';

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

function chain(length: number): AuditLink[] {
  const links: AuditLink[] = [];
  for (let seq = 1; seq <= length; seq += 1) {
    const event: AuditEvent = {
      application: 'helpdesk', seq, intentId: `intent-${seq}`, at: new Date(1_700_000_000_000 + seq), actor: 'person:alice', actorKind: 'person', authMethod: 'dev',
      action: 'release.requested', subject: `release-${seq}`, beforeDigest: null, afterDigest: `sha256:${'a'.repeat(64)}`, reason: seq % 2 === 0 ? 'because' : null,
      previousHash: links.at(-1)?.hash ?? GENESIS_HASH,
    };
    links.push({ ...event, hash: linkHash(event, sha256) });
  }
  return links;
}

/** Somebody who knows how links are made, and makes all that follow anew. */
const rewritten = (links: readonly AuditLink[], from: number): AuditLink[] => {
  const anew = links.slice(0, from);
  for (const link of links.slice(from)) {
    const event = { ...link, previousHash: anew.at(-1)?.hash ?? GENESIS_HASH };
    anew.push({ ...event, hash: linkHash(event, sha256) });
  }
  return anew;
};

describe('R-701 a link is hashed as a leaf over all its fields', () => {
  test('a vector: 0x00, then the canonical JSON', () => {
    const [first] = chain(1) as [AuditLink];
    const text = `{"action":"release.requested","actor":"person:alice","actorKind":"person","afterDigest":"sha256:${'a'.repeat(64)}","application":"helpdesk","at":"2023-11-14T22:13:20.001Z","authMethod":"dev","beforeDigest":null,"intentId":"intent-1","previousHash":"${'0'.repeat(64)}","reason":null,"seq":1,"subject":"release-1"}`;
    expect(first.hash).toBe(createHash('sha256').update(Buffer.concat([Buffer.from([0]), Buffer.from(text)])).digest('hex'));
  });

  test('a date and its text are one', () => {
    const [first] = chain(1) as [AuditLink];
    expect(linkHash({ ...first, at: '2023-11-14T22:13:20.001Z' }, sha256)).toBe(first.hash);
  });
});

describe('R-702 a chain verifies only as it was written', () => {
  test('as it was written, whole and from a head on', () => {
    const links = chain(20);
    expect(verifyChain(links, sha256)).toEqual({ kind: 'sound', events: 20, head: { seq: 20, hash: links[19]?.hash } });
    const after = { seq: 10, hash: links[9]?.hash ?? '' };
    expect(verifyChain(links.slice(10), sha256, { after })).toMatchObject({ kind: 'sound', events: 10 });
    expect(verifyChain([], sha256)).toEqual({ kind: 'sound', events: 0, head: { seq: 0, hash: GENESIS_HASH } });
  });

  const fields = Object.keys(chain(1)[0] ?? {}) as (keyof AuditLink)[];
  test.each(fields)('a changed %s is found at its event', (field) => {
    for (const index of [0, 7, 19]) {
      const links = chain(20);
      const link = links[index] as AuditLink;
      const was = link[field] as string | number | Date | null;
      links[index] = { ...link, [field]: typeof was === 'number' ? was + 1 : was === null ? 'x' : was instanceof Date ? new Date(was.getTime() + 1) : `${was}x` };
      expect(verifyChain(links, sha256)).toMatchObject({ kind: 'broken', seq: index + 1 });
    }
  });

  test('every character of every text', () => {
    const links = chain(3);
    const link = links[1] as AuditLink;
    for (const [field, value] of Object.entries(link).filter((entry): entry is [string, string] => typeof entry[1] === 'string')) {
      for (let i = 0; i < value.length; i += 1) {
        const flipped = value.slice(0, i) + String.fromCharCode(value.charCodeAt(i) ^ 1) + value.slice(i + 1);
        expect(verifyChain([links[0] as AuditLink, { ...link, [field]: flipped }, links[2] as AuditLink], sha256), `${field}[${i}]`).toMatchObject({ kind: 'broken', seq: 2 });
      }
    }
  });

  test.each<[string, (links: AuditLink[]) => AuditLink[], number]>([
    ['an event is deleted', (l) => l.toSpliced(4, 1), 5],
    ['the first is deleted', (l) => l.slice(1), 1],
    ['two are swapped', (l) => l.toSpliced(3, 2, l[4] as AuditLink, l[3] as AuditLink), 4],
    ['one is inserted twice', (l) => l.toSpliced(4, 0, l[3] as AuditLink), 5],
    ['one of another application is put in', (l) => l.toSpliced(4, 1, { ...(l[4] as AuditLink), application: 'other' }), 5],
    ['a field is taken away', (l) => l.toSpliced(4, 1, { ...(l[4] as AuditLink), reason: undefined as unknown as null }), 5],
    ['a text with half a character', (l) => l.toSpliced(4, 1, { ...(l[4] as AuditLink), reason: '\ud800' }), 5],
  ])('%s', (_name, tamper, seq) => { expect(verifyChain(tamper(chain(10)), sha256)).toMatchObject({ kind: 'broken', seq }); });

  test('written anew, or cut off, is seen only against a head that was held outside', () => {
    const links = chain(10);
    const expected = { seq: 10, hash: links[9]?.hash ?? '' };
    const forged = rewritten(links.map((l, i) => (i === 4 ? { ...l, actor: 'person:mallory' } : l)), 4);
    expect(verifyChain(forged, sha256)).toMatchObject({ kind: 'sound' });
    expect(verifyChain(forged, sha256, { expected })).toMatchObject({ kind: 'broken', seq: 10 });
    expect(verifyChain(links.slice(0, 8), sha256, { expected })).toMatchObject({ kind: 'broken', seq: 9 });
    expect(verifyChain(links, sha256, { expected })).toMatchObject({ kind: 'sound' });
  });
});
