import { z } from 'zod';
import { TemplateError, placeholdersOf } from '../core/bundle/index.js';
import { application, filled, idempotencyKey, name, text, unique } from './terms.js';

const variable = z.string().regex(/^[A-Za-z_][A-Za-z0-9_.-]{0,63}$/, 'a variable is letters, digits, "_", "." and "-", at most 64, beginning with a letter or "_"');

/** Every `{{name}}` in the messages must be declared, every declared one used: what differs is a misspelling. */
export const CreatePromptVersionInput = z.strictObject({
  application, prompt: name,
  messages: z.array(z.strictObject({ role: z.enum(['system', 'user', 'assistant']), content: text(200_000).min(1) })).min(1).max(100),
  variables: z.array(variable).max(100).superRefine(unique((one) => one, 'variable')),
  message: text(2_000), source: z.strictObject({ repository: filled(500), path: filled(1_000), commit: filled(100) }).optional(), idempotencyKey,
}).superRefine(({ messages, variables }, context) => {
  const used = new Set<string>();
  for (const [index, { content }] of messages.entries()) {
    try {
      for (const placeholder of placeholdersOf(content)) {
        used.add(placeholder);
        if (!variables.includes(placeholder)) context.addIssue({ code: 'custom', path: ['messages', index, 'content'], message: `{{${placeholder}}} is not declared in variables` });
      }
    } catch (error) {
      if (!(error instanceof TemplateError)) throw error;
      context.addIssue({ code: 'custom', path: ['messages', index, 'content'], message: `${error.message} ${error.hint}` });
    }
  }
  for (const [index, declared] of variables.entries()) {
    if (!used.has(declared)) context.addIssue({ code: 'custom', path: ['variables', index], message: `${declared} is declared and no message uses it` });
  }
});
export type CreatePromptVersionInput = z.output<typeof CreatePromptVersionInput>;
