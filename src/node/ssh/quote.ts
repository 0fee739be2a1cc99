/**
 * A command as one line for a POSIX shell, which hands on its words as they are: between single quotes
 * nothing has a meaning but the quote itself.
 */
export function quoteForShell(argv: readonly string[]): string {
  return argv.map((word) => `'${word.replaceAll("'", `'\\''`)}'`).join(' ');
}
