import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadFolder, type LoadResult } from '../../src/config/load-folder.ts';
import type { DesiredContainer, DesiredVm } from '../../src/model/desired.ts';

const builtinFeatures = resolve(import.meta.dirname, '../../features');
const cwd = resolve(import.meta.dirname, 'legacy');

describe('files of the shell predecessor', () => {
  let result: LoadResult;
  beforeAll(async () => {
    result = await loadFolder({ path: cwd, env: {}, cwd, builtinFeatures });
  });
  const container = (vmid: number): DesiredContainer => {
    const guest = result.folder?.guests.get(vmid);
    if (guest?.kind !== 'lxc') throw new Error(`no container ${vmid}`);
    return guest;
  };

  test('load without an error', () => {
    expect(result.diagnostics.filter(({ severity }) => severity === 'error')).toEqual([]);
    expect([...(result.folder?.guests.keys() ?? [])]).toEqual(
      [900, 902, 911, 950, 953, 9000, 1001].sort(fileOrder),
    );
  });

  test.each([
    ['phoenix_hypervisor_config.json', '"core_paths"', 'no-effect'],
    ['phoenix_hypervisor_config.json', '"fallback_dns"', 'no-effect'],
    ['phoenix_hypervisor_config.json', '"options": "browseable', 'no-effect'],
    ['phoenix_hypervisor_config.json', '"images,rootdir"', 'doubtful-content'],
    ['phoenix_hypervisor_config.json', '"name": "fastData-shared-iso"', 'doubtful-dataset'],
    ['phoenix_hypervisor_config.json', '"quickos_vm"', 'unused-storage-id'],
    ['phoenix_hypervisor_config.json', '"hypervisor_health_.check"', 'unknown-key'],
    ['phoenix_hypervisor_config.json', '"999"', 'stale-reference'],
    ['phoenix_hypervisor_config.json', '"admin_password"', 'plain-secret'],
    ['phoenix_lxc_configs.json', '"lxc.apparmor.profile=unconfined"', 'redundant-value'],
    ['phoenix_lxc_configs.json', '"tests"', 'no-effect'],
    ['phoenix_lxc_configs.json', '"vllm":', 'no-effect'],
    ['phoenix_lxc_configs.json', '"911"', 'privilege-unset'],
    ['phoenix_lxc_configs.json', '"gpu_assignment": "0",', 'shared-gpu'],
    ['phoenix_vm_configs.json', '"template": "ubuntu-24.04-standard"', 'no-effect'],
    ['phoenix_vm_configs.json', '"source": "stacks/portainer', 'no-effect'],
    ['phoenix_vm_configs.json', '"docker_stacks"', 'not-yet'],
    ['phoenix_vm_configs.json', '"portainer_role"', 'not-yet'],
    ['phoenix_vm_configs.json', '"portainer_environment_name"', 'not-yet'],
    ['phoenix_vm_configs.json', '"portainer_agent_hostname"', 'not-yet'],
    ['phoenix_vm_configs.json', '"traefik_service"', 'not-yet'],
    ['phoenix_vm_configs.json', '"trigger_sync_on_completion"', 'not-yet'],
    ['phoenix_vm_configs.json', '"swarm_role"', 'not-yet'],
    ['phoenix_vm_configs.json', '"node_labels"', 'not-yet'],
    ['phoenix_vm_configs.json', '"qm_options"', 'no-effect'],
    ['phoenix_vm_configs.json', '"count"', 'no-effect'],
  ])('%s: %s is a warning', (file, snippet, code) => {
    const text = readFileSync(resolve(cwd, file), 'utf8');
    const line = text.slice(0, text.indexOf(snippet)).split('\n').length;
    const shown = result.diagnostics.map(
      ({ position, ...rest }) => `${position?.file}:${position?.line} ${rest.code}`,
    );
    expect(shown).toContain(`${file}:${line} config/${code}`);
  });

  test('say each thing once however many guests have it', () => {
    const tests = result.diagnostics.filter(({ summary }) => summary === 'tests has no effect');
    expect(tests.map(({ position }) => position?.file)).toEqual([
      'phoenix_hypervisor_config.json',
      'phoenix_lxc_configs.json',
    ]);
  });

  test('raw options are split at the first separator, capabilities a line each', () => {
    expect(container(902).rawLines).toEqual([
      ['lxc.cap.keep', 'net_admin'],
      ['lxc.cap.keep', 'net_raw'],
      ['lxc.cap.keep', 'sys_admin'],
      ['lxc.mount.entry', '/dev/fuse dev/fuse none bind,create=file'],
      ['lxc.mount.auto', 'sys:rw'],
      ['lxc.cgroup2.devices.allow', 'c 10:200 rwm'],
    ]);
    expect(container(900).rawLines).toEqual([['lxc.apparmor.profile', 'unconfined']]);
  });

  test('a profile with nesting and id maps become raw lines', () => {
    expect(container(950).rawLines).toEqual([
      ['lxc.apparmor.profile', 'lxc-phoenix-v2'],
      ['lxc.apparmor.allow_nesting', '1'],
      ['lxc.include', '/usr/share/lxc/config/nesting.conf'],
      ['lxc.idmap', 'u 0 100000 65536'],
      ['lxc.idmap', 'g 0 100000 65536'],
    ]);
    expect(container(950).apparmorProfile?.name).toBe('lxc-phoenix-v2');
    expect(container(950).idMaps).toContainEqual({
      type: 'gid',
      containerId: 0,
      hostId: 100_000,
      size: 65_536,
    });
  });

  test('GPUs, features, ports and the volumes under both names are understood', () => {
    const vllm = container(950);
    expect(vllm.gpus).toEqual([0, 1]);
    expect(container(900).gpus).toEqual([]);
    expect(container(900).pctFeatures).toEqual({});
    expect(container(950).pctFeatures).toBeUndefined();
    expect(container(902).pctFeatures).toEqual({ nesting: '1', keyctl: '1', mknod: '1' });
    expect(vllm.features.map(({ name }) => name)).toEqual(['nvidia', 'vllm']);
    expect(vllm.features[1]?.inputs).toEqual({
      vllm_model: 'Qwen/Qwen2.5-7B',
      nvidia_repo_url: 'http://developer.download.nvidia.com/compute/cuda/repos/ubuntu2404/x86_64/',
    });
    expect(vllm.applicationScript?.inputs).toMatchObject({
      vmid: 950,
      ports: ['8000:8000'],
      vllm_port: 8000,
    });
    expect(container(953).volumes).toEqual([
      { name: 'conf', storage: 'quickOS-lxc-disks', sizeGiB: 10, path: '/etc/nginx/conf' },
    ]);
    expect(container(953).nameservers).toEqual(['10.0.0.13']);
    expect(container(900).swapMiB).toBe(512);
  });

  test('an exact duplicate among firewall rules is left out', () => {
    expect(container(911).firewall?.rules).toEqual([
      { type: 'in', action: 'ACCEPT', proto: 'icmp', source: '10.0.0.0/24' },
      { type: 'in', action: 'ACCEPT', proto: 'tcp', port: '80,443', source: '10.0.0.153' },
    ]);
    expect(container(953).firewall).toEqual({ enabled: true, rules: [] });
    expect(container(953).nics[0]?.firewall).toBe(true);
  });

  const vm = (vmid: number): DesiredVm => {
    const guest = result.folder?.guests.get(vmid);
    if (guest?.kind !== 'vm') throw new Error(`no VM ${vmid}`);
    return guest;
  };

  test('a VM gets the defaults of its file', () => {
    expect(vm(1001)).toMatchObject({
      cores: 4,
      memoryMiB: 8192,
      diskGiB: 100,
      storage: 'quickOS-vm-disks',
      cloneFrom: { vmid: 9000 },
      dependencies: [953],
      startAtBoot: true,
      startup: { order: 2, up: 10 },
    });
    expect(vm(9000)).toMatchObject({ cores: 2, memoryMiB: 2048, diskGiB: 100, isTemplate: true });
  });

  test('a VM template is made from an image of Ubuntu', () => {
    const place = 'https://cloud-images.ubuntu.com/noble/current';
    const file = 'noble-server-cloudimg-amd64.img';
    expect(vm(9000).image).toEqual({
      file,
      url: `${place}/${file}`,
      checksumsUrl: `${place}/SHA256SUMS`,
    });
    expect(vm(9000).nics).toEqual([{ slot: 'net0', bridge: 'vmbr0', ip: 'dhcp' }]);
  });

  test('addresses, the user and network file systems of a VM go to Cloud-Init', () => {
    expect(vm(1001).nics).toEqual([
      { slot: 'net0', bridge: 'vmbr0', ip: '10.0.0.101/24', gateway: '10.0.0.1', firewall: true },
    ]);
    expect(vm(1001).cloudInit).toMatchObject({
      hostname: 'portainer',
      fqdn: 'portainer.internal.example.ai',
      nameservers: ['10.0.0.13'],
      searchDomain: 'internal.example.ai',
      users: [{ name: 'phoenix_user', sshKeys: [], hasSudo: true, groups: [] }],
      nfsMounts: [
        { server: '10.0.0.13', path: '/quickOS/vm-persistent-data/1001', mountPoint: '/persistent' },
      ],
      files: [],
    });
  });

  test('snapshots of a VM, its features and its firewall', () => {
    expect(vm(1001)).toMatchObject({
      preFeaturesSnapshot: 'pre-features',
      postFeaturesSnapshot: 'post-features',
      firewall: {
        enabled: true,
        rules: [{ type: 'in', action: 'ACCEPT', proto: 'tcp', port: '9443' }],
      },
    });
    expect(vm(1001).features.map(({ name }) => name)).toEqual(['base_setup', 'docker']);
  });
});

/** The order of the files. */
function fileOrder(a: number, b: number): number {
  const order = [900, 902, 953, 950, 911, 9000, 1001];
  return order.indexOf(a) - order.indexOf(b);
}
