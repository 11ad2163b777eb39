import { ROW_BYTES_MAX } from './item.js';

/** Takes a file in pieces of any size. What it holds back is one row at most, and never more than a row may have. */
export interface Feed { feed(piece: string): void; end(): void }

/** Lines of a text, numbered from 1, blank ones left out. `undefined` stands for a line that is too long: the rest of it is not kept. */
export function createLines(onLine: (row: number, line: string | undefined) => void): Feed {
  let held = '';
  let isTooLong = false;
  let row = 1;
  const take = (piece: string): void => {
    if (isTooLong) return;
    // No character is shorter than a byte: what has more units than a row may have bytes is too long already.
    isTooLong = held.length + piece.length > ROW_BYTES_MAX;
    held = isTooLong ? '' : held + piece;
  };
  const close = (): void => {
    const line = held.trim();
    if (isTooLong) onLine(row, undefined);
    else if (line !== '') onLine(row, line);
    held = ''; isTooLong = false; row += 1;
  };
  return {
    feed(piece) {
      let from = 0;
      for (let at = piece.indexOf('\n'); at !== -1; at = piece.indexOf('\n', from)) { take(piece.slice(from, at)); close(); from = at + 1; }
      take(piece.slice(from));
    },
    end: close,
  };
}
