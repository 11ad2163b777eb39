import { existsSync, mkdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { ENGINES, MONGODB_HOST, ROOT, findOnPath, isExecutable } from './place.js';
import { choosePort, waitUntil } from './port.js';
import { USUAL_BACKOFF, startProcess, tailOf } from './process.js';
import type { ProcessEvent, WatchedProcess } from './process.js';
import { EngineMissingError } from './temporal.js';

/** A MongoDB that answers, and where it came from. */
export interface MongoDb {
  readonly uri: string;
  readonly kind: 'given' | 'path' | 'embedded';
  /** absent when it was given */
  readonly process: WatchedProcess | undefined;
  stop(): Promise<void>;
}

export interface MongoDbOptions {
  /** MONGODB_URI: then nothing is started, and nothing asked; the store says so when nobody is there */
  readonly given: string | undefined;
  /** the child's environment, with the PATH in which `mongod` is looked for */
  readonly env: NodeJS.ProcessEnv;
  /** where its data lives; each kind of engine has a folder of its own in it */
  readonly dataDir: string;
  readonly logDir: string;
  readonly port?: number;
  readonly tell?: (event: ProcessEvent) => void;
}

/** The embedded engine is linked against this glibc. */
export const GLIBC_NEEDED = [2, 38] as const;

/**
 * Finds a MongoDB in the order of product.md, section 5, and starts it: MONGODB_URI, `mongod` on PATH, the embedded engine, with the
 * newer libc that scripts/ready.mjs put beside it where the system's is too old. On loopback, without accounts: for development and tests.
 *
 * @throws EngineMissingError when there is none; Error with the end of its log when it does not answer in 60 s
 */
export async function startMongoDb(options: MongoDbOptions): Promise<MongoDb> {
  const { given, env, logDir } = options;
  if (given !== undefined) return { uri: given, kind: 'given', process: undefined, stop: () => Promise.resolve() };
  const found = findMongoDb(env);
  const dataDir = path.join(options.dataDir, found.kind === 'path' ? 'mongod' : 'embedded');   // their files are not each other's
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  for (let tries = 1; ; tries += 1) {
    const port = await choosePort(tries === 1 ? options.port ?? 0 : 0);
    const server = startProcess({
      name: 'mongodb', command: found.command(dataDir, port), env, cwd: ROOT, logFile: path.join(logDir, 'mongodb.log'), backoff: USUAL_BACKOFF,
      ...(options.tell === undefined ? {} : { tell: options.tell }),
    });
    try {
      // After a SIGKILL under load it first replays its journal: 11 s were measured on 1.3 GB.
      await waitUntil('MongoDB', () => isMongoHealthy(port), { limitMs: 60_000, hopeless: () => server.lastEnd() });
      return { uri: `mongodb://127.0.0.1:${port}/?directConnection=true`, kind: found.kind, process: server, stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      if (tries === 3) throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tailOf(server.logFile)}`, { cause: error });
    }
  }
}

export interface FoundMongoDb {
  readonly kind: 'path' | 'embedded';
  readonly command: (dataDir: string, port: number) => readonly [string, ...string[]];
}

/** What would be started. @throws EngineMissingError with the ways to get one */
export function findMongoDb(env: NodeJS.ProcessEnv): FoundMongoDb {
  const mongod = findOnPath('mongod', env['PATH']);
  if (mongod !== undefined) {
    return { kind: 'path', command: (dataDir, port) => [mongod, '--dbpath', dataDir, '--port', String(port), '--bind_ip', '127.0.0.1', '--nounixsocket'] };
  }
  const hint = 'Set MONGODB_URI, put `mongod` on the PATH, or run: node scripts/ready.mjs';
  if (!existsSync(path.join(ROOT, 'node_modules', '@0q', 'embedded-mongodb'))) throw new EngineMissingError('There is no MongoDB on this machine: the embedded engine is not installed.', hint);
  const loader = path.join(ENGINES, 'libc', 'run');
  if (needsNewerLibc() && !isExecutable(loader)) throw new EngineMissingError('There is no MongoDB on this machine: the embedded engine needs glibc 2.38 or newer.', hint);
  return {
    kind: 'embedded',
    command: (dataDir, port) => [...(needsNewerLibc() ? [loader] as const : []), process.execPath, MONGODB_HOST, dataDir, String(port)] as [string, ...string[]],
  };
}

/** Is the system's glibc older than what the embedded engine needs? */
function needsNewerLibc(): boolean {
  if (process.platform !== 'linux') return false;
  const [major = 0, minor = 0] = glibcVersion().split('.').map(Number);
  return major < GLIBC_NEEDED[0] || (major === GLIBC_NEEDED[0] && minor < GLIBC_NEEDED[1]);
}

/** `2.36`; `0.0` where there is no glibc. */
function glibcVersion(): string {
  const report = process.report as NodeJS.ProcessReport & { excludeNetwork?: boolean };
  report.excludeNetwork = true;   // otherwise it may look up names
  const { header } = report.getReport() as { header?: { glibcVersionRuntime?: string } };
  return header?.glibcVersionRuntime ?? '0.0';
}

/** `{ hello: 1, $db: 'admin' }` as one OP_MSG. */
const HELLO = Buffer.from(
  '34000000' + '01000000' + '00000000' + 'dd070000' + '00000000' + '00'
  + '1f000000' + '1068656c6c6f0001000000' + '02246462000600000061646d696e00' + '00', 'hex',
);

/** Does a server answer a `hello`? Without a driver, because the store has the driver. */
export function isMongoHealthy(port: number, host = '127.0.0.1', limitMs = 1_500): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ port, host, timeout: limitMs }, () => { socket.write(HELLO); });
    let reply = Buffer.alloc(0);
    const end = (is: boolean): void => { socket.destroy(); resolve(is); };
    socket.once('error', () => { end(false); }).once('timeout', () => { end(false); }).once('close', () => { end(false); });
    socket.on('data', (chunk: Buffer) => {
      reply = Buffer.concat([reply, chunk]);
      if (reply.length >= 16 && reply.length >= reply.readUInt32LE(0)) end(reply.includes('isWritablePrimary'));
    });
  });
}
