import { SlipwayError } from '../core/errors.js';
import type { Io } from './context.js';

/** How a command speaks. With --json only `record` is heard, without it only the rest. */
export interface Output {
  readonly isJson: boolean;
  /** live drawings make sense */
  readonly isTty: boolean;
  /** columns of the terminal as it is now */
  readonly width: number;
  line(text?: string): void;
  /** A fact for programs: one JSON object a line. Names are stable. */
  record(type: string, fields: Readonly<Record<string, unknown>>): void;
  table(head: readonly string[], rows: readonly (readonly string[])[]): Promise<void>;
  bar(label: string, total: number): Promise<Bar>;
  /** Lines that are drawn over at the next call, and only those that changed: what stays does not flicker. Without a terminal they are written below. */
  draw(lines: readonly string[]): void;
  /** What was drawn stays, and the next line goes below it. */
  settle(): void;
  next(command: string): void;
  /** To standard error, with code and hint. */
  fail(error: unknown): void;
  paint(colour: Colour, text: string): string;
  end(): void;
}
export interface Bar { at(value: number, note?: string): void; stop(): void }
export type Colour = 'good' | 'bad' | 'dim' | 'bold';

const ANSI = { good: '32', bad: '31', dim: '2', bold: '1' } as const satisfies Record<Colour, string>;
const ESCAPE = '\u001b[';

export function createOutput(io: Pick<Io, 'stdout' | 'stderr' | 'isTty' | 'env'>, isJson: boolean): Output {
  const isTty = io.isTty && !isJson;
  const colours = isTty && (io.env['NO_COLOR'] ?? '') === '' && io.env['TERM'] !== 'dumb';
  const sizeOf = (name: 'columns' | 'rows', otherwise: number): number => { const size = (io.stdout as { readonly columns?: unknown; readonly rows?: unknown })[name]; return typeof size === 'number' && size > 0 ? size : otherwise; };
  const width = (): number => sizeOf('columns', 100);
  let drawn: readonly string[] = [];
  let drawnWidth = 0;
  const bars = new Set<Bar>();
  const write = (text: string): void => { io.stdout.write(text); };

  const eraser = (): string => (drawn.length > 0 ? `${ESCAPE}${drawn.length}A${ESCAPE}0J` : '');
  const output: Output = {
    isJson, isTty,
    get width() { return width(); },
    line(text = '') {
      if (isJson) return;
      const below = isTty && drawn.length > 0 ? `${drawn.join('\n')}\n` : '';
      write(`${isTty ? eraser() : ''}${safe(text)}\n${below}`);
    },
    record(type, fields) { if (isJson) write(`${JSON.stringify({ type, ...fields })}\n`); },
    async table(head, rows) {
      if (isJson) return;
      if (!isTty) { for (const row of [head, ...rows]) output.line(row.join('\t')); return; }
      const { default: Table } = await import('cli-table3');
      const table = new Table({ head: head.map((one) => output.paint('bold', one)), chars: PLAIN, style: { head: [], border: [], 'padding-left': 0, 'padding-right': 2 } });
      table.push(...rows.map((row) => row.map((cell) => safe(cell))));
      output.line(table.toString());
    },
    async bar(label, total) {
      if (isJson) return { at: () => undefined, stop: () => undefined };
      if (!isTty) return plainBar(label, total, (text) => { output.line(text); });
      const { default: progress } = await import('cli-progress');
      const shown = new progress.SingleBar({ stream: io.stdout, format: `${label.padEnd(24)} {bar} {value}/{total} {eta_formatted} left {note}`, hideCursor: true, clearOnComplete: false, barsize: 24, gracefulExit: false }, progress.Presets.rect);
      shown.start(total, 0, { note: '' });
      const bar: Bar = { at(value, note = '') { shown.update(value, { note }); }, stop() { if (bars.delete(bar)) shown.stop(); } };
      bars.add(bar);
      return bar;
    },
    draw(lines) {
      if (isJson) return;
      const fitting = lines.map((line) => clip(safe(line), width() - 1));
      if (isTty) {
        // What lies above the window cannot be drawn over.
        const shown = fitting.slice(0, Math.max(1, sizeOf('rows', 50) - 1));
        write(redrawn(drawnWidth === width() ? drawn : [], shown, drawnWidth === width() ? '' : eraser()));
        [drawn, drawnWidth] = [shown, width()];
        return;
      }
      for (const line of fitting.filter((one) => !drawn.includes(one))) write(`${line}\n`);
      drawn = fitting;
    },
    settle() { drawn = []; },
    next(command) {
      output.record('next', { command });
      output.line(`\n${output.paint('dim', 'Next:')} ${command}`);
    },
    fail(error) {
      output.end();
      const code = error instanceof SlipwayError ? error.code : 'INTERNAL';
      const message = error instanceof Error ? error.message : String(error);
      const hint = error instanceof SlipwayError ? error.hint : 'Run it again; slipway doctor looks at every part.';
      io.stderr.write(isJson ? `${JSON.stringify({ type: 'error', code, message, hint })}\n` : `${safe(`${code}: ${message}`)}\n  ${safe(hint)}\n`);
    },
    paint(colour, text) { return colours ? `${ESCAPE}${ANSI[colour]}m${text}${ESCAPE}0m` : text; },
    end() { for (const bar of [...bars]) bar.stop(); drawn = []; },
  };
  return output;
}

const PLAIN = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '' };

/** A line at every quarter instead of a bar. */
function plainBar(label: string, total: number, say: (text: string) => void): Bar {
  let told = -1;
  return {
    at(value, note = '') {
      const quarter = total === 0 ? 4 : Math.floor((4 * value) / total);
      if (quarter <= told) return;
      told = quarter;
      say(`${label}: ${value}/${total}${note === '' ? '' : ` ${note}`}`);
    },
    stop: () => undefined,
  };
}

/** Names and messages are a stranger's text: what would steer the terminal is taken out, our own colours stay. */
// eslint-disable-next-line no-control-regex
const safe = (text: string): string => text.replace(/\u001b\[(?:0|1|2|31|32)m|[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, (found) => (found.length > 1 ? found : '\ufffd'));

/** From what stands there to what shall stand there, in one piece: lines that are the same are passed by. */
function redrawn(before: readonly string[], now: readonly string[], cleared: string): string {
  if (before.length === now.length && now.every((line, i) => line === before[i])) return cleared;
  const up = before.length === 0 ? '' : `${ESCAPE}${before.length}A`;
  const lines = now.map((line, i) => (line === before[i] ? '\n' : `${i < before.length ? `${ESCAPE}2K` : ''}${line}\n`)).join('');
  return `${cleared}${up}${lines}${before.length > now.length ? `${ESCAPE}0J` : ''}`;
}

/** Not wider than the terminal, which would break it in two; colours take no room. */
function clip(line: string, width: number): string {
  // eslint-disable-next-line no-control-regex
  const parts = line.split(/(\u001b\[\d+m)/);
  const isColour = (i: number): boolean => i % 2 === 1;
  if (width < 10 || parts.reduce((sum, part, i) => sum + (isColour(i) ? 0 : part.length), 0) <= width) return line;
  let left = width - 1;
  return parts.map((part, i) => {
    if (isColour(i)) return part;
    const kept = part.slice(0, left);
    const isEnd = left > 0 && part.length >= left;
    left -= kept.length;
    return isEnd ? `${kept}…` : kept;
  }).join('');
}
