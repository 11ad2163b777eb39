import { ROW_BYTES_MAX, type ItemFault } from './item.js';
import type { Feed } from './lines.js';

/** One record: the line it begins on, its cells, and what is wrong with its form. */
export interface CsvRow { readonly row: number; readonly cells: readonly string[]; readonly faults: readonly ItemFault[] }

type Place = 'start' | 'plain' | 'quoted' | 'closed';
const QUOTE = 0x22, COMMA = 0x2c, LF = 0x0a, CR = 0x0d;

/**
 * CSV as RFC 4180 has it, strictly: commas, quotes doubled inside quoted cells, rows that end in LF or CR LF. Nothing is guessed: what is not
 * of that form is a fault of its row, and the rows after it are read on. Blank lines are left out. A row that is too large is counted through
 * to its end and not kept.
 */
export function createCsv(onRow: (row: CsvRow) => void): Feed {
  let place: Place = 'start';
  let cell = '', cells: string[] = [], faults: ItemFault[] = [];
  let length = 0, isTooLarge = false, isReturn = false, wasQuoted = false;
  let line = 1, begin = 1;

  const fault = (code: ItemFault['code'], message: string): void => { if (!faults.some((one) => one.code === code)) faults.push({ column: `cell ${cells.length + 1}`, code, message }); };
  const take = (text: string): void => {
    length += text.length;
    if (length > ROW_BYTES_MAX) { isTooLarge = true; cell = ''; cells = []; } else cell += text;
  };
  const closeCell = (): void => { if (!isTooLarge) cells.push(cell); length += 1; cell = ''; place = 'start'; };
  const closeRow = (): void => {
    closeCell();
    const isBlank = cells.length === 1 && cells[0] === '' && !wasQuoted && faults.length === 0 && !isTooLarge;
    const large: readonly ItemFault[] = isTooLarge ? [{ code: 'ROW_TOO_LARGE', message: `the row has more than ${ROW_BYTES_MAX} bytes` }] : [];
    if (!isBlank) onRow({ row: begin, cells, faults: [...large, ...faults] });
    cells = []; faults = []; length = 0; isTooLarge = false; wasQuoted = false; begin = line;
  };
  /** How far from here on nothing but plain text comes, so that a long cell is taken in one piece. */
  const plainUntil = (piece: string, from: number): number => {
    let at = from;
    for (; at < piece.length; at += 1) {
      const unit = piece.charCodeAt(at);
      if (unit === QUOTE || (place === 'quoted' ? unit === LF : unit === COMMA || unit === LF || unit === CR)) break;
    }
    return at;
  };

  return {
    feed(piece) {
      for (let at = 0; at < piece.length; at += 1) {
        const unit = piece.charCodeAt(at);
        if (isReturn) {
          isReturn = false;
          if (unit !== LF) { fault('STRAY_RETURN', 'a carriage return alone ends no row'); place = 'plain'; }
        }
        if (place === 'quoted') {
          if (unit === QUOTE) place = 'closed';
          else if (unit === LF) { line += 1; take('\n'); } else { const end = plainUntil(piece, at); take(piece.slice(at, end)); at = end - 1; }
        } else if (unit === LF) { line += 1; closeRow(); } else if (unit === CR) isReturn = true;
        else if (unit === COMMA) closeCell();
        else if (unit === QUOTE) {
          if (place === 'start') { place = 'quoted'; wasQuoted = true; } else if (place === 'closed') { place = 'quoted'; take('"'); } else { fault('STRAY_QUOTE', 'a quote stands inside of a cell that is not quoted'); take('"'); }
        } else {
          if (place === 'closed') fault('STRAY_QUOTE', 'text follows the closing quote of a cell');
          place = 'plain';
          const end = plainUntil(piece, at);
          take(piece.slice(at, end));
          at = end - 1;
        }
      }
    },
    end() {
      if (place === 'quoted') fault('UNCLOSED_QUOTE', 'a quoted cell is never closed');
      if (isReturn) { isReturn = false; closeRow(); return; }
      if (cells.length > 0 || cell !== '' || place !== 'start' || isTooLarge || faults.length > 0) closeRow();
    },
  };
}

/** A cell that begins so is a formula to a spreadsheet that opens the file. */
const FORMULA = /^'*[=+\-@\t\r]/;

/** A cell as it is written: quoted where it must be, and never a formula, which a leading apostrophe makes plain text to every spreadsheet. */
export function csvCell(text: string): string {
  const safe = FORMULA.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) || safe.trim() !== safe ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A cell as it was meant: the apostrophe before a formula is the guard of `csvCell`, or of a spreadsheet. */
export const unguarded = (cell: string): string => (cell.startsWith("'") && FORMULA.test(cell) ? cell.slice(1) : cell);
