/** The part of `process` that is spoken to. */
export interface Starting {
  readonly stderr: { write(text: string): unknown };
  exit(code: number): never;
}

/**
 * What a program begins with: its settings, its secrets, its database. What these lack is for whoever starts it to mend, so it is said in two
 * lines on standard error, code and hint, and the program ends with 1. Anything that brings no hint is a fault of ours and goes on as it is.
 */
export async function orExplain<T>(begin: () => T | Promise<T>, from: Starting = process): Promise<T> {
  try { return await begin(); } catch (error) {
    if (!(error instanceof Error) || !('hint' in error) || typeof error.hint !== 'string') throw error;
    const code = 'code' in error && typeof error.code === 'string' ? error.code : 'BAD_INPUT';
    from.stderr.write(`${code}: ${error.message}\n  ${error.hint}\n`);
    return from.exit(1);
  }
}
