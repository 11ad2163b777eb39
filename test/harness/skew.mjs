// Preload of a program whose wall clock a test moves: shifts Date by the milliseconds found in the file that SKEW_FILE names.
//   SKEW_FILE=/path node --import ./skew.mjs program.js
// Timers, performance.now and process.hrtime stay right, as they do when somebody sets the clock of a machine.
import { readFileSync } from 'node:fs';

const file = process.env.SKEW_FILE;
const RealDate = globalThis.Date;
/** How long the file is believed before it is read again. */
const READ_EVERY_MS = 20;

let readAtMs = Number.NEGATIVE_INFINITY;
let shiftMs = 0;
function shift() {
  const nowMs = performance.now();
  if (nowMs - readAtMs < READ_EVERY_MS) return shiftMs;
  readAtMs = nowMs;
  try { shiftMs = Number(readFileSync(file, 'utf8')) || 0; } catch { shiftMs = 0; }
  return shiftMs;
}
const now = () => RealDate.now() + shift();

if (file !== undefined && file !== '') {
  // A proxy, not a subclass: what it makes are dates like any other.
  globalThis.Date = new Proxy(RealDate, {
    construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
    apply: (target) => new target(now()).toString(),
    get: (target, key, receiver) => (key === 'now' ? now : Reflect.get(target, key, receiver)),
  });
  RealDate.prototype.constructor = globalThis.Date;
}
