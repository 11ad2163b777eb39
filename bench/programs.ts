/** What the programs of a running stack cost, from /proc: each leads a group, and a group's cost is that of all its processes. */
import { mkdirSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

export const PROGRAMS = ['worker', 'api', 'edge', 'model', 'temporal', 'mongodb'] as const;
export type Program = (typeof PROGRAMS)[number];
/** Memory is what is resident and no file's: pages of files come and go with what else the machine does. */
export interface Cost { readonly rssKiB: number; readonly cpuSec: number }
/** Of one thread of a program in JavaScript, after its garbage was collected. */
interface Collected { readonly number: number; readonly heapUsed: number; readonly external: number }

const TICKS_PER_SEC = 100;
const statOf = (pid: number): readonly string[] => {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');   // from the state on: the name may hold anything
};

/** The processes of a group, without the guard that stands around the program. */
export function membersOf(group: number): readonly number[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try { return Number(statOf(pid)[2]) === group && !/^(\/bin\/)?(sh|cat|sleep)\0/.test(readFileSync(`/proc/${pid}/cmdline`, 'utf8')); } catch { return false; }
  });
}

export function costOf(group: number): Cost {
  let [rssKiB, cpuSec] = [0, 0];
  for (const pid of membersOf(group)) {
    try {
      const stat = statOf(pid);
      cpuSec += (Number(stat[11]) + Number(stat[12])) / TICKS_PER_SEC;
      rssKiB += Number(/^RssAnon:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
    } catch { /* it has just ended */ }
  }
  return { rssKiB, cpuSec };
}

/** Programs and the groups they lead, as the launcher has written them down. */
export const groupsIn = (dataDir: string): Readonly<Record<Program, number>> => JSON.parse(readFileSync(path.join(dataDir, 'pids.json'), 'utf8')) as Record<Program, number>;

export const costs = (dataDir: string): Readonly<Record<Program, Cost>> =>
  Object.fromEntries(Object.entries(groupsIn(dataDir)).map(([name, group]) => [name, costOf(group)])) as Record<Program, Cost>;

/** Environment for programs that are to collect their garbage when they are asked to. */
export function collecting(folder: string): Record<string, string> {
  mkdirSync(folder, { recursive: true });
  return { NODE_OPTIONS: `--import ${pathToFileURL(path.join(import.meta.dirname, 'collect.mjs')).href}`, BENCH_COLLECT: folder };
}

/** Has every program in JavaScript collect its garbage, in all its threads, and tells what they hold then, in KiB. */
export async function collect(dataDir: string, folder: string): Promise<Readonly<Record<Program, number>>> {
  const held: Record<string, number> = {};
  for (const [name, group] of Object.entries(groupsIn(dataDir))) {
    const pids = membersOf(group).filter((pid) => threadsOf(folder, pid).length > 0);
    for (const pid of pids) {
      const before = threadsOf(folder, pid);
      process.kill(pid, 'SIGUSR2');
      for (let tries = 0; tries < 100 && threadsOf(folder, pid).some((now) => now.number === before.find(({ thread }) => thread === now.thread)?.number); tries += 1) await new Promise((resolve) => { setTimeout(resolve, 50); });
    }
    held[name] = pids.flatMap((pid) => threadsOf(folder, pid)).reduce((sum, { heapUsed, external }) => sum + (heapUsed + external) / 1_024, 0);
  }
  return held as Record<Program, number>;
}

function threadsOf(folder: string, pid: number): readonly (Collected & { readonly thread: string })[] {
  return readdirSync(folder).filter((name) => name.startsWith(`${pid}-`) && name.endsWith('.json')).flatMap((thread) => {
    try { return [{ thread, ...JSON.parse(readFileSync(path.join(folder, thread), 'utf8')) as Collected }]; } catch { return []; }   // just being written
  });
}
