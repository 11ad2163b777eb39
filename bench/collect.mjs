// Loaded before a program that is measured: on SIGUSR2 every thread of it collects its garbage and writes down what it still holds.
import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { BroadcastChannel, isMainThread, threadId } from 'node:worker_threads';

setFlagsFromString('--expose-gc');
const gc = runInNewContext('gc');
const file = path.join(process.env.BENCH_COLLECT ?? '', `${process.pid}-${threadId}.json`);
let number = 0;
function collect() {
  if (number > 0) { gc(); gc(); }
  const { heapUsed, external } = process.memoryUsage();
  writeFileSync(`${file}.draft`, JSON.stringify({ number: ++number, heapUsed, external }));
  renameSync(`${file}.draft`, file);
}
if (process.env.BENCH_COLLECT !== undefined) {
  const channel = new BroadcastChannel('bench-collect');
  if (isMainThread) process.on('SIGUSR2', () => { channel.postMessage(null); collect(); });
  else channel.onmessage = collect;
  channel.unref();
  collect();
}
