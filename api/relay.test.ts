import { describe, expect, test } from 'vitest';
import { release, sha256 } from '../test/stand-ins.js';
import { GENESIS_HASH, linkHash } from '../core/audit/index.js';
import { UnavailableError } from '../core/errors.js';
import type { PendingIntent, StoredIntent } from '../store/index.js';
import { createRelay, type RelayEvent } from './index.js';

const at = new Date(0);
const intent = (id: string, more: Partial<StoredIntent> = {}): PendingIntent => ({ collection: 'environments', documentId: 'd', intent: { id, application: 'helpdesk', action: 'a', actor: { id: 'x', kind: 'slipway' }, subject: 's', at, ...more } });
const noted = (id: string, of = 'R1', more: Partial<StoredIntent> = {}): PendingIntent => intent(id, { note: { workflowId: 'release/helpdesk/production', rolledBack: { release: of, rev: 1, epoch: 1, forCause: true, reason: 'r', actor: { id: 'x', kind: 'slipway' } } }, ...more });

function relayOver(waiting: PendingIntent[], { isHolder = () => true, fails = () => false, notes = () => Promise.resolve() }: { readonly isHolder?: () => boolean; readonly fails?: (id: string) => boolean; readonly notes?: (release: string) => Promise<void> } = {}) {
  const carried: string[] = [], delivered: string[] = [], hashes: string[] = [], asked: number[] = [], told: RelayEvent[] = [], released: string[] = [];
  const relay = createRelay({
    sha256, holder: 'me', tell: (event) => { told.push(event); },
    duties: { hold: () => Promise.resolve(isHolder()), release: (duty) => { released.push(duty); return Promise.resolve(); } },
    releases: { find: (id) => Promise.resolve(id === 'OVER' ? release(id, { state: 'ROLLED_BACK', open: false }) : release(id)) },
    orders: { noteRolledBack: async (_workflow, note) => { await notes(note.release); delivered.push(note.release); } },
    intents: {
      pending: (limit) => { asked.push(limit); return Promise.resolve(waiting.slice(0, limit)); },
      carryOut: (one, linkOf) => {
        if (fails(one.intent.id)) return Promise.reject(new Error(`${one.intent.id} cannot be written`));
        carried.push(one.intent.id);
        const event = { application: 'helpdesk', seq: 1, intentId: one.intent.id, at, actor: 'x', actorKind: 'slipway', authMethod: null, action: 'a', subject: 's', beforeDigest: null, afterDigest: null, reason: null, previousHash: GENESIS_HASH };
        hashes.push(linkOf(event) === linkHash(event, sha256) ? 'right' : 'wrong');
        return Promise.resolve();
      },
      done: (one) => { waiting.splice(waiting.indexOf(one), 1); return Promise.resolve(); },
    },
  });
  return { relay, carried, delivered, hashes, asked, told, released };
}

describe('R-730 the relay carries every intent out, then removes it', () => {
  test('in order, with the link of the core, more than one batch', async () => {
    const waiting = Array.from({ length: 250 }, (_, i) => intent(String(i)));
    const { relay, carried, hashes } = relayOver(waiting);
    expect(await relay.tick()).toBe(250);
    expect(carried).toEqual(Array.from({ length: 250 }, (_, i) => String(i)));
    expect(new Set(hashes)).toEqual(new Set(['right']));
    expect(waiting).toEqual([]);
  });
  test('a note goes to its workflow; to a release that has ended it is dropped', async () => {
    const { relay, delivered } = relayOver([noted('a'), noted('b', 'OVER'), intent('c')]);
    expect(await relay.tick()).toBe(3);
    expect(delivered).toEqual(['R1']);
  });
  test('without the duty nothing is touched', async () => {
    const { relay, carried, asked } = relayOver([intent('a')], { isHolder: () => false });
    expect(await relay.tick()).toBe(0);
    expect([carried, asked]).toEqual([[], []]);
  });
});

describe('R-731 what cannot be delivered waits, and holds nothing else up', () => {
  test('with Temporal away the note waits; its audit event and everything after it are done', async () => {
    const waiting = [noted('a'), intent('b'), noted('c'), intent('d')];
    let isAway = true;
    const { relay, carried, delivered, told } = relayOver(waiting, { notes: () => (isAway ? Promise.reject(new UnavailableError('Temporal does not answer.')) : Promise.resolve()) });
    expect(await relay.tick()).toBe(2);
    expect(carried.slice(0, 4)).toEqual(['a', 'b', 'c', 'd']);
    expect(waiting.map((one) => one.intent.id)).toEqual(['a', 'c']);
    expect(told.filter(({ event }) => event === 'relay.noteWaits').length).toBeGreaterThan(0);
    isAway = false;
    expect(await relay.tick()).toBe(2);
    expect(delivered).toEqual(['R1', 'R1']);
  });
  test('a batch full of waiting notes does not hide what comes after it', async () => {
    const waiting = [...Array.from({ length: 150 }, (_, i) => noted(`n${String(i)}`)), intent('last')];
    const { relay, carried } = relayOver(waiting, { notes: () => Promise.reject(new UnavailableError('away')) });
    await relay.tick();
    await relay.tick();
    expect(carried).toContain('last');
    expect(waiting.map((one) => one.intent.id)).not.toContain('last');
  });
  test('an event that cannot be written keeps back its own application, not another', async () => {
    const waiting = [intent('bad'), intent('after'), intent('other', { application: 'payroll' })];
    const { relay, carried, told } = relayOver(waiting, { fails: (id) => id === 'bad' });
    expect(await relay.tick()).toBe(1);
    expect(new Set(carried)).toEqual(new Set(['other']));
    expect(told[0]).toMatchObject({ event: 'relay.failed', intent: 'bad' });
  });
  test('with the database away it says so once, and never throws', async () => {
    const { relay, told } = relayOver([], { isHolder: () => { throw new Error('away'); } });
    expect([await relay.tick(), await relay.tick()]).toEqual([0, 0]);
    expect(told.map(({ event }) => event)).toEqual(['relay.unreachable']);
  });
  test('a nudge during a look brings another; stopping gives the duty back', async () => {
    const waiting = [intent('a')];
    const { relay, carried, released } = relayOver(waiting);
    const first = relay.tick();
    waiting.push(intent('b'));
    relay.nudge();
    await first;
    await relay.stop();
    expect(new Set(carried)).toEqual(new Set(['a', 'b']));
    expect(released).toEqual(['relay']);
  });
});
