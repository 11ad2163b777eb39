/** Processes by their group, where that can be seen. */
import { readFileSync } from 'node:fs';
import { setTimeout as pauseFor } from 'node:timers/promises';

/** State of a process, as the system says it; null when there is none. */
function stateOf(pid: number): string | null {
  try { const stat = readFileSync(`/proc/${pid}/stat`, 'utf8'); return stat.slice(stat.lastIndexOf(')') + 2, stat.lastIndexOf(')') + 3); } catch { return null; }
}
const childrenOf = (pid: number): readonly number[] => {
  try { return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter((text) => text.trim() !== '').map(Number); } catch { return []; }
};
/** The group has a member that could still do something: one that only waits to be collected cannot. */
function isThere(group: number): boolean {
  try { process.kill(-group, 0); } catch { return false; }
  const state = stateOf(group);
  return state === null ? process.platform !== 'linux' : state !== 'Z';
}

/** Waits until nobody of the group can do anything any more. */
export async function gone(group: number): Promise<void> {
  for (const endMs = performance.now() + 5_000; isThere(group);) {
    if (performance.now() > endMs) throw new Error(`process group ${group} is still there`);
    await pauseFor(5);
  }
}

/**
 * The program inside the group, with what it started itself. Not the guard around it (runtime/engines/guard.sh): that has to end a stopped
 * program when this process ends. Where children cannot be seen, the group.
 */
export function programOf(group: number): readonly number[] {
  const [program] = childrenOf(group);
  if (program === undefined) return [-group];
  const all = [program];
  for (let at = 0; at < all.length; at += 1) all.push(...childrenOf(all[at] ?? 0));
  return all;
}
const tell = (pids: readonly number[], signal: NodeJS.Signals): void => { for (const pid of pids) try { process.kill(pid, signal); } catch { /* it has ended */ } };
export const pause = (pids: readonly number[]): void => { tell(pids, 'SIGSTOP'); };
export const resume = (pids: readonly number[]): void => { tell(pids, 'SIGCONT'); };
