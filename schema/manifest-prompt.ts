import { z } from 'zod';

/**
 * A prompt in the GitHub Models format. `name`, `description` and `messages` become a prompt version. The other keys of the format are
 * read, so that one file serves both, and are not part of the version: model, dataset and evaluators are declared in `slipway.yaml`.
 */
export const PromptFile = z.strictObject({
  name: z.string().min(1).max(200).optional().describe('Name of the prompt; of the form a-z, 0-9 and dash. Without it the file name counts, up to its first dot.'),
  description: z.string().max(2_000).optional().describe('Becomes the message of the version, unless --message says otherwise.'),
  model: z.string().max(200).optional(),
  modelParameters: z.record(z.string(), z.json()).optional(),
  responseFormat: z.enum(['text', 'json_object', 'json_schema']).optional(),
  jsonSchema: z.json().optional(),
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: z.string().min(1).max(200_000) })).min(1).max(100),
  testData: z.array(z.record(z.string(), z.json())).max(10_000).optional(),
  evaluators: z.array(z.json()).max(100).optional(),
});
export type PromptFile = z.infer<typeof PromptFile>;

/** Keys of the format that a prompt version does not carry. */
export const NOT_CARRIED = ['model', 'modelParameters', 'responseFormat', 'jsonSchema', 'testData', 'evaluators'] as const satisfies readonly (keyof PromptFile)[];
