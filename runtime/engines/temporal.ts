import { mkdirSync } from 'node:fs';
import { connect } from 'node:http2';
import path from 'node:path';
import { ENGINES, TEMPORAL_VERSION, findOnPath, isExecutable } from './place.js';
import { choosePort, isListening, waitUntil } from './port.js';
import { USUAL_BACKOFF, startProcess, tailOf } from './process.js';
import type { ProcessEvent, WatchedProcess } from './process.js';

/** A Temporal that answers, and where it came from. */
export interface Temporal {
  /** `host:port` */
  readonly address: string;
  /** address of its web interface, when it has one that we know of */
  readonly ui: string | undefined;
  readonly kind: 'given' | 'path' | 'installed';
  /** absent when it was given */
  readonly process: WatchedProcess | undefined;
  stop(): Promise<void>;
}

export interface TemporalOptions {
  /** TEMPORAL_ADDRESS: then nothing is started */
  readonly given: string | undefined;
  /** the child's environment, with the PATH in which `temporal` is looked for */
  readonly env: NodeJS.ProcessEnv;
  /** where its database file lives; absent: in memory, gone with the process */
  readonly dataDir?: string;
  /** false: the file need not survive a power cut, which is about twice as fast; a killed process loses nothing either way */
  readonly isDurable?: boolean;
  readonly logDir: string;
  readonly port?: number;
  /** absent or 0: without web interface */
  readonly uiPort?: number;
  readonly tell?: (event: ProcessEvent) => void;
}

/** There is no Temporal server and none was installed. */
export class EngineMissingError extends Error {
  override readonly name = 'EngineMissingError';
  readonly hint: string;
  constructor(message: string, hint: string) { super(message); this.hint = hint; }
}

/**
 * Finds a Temporal in the order of product.md, section 5, and starts it: TEMPORAL_ADDRESS, `temporal` on PATH, the one that
 * scripts/ready.mjs installed. Always the real server, `temporal server start-dev`, restarted when it ends by itself.
 *
 * @throws EngineMissingError when there is none; Error with the end of its log when it does not become healthy in 30 s
 */
export async function startTemporal(options: TemporalOptions): Promise<Temporal> {
  const { given, env, logDir } = options;
  if (given !== undefined) {
    await waitUntil(`Temporal at ${given}`, () => isTemporalHealthy(given), { limitMs: 15_000, everyMs: 200 });
    return { address: given, ui: undefined, kind: 'given', process: undefined, stop: () => Promise.resolve() };
  }
  const found = findTemporal(env);
  if (found === undefined) {
    throw new EngineMissingError('There is no Temporal server on this machine.', 'Install one with: node scripts/ready.mjs. Or set TEMPORAL_ADDRESS, or put `temporal` on the PATH.');
  }
  if (options.dataDir !== undefined) mkdirSync(options.dataDir, { recursive: true });
  // Somebody may take the port between our look and its start: then it ends before it is healthy, and another port is tried.
  for (let tries = 1; ; tries += 1) {
    const port = await choosePort(tries === 1 ? options.port ?? 0 : 0);
    const uiPort = options.uiPort === undefined || options.uiPort === 0 ? 0 : await choosePort(tries === 1 ? options.uiPort : 0, '127.0.0.1', new Set([port]));
    const address = `127.0.0.1:${port}`;
    const server = startProcess({
      name: 'temporal', command: [found.file, ...temporalArguments(options, port, uiPort)], env, logFile: path.join(logDir, 'temporal.log'),
      ...(options.dataDir === undefined || options.isDurable === false ? { stopMs: 0 } : {}),   // it drains for seconds; nobody will read what it saves
      // What was in memory is gone after a restart: better down than silently empty.
      ...(options.dataDir === undefined ? {} : { backoff: USUAL_BACKOFF }),
      ...(options.tell === undefined ? {} : { tell: options.tell }),
    });
    try {
      await waitUntil('Temporal', async () => (await isListening(port)) && (await isTemporalHealthy(address)), { limitMs: 30_000, hopeless: () => server.lastEnd() });
      return { address, ui: uiPort === 0 ? undefined : `http://127.0.0.1:${uiPort}`, kind: found.kind, process: server, stop: () => server.stop() };
    } catch (error) {
      await server.stop();
      if (tries === 3) throw new Error(`${error instanceof Error ? error.message : String(error)}\n${tailOf(server.logFile)}`, { cause: error });
    }
  }
}

/** The program that would be started. */
export function findTemporal(env: NodeJS.ProcessEnv): { readonly file: string; readonly kind: 'path' | 'installed' } | undefined {
  const onPath = findOnPath('temporal', env['PATH']);
  if (onPath !== undefined) return { file: onPath, kind: 'path' };
  const installed = path.join(ENGINES, `temporal-${TEMPORAL_VERSION}`);
  return isExecutable(installed) ? { file: installed, kind: 'installed' } : undefined;
}

/** What the server is started with. */
export function temporalArguments({ dataDir, isDurable = true }: Pick<TemporalOptions, 'dataDir' | 'isDurable'>, port: number, uiPort: number): string[] {
  return [
    'server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port), '--log-level', 'error',
    ...(uiPort === 0 ? ['--headless'] : ['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)]),
    ...(dataDir === undefined ? [] : ['--db-filename', path.join(dataDir, 'temporal.db'), ...(isDurable ? [] : ['--sqlite-pragma', 'synchronous=OFF'])]),
    // Timers and retry delays below a second take a second without it.
    '--dynamic-config-value', 'history.timerProcessorMaxTimeShift="10ms"',
  ];
}

const FRONTEND = Buffer.from('temporal.api.workflowservice.v1.WorkflowService');

/** grpc.health.v1.Health/Check of the frontend, over HTTP/2 without a library: SERVING is the message `08 01` after a header of 5 bytes. */
export function isTemporalHealthy(address: string, limitMs = 1_500): Promise<boolean> {
  return new Promise((resolve) => {
    const session = connect(`http://${address}`);
    const end = (is: boolean): void => { session.destroy(); resolve(is); };
    session.on('error', () => { end(false); });
    session.setTimeout(limitMs, () => { end(false); });
    const message = Buffer.concat([Buffer.from([0x0a, FRONTEND.length]), FRONTEND]);
    const header = Buffer.alloc(5);
    header.writeUInt32BE(message.length, 1);
    const call = session.request({ ':method': 'POST', ':path': '/grpc.health.v1.Health/Check', 'content-type': 'application/grpc', te: 'trailers' });
    let reply = Buffer.alloc(0);
    call.on('data', (chunk: Buffer) => { reply = Buffer.concat([reply, chunk]); });
    call.on('error', () => { end(false); });
    call.on('end', () => { end(reply.length >= 7 && reply[5] === 0x08 && reply[6] === 0x01); });
    call.end(Buffer.concat([header, message]));
  });
}
