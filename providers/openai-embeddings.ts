import type { Provider } from './provider.js';
import { fieldOf, malformed } from './wire-fault.js';
import type { Post } from './wire.js';

/** Vectors of 3 072 numbers in decimal stay below the cap of an answer. */
const TEXTS_A_CALL = 24;

/** OpenAI's `embeddings`, as floats: not every server knows base64. */
export const createEmbeddings = (post: Post): Provider['embed'] => async (model, texts, signal) => {
  const vectors: Float32Array[] = [];
  for (let from = 0; from < texts.length; from += TEXTS_A_CALL) {
    const input = texts.slice(from, from + TEXTS_A_CALL);
    vectors.push(...vectorsOf(await post('/embeddings', { model, input, encoding_format: 'float' }, signal), input.length));
  }
  return vectors;
};

function vectorsOf(answer: unknown, wanted: number): Float32Array[] {
  const data = fieldOf(answer, 'data');
  if (!Array.isArray(data) || data.length !== wanted) throw malformed(`The answer does not hold ${wanted} vectors.`);
  const vectors = new Array<Float32Array | undefined>(wanted).fill(undefined);
  for (const [position, entry] of (data as unknown[]).entries()) {
    const index = fieldOf(entry, 'index') ?? position;
    const numbers = fieldOf(entry, 'embedding');
    if (typeof index !== 'number' || !Number.isInteger(index) || index < 0 || index >= wanted || vectors[index] !== undefined) throw malformed('The vectors are not numbered as the texts are.');
    if (!Array.isArray(numbers) || numbers.length === 0 || !numbers.every((n) => typeof n === 'number' && Number.isFinite(n))) throw malformed('A vector is not a list of numbers.');
    vectors[index] = Float32Array.from(numbers as number[]);
  }
  return vectors.map((vector) => { if (vector === undefined) throw malformed('A vector is missing.'); return vector; });
}
