/** One attack: what the user says, and what a document says beside it. */
export interface Attack {
  readonly slug: string;
  readonly ask: string;
  /** What the application would have found for the question. */
  readonly document?: string;
  /** The fact of the document that a good answer holds. Without it the good answer declines. */
  readonly says?: string;
}
export interface AttackFamily { readonly name: string; readonly good: string; readonly attacks: readonly Attack[] }
