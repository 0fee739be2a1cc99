import type { Diagnostic } from '../../../model/diagnostic.ts';
import { finding } from '../operations.ts';

/** Something else writes `/etc/resolv.conf`, and would undo a change of it. */
export function resolvedByOthers(text: string): Diagnostic | undefined {
  const owner = /systemd-resolved|resolvconf\(8\)|NetworkManager/.exec(text)?.[0];
  if (owner === undefined) return undefined;
  return finding('error', 'resolver-of-others', {
    summary: "The host's name servers are set by something else",
    detail: `/etc/resolv.conf says that ${owner} writes it.`,
    remedy: `Set the name servers there, or remove ${owner.replace('(8)', '')} from the host.`,
  });
}
