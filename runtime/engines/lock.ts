import { execFileSync } from 'node:child_process';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** Somebody alive works in this data directory. */
export class DataDirInUseError extends Error {
  override readonly name = 'DataDirInUseError';
  readonly hint: string;
  constructor(dir: string, pid: number) {
    super(`${dir} is in use by process ${pid}.`);
    this.hint = `Stop it (kill ${pid}), or give this one a directory of its own with --data DIR.`;
  }
}

interface Holder { readonly pid: number; readonly born: string }

export interface Lock { release(): void }

/**
 * One launcher a data directory, because Temporal's SQLite file has no lock that refuses a second server. The lock is a file with the
 * holder's process id and time of birth, so a process id that was given to somebody else later does not count.
 *
 * @throws DataDirInUseError when its holder lives; what a dead one left is taken over
 */
export function lockDataDir(dir: string): Lock {
  mkdirSync(dir, { recursive: true });
  const file = path.join(dir, 'launcher.pid');
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, born: bornAt(process.pid) ?? '' } satisfies Holder));
  try {
    for (let tries = 0; tries < 5; tries += 1) {
      try {
        linkSync(draft, file);   // appears whole, or fails because there is one
        return { release: () => { if (holderOf(file)?.pid === process.pid) rmSync(file, { force: true }); } };
      } catch (error) { if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error; }
      const holder = holderOf(file);
      if (holder !== undefined && isAlive(holder)) throw new DataDirInUseError(dir, holder.pid);
      putAside(file, holder);
    }
    throw new Error(`${file} could not be taken over; remove it when no launcher runs`);
  } finally { rmSync(draft, { force: true }); }
}

/** Does a living launcher work in this directory? */
export function isLocked(dir: string): boolean {
  const holder = holderOf(path.join(dir, 'launcher.pid'));
  return holder !== undefined && isAlive(holder);
}

/** Removes the lock of a dead holder. If somebody else was quicker and what we moved is theirs, it goes back. */
function putAside(file: string, dead: Holder | undefined): void {
  const aside = `${file}.stale.${process.pid}`;
  try { renameSync(file, aside); } catch { return; }
  const moved = holderOf(aside);
  if (moved?.pid !== dead?.pid || moved?.born !== dead?.born) {
    try { linkSync(aside, file); } catch { /* a third one holds it now, and will be found alive */ }
  }
  rmSync(aside, { force: true });
}

function holderOf(file: string): Holder | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(file, 'utf8'));
    if (read === null || typeof read !== 'object' || !('pid' in read) || !('born' in read)) return undefined;
    return typeof read.pid === 'number' && typeof read.born === 'string' ? { pid: read.pid, born: read.born } : undefined;
  } catch { return undefined; }
}

function isAlive({ pid, born }: Holder): boolean {
  try { process.kill(pid, 0); } catch (error) { if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false; }
  const now = bornAt(pid);
  return now === undefined || born === '' || now === born;
}

/** When a process was born, in a form that only compares: clock ticks since boot on Linux, ps's words elsewhere. */
function bornAt(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') {
      const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
      // Field 22; the second field is a name in brackets that may hold spaces. The boot id tells apart the same tick of another boot.
      return `${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}@${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}`;
    }
    return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch { return undefined; }
}
