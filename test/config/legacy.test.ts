import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadFolder, type LoadResult } from '../../src/config/load-folder.ts';
import type { DesiredContainer } from '../../src/model/desired.ts';

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

  test('a VM gets the defaults of its file', () => {
    const vm = result.folder?.guests.get(1001);
    expect(vm).toMatchObject({
      kind: 'vm',
      cores: 4,
      memoryMiB: 8192,
      cloneFrom: { vmid: 9000 },
      dependencies: [953],
    });
    expect(vm).toMatchObject({ storage: 'quickOS-vm-disks' });
  });
});

/** The order of the files. */
function fileOrder(a: number, b: number): number {
  const order = [900, 902, 953, 950, 911, 9000, 1001];
  return order.indexOf(a) - order.indexOf(b);
}
