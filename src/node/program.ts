/**
 * A constant program of `sh` or `awk` as it stands, backslashes included; only `\${` is `${`. It
 * takes no values: a program gets its data as arguments or on stdin.
 */
export function program(text: TemplateStringsArray): string {
  return (text.raw[0] ?? '').replaceAll('\\${', '${').trim();
}
