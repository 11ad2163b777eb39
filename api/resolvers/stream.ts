import { UnauthenticatedError } from '../../core/errors.js';
import { decide } from '../../core/access.js';
import type { Resource } from '../../core/access.js';
import type { Context } from '../context.js';

const LOOK_MS = 250;
/** A stream without news asks this often whether its key still lives. */
const KEY_LOOKS = 20;

/** What is looked at, again and again: where it is, whose it is, what of it is new since the last look, and whether more may come. */
export interface Watched<Doc, News> {
  readonly find: () => Promise<Doc | null>;
  readonly resourceOf: (doc: Doc) => Resource;
  readonly freshOf: (doc: Doc) => readonly News[];
  readonly isOver: (doc: Doc) => boolean;
}

/** All that is new, as it comes, until it is over or gone. Who may see it is asked again before each; a stream whose key has ended, ends. */
export async function* newsOf<Doc, News>({ find, resourceOf, freshOf, isOver }: Watched<Doc, News>, { deps, again }: Pick<Context, 'deps' | 'again'>): AsyncGenerator<News> {
  for (let looks = 1; ; looks += 1) {
    const doc = await find();
    if (doc === null) return;
    const fresh = freshOf(doc);
    if (fresh.length > 0 || looks % KEY_LOOKS === 0) {
      const principal = await again();
      if (principal === null || decide(principal, 'read', resourceOf(doc)).kind !== 'allow') throw new UnauthenticatedError('The key or session of this stream has ended.');
    }
    yield* fresh;
    if (isOver(doc)) return;
    await deps.pause(LOOK_MS);
  }
}
