// What the steps of ready.mjs have in common: they say what they do, show that they are alive, and leave no process behind.
import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const GUARD = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '..', 'runtime', 'engines', 'guard.sh');

/** Not ready, and what a person can do about it. */
export class Unready extends Error {
  constructor(message, ways) { super(message); this.ways = ways; }
}

/** Everything is said on stderr: the output of the command that comes after belongs to it. */
export const say = (line) => { process.stderr.write(`${line}\n`); };

/** The first executable of this name on PATH. */
export function findOnPath(name, searchPath) {
  return (searchPath ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder)).map((folder) => path.join(folder, name)).find(isExecutable);
}

export function isExecutable(file) {
  try { accessSync(file, constants.X_OK); return statSync(file).isFile(); } catch { return false; }
}

/**
 * Runs a command under the guard (it ends when we end, however that happens), with a sign of life every few seconds.
 *
 * @param what      said first; absent: quiet, also while it runs
 * @param limitMs   it is killed after this long
 * @param progress  from the lines so far to a few words; optional
 * @param isMoving  asked at the limit: true gives it the same time again
 * @returns         {code, tail, output}: exit code (null when killed), the last lines, and all output up to 1 MB
 */
export function runGuarded({ what, command, cwd, env = process.env, limitMs, progress = () => '', isMoving = () => false }) {
  return new Promise((resolve) => {
    const begunMs = performance.now();
    const seconds = () => Math.round((performance.now() - begunMs) / 1_000);
    if (what !== undefined) say(`${what} …`);
    const child = spawn('/bin/sh', [GUARD, ...command], { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    child.stdin.on('error', () => {});
    let output = '';
    let lines = 0;
    let last = '';
    const take = (chunk) => {
      const text = String(chunk);
      output = (output + text).slice(-1_000_000);
      lines += text.split('\n').length - 1;
      last = text.trimEnd().split('\n').at(-1) ?? last;
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    const isTerminal = process.stderr.isTTY === true;
    const alive = what === undefined ? undefined : setInterval(() => {
      const line = `  ${seconds()} s ${progress({ lines, last })}`.trimEnd();
      process.stderr.write(isTerminal ? `\r\u001B[K${line.slice(0, (process.stderr.columns ?? 80) - 1)}` : `${line}\n`);
    }, isTerminal ? 1_000 : 5_000);
    let timer;
    const atLimit = () => { if (isMoving()) timer = setTimeout(atLimit, limitMs); else killGroup(child); };
    timer = setTimeout(atLimit, limitMs);
    const stop = () => { child.kill('SIGTERM'); process.exitCode = 130; };
    process.once('SIGINT', stop).once('SIGTERM', stop);
    let isOver = false;
    const end = (code) => {
      if (isOver) return;
      isOver = true;
      clearInterval(alive);
      clearTimeout(timer);
      process.off('SIGINT', stop).off('SIGTERM', stop);
      child.stdin.destroy();
      killGroup(child);
      if (what !== undefined) {
        if (isTerminal) process.stderr.write('\r\u001B[K');
        if (code === 0) say(`  done, ${seconds()} s`);
      }
      if (process.exitCode === 130) process.exit(130);
      resolve({ code, tail: output.trimEnd().split('\n').slice(-15).join('\n'), output });
    };
    child.once('error', (error) => { output += error.message; end(null); });
    child.once('close', (code) => { end(code); });
  });
}

function killGroup(child) {
  if (child.pid === undefined) return;
  try { process.kill(-child.pid, 'SIGKILL'); } catch { /* nobody is left */ }
}
