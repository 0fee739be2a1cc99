import type { GuestKind } from '../../model/target.ts';

/** What Proxmox, and people, call a guest of a kind. */
export type Words = {
  /** Proxmox's command for it. */
  readonly tool: 'pct' | 'qm';
  readonly noun: string;
  /** Key of its config that holds its name. */
  readonly nameKey: string;
  /** Steps of its state machine that the shared code answers for. */
  readonly define: string;
  readonly configure: string;
  readonly start: string;
  readonly stop: string;
  readonly destroy: string;
};

/** The words of a kind of guest. */
export function wordsOf(kind: GuestKind): Words {
  return WORDS[kind];
}

const WORDS: Readonly<Record<GuestKind, Words>> = {
  lxc: {
    tool: 'pct',
    noun: 'container',
    nameKey: 'hostname',
    define: 'ensure_container_defined',
    configure: 'apply_configurations',
    start: 'start_container',
    stop: 'stop_container',
    destroy: 'destroy_container',
  },
  vm: {
    tool: 'qm',
    noun: 'virtual machine',
    nameKey: 'name',
    define: 'ensure_vm_defined',
    configure: 'apply_vm_configurations',
    start: 'start_vm',
    stop: 'stop_vm',
    destroy: 'destroy_vm',
  },
};
