import type { DesiredContainer } from '../../../model/desired.ts';
import { printProperties } from '../../../pve/property-string.ts';

/** A mount as the folder wants it: a directory of the node, or a volume of the container's own. */
export type WantedMount = {
  /** Path in the container, without a slash at its end: what identifies the mount. */
  readonly path: string;
  readonly source:
    | { readonly kind: 'bind'; readonly hostPath: string }
    | { readonly kind: 'volume'; readonly storage: string; readonly sizeGiB: number };
  /** Parts of `mpN` that the folder says, besides the source and `mp`. */
  readonly parts: ReadonlyMap<string, string>;
};

/** Every mount that the folder wants, volumes first. */
export function wantedMounts({ volumes, mounts }: DesiredContainer): readonly WantedMount[] {
  return [
    ...volumes.map(({ path, storage, sizeGiB, backup, readOnly }) => ({
      path: normalizePath(path),
      source: { kind: 'volume' as const, storage, sizeGiB },
      parts: flags([
        ['backup', backup],
        ['ro', readOnly],
      ]),
    })),
    ...mounts.map(({ path, hostPath, readOnly }) => ({
      path: normalizePath(path),
      source: { kind: 'bind' as const, hostPath: normalizePath(hostPath) },
      parts: flags([['ro', readOnly]]),
    })),
  ];
}

/** `mpN` of a mount that is not there yet; a volume is allocated by the call that carries it. */
export function newMount({ path, source, parts }: WantedMount): string {
  const volume = source.kind === 'bind' ? source.hostPath : `${source.storage}:${source.sizeGiB}`;
  return printProperties(new Map([['volume', volume], ['mp', path], ...parts]), 'volume');
}

/** A path without doubled slashes and without one at its end. */
export function normalizePath(path: string): string {
  if (!path.includes('//') && !path.endsWith('/')) return path;
  const single = path.replaceAll(/\/{2,}/g, '/');
  return single.length > 1 ? single.replace(/\/$/, '') : single;
}

function flags(entries: readonly (readonly [string, boolean | undefined])[]): ReadonlyMap<string, string> {
  return new Map(
    entries.flatMap(([key, value]) => (value === undefined ? [] : [[key, value ? '1' : '0'] as const])),
  );
}
