import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const EVERY_MS = 50;

/**
 * Waits until what an earlier launcher on this data directory started is gone. Its guards are ending it, which takes a moment: a server that
 * was told to stop still holds its files when its port is already closed.
 *
 * @param file     process groups by name, as the earlier launcher wrote them; none when there was none
 * @param limitMs  after this what is left is killed
 * @returns names of those that had to be killed
 */
export async function awaitFormer(file: string, limitMs: number): Promise<readonly string[]> {
  const groups = groupsIn(file).filter(([, group]) => isOurs(group));
  const end = performance.now() + limitMs;
  while (groups.some(([, group]) => isThere(group)) && performance.now() < end) await pause(EVERY_MS);
  const left = groups.filter(([, group]) => isThere(group));
  for (const [, group] of left) { try { process.kill(-group, 'SIGKILL'); } catch { /* gone in the meantime */ } }
  return left.map(([name]) => name);
}

function groupsIn(file: string): readonly (readonly [string, number])[] {
  try { return Object.entries(JSON.parse(readFileSync(file, 'utf8')) as Record<string, number>).filter(([, group]) => Number.isInteger(group) && group > 1); } catch { return []; }
}

const isThere = (group: number): boolean => { try { process.kill(-group, 0); return true; } catch { return false; } };

/** A number may have been given to somebody else's process since. Where that cannot be seen, nobody is waited for. */
function isOurs(group: number): boolean {
  try { return readFileSync(`/proc/${group}/cmdline`, 'utf8').includes('guard.sh'); } catch { return false; }
}
