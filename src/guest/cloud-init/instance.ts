import { isDocument, type Document } from './merge.ts';

/**
 * Which life of a machine its documents are for. cloud-init takes a boot for the first one when the
 * instance-id has changed, so only the generation, raised on purpose, may change it.
 */
export type Instance = {
  readonly generation: number;
  /** What `--reseed` was called with when it raised the generation last. */
  readonly reseed?: string;
};

export const FIRST_INSTANCE: Instance = { generation: 1 };

/** The instance-id: also the name of a folder in the guest, so of plain letters. */
export function instanceId(folderId: string, vmid: number, { generation }: Instance): string {
  return `phoenix-${folderId.replaceAll(/[^A-Za-z0-9._-]/g, '-')}-${vmid}-${generation}`;
}

/** The instance that an existing meta-data document names; undefined where it names none of ours. */
export function readInstance(meta: Document | undefined): Instance | undefined {
  const found = meta?.['phoenix'];
  if (!isDocument(found)) return undefined;
  const { generation, reseed } = found;
  if (typeof generation !== 'number' || !Number.isSafeInteger(generation) || generation < 1) return undefined;
  return { generation, ...(typeof reseed === 'string' && { reseed }) };
}
