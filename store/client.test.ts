import net from 'node:net';
import { MongoClient } from 'mongodb';
import { afterAll, describe, expect, inject, test } from 'vitest';
import { COLLECTION_NAMES, COLLECTIONS, indexesOf } from './collections.js';
import type { Intent } from './index.js';
import { openStore } from './index.js';
import { translated } from './table.js';

const database = `store_client_${process.pid}`;
const open = (uri: string, giveUpMs = 10_000) => openStore({ uri, database, appName: 'store-test', role: 'control', timeouts: { giveUpMs, selectMs: 500, connectMs: 500, heartbeatMs: 60_000 } });
const intent: Intent = { id: 'i', application: 'a', action: 'x', actor: { id: 'person:a', kind: 'person' }, subject: 's' };
afterAll(async () => {
  const raw = new MongoClient(inject('mongodbUri'));
  await raw.db(database).dropDatabase();
  await raw.close();
});

/** A door in front of the database that can stop to answer without closing. */
async function startProxy() {
  const [, host = ''] = /^mongodb:\/\/([^/?]+)/.exec(inject('mongodbUri')) ?? [];
  const target = decodeURIComponent(host), [name = '', port = '27017'] = target.split(':');
  const sockets = new Set<net.Socket>();
  let hung = false;
  const server = net.createServer((near) => {
    const far = target.startsWith('/') ? net.connect(target) : net.connect(Number(port), name);
    for (const socket of [near, far]) { sockets.add(socket); socket.on('error', () => socket.destroy()).on('close', () => { near.destroy(); far.destroy(); }); }
    near.on('data', (data) => { if (!hung) far.write(data); });
    far.on('data', (data) => { if (!hung) near.write(data); });
  });
  await new Promise<void>((resolve) => { server.listen(0, '127.0.0.1', resolve); });
  return {
    uri: `mongodb://127.0.0.1:${(server.address() as net.AddressInfo).port}/?directConnection=true`,
    hang: (value: boolean) => { hung = value; },
    close: () => { for (const socket of sockets) socket.destroy(); server.close(); },
  };
}

describe('R-156 a database that does not answer is UNAVAILABLE, within its bound', () => {
  test.each(['ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ERR_STREAM_DESTROYED'])('a socket that says %s, which the driver passed on as it was', (code) => {
    expect(translated(Object.assign(new Error(`write ${code}`), { code }))).toMatchObject({ code: 'UNAVAILABLE' });
  });
  test('a bug stays what it is', () => {
    for (const bug of [new TypeError('of undefined'), Object.assign(new Error('no such file'), { code: 'ENOENT' })]) expect(translated(bug)).toBe(bug);
  });
  test('nobody listens', async () => { await expect(open('mongodb://127.0.0.1:1/?directConnection=true')).rejects.toMatchObject({ code: 'UNAVAILABLE' }); });

  test('a black hole: reads, writes and bulks end, and work again when it answers', async () => {
    const proxy = await startProxy();
    const store = await open(proxy.uri, 300);
    try {
      await store.ping();
      proxy.hang(true);
      const startMs = performance.now();
      const calls = [
        store.ping(), store.environments.now(), store.environments.find('a', 'e'), store.environments.touched(null), store.releases.list({}, { first: 1 }), store.intents.pending(1),
        store.people.put({ _id: 'p', name: 'n', team: 't' }, intent), store.batches.accept([{ _id: 'a/1', application: 'a', obs: [], uncounted: {} }], 250), store.duties.hold('relay', 'me', 1), store.sweeps.sweep(),
        store.environments.rollback({ application: 'a', environment: 'e', release: 'r', candidate: 'c', contents: 'c', forCause: true, reason: '', intent }),
      ];
      const ends = await Promise.allSettled(calls);
      expect(performance.now() - startMs).toBeLessThan(3_000);
      expect(ends.map((end) => (end.status === 'rejected' ? (end.reason as { code?: string }).code : 'answered'))).toEqual(calls.map(() => 'UNAVAILABLE'));
      proxy.hang(false);
      await expect.poll(() => store.ping().then(() => 'answers', () => 'not yet'), { timeout: 10_000 }).toBe('answers');
    } finally {
      await store.close();
      proxy.close();
    }
  });

  test('a closed store', async () => {
    const store = await open(inject('mongodbUri'));
    await store.close();
    await expect(store.ping()).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('R-155 every start makes the same collections and indexes, also at the same time', () => {
  test('three starts at once, then the indexes are those of the table', async () => {
    const stores = await Promise.all([1, 2, 3].map(() => open(inject('mongodbUri'))));
    await Promise.all(stores.map((store) => store.close()));
    const raw = new MongoClient(inject('mongodbUri'));
    for (const name of COLLECTION_NAMES.filter((each) => indexesOf(each).length > 0)) {
      const made = await raw.db(database).collection(name).indexes();
      expect(made.map(({ key }) => key)).toEqual(expect.arrayContaining(indexesOf(name).map(([key]) => key)));
    }
    await raw.close();
  });

  test('unique indexes begin with the application; every collection names its writer and its retention', () => {
    for (const name of COLLECTION_NAMES) {
      for (const [key, options] of indexesOf(name)) if (options?.unique === true) expect(Object.keys(key)[0]).toBe('application');
      expect(COLLECTIONS[name].writer).toMatch(/Writes/);
      expect(COLLECTIONS[name].retention).not.toBe('');
    }
  });
});
