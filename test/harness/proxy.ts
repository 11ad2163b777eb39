import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';

/**
 * One way between two programs, and what may happen to it. A mode holds for connections that are there and for those to come. `when`: only
 * to what is asked in bytes that contain this text or match (read as Latin-1), and to the answers to it; to everything, without it.
 */
export interface Link {
  readonly name: string;
  /** as if nothing were between; what was held back goes on its way */
  pass(): void;
  /** what is asked arrives this much later */
  slow(ms: number, when?: string | RegExp): void;
  /** nothing gets through and nobody is told; connections can be made, and stay silent */
  blackHole(): void;
  /** every connection is reset, and so is each new one */
  cut(): void;
  /** What is asked from now on gets through; what comes after it is lost, and with it the connection. What the other side says unasked is passed on. Not for HTTP/2, whose first word back is no answer. */
  loseReplies(when?: string | RegExp): void;
  /** the answer arrives this much later */
  lateReplies(ms: number, when?: string | RegExp): void;
}
export interface Proxy extends Link {
  readonly port: number;
  /** answers lost so far */
  lost(): number;
  /** pieces that wait for their time, or for the silence to end */
  held(): number;
  close(): Promise<void>;
}

type When = string | RegExp | undefined;
type Mode = { readonly kind: 'pass' | 'blackHole' | 'cut' } | { readonly kind: 'slow' | 'lateReplies'; readonly ms: number; readonly when: When } | { readonly kind: 'loseReplies'; readonly when: When };
interface Pair { readonly outer: Socket; readonly inner: Socket; asked: Buffer; /** asked what is to be answered in vain */ isVain: boolean }
/** One direction of a pair. Order is kept: nothing overtakes what was sent before it. */
interface Lane { push(chunk: Buffer | null, delayMs: number): void; go(): void; held(): number }

const isMeant = (when: When, asked: Buffer): boolean => when === undefined || (typeof when === 'string' ? asked.includes(when) : when.test(asked.toString('latin1')));

/** A TCP stream proxy on a free port of loopback. It knows nothing of what it carries. */
export async function startProxy(name: string, target: { readonly host?: string; readonly port: number }): Promise<Proxy> {
  let mode: Mode = { kind: 'pass' };
  let lost = 0;
  const pairs = new Set<Pair>();
  const lanes = new Set<Lane>();

  const drop = (pair: Pair): void => {
    pairs.delete(pair);
    for (const socket of [pair.outer, pair.inner]) if (!socket.destroyed) { if (socket.connecting) socket.destroy(); else socket.resetAndDestroy(); }
  };

  function laneOf(to: Socket): Lane {
    const waiting: { readonly chunk: Buffer | null; readonly dueMs: number }[] = [];
    let timer: NodeJS.Timeout | undefined;
    const go = (): void => {
      clearTimeout(timer);
      timer = undefined;
      while (mode.kind !== 'blackHole') {
        const [next] = waiting;
        if (next === undefined) return;
        const leftMs = mode.kind === 'pass' ? 0 : next.dueMs - performance.now();
        if (leftMs > 0) { timer = setTimeout(go, leftMs); return; }
        waiting.shift();
        if (next.chunk === null) to.end(); else if (!to.destroyed) to.write(next.chunk);
      }
    };
    const lane: Lane = { go, held: () => waiting.length, push: (chunk, delayMs) => { waiting.push({ chunk, dueMs: performance.now() + delayMs }); if (timer === undefined) go(); } };
    lanes.add(lane);
    to.once('close', () => { clearTimeout(timer); lanes.delete(lane); });
    return lane;
  }

  const server = createServer({ noDelay: true, allowHalfOpen: true }, (outer) => {
    outer.on('error', () => undefined);
    if (mode.kind === 'cut') { outer.resetAndDestroy(); return; }
    const inner = connect({ port: target.port, host: target.host ?? '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const pair: Pair = { outer, inner, asked: Buffer.alloc(0), isVain: false };
    pairs.add(pair);
    const [there, back] = [laneOf(inner), laneOf(outer)];
    outer.on('data', (chunk) => {
      pair.asked = chunk;
      if (mode.kind === 'loseReplies') pair.isVain ||= isMeant(mode.when, chunk);
      there.push(chunk, mode.kind === 'slow' && isMeant(mode.when, chunk) ? mode.ms : 0);
    }).on('end', () => { there.push(null, 0); });
    inner.on('data', (chunk) => {
      if (mode.kind === 'loseReplies' && pair.isVain) { lost += 1; drop(pair); return; }
      back.push(chunk, mode.kind === 'lateReplies' && isMeant(mode.when, pair.asked) ? mode.ms : 0);
    }).on('end', () => { back.push(null, 0); });
    // A reset travels on, unless nothing travels at all.
    for (const socket of [outer, inner]) socket.on('error', () => { if (mode.kind !== 'blackHole') drop(pair); }).on('close', () => { if (outer.destroyed && inner.destroyed) pairs.delete(pair); });
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject).listen(0, '127.0.0.1', resolve); });

  const become = (next: Mode): void => {
    mode = next;
    for (const pair of pairs) pair.isVain = false;
    if (next.kind === 'cut') for (const pair of [...pairs]) drop(pair);
    for (const lane of [...lanes]) lane.go();
    // Whoever lost its peer in the silence learns of it now.
    if (next.kind !== 'blackHole') for (const pair of [...pairs]) if (pair.outer.errored !== null || pair.inner.errored !== null) drop(pair);
  };
  return {
    name, port: (server.address() as AddressInfo).port, lost: () => lost, held: () => [...lanes].reduce((sum, lane) => sum + lane.held(), 0),
    pass: () => { become({ kind: 'pass' }); },
    slow: (ms, when) => { become({ kind: 'slow', ms, when }); },
    blackHole: () => { become({ kind: 'blackHole' }); },
    cut: () => { become({ kind: 'cut' }); },
    loseReplies: (when) => { become({ kind: 'loseReplies', when }); },
    lateReplies: (ms, when) => { become({ kind: 'lateReplies', ms, when }); },
    close: () => new Promise((resolve) => { server.close(() => { resolve(); }); for (const pair of [...pairs]) drop(pair); }),
  };
}
