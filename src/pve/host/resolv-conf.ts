/** The name servers and search domains of a `/etc/resolv.conf`. */
export function readResolvConf(text: string): {
  readonly nameservers: readonly string[];
  readonly search: readonly string[];
} {
  const words = text.split('\n').map((line) => line.trim().split(/\s+/));
  const search = words.findLast(([first]) => first === 'search' || first === 'domain');
  return {
    nameservers: words.flatMap(([first, address]) =>
      first === 'nameserver' && address !== undefined ? [address] : [],
    ),
    search: search?.slice(1) ?? [],
  };
}

/**
 * The text with these name servers and search domain, what is undefined as it stands. Every other line
 * stays where it is; the very same text comes back where it says so already.
 */
export function editResolvConf(
  text: string,
  { nameservers, searchDomain }: { readonly nameservers?: readonly string[]; readonly searchDomain?: string },
): string {
  const found = readResolvConf(text);
  const isRight =
    (!nameservers || nameservers.join(' ') === found.nameservers.join(' ')) &&
    (searchDomain === undefined || searchDomain === found.search.join(' '));
  if (isRight) return text;
  const lines = text.replace(/\n$/, '').split('\n');
  const kept = lines.filter((line) => {
    const [first = ''] = line.trim().split(/\s+/);
    if (line === '' && text === '') return false;
    if (first === 'nameserver') return !nameservers;
    return !(searchDomain !== undefined && (first === 'search' || first === 'domain'));
  });
  const added = [
    ...(searchDomain === undefined ? [] : [`search ${searchDomain}`]),
    ...(nameservers ?? []).map((address) => `nameserver ${address}`),
  ];
  return `${[...kept, ...added].join('\n')}\n`;
}
