import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HostError, type CloudInitFiles, type VolumeRef } from '../../../twin/host.ts';
import { runCommand } from '../../command.ts';
import { INSIDE } from '../../layout.ts';
import { overwriteImage } from '../disk-image.ts';
import { imagePath, readRecord } from '../volume-store.ts';
import { reinsert } from './medium.ts';
import { machinePid } from './run-state.ts';

/** Writes the documents of a Cloud-Init drive onto its volume, as an ISO image under a label. */
export async function writeCloudInit(volume: VolumeRef, label: string, files: CloudInitFiles): Promise<void> {
  const record = await readRecord(volume);
  if (record === undefined) throw new HostError(`volume '${volume.name}' does not exist`);
  // Documents may hold passwords: they lie in memory and where only root looks.
  const place = await mkdtemp(join(INSIDE.root, 'cloud-init-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      const target = join(place, 'files', path);
      await mkdir(dirname(target), { recursive: true });
      await writeFile(target, text);
    }
    const iso = join(place, 'drive.iso');
    const words = ['-quiet', '-V', label, '-joliet', '-rock', '-o', iso, join(place, 'files')];
    const { code, stderr } = await runCommand(['genisoimage', ...words]);
    if (code !== 0) throw new HostError(stderr.trim());
    const path = imagePath(volume, record.format);
    await overwriteImage(iso, { path, format: record.format });
    if ((await machinePid(record.vmid)) !== undefined) await reinsert(record.vmid, path, record.format);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}
