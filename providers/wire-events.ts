import { malformed } from './wire-fault.js';

/**
 * Server-sent events, from bytes as they come to the JSON of each `data`. Fields besides are left out: every event of a provider says
 * inside what it is. `[DONE]` comes as the text.
 *
 * @param take  given every event; whether it was the last. What it throws ends the reading
 * @returns     given every piece of bytes; whether the last event was among them. Bounded by what the caller lets through.
 * @throws ProviderError malformed, on bytes that are no UTF-8 and on data that is no JSON
 */
export function createEventReader(take: (event: unknown) => boolean): (bytes: Buffer) => boolean {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  let rest = '';
  let looked = 0;
  let data: string[] = [];
  const line = (text: string): boolean => {
    if (text.startsWith('data:')) { data.push(text.slice(text.startsWith('data: ') ? 6 : 5)); return false; }
    if (text !== '' || data.length === 0) return false;
    const whole = data.join('\n');
    data = [];
    return take(whole.trim() === '[DONE]' ? '[DONE]' : valueOf(whole));
  };
  return (bytes) => {
    try { rest += decoder.decode(bytes, { stream: true }); } catch { throw malformed('The stream holds bytes that are no UTF-8.'); }
    for (;;) {
      const end = rest.indexOf('\n', looked);
      if (end < 0) { looked = rest.length; return false; }
      const text = rest.slice(0, end).replace(/\r$/, '');
      rest = rest.slice(end + 1);
      looked = 0;
      if (line(text)) return true;
    }
  };
}

function valueOf(text: string): unknown {
  try { return JSON.parse(text) as unknown; } catch { throw malformed('The stream holds an event that is not JSON.'); }
}
