/** Where a text holds a private key in PEM or OpenSSH's form. */
export function findPrivateKey(text: string): { readonly start: number; readonly end: number } | undefined {
  const match = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/.exec(text);
  return match ? { start: match.index, end: match.index + match[0].length } : undefined;
}
