/** Where a node is reached over SSH. Without a user or a port the user's own SSH configuration says them. */
export type SshAddress = { readonly host: string; readonly user?: string; readonly port?: number };

/**
 * Reads `ssh://[user@]host[:port]` or `user@host`; the host may be a name of the user's SSH
 * configuration, or an IPv6 address in brackets. Undefined for anything else, and for what `ssh` would
 * take for an option.
 */
export function parseSshAddress(text: string): SshAddress | undefined {
  const match =
    /^(?:ssh:\/\/(?:([^@/]+)@)?|([^@/:]+)@)(\[[0-9A-Fa-f:.%a-z]+\]|[^@/:[\]]+)(?::(\d{1,5}))?\/?$/.exec(text);
  if (!match) return undefined;
  const [, urlUser, plainUser, host = '', portText] = match;
  const user = urlUser ?? plainUser;
  const port = portText === undefined ? undefined : Number(portText);
  if (!isHost(host.replace(/^\[|\]$/g, '')) || (user !== undefined && !isUser(user))) return undefined;
  if (port !== undefined && (port < 1 || port > 65_535)) return undefined;
  return {
    host: host.replace(/^\[|\]$/g, ''),
    ...(user !== undefined && { user }),
    ...(port !== undefined && { port }),
  };
}

/** The address as people write it. */
export function printSshAddress({ host, user, port }: SshAddress): string {
  const name = host.includes(':') ? `[${host}]` : host;
  return `ssh://${user === undefined ? '' : `${user}@`}${name}${port === undefined ? '' : `:${port}`}`;
}

/** `ssh` hands user and host to a shell for some settings, and takes a leading dash for an option. */
function isHost(word: string): boolean {
  return /^[A-Za-z0-9_.:][A-Za-z0-9_.:%-]*$/.test(word);
}

/** No password: it would stand on a command line. */
function isUser(word: string): boolean {
  return /^[A-Za-z0-9_.][A-Za-z0-9_.+-]*$/.test(word);
}
