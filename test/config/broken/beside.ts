import type { BrokenCase } from './case.ts';
import { feature, guest, lxc, machine, node, vms } from './case.ts';

const one = (keys: string) => lxc(guest(keys));
const good = feature('hello', '{ "name": "hello", "description": "Hello." }');
const withOptions = (options: string) =>
  feature('hello', `{ "name": "hello", "description": "Hello.", "options": ${options} }`);
const script = (text: string) => ({ ...one('"application_script": "app.sh"'), 'scripts/app.sh': text });

export const BESIDE: readonly BrokenCase[] = [
  // Scripts
  {
    name: 'a missing script',
    files: one('"application_script": ▸"app.sh"'),
    code: 'missing-script',
    remedy: 'Create it, or correct the name.',
    detail: 'scripts/app.sh',
  },
  {
    name: 'a script outside the folder',
    files: one('"application_script": ▸"../../etc/passwd"'),
    code: 'path-outside-folder',
    remedy: 'Name a file inside the folder.',
  },
  {
    name: 'a script by absolute path',
    files: one('"application_script": ▸"/etc/passwd"'),
    code: 'path-outside-folder',
    remedy: 'Name a file inside the folder.',
  },
  {
    name: 'a script that sources the predecessor',
    files: script('#!/bin/bash\nset -e\nsource ▸/tmp/phoenix_run/phoenix_hypervisor_common_utils.sh\n'),
    code: 'script-needs-helpers',
    remedy: '$PHOENIX_INPUTS',
  },
  {
    name: "a script that reads the predecessor's file",
    files: script('#!/bin/bash\njq . /x/▸phoenix_lxc_configs.json\n'),
    code: 'script-needs-helpers',
    remedy: '$PHOENIX_INPUTS',
  },
  {
    name: 'a script without an interpreter',
    files: script('▸echo hello\n'),
    code: 'script-without-interpreter',
    remedy: 'Begin it with #!/bin/sh.',
  },
  {
    name: 'a script with Windows line ends',
    files: script('#!/bin/sh▸\r\necho\r\n'),
    code: 'script-line-ends',
    remedy: "sed -i 's/\\r$//' scripts/app.sh",
  },
  {
    name: 'a script that is no text',
    files: { ...one('"application_script": "app.sh"'), 'scripts/app.sh': new Uint8Array([0x7f, 0xff, 0x45]) },
    at: 'scripts/app.sh:1:2',
    code: 'bad-encoding',
    remedy: 'Save it as UTF-8',
  },
  {
    name: 'a missing check script',
    files: one('"health_check": { "script": ▸"up.sh" }'),
    code: 'missing-script',
    remedy: 'Create it',
    detail: 'health_checks/up.sh',
  },
  {
    name: 'a missing file of a script',
    files: {
      ...one('"application_script": "app.sh", "application_script_files": [▸"a.conf"]'),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'missing-script',
    remedy: 'Create it',
    detail: 'files/a.conf',
  },
  {
    name: 'a variable with a space',
    files: {
      ...one('"application_script": "app.sh", "application_script_env": { ▸"A B": "x" }'),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'bad-format',
    remedy: 'the name of an environment variable',
  },
  {
    name: 'a variable called __proto__',
    files: {
      ...one('"application_script": "app.sh", "application_script_env": { ▸"__proto__": "x" }'),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'bad-format',
    remedy: 'Choose another name.',
  },
  {
    name: "another profile in the profile's file",
    files: {
      ...one('"apparmor_profile": "mine"'),
      'apparmor/mine': '#include <tunables/global>\nprofile ▸other flags=(attach_disconnected) {\n}\n',
    },
    code: 'profile-mismatch',
    remedy: 'Declare "profile mine … { … }"',
  },
  // Features
  {
    name: 'an unknown feature',
    files: one('"features": [▸"vllm"]'),
    code: 'unknown-feature',
    remedy: 'Create features/vllm/',
  },
  {
    name: 'a mistyped feature',
    files: one('"features": [▸"base_stup"]'),
    code: 'unknown-feature',
    remedy: 'Create features/base_stup/',
    detail: 'Did you mean "base_setup"?',
  },
  {
    name: 'a feature with a bad name',
    files: one('"features": [▸"../x"]'),
    code: 'bad-format',
    remedy: "a feature's name",
  },
  {
    name: 'a feature twice',
    files: one('"features": ["base_setup", ▸"base_setup"]'),
    code: 'duplicate-item',
    remedy: 'Remove one of the two.',
  },
  {
    name: 'a feature of containers in a VM',
    files: vms(machine('"features": [▸"nvidia"]')),
    code: 'feature-kind',
    remedy: 'Remove it from this guest.',
  },
  {
    name: 'a feature that needs another',
    files: {
      ...one('"features": [▸"hello"]'),
      ...feature('hello', '{ "name": "hello", "description": "Hello.", "needs": ["base_setup"] }'),
    },
    code: 'feature-needs',
    remedy: 'Add "base_setup" to features.',
  },
  {
    name: 'features in a circle',
    files: {
      ...one('"features": [▸"hello", "world"]'),
      ...feature('hello', '{ "name": "hello", "description": "Hello.", "needs": ["world"] }'),
      ...feature('world', '{ "name": "world", "description": "World.", "needs": ["hello"] }'),
    },
    code: 'feature-cycle',
    remedy: 'Break the circle',
    detail: 'hello -> world -> hello',
  },
  {
    name: 'an unknown option',
    files: {
      ...one('"features": [{ "name": "hello", "options": { ▸"greting": "x" } }]'),
      ...withOptions('{ "greeting": { "description": "x" } }'),
    },
    code: 'unknown-option',
    remedy: 'Did you mean "greeting"?',
  },
  {
    name: 'an option outside its values',
    files: {
      ...one('"features": [{ "name": "hello", "options": { "tone": ▸"rude" } }]'),
      ...withOptions('{ "tone": { "description": "x", "values": ["kind", "plain"] } }'),
    },
    code: 'bad-value',
    remedy: 'It takes kind, plain.',
  },
  {
    name: 'a missing option',
    files: {
      ...one('"features": [▸"hello"]'),
      ...withOptions('{ "tone": { "description": "x", "required": true } }'),
    },
    code: 'missing-option',
    remedy: '"options": { "tone": … }',
  },
  {
    name: 'a secret option in clear',
    files: {
      ...one('"features": [{ "name": "hello", "options": { "key": ▸"hunter2" } }]'),
      ...withOptions('{ "key": { "description": "x", "secret": true } }'),
    },
    code: 'literal-secret',
    remedy: '{ "from_env": "NAME" }',
  },
  {
    name: 'options of a feature that is not there',
    files: one('"feature_options": { ▸"docker": { "source": "docker" } }'),
    code: 'unused-option',
    remedy: 'Add "docker" to features',
  },
  {
    name: 'a manifest without a description',
    files: { ...one('"features": ["hello"]'), ...feature('hello', '▸{ "name": "hello" }') },
    code: 'missing-key',
    remedy: 'Add description.',
  },
  {
    name: 'a manifest with another name',
    files: { ...one(''), ...feature('hello', '{ "name": ▸"hallo", "description": "x" }') },
    code: 'bad-manifest',
    remedy: 'Give both the same name.',
  },
  {
    name: 'a manifest with an unknown kind',
    files: { ...one(''), ...feature('hello', '{ "name": "hello", "description": "x", "kinds": [▸"ct"] }') },
    code: 'bad-value',
    remedy: 'lxc or vm',
  },
  {
    name: 'a manifest with a syntax error',
    files: { ...one(''), ...feature('hello', '{ "name": "hello"\n  ▸"description": "x" }') },
    code: 'syntax',
    remedy: 'Put a comma',
  },
  {
    name: 'a feature without a manifest',
    files: { ...one(''), 'features/hello/check': '#!/bin/sh\n', 'features/hello/install': '#!/bin/sh\n' },
    at: 'features/hello/feature.json:1:1',
    code: 'bad-manifest',
    remedy: 'Create it: { "name": "hello"',
  },
  {
    name: 'a feature without an install script',
    files: {
      ...one(''),
      ...Object.fromEntries(Object.entries(good).filter(([path]) => !path.endsWith('install'))),
    },
    at: 'features/hello/install:1:1',
    code: 'missing-feature-script',
    remedy: 'Create the file install',
  },
  // Secrets
  {
    name: 'a variable that is not set',
    files: {
      ...one(
        '"application_script": "app.sh", "application_script_env": { "KEY": ▸{ "from_env": "NO_SUCH" } }',
      ),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'secret-missing',
    remedy: 'export NO_SUCH=',
  },
  {
    name: 'a secret file that is not there',
    files: {
      ...one(
        '"application_script": "app.sh", "application_script_env": { "KEY": ▸{ "from_file": "no/such" } }',
      ),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'secret-missing',
    remedy: 'Create the file',
  },
  {
    name: 'a secret from two places',
    files: {
      ...one(
        '"application_script": "app.sh", "application_script_env": { "KEY": ▸{ "from_env": "A", "from_file": "b" } }',
      ),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'bad-secret',
    remedy: 'Give exactly one',
  },
  {
    name: 'a secret from nowhere',
    files: {
      ...one('"application_script": "app.sh", "application_script_env": { "KEY": ▸{} }'),
      'scripts/app.sh': '#!/bin/sh\n',
    },
    code: 'bad-secret',
    remedy: 'Give exactly one',
  },
  {
    name: 'a password of a VM in clear',
    files: vms(machine('"user_config": { "password": ▸"hunter2" }')),
    code: 'literal-secret',
    remedy: '{ "from_env": "NAME" }',
  },
  // The node
  {
    name: 'the firewall below shared_volumes',
    files: node('"shared_volumes": { ▸"firewall": { "enabled": true } }'),
    code: 'misplaced-block',
    remedy: 'Move the block out of shared_volumes',
    detail: 'Did you mean ".firewall"?',
    also: ['no-effect'],
  },
  {
    name: 'core_paths',
    files: node('▸"core_paths": { "lxc_config_file": "/etc/x" }'),
    code: 'no-effect',
    remedy: 'Remove it.',
    detail: '`--config` names it',
  },
  {
    name: 'a file that allows destruction',
    files: node('"zfs": { "settings": { ▸"allow_destructive_operations": true } }'),
    code: 'no-effect',
    remedy: 'Remove it.',
    detail: 'never gives consent',
  },
  {
    name: 'a raid level that would be a stripe',
    files: node('"zfs": { "pools": [{ "name": "tank", "raid_level": ▸"RAID-Z1", "disks": ["/dev/sda"] }] }'),
    code: 'bad-format',
    remedy: 'raidz1',
  },
  {
    name: 'a dataset on an unknown pool',
    files: node(
      '"zfs": { "pools": [{ "name": "tank", "raid_level": "mirror", "disks": ["/dev/disk/by-id/a", "/dev/disk/by-id/b"] }], "datasets": [{ "name": "a", "pool": ▸"tnak" }] }',
    ),
    code: 'unknown-pool',
    remedy: 'Correct the pool, or declare it.',
    detail: 'Did you mean "tank"?',
  },
  {
    name: 'a dataset that repeats its pool',
    files: node('"zfs": { "datasets": [{ "name": ▸"tank-iso", "pool": "tank" }] }'),
    code: 'doubtful-dataset',
    remedy: 'Remove the pool from the name.',
  },
  {
    name: 'disks of guests on a directory',
    files: node(
      '"zfs": { "datasets": [{ "name": "a", "pool": "tank", "proxmox_storage_type": "dir", "proxmox_content_type": ▸"images,rootdir" }] }',
    ),
    code: 'doubtful-content',
    remedy: 'Use zfspool for them.',
  },
  {
    name: 'properties that are no pairs',
    files: node('"zfs": { "datasets": [{ "name": "a", "pool": "tank", "properties": ▸"compression" }] }'),
    code: 'bad-format',
    remedy: 'k=v pairs',
  },
  {
    name: 'a storage id in small letters',
    files: node(
      '"zfs": { "datasets": [{ "name": "iso", "pool": "fastData" }] }, "proxmox_storage_ids": { ▸"fastdata_iso": "x1" }',
    ),
    code: 'unused-storage-id',
    remedy: 'Correct the key.',
    detail: 'Did you mean "fastData_iso"?',
  },
  {
    name: 'a shared volume for a guest that is gone',
    files: {
      ...node('"shared_volumes": { "ssl": { "host_path": "/a", "mounts": { ▸"953": "/etc/ssl" } } }'),
      ...lxc(guest()),
    },
    code: 'stale-reference',
    remedy: 'Remove it.',
    also: ['no-effect'],
  },
  {
    name: 'the mistyped key of the tests',
    files: node('"tests": { ▸"hypervisor_health_.check": [] }'),
    code: 'unknown-key',
    remedy: 'Correct the key',
    detail: 'Did you mean "hypervisor_health_check"?',
    also: ['no-effect'],
  },
  {
    name: 'options of a share',
    files: node('"samba": { "shares": [{ "name": "a", "path": "b", ▸"options": "x=yes" }] }'),
    code: 'no-effect',
    remedy: 'Remove it.',
    also: ['not-yet'],
  },
  {
    name: "an administrator's password in clear",
    files: node('"portainer_api": { "admin_password": ▸"hunter2" }'),
    code: 'plain-secret',
    remedy: '{ "from_env": "NAME" }',
    also: ['not-yet'],
  },
  {
    name: 'a folder id with a slash',
    files: node('"folder_id": ▸"a/b"'),
    code: 'bad-format',
    remedy: 'a short name',
  },
  {
    name: 'the gateway of a user',
    files: vms(machine('"user_config": { ▸"gw": "10.0.0.1" }')),
    code: 'unknown-key',
    remedy: 'Remove the key',
  },
  {
    name: 'a snapshot of a VM template',
    files: vms(machine('"is_template": true, ▸"template_snapshot_name": "final"')),
    code: 'no-effect',
    remedy: 'Remove it.',
  },
  {
    name: "both spellings of a VM's DNS servers",
    files: vms(machine('"network_config": { ▸"nameserver": "1.1.1.1", "nameservers": ["1.1.1.1"] }')),
    code: 'conflicting-values',
    remedy: 'Keep network_config.nameservers.',
  },
];
