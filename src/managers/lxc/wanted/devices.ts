import type { DesiredContainer } from '../../../model/desired.ts';
import { printProperties } from '../../../pve/property-string.ts';

/** A device node as the folder wants it in the container. */
export type WantedDevice = {
  /** Path of the device on the node: what identifies the entry. */
  readonly path: string;
  /** Parts of `devN` that the folder says, besides the path. */
  readonly parts: ReadonlyMap<string, string>;
};

/**
 * Every device that the folder wants: those it names, and for assigned GPUs their own nodes and the
 * shared ones that the node has (`gpuDevices`).
 */
export function wantedDevices(
  { devices, gpus }: DesiredContainer,
  gpuDevices: readonly string[],
): readonly WantedDevice[] {
  const named = devices.map(({ path, mode, uid, gid }) => ({ path, parts: parts({ mode, uid, gid }) }));
  const taken = new Set(named.map(({ path }) => path));
  const ofGpus = gpuPaths(gpus, gpuDevices).filter((path) => !taken.has(path));
  return [...named, ...ofGpus.map((path) => ({ path, parts: new Map<string, string>() }))];
}

/** GPUs that the folder assigns and the node doesn't have. */
export function missingGpus({ gpus }: DesiredContainer, gpuDevices: readonly string[]): readonly number[] {
  return gpus.filter((index) => !gpuDevices.includes(`/dev/nvidia${index}`));
}

/** `devN` of a device that is not there yet. */
export function newDevice({ path, parts }: WantedDevice): string {
  return printProperties(new Map([['path', path], ...parts]), 'path');
}

function gpuPaths(gpus: readonly number[], gpuDevices: readonly string[]): readonly string[] {
  if (gpus.length === 0) return [];
  const own = gpus.toSorted((a, b) => a - b).map((index) => `/dev/nvidia${index}`);
  return [...own, ...SHARED.filter((path) => gpuDevices.includes(path))];
}

/** Nodes that every container with a GPU needs beside the GPU's own. */
const SHARED = ['/dev/nvidiactl', '/dev/nvidia-uvm', '/dev/nvidia-uvm-tools', '/dev/nvidia-modeset'];

function parts(given: {
  readonly mode: string | undefined;
  readonly uid: number | undefined;
  readonly gid: number | undefined;
}): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(given).flatMap(([key, value]) =>
      value === undefined ? [] : [[key, String(value)] as const],
    ),
  );
}
