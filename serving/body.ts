import type { IncomingMessage } from 'node:http';

/** How long a sender of too much is listened to before it is cut off, so that it can read its 413. */
const DRAIN_MS = 1_000;

/**
 * The body as text, in one call back.
 *
 * @param then  `tooLarge` above the limit, `encoded` when it is compressed, which small bodies need not be; not called when the client goes away
 */
export function readBody(request: IncomingMessage, sizeMax: number, then: (body: { readonly kind: 'read'; readonly text: string } | { readonly kind: 'tooLarge' } | { readonly kind: 'encoded' }) => void): void {
  const encoding = request.headers['content-encoding'];
  const chunks: Buffer[] = [];
  let size = 0;
  let isOver = Number(request.headers['content-length'] ?? 0) > sizeMax;
  let isDone = false;
  const done = (): void => {
    if (isDone) return;
    isDone = true;
    if (encoding !== undefined && encoding !== 'identity') then({ kind: 'encoded' });
    else if (isOver) then({ kind: 'tooLarge' });
    else then({ kind: 'read', text: (chunks.length === 1 ? chunks[0] : Buffer.concat(chunks))?.toString('utf8') ?? '' });
  };
  if (isOver) setTimeout(done, DRAIN_MS).unref();
  request.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (isOver) return;
    if (size > sizeMax) { isOver = true; chunks.length = 0; setTimeout(done, DRAIN_MS).unref(); return; }
    chunks.push(chunk);
  });
  request.on('end', done);
  request.on('error', () => { isDone = true; });
}
