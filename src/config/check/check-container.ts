import type { Findings } from '../diagnose.ts';
import type { RawContainer } from '../raw-guest.ts';
import { didYouMean } from '../suggest.ts';

/** What is contradictory within one container. */
export function checkContainer(guest: RawContainer, findings: Findings): void {
  checkSource(guest, findings);
  checkSnapshots(guest, findings);
  checkPaths(guest, findings);
  checkPctOptions(guest, findings);
}

function checkSource({ config, position, keyAt, vmid, declares }: RawContainer, findings: Findings): void {
  const isClone = declares('clone_from_ctid');
  if (!declares('template') && !isClone && config.existing !== true) {
    findings.add('no-source', {
      summary: 'A container has nothing to be made from',
      remedy: 'Add "template", or "clone_from_ctid" with the id of another container.',
      position,
      target: vmid,
    });
  }
  if (config.template !== undefined && isClone) {
    findings.add('two-sources', {
      summary: 'A container has a template and a container to clone',
      detail: 'It is cloned; the template is not used.',
      remedy: 'Remove "template" or "clone_from_ctid".',
      position: keyAt('template'),
      target: vmid,
    });
  }
  if (!declares('unprivileged') && !isClone) {
    findings.add('privilege-unset', {
      summary: 'A container does not say whether it is unprivileged',
      detail: 'One that exists stays as it is; a new one gets what pct gives by itself.',
      position,
      target: vmid,
    });
  }
}

function checkSnapshots({ config, at, keyAt, vmid }: RawContainer, findings: Findings): void {
  const { template_snapshot_name, enable_lifecycle_snapshots, is_template, mount_points } = config;
  const snapshots = template_snapshot_name !== undefined || enable_lifecycle_snapshots === true;
  if (snapshots && (mount_points ?? []).length > 0) {
    const key =
      template_snapshot_name === undefined ? 'enable_lifecycle_snapshots' : 'template_snapshot_name';
    findings.add('mounts-prevent-snapshots', {
      summary: 'A container has bind mounts and is to be snapshotted',
      detail: `Proxmox takes no snapshot of a container with bind mounts, and ${key} asks for one.`,
      remedy: `Use volumes in place of mount_points, or remove ${key}.`,
      position: at('mount_points', 0),
      target: vmid,
    });
  }
  if (is_template === true && snapshots) {
    const key =
      template_snapshot_name === undefined ? 'enable_lifecycle_snapshots' : 'template_snapshot_name';
    findings.add('template-with-snapshot', {
      summary: 'A container is to become a template and to have a snapshot',
      detail: 'Proxmox makes no template of a container with snapshots.',
      remedy: `Remove is_template or ${key}.`,
      position: keyAt('is_template'),
      target: vmid,
    });
  }
}

function checkPaths(guest: RawContainer, findings: Findings): void {
  const { volumes, zfs_volumes, mount_points } = guest.config;
  const seen = new Map<string, readonly (string | number)[]>();
  const mounts = [
    ...(volumes ?? []).map((entry, index) => ({
      path: entry.mount_point,
      place: ['volumes', index, 'mount_point'],
    })),
    ...(zfs_volumes ?? []).map((entry, index) => ({
      path: entry.mount_point,
      place: ['zfs_volumes', index, 'mount_point'],
    })),
    ...(mount_points ?? []).map((entry, index) => ({
      path: entry.container_path,
      place: ['mount_points', index, 'container_path'],
    })),
  ];
  for (const { path, place } of mounts) {
    const plain = path.replace(/\/+$/, '') || '/';
    if (plain === '/') {
      findings.add('bad-value', {
        summary: 'Nothing can be mounted at /',
        remedy: 'Choose a path below it, such as /data.',
        position: guest.at(...place),
        target: guest.vmid,
      });
    }
    const earlier = seen.get(plain);
    if (earlier === undefined) {
      seen.set(plain, place);
      continue;
    }
    findings.add('duplicate-path', {
      summary: 'Two mounts have the same path in the container',
      detail: `${plain} is used at line ${guest.at(...earlier).line} already.`,
      position: guest.at(...place),
      target: guest.vmid,
    });
  }
}

function checkPctOptions(guest: RawContainer, findings: Findings): void {
  const seen = new Set<string>();
  for (const [index, option] of (guest.config.pct_options ?? []).entries()) {
    const name = option.slice(0, option.indexOf('='));
    const value = option.slice(name.length + 1);
    const position = guest.at('pct_options', index);
    if (seen.has(name)) {
      findings.add('duplicate-item', {
        summary: 'An LXC feature stands twice',
        position,
        target: guest.vmid,
      });
    }
    seen.add(name);
    const isList = name === 'mount';
    if (!LXC_FEATURES.includes(name)) {
      findings.add('bad-value', {
        summary: 'Proxmox has no such LXC feature',
        remedy: [didYouMean(name, LXC_FEATURES), `It has ${LXC_FEATURES.join(', ')}.`]
          .filter(Boolean)
          .join(' '),
        position,
        target: guest.vmid,
      });
    } else if (isList ? !/^[a-z0-9_]+(?:;[a-z0-9_]+)*$/.test(value) : !/^[01]$/.test(value)) {
      findings.add('bad-value', {
        summary: 'An LXC feature has a value that Proxmox does not take',
        remedy: isList
          ? 'Write file systems parted by ";", such as mount=nfs;cifs.'
          : `Write ${name}=1 or ${name}=0.`,
        position,
        target: guest.vmid,
      });
    }
  }
}

const LXC_FEATURES = ['nesting', 'keyctl', 'fuse', 'mknod', 'mount', 'force_rw_sys'];
