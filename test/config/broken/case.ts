/**
 * A folder with one thing wrong. The sign ▸ stands right before the place that must be named and is
 * taken out before the folder is written; `file` says in which file where several have one.
 */
export type BrokenCase = {
  readonly name: string;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  readonly code: string;
  readonly remedy: string;
  readonly detail?: string;
  /** Without a sign: the place itself, `file:line:column`. */
  readonly at?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Codes of further problems that follow from the same mistake. */
  readonly also?: readonly string[];
};

export const PLACE = '▸';

/** A container that is right by itself; `keys` are put behind its own. */
export function guest(keys = '', id = '101'): string {
  const more = keys === '' ? '' : `,\n      ${keys}`;
  return `"${id}": {\n      "name": "guest-${id.replaceAll('_', '')}", "template": "local:vztmpl/d.tar.zst", "unprivileged": true${more}\n    }`;
}

/** A container that is cloned. */
export function clone(source: string, keys = '', id = '102'): string {
  const more = keys === '' ? '' : `,\n      ${keys}`;
  return `"${id}": {\n      "name": "guest-${id}", "clone_from_ctid": ${source}${more}\n    }`;
}

export function lxc(...guests: readonly string[]): Record<string, string> {
  return { 'phoenix_lxc_configs.json': `{\n  "lxc_configs": {\n    ${guests.join(',\n    ')}\n  }\n}\n` };
}

export function machine(keys = '', id = '201'): string {
  const more = keys === '' ? '' : `,\n      ${keys}`;
  return `{\n      "vmid": ${id}, "name": "machine-${id.replace(/\D/g, '')}", "template_image": "noble.img"${more}\n    }`;
}

/** A machine that is cloned. */
export function machineClone(keys = '', id = '202', source = '201'): string {
  const more = keys === '' ? '' : `,\n      ${keys}`;
  return `{\n      "vmid": ${id}, "name": "machine-${id}", "clone_from_vmid": ${source}${more}\n    }`;
}

export function vms(...machines: readonly string[]): Record<string, string> {
  return { 'phoenix_vm_configs.json': `{\n  "vms": [\n    ${machines.join(',\n    ')}\n  ]\n}\n` };
}

export function node(keys: string): Record<string, string> {
  return { 'phoenix_hypervisor_config.json': `{\n  ${keys}\n}\n` };
}

/** A feature of the folder's own. */
export function feature(name: string, manifest: string): Record<string, string> {
  return {
    [`features/${name}/feature.json`]: manifest,
    [`features/${name}/check`]: '#!/bin/sh\n',
    [`features/${name}/install`]: '#!/bin/sh\n',
  };
}
