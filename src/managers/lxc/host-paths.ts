import type { DesiredMount } from '../../model/desired.ts';
import type { Diagnostic } from '../../model/diagnostic.ts';
import type { ExecOperation } from '../../model/operation.ts';
import type { ConfigSection } from '../../model/observation.ts';
import { effectiveIdMap, hostIdOf, type IdRange } from '../../pve/id-map.ts';
import type { LxcInput } from './input.ts';
import { joinWork, NO_WORK, type Work } from '../guest/work.ts';

/**
 * The node's directories that the container mounts: made where they are missing, given to the owner
 * that the folder names (a container's id, through the id map that the container really has) where
 * they belong to another. Only the directory itself: what is in it is others'.
 */
export function hostPathWork(input: LxcInput, step: string): Work {
  const map = effectiveIdMap(futureConfig(input));
  return joinWork(input.desired.mounts.map((mount) => mountWork(input, { mount, map, step })));
}

/** Host ids of a mount's owner; undefined where the folder names none, `unmapped` where the map has none. */
function hostOwner(mount: DesiredMount, map: readonly IdRange[]): HostOwner {
  const uid = mount.ownerUid === undefined ? undefined : hostIdOf(map, 'uid', mount.ownerUid);
  const gid = mount.ownerGid === undefined ? undefined : hostIdOf(map, 'gid', mount.ownerGid);
  const isUnmapped =
    (mount.ownerUid !== undefined && uid === undefined) ||
    (mount.ownerGid !== undefined && gid === undefined);
  return { uid, gid, isUnmapped };
}

type HostOwner = {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly isUnmapped: boolean;
};

type MountQuestion = {
  readonly mount: DesiredMount;
  readonly map: readonly IdRange[];
  readonly step: string;
};

function mountWork(input: LxcInput, { mount, map, step }: MountQuestion): Work {
  const target = input.desired.vmid;
  const found = input.observed.node.paths.get(mount.hostPath);
  const owner = hostOwner(mount, map);
  if (owner.isUnmapped) return { ...NO_WORK, diagnostics: [unmapped(input, mount)] };
  if (found && found.type !== 'missing' && found.type !== 'directory') {
    return { ...NO_WORK, diagnostics: [notADirectory(input, mount)] };
  }
  const isMissing = found?.type === 'missing';
  const before = found && !isMissing ? ownerText(found.uid, found.gid) : undefined;
  const isSame =
    (owner.uid === undefined || owner.uid === found?.uid) &&
    (owner.gid === undefined || owner.gid === found?.gid);
  const parts: Work[] = [];
  const run = (attribute: string, argv: readonly string[]): ExecOperation => ({
    op: 'exec',
    target,
    step,
    changes: [attribute],
    gates: [],
    in: 'node',
    argv,
    timeoutMs: 60_000,
  });
  if (isMissing) {
    const attribute = `directory ${mount.hostPath}`;
    parts.push({
      ...NO_WORK,
      changes: [{ target, step, attribute, before: undefined, after: 'made', effect: 'live' }],
      operations: [run(attribute, ['mkdir', '-p', '--', mount.hostPath])],
    });
  }
  if (!isSame && found) {
    const attribute = `owner of ${mount.hostPath}`;
    const after = ownerText(owner.uid ?? found.uid, owner.gid ?? found.gid);
    const wanted = `${owner.uid ?? ''}${owner.gid === undefined ? '' : `:${owner.gid}`}`;
    parts.push({
      ...NO_WORK,
      changes: [{ target, step, attribute, before, after, effect: 'live' }],
      operations: [run(attribute, ['chown', wanted, '--', mount.hostPath])],
    });
  }
  return joinWork(parts);
}

/** The parts of the config that decide the id map, as they will be: raw lines of the folder included. */
function futureConfig({ desired, observed }: LxcInput): Pick<ConfigSection, 'keys' | 'raw'> {
  const head = observed.guest?.kind === 'lxc' ? observed.guest.config.head : undefined;
  const isUnprivileged = head ? head.keys.get('unprivileged') === '1' : desired.unprivileged === true;
  const wanted = desired.rawLines.filter(([key]) => key === 'lxc.idmap');
  return {
    keys: new Map(isUnprivileged ? [['unprivileged', '1']] : []),
    raw: wanted.length > 0 ? wanted : (head?.raw ?? []),
  };
}

function ownerText(uid: number | undefined, gid: number | undefined): string {
  return `${uid ?? '?'}:${gid ?? '?'}`;
}

function unmapped({ desired }: LxcInput, mount: DesiredMount): Diagnostic {
  return {
    code: 'lxc/owner-not-mapped',
    severity: 'error',
    summary: `the owner of ${mount.hostPath} is outside the container's id map`,
    detail: `${mount.ownerUid ?? '-'}:${mount.ownerGid ?? '-'} has no counterpart on the node.`,
    remedy: 'Choose an owner that the id map covers, or widen id_maps.',
    position: desired.position,
    target: desired.vmid,
  };
}

function notADirectory({ desired }: LxcInput, mount: DesiredMount): Diagnostic {
  return {
    code: 'lxc/mount-source-not-a-directory',
    severity: 'error',
    summary: `${mount.hostPath} is no directory`,
    detail: 'Only a directory of the node can be mounted into a container.',
    remedy: 'Correct host_path, or move what stands there.',
    position: desired.position,
    target: desired.vmid,
  };
}
