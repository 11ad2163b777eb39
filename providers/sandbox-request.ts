import type { IncomingMessage } from 'node:http';
import { fieldOf } from './wire-fault.js';

/** An answer in OpenAI's error shape. */
export class SandboxRefusal extends Error {
  override readonly name = 'SandboxRefusal';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}

const BODY_BYTES_MAX = 1024 * 1024;
const MESSAGES_MAX = 200;
const TEXTS_MAX = 2_048;
const TEXT_LENGTH_MAX = 8_192;

/** The body as JSON. */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase();
  if (type !== 'application/json') throw new SandboxRefusal(415, 'unsupported_media_type', 'Send application/json.');
  if (Number(request.headers['content-length'] ?? 0) > BODY_BYTES_MAX) throw tooLarge();
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > BODY_BYTES_MAX) throw tooLarge();
    chunks.push(chunk);
  }
  try { return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks))) as unknown; } catch {
    throw new SandboxRefusal(400, 'invalid_json', 'The body is not JSON.');
  }
}

export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly { readonly role: string; readonly content: string }[];
  readonly tokensMax: number | undefined;
  readonly streams: boolean;
  readonly wantsUsage: boolean;
}

const ROLES = new Set(['system', 'developer', 'user', 'assistant']);

/** Unknown fields are let through, as compatible servers do; what could not be honoured and would change the answer is refused. */
export function ChatRequest(body: unknown): ChatRequest {
  const messages = fieldOf(body, 'messages');
  if (!Array.isArray(messages) || messages.length === 0 || messages.length > MESSAGES_MAX) throw invalid(`messages is a list of 1 to ${MESSAGES_MAX}.`);
  const n = fieldOf(body, 'n');
  if (n !== undefined && n !== null && n !== 1) throw invalid('n is 1: every answer would be the same.');
  const tools = fieldOf(body, 'tools');
  if (Array.isArray(tools) && tools.length > 0) throw invalid('The sandbox model calls no tools.');
  return {
    model: textIn(body, 'model'),
    messages: messages.map((message: unknown, i) => {
      const role = textIn(message, 'role', `messages[${i}].`);
      if (!ROLES.has(role)) throw invalid(`messages[${i}].role is system, developer, user or assistant.`);
      return { role, content: contentOf(fieldOf(message, 'content'), i) };
    }),
    tokensMax: tokensMaxOf(fieldOf(body, 'max_completion_tokens') ?? fieldOf(body, 'max_tokens')),
    streams: fieldOf(body, 'stream') === true,
    wantsUsage: fieldOf(fieldOf(body, 'stream_options'), 'include_usage') === true,
  };
}

export interface EmbeddingRequest { readonly model: string; readonly texts: readonly string[]; readonly base64: boolean }

export function EmbeddingRequest(body: unknown): EmbeddingRequest {
  const input = fieldOf(body, 'input');
  const encoding = fieldOf(body, 'encoding_format') ?? 'float';
  if (encoding !== 'float' && encoding !== 'base64') throw invalid('encoding_format is float or base64.');
  if (fieldOf(body, 'dimensions') !== undefined) throw invalid('dimensions cannot be chosen.');
  return { model: textIn(body, 'model'), texts: textsOf(typeof input === 'string' ? [input] : input, 'input'), base64: encoding === 'base64' };
}

export const PrewarmRequest = (body: unknown): readonly string[] => textsOf(fieldOf(body, 'texts'), 'texts');

function textsOf(value: unknown, name: string): string[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > TEXTS_MAX) throw invalid(`${name} is a text or a list of 1 to ${TEXTS_MAX} texts.`);
  return value.map((text: unknown) => {
    if (typeof text !== 'string' || text === '' || text.length > TEXT_LENGTH_MAX) throw invalid(`${name} holds texts of 1 to ${TEXT_LENGTH_MAX} characters.`);
    return text;
  });
}

/** A text, or the parts form of it. */
function contentOf(content: unknown, i: number): string {
  if (typeof content === 'string') return content;
  const parts: unknown[] = Array.isArray(content) ? content : [undefined];
  return parts.map((part) => {
    const text = fieldOf(part, 'text');
    if (fieldOf(part, 'type') !== 'text' || typeof text !== 'string') throw invalid(`messages[${i}].content is a text.`);
    return text;
  }).join('\n');
}

function tokensMaxOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== 'number' || !Number.isInteger(value) || value < 1) throw invalid('max_tokens is a whole number above 0.');
  return value;
}

function textIn(value: unknown, name: string, prefix = ''): string {
  const text = fieldOf(value, name);
  if (typeof text !== 'string' || text === '') throw invalid(`${prefix}${name} is missing.`);
  return text;
}

const invalid = (message: string): SandboxRefusal => new SandboxRefusal(400, 'invalid_request', message);
const tooLarge = (): SandboxRefusal => new SandboxRefusal(413, 'too_large', `The body is larger than ${BODY_BYTES_MAX} bytes.`);
