// A launcher for tests, to be killed: starts what the JSON in its first argument says, prints one JSON line when all of it is up.
//   node --import tsx test/launcher.ts '{"dir":"…","programs":[["node","x.mjs"]],"engines":true}'
import path from 'node:path';
import { lockDataDir } from '../runtime/engines/lock.js';
import { startMongoDb } from '../runtime/engines/mongodb.js';
import { startProcess } from '../runtime/engines/process.js';
import { startTemporal } from '../runtime/engines/temporal.js';
import { surroundings } from '../runtime/settings.js';
import { createShutdown } from '../runtime/shutdown.js';

const order = JSON.parse(process.argv[2] ?? '{}') as { readonly dir: string; readonly programs?: readonly [string, ...string[]][]; readonly engines?: boolean };
const env = surroundings({ MONGODB_URI: undefined, TEMPORAL_ADDRESS: undefined });
const logDir = path.join(order.dir, 'logs');
const shutdown = createShutdown({ tell: () => undefined, limitMs: 30_000, exit: (code) => { process.exit(code); }, signals: process });

try {
  const lock = lockDataDir(order.dir);
  shutdown.add('lock', () => { lock.release(); });
  const programs = (order.programs ?? []).map((command, index) => startProcess({ name: `program-${index}`, command, env, logFile: path.join(logDir, `program-${index}.log`) }));
  for (const program of programs) shutdown.add(program.name, () => program.stop());
  const pids = programs.map((program) => program.pid());
  if (order.engines === true) {
    const [mongodb, temporal] = await Promise.all([
      startMongoDb({ given: undefined, env, dataDir: path.join(order.dir, 'mongodb'), logDir }),
      startTemporal({ given: undefined, env, dataDir: path.join(order.dir, 'temporal'), isDurable: false, logDir }),
    ]);
    shutdown.add('mongodb', () => mongodb.stop());
    shutdown.add('temporal', () => temporal.stop());
    pids.push(mongodb.process?.pid(), temporal.process?.pid());
    process.stdout.write(`${JSON.stringify({ pids, mongodb: mongodb.uri, temporal: temporal.address })}\n`);
  } else process.stdout.write(`${JSON.stringify({ pids })}\n`);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
