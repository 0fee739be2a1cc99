import type { DesiredVm } from '../../model/desired.ts';
import type { Observation, ObservedGuest } from '../../model/observation.ts';
import { parseProperties } from '../../pve/property-string.ts';
import { DOCUMENTS, snippetName, snippetPath } from '../../guest/cloud-init/snippets.ts';

/**
 * What of a running VM's Cloud-Init waits for its next start, for people: documents written after its
 * QEMU began, and settings that its Cloud-Init drive was not made with. Empty where it is stopped, where
 * the folder says nothing of Cloud-Init, and where nobody saw when it began. Needs `snippetNeeds`.
 */
export function waitingDocuments(
  { cloudInit }: DesiredVm,
  guest: ObservedGuest,
  node: Observation,
): readonly string[] {
  if (!cloudInit || !guest.running) return [];
  const record = guest.config.cloudInit?.keys ?? new Map<string, string>();
  const keys = [...record.keys(), ...(record.get('added') ?? '').split(',')].filter((key) => KEYS.test(key));
  return [...keys, ...newerDocuments(guest, node)];
}

/** Settings that go onto the drive and nowhere else; `name` and `netN` are looked after with the others. */
const KEYS = /^(?:cicustom|cipassword|citype|ciupgrade|ciuser|nameserver|searchdomain|sshkeys|ipconfig\d+)$/;

function newerDocuments(guest: ObservedGuest, { storages, fileTimes }: Observation): readonly string[] {
  const { startedAt, vmid, config } = guest;
  if (startedAt === undefined) return [];
  const named = parseProperties(config.head.keys.get('cicustom') ?? '');
  return DOCUMENTS.flatMap((document) => {
    const [id = '', name = ''] = (named.get(document) ?? '').split(':snippets/');
    const storage = storages.get(id);
    if (!storage || name !== snippetName(vmid, document)) return [];
    const writtenAt = fileTimes?.get(snippetPath(storage, vmid, document));
    return writtenAt !== undefined && writtenAt > startedAt ? [`Cloud-Init ${document}`] : [];
  });
}
