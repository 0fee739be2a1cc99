import { copyFile, mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HostError, type HostAppliances } from '../../twin/host.ts';
import { INSIDE } from '../layout.ts';
import { provideTemplate } from '../templates.ts';

/** Templates, among them those that a folder asks for: downloaded where Proxmox's mirror answers, built with debootstrap otherwise. */
export function hostAppliances(asked: readonly string[]): HostAppliances {
  return {
    available: async () => {
      const names = [...new Set([...NAMES, ...asked])].toSorted();
      return names.map((name) => ({ section: 'system', name }));
    },
    update: async () => undefined,
    download: async (name, path, onOutput) => {
      try {
        const folders = { cache: INSIDE.cache, work: join(INSIDE.disk, 'work') };
        const { origin, content } = await provideTemplate(name, folders, (text) => onOutput('stdout', text));
        if (origin === 'replaced') {
          onOutput('stderr', `WARN: ${name} can't be provided in the sandbox: ${content} stands in for it\n`);
        }
        await mkdir(dirname(path), { recursive: true });
        await copyFile(join(INSIDE.cache, name), `${path}.tmp`);
        await rename(`${path}.tmp`, path);
      } catch (error) {
        throw new HostError(error instanceof Error ? error.message : String(error));
      }
    },
  };
}

/** What the sandbox can make or replace with a notice. */
const NAMES = [
  'alpine-3.22-default_20250617_amd64.tar.xz',
  'archlinux-base_20240911-1_amd64.tar.zst',
  'centos-9-stream-default_20240828_amd64.tar.xz',
  'debian-11-standard_11.7-1_amd64.tar.zst',
  'debian-12-standard_12.7-1_amd64.tar.zst',
  'debian-12-standard_12.12-1_amd64.tar.zst',
  'debian-13-standard_13.1-2_amd64.tar.zst',
  'fedora-42-default_20250428_amd64.tar.xz',
  'rockylinux-9-default_20240912_amd64.tar.xz',
  'ubuntu-20.04-standard_20.04-1_amd64.tar.gz',
  'ubuntu-22.04-standard_22.04-1_amd64.tar.zst',
  'ubuntu-24.04-standard_24.04-2_amd64.tar.zst',
];
