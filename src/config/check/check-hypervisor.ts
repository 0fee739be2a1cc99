import type { Code } from '../codes.ts';
import type { Finding } from '../diagnose.ts';
import { positionAt } from '../parse/source.ts';
import { locate, type Path } from '../parse/tree.ts';
import { didYouMean } from '../suggest.ts';
import { checkPools } from './check-pools.ts';
import type { FolderCheck } from './folder-check.ts';

/** What is contradictory or doubtful in the hypervisor's file. */
export function checkHypervisor(check: FolderCheck): void {
  const { hypervisorFile, findings } = check;
  if (!hypervisorFile) return;
  const { root, source } = hypervisorFile;
  const add = (code: Code, path: Path, finding: Finding, isKey = false): void => {
    const { node, entry } = locate(root, path);
    const position =
      isKey && entry
        ? positionAt(source, entry.keyStart, entry.keyEnd)
        : positionAt(source, node.start, node.end);
    findings.add(code, { ...finding, position, target: 'node' });
  };
  checkDatasets(check, add);
  checkPools(check.hypervisor.config, add);
  checkDriver(check, add);
  checkStorageIds(check, add);
  checkSharedVolumes(check, add);
  checkPassword(check, add);
}

type Add = (code: Code, path: Path, finding: Finding, isKey?: boolean) => void;

function checkDatasets({ hypervisor }: FolderCheck, add: Add): void {
  const { pools, datasets } = hypervisor.config.zfs ?? {};
  const poolNames = (pools ?? []).map(({ name }) => name);
  for (const [index, dataset] of (datasets ?? []).entries()) {
    const path = ['zfs', 'datasets', index];
    if (pools && !poolNames.includes(dataset.pool)) {
      add('unknown-pool', [...path, 'pool'], {
        summary: 'A dataset names a pool that is not declared',
        detail: didYouMean(dataset.pool, poolNames) ?? `Declared are ${poolNames.join(', ') || 'none'}.`,
      });
    }
    if (dataset.name.toLowerCase().startsWith(`${dataset.pool.toLowerCase()}-`)) {
      add('doubtful-dataset', [...path, 'name'], {
        summary: "A dataset's name repeats its pool's",
        detail: `It becomes ${dataset.pool}/${dataset.name}.`,
      });
    }
    const content = dataset.proxmox_content_type ?? '';
    if (dataset.proxmox_storage_type === 'dir' && /\b(?:images|rootdir)\b/.test(content)) {
      add('doubtful-content', [...path, 'proxmox_content_type'], {
        summary: "A directory storage holds guests' disks",
        detail: 'Disks become files on the dataset, without its snapshots and clones.',
      });
    }
  }
}

function checkStorageIds({ hypervisor }: FolderCheck, add: Add): void {
  const { zfs, proxmox_storage_ids } = hypervisor.config;
  if (!proxmox_storage_ids) return;
  const names = (zfs?.datasets ?? []).map(({ pool, name }) => `${pool}_${name.replaceAll('-', '_')}`);
  for (const key of Object.keys(proxmox_storage_ids)) {
    if (names.includes(key)) continue;
    add(
      'unused-storage-id',
      ['proxmox_storage_ids', key],
      {
        summary: 'A storage id is given for a dataset that does not exist',
        detail: ['Keys are <pool>_<dataset> with "_" for "-", capitals as they are.', didYouMean(key, names)]
          .filter(Boolean)
          .join(' '),
      },
      true,
    );
  }
}

function checkSharedVolumes({ hypervisor, guests, isComplete }: FolderCheck, add: Add): void {
  if (!isComplete) return;
  for (const [name, volume] of Object.entries(hypervisor.config.shared_volumes ?? {})) {
    for (const id of Object.keys(volume.mounts ?? {})) {
      if (guests.has(Number(id))) continue;
      const path = ['shared_volumes', name, 'mounts', id];
      add(
        'stale-reference',
        path,
        {
          summary: 'A shared volume names a guest that the folder does not describe',
          detail: `No guest has the id ${JSON.stringify(id)}.`,
        },
        true,
      );
    }
  }
}

function checkPassword({ hypervisor }: FolderCheck, add: Add): void {
  const password = hypervisor.config.portainer_api?.admin_password;
  if (typeof password !== 'string') return;
  add('plain-secret', ['portainer_api', 'admin_password'], {
    summary: 'A password stands in clear in the configuration',
  });
}

function checkDriver({ hypervisor, guests }: FolderCheck, add: Add): void {
  const { nvidia_driver: driver } = hypervisor.config;
  if (driver?.install === true && driver.version === undefined) {
    add(
      'missing-key',
      ['nvidia_driver'],
      {
        summary: 'NVIDIA’s driver is to be installed, and no version is named',
        remedy: 'Add "version": "580.76.05", or the version that is wanted.',
      },
      true,
    );
  }
  // Host and containers must have the very same version.
  for (const { vmid, config } of guests.values()) {
    const own = 'nvidia_driver_version' in config ? config.nvidia_driver_version : undefined;
    if (driver?.version === undefined || own === undefined || own === driver.version) continue;
    add('driver-differs', ['nvidia_driver', 'version'], {
      summary: 'A container is to have another version of NVIDIA’s driver than the host',
      detail: `${vmid} says ${String(own)}, the host ${driver.version}.`,
    });
  }
}
