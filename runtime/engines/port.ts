import { randomInt } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * The wanted port if nobody has it on this address, else a free one. It is promised to this process: another launcher that chooses at the
 * same moment takes another one. Without the promise both would find it free, and one would then use the other's database.
 */
export async function choosePort(wanted: number, host = '127.0.0.1', taken: ReadonlySet<number> = new Set()): Promise<number> {
  if (wanted !== 0 && !taken.has(wanted) && promise(wanted) && (await tryListen(wanted, host)) !== undefined) return wanted;
  for (let tries = 0; tries < TRIES; tries += 1) {
    const free = await tryListen(randomInt(LOWEST, ABOVE), host);
    if (free !== undefined && !taken.has(free) && promise(free)) return free;
  }
  throw new Error(`no free port on ${host}`);
}

const TRIES = 50;
/**
 * Below what systems hand out to callers (from 32768 on Linux, 49152 elsewhere): a port that the system found free would be some connection's own
 * before the program that it was found for listens on it, or while that program is started again.
 */
const [LOWEST, ABOVE] = [10_240, 32_768];
const PROMISES = path.join(tmpdir(), 'slipway-ports');
const promised = new Set<string>();

/** True when the port is promised to this process, until it ends. Who was killed keeps no promise. */
function promise(port: number): boolean {
  const file = path.join(PROMISES, String(port));
  if (promised.has(file)) return true;
  for (let tries = 0; tries < 2; tries += 1) {
    try {
      mkdirSync(PROMISES, { recursive: true });
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      if (promised.size === 0) process.once('exit', () => { for (const kept of promised) rmSync(kept, { force: true }); });
      promised.add(file);
      return true;
    } catch (error) {
      // A folder that is not ours to write in must keep nobody from starting.
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return true;
      if (isAlive(file)) return false;
      try { rmSync(file, { force: true }); } catch { return false; }
    }
  }
  return false;
}

function isAlive(file: string): boolean {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    if (!Number.isInteger(pid) || pid <= 0) return false;
    process.kill(pid, 0);
    return true;
  } catch (error) { return (error as NodeJS.ErrnoException).code === 'EPERM'; }
}

/** The port that could be listened on, or undefined when it is in use or not ours to take. */
function tryListen(port: number, host: string): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => { resolve(undefined); });
    server.listen({ port, host, exclusive: true }, () => {
      const { port: got } = server.address() as AddressInfo;
      server.close(() => { resolve(got); });
    });
  });
}

/** Does anybody accept connections there? */
export function isListening(port: number, host = '127.0.0.1', limitMs = 1_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: limitMs });
    const end = (is: boolean): void => { socket.destroy(); resolve(is); };
    socket.once('connect', () => { end(true); }).once('error', () => { end(false); }).once('timeout', () => { end(false); });
  });
}

/** Does this address answer 200 within the limit? */
export function answersOk(url: string, limitMs = 1_500): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(url, { timeout: limitMs, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    asked.once('timeout', () => { asked.destroy(); }).once('error', () => { resolve(false); }).once('close', () => { resolve(false); });
    asked.end();
  });
}

export interface Wait {
  readonly limitMs: number;
  readonly everyMs?: number;
  /** why waiting has become pointless; undefined while it has not */
  readonly hopeless?: () => string | undefined;
}

/** Asks until it is so. @throws Error when time is up or the wait is hopeless, with `what` in its message */
export async function waitUntil(what: string, isSo: () => Promise<boolean>, { limitMs, everyMs = 25, hopeless }: Wait): Promise<void> {
  for (const endMs = performance.now() + limitMs; performance.now() < endMs;) {
    if (await isSo()) return;
    const why = hopeless?.();
    if (why !== undefined) throw new Error(`${what}: ${why}`);
    await pause(everyMs);
  }
  throw new Error(`${what}: not ready after ${Math.round(limitMs / 1_000)} s`);
}
