import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { MongoClient } from 'mongodb';
import { afterAll, afterEach, describe, expect, inject, test } from 'vitest';
import { ROOT } from '../runtime/engines/place.js';
import { isListening, waitUntil } from '../runtime/engines/port.js';

const dir = mkdtempSync(path.join(tmpdir(), 'slipway-e2e-'));
const running = new Set<ChildProcess>();
afterEach(() => { for (const child of running) child.kill('SIGKILL'); running.clear(); });
afterAll(() => { rmSync(dir, { recursive: true, force: true, maxRetries: 50 }); });

interface Engines { readonly child: ChildProcess; readonly pids: readonly number[]; readonly mongodb: string; readonly temporal: string }

/** A launcher of its own process, which may be killed. */
async function launch(): Promise<Engines> {
  const child = spawn(process.execPath, ['--import', 'tsx', 'test/launcher.ts', JSON.stringify({ dir, engines: true })], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let said = '';
  child.stderr.on('data', (text: Buffer) => { said += text.toString(); });
  const line = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).once('line', resolve);
    child.once('exit', () => { reject(new Error(said)); });
  });
  return { child, ...(JSON.parse(line) as Omit<Engines, 'child'>) };
}
const ended = (child: ChildProcess): Promise<void> => new Promise((resolve) => { child.once('exit', () => { resolve(); }); });
const portOf = (address: string): number => Number(/:(\d+)/.exec(address.replace('mongodb://', ''))?.[1]);
const isAlive = (pid: number): boolean => { try { process.kill(pid, 0); return true; } catch { return false; } };
const allGone = ({ pids, mongodb, temporal }: Engines): Promise<void> => waitUntil('the end of both engines', async () =>
  !pids.some(isAlive) && !(await isListening(portOf(mongodb))) && !(await isListening(portOf(temporal))), { limitMs: 20_000 });

async function withMongo<T>(uri: string, use: (client: MongoClient) => Promise<T>): Promise<T> {
  const client = await MongoClient.connect(uri, { serverSelectionTimeoutMS: 5_000 });
  try { return await use(client); } finally { await client.close(); }
}
async function withTemporal<T>(address: string, use: (client: Client) => Promise<T>): Promise<T> {
  const connection = await Connection.connect({ address });
  try { return await use(new Client({ connection })); } finally { await connection.close(); }
}

describe('R-817 the engines of the tests are the real ones', () => {
  test('MongoDB keeps what is unique unique', async () => {
    await withMongo(inject('mongodbUri'), async (client) => {
      const notes = client.db('engines').collection<{ _id: string }>('notes');
      await notes.insertOne({ _id: 'a' }, { writeConcern: { w: 'majority', journal: true } });
      await expect(notes.insertOne({ _id: 'a' })).rejects.toMatchObject({ code: 11000 });
      await client.db('engines').dropDatabase();
    });
  });
  test('Temporal takes a workflow once, and finds it again', async () => {
    await withTemporal(inject('temporalAddress'), async (client) => {
      await client.workflow.start('nobodyRunsThis', { workflowId: 'engines/1', taskQueue: 'nobody' });
      await expect(client.workflow.start('nobodyRunsThis', { workflowId: 'engines/1', taskQueue: 'nobody' })).rejects.toThrow(/already started|already running/i);
      await waitUntil('the list', async () => (await client.workflow.count('WorkflowId = "engines/1"')).count === 1, { limitMs: 10_000 });
      await client.workflow.getHandle('engines/1').terminate('done');
    });
  });
});

describe('R-818 a launcher that stops or is killed leaves no process behind and loses nothing', () => {
  test('both engines keep their data over a SIGKILL of the launcher and over a stop', async () => {
    const first = await launch();
    await withMongo(first.mongodb, (client) => client.db('kept').collection<{ _id: string }>('notes').insertOne({ _id: 'before' }, { writeConcern: { w: 'majority', journal: true } }));
    await withTemporal(first.temporal, (client) => client.workflow.start('nobodyRunsThis', { workflowId: 'kept/1', taskQueue: 'nobody' }));
    first.child.kill('SIGKILL');
    await allGone(first);

    const second = await launch();   // the lock of the dead one is taken over
    expect(await withMongo(second.mongodb, (client) => client.db('kept').collection<{ _id: string }>('notes').countDocuments({ _id: 'before' }))).toBe(1);
    expect(await withTemporal(second.temporal, async (client) => (await client.workflow.getHandle('kept/1').describe()).status.name)).toBe('RUNNING');
    await expect(launch()).rejects.toThrow(`is in use by process ${second.child.pid}`);

    const end = ended(second.child);
    second.child.kill('SIGTERM');
    await end;
    await allGone(second);
    expect(existsSync(path.join(dir, 'launcher.pid'))).toBe(false);

    const third = await launch();
    expect(await withMongo(third.mongodb, (client) => client.db('kept').collection<{ _id: string }>('notes').countDocuments({}))).toBe(1);
    third.child.kill('SIGKILL');
    await allGone(third);
  });
});
