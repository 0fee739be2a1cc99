import type { DesiredHypervisor } from '../model/desired.ts';
import type { Findings } from './diagnose.ts';
import type { ParsedFile } from './read-files.ts';
import { type HypervisorConfig, hypervisorFile } from './schema/hypervisor-file.ts';
import { checkShape } from './shape/check-shape.ts';
import type { IdleKeys } from './shape/read-value.ts';

export type Hypervisor = {
  readonly folderId: string;
  readonly desired: DesiredHypervisor;
  readonly config: HypervisorConfig;
  /** What guests fall back on for keys that they and their file's root lack. */
  readonly inputs: Readonly<Record<string, unknown>>;
};

/** The hypervisor's file, checked; defaults where there is none. */
export function readHypervisor(
  file: ParsedFile | undefined,
  context: { readonly findings: Findings; readonly idle: IdleKeys },
): Hypervisor {
  const config =
    (file &&
      checkShape(hypervisorFile, file.root, { ...context, source: file.source, target: 'node' }).value) ??
    {};
  const version = config.nvidia_driver?.version;
  return {
    folderId: config.folder_id ?? 'phoenix',
    config,
    desired: { settings: config, ...(version !== undefined && { nvidiaDriverVersion: version }) },
    inputs: {
      ...(version !== undefined && { nvidia_driver_version: version }),
      ...(config.nvidia_driver?.runfile_url !== undefined && {
        nvidia_runfile_url: config.nvidia_driver.runfile_url,
      }),
    },
  };
}
