import { verifyChain, type AuditLink, type ChainCheck, type ChainHead } from '../core/audit/index.js';
import { BadInputError, NotFoundError } from '../core/errors.js';
import { argument, optional, type Context, type Typed } from './context.js';
import { sha256 } from './digests.js';
import { EXIT } from './exit.js';
import { pages } from './pages.js';

const CHAIN = `query($application: ID!, $first: Int!, $after: String) { page: audit(application: $application, first: $first, after: $after) {
  nodes { application seq at actor actorKind authMethod action subject beforeDigest afterDigest reason intentId previousHash hash } pageInfo { hasNextPage endCursor } } }`;

/** `slipway audit verify APP`: reads every event and recomputes every link here; the API is asked for the text only. */
export async function verify(typed: Typed, { out, client }: Context): Promise<number> {
  const application = argument(typed, 0);
  const expected = headOf(optional(typed, 'expect'));
  const api = await client('admin');
  const { application: known } = await api.ask<{ application: { key: string } | null }>('query($key: ID!) { application(key: $key) { key } }', { key: application });
  if (known === null) throw new NotFoundError('application', application);
  let head: ChainHead | undefined;
  let read = 0;
  let broken: Extract<ChainCheck, { kind: 'broken' }> | undefined;
  for await (const events of pages<AuditLink>(api, CHAIN, { application })) {
    const check = checkPage(events, application, head, expected);
    if (check.kind === 'broken') { broken = check; break; }
    head = check.head;
    read += check.events;
    out.record('progress', { application, events: read });
  }
  if (broken === undefined && expected !== undefined && (head?.seq ?? 0) < expected.seq) broken = { kind: 'broken', seq: (head?.seq ?? 0) + 1, reason: `the chain ends at ${head?.seq ?? 0} and was seen to reach ${expected.seq}: events were cut off` };
  if (broken !== undefined) {
    out.record('audit', { application, result: 'broken', events: read, firstBadSeq: broken.seq, reason: broken.reason });
    out.line(out.paint('bad', `${application}: broken at event ${broken.seq}: ${broken.reason}`));
    out.next('compare with a backup of the database, and tell whoever answers for it');
    return EXIT.negative.code;
  }
  const seen = head === undefined ? null : `${head.seq}:${head.hash}`;
  out.record('audit', { application, result: 'sound', events: read, head: seen });
  out.line(out.paint('good', `${application}: sound, ${read} events${seen === null ? '' : `, head ${seen}`}`));
  out.next(`slipway audit verify ${application}${seen === null ? '' : ` --expect ${seen}`}`);
  return EXIT.ok.code;
}

function checkPage(events: readonly AuditLink[], application: string, after: ChainHead | undefined, expected: ChainHead | undefined): ChainCheck {
  const foreign = events.find((event) => event.application !== application);
  if (foreign !== undefined) return { kind: 'broken', seq: foreign.seq, reason: `the event is of ${foreign.application}` };
  const isHere = expected !== undefined && events.some(({ seq }) => seq === expected.seq);
  return verifyChain(events, sha256, { ...(after === undefined ? {} : { after }), ...(isHere ? { expected } : {}) });
}

/** `seq:hash`, as an earlier check printed it. What was cut off at the end, or written anew as a whole, only shows against it. */
function headOf(text: string | undefined): ChainHead | undefined {
  if (text === undefined) return undefined;
  const [, seq, hash] = /^([1-9][0-9]{0,9}):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new BadInputError(`${text} is no head of a chain.`, 'seq:hash, as slipway audit verify prints it.');
  return { seq: Number(seq), hash };
}
