import type { DatasetItem, Turn } from './item.js';

export interface PromptMessage { readonly role: 'system' | 'user' | 'assistant'; readonly content: string }

/**
 * What is sent for a case: the prompt's messages filled with its variables, or, where the case is a whole conversation, the prompt's system
 * messages and then the conversation. A turn is a user's text and is never parsed for placeholders.
 *
 * @param fill  renders one message of the prompt with the case's variables; what it throws passes through
 */
export function messagesFor(prompt: readonly PromptMessage[], item: Pick<DatasetItem, 'messages'>, fill: (content: string) => string): readonly (PromptMessage | Turn)[] {
  const turns = item.messages;
  const own = turns === undefined ? prompt : prompt.filter(({ role }) => role === 'system');
  return [...own.map(({ role, content }) => ({ role, content: fill(content) })), ...(turns ?? [])];
}
