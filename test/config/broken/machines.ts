import type { BrokenCase } from './case.ts';
import { machine, vms } from './case.ts';

const one = (keys: string) => vms(machine(keys));
const cloudInit = (keys: string) => one(`"cloud_init": { ${keys} }`);
const file = (keys: string) => cloudInit(`"files": [{ "path": "/etc/app.conf", ${keys} }]`);
const userData = (text: string) => ({
  ...cloudInit('"user_data": "user.yaml"'),
  'templates/user.yaml': text,
});
const network = (text: string) => ({
  ...cloudInit('"network_config": "net.yaml"'),
  'templates/net.yaml': text,
});
const KEY = '-----BEGIN OPENSSH PRIVATE KEY-----';

export const MACHINES: readonly BrokenCase[] = [
  // Files that Cloud-Init writes
  {
    name: 'a file of a VM without content',
    files: cloudInit('"files": [▸{ "path": "/etc/motd" }]'),
    code: 'file-content',
    remedy: 'Give it either content or source.',
  },
  {
    name: 'a file of a VM with two contents',
    files: { ...cloudInit('"files": [▸{ "path": "/a", "content": "x", "source": "x" }]'), 'files/x': 'x' },
    code: 'file-content',
    remedy: 'Give it either content or source.',
  },
  {
    name: 'a file of a VM that does not exist',
    files: file('"source": ▸"app.conf"'),
    code: 'missing-script',
    remedy: 'Create it',
    detail: 'There is no files/app.conf in the folder.',
  },
  {
    name: 'a file of a VM outside the folder',
    files: file('"source": ▸"../app.conf"'),
    code: 'path-outside-folder',
    remedy: 'Name a file inside the folder.',
  },
  {
    name: 'a secret in a file of a VM',
    files: file('"content": ▸{ "from_env": "TOKEN" }'),
    env: { TOKEN: 'x' },
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  {
    name: 'a private key in a file of a VM',
    files: file(`"content": "${KEY}"`),
    at: 'phoenix_vm_configs.json:5:71',
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  {
    name: 'a private key in a file of the folder',
    files: { ...file('"source": "id"'), 'files/id': `\n▸${KEY}\n` },
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  // Users
  {
    name: 'a password in place of its hash',
    files: cloudInit('"users": [{ "name": "a", "password_hash": ▸"hunter2" }]'),
    code: 'literal-secret',
    remedy: 'openssl passwd -6',
  },
  {
    name: 'a password of a user in clear',
    files: cloudInit('"users": [{ "name": "a", "password": ▸"hunter2" }]'),
    code: 'literal-secret',
    remedy: 'Refer to it',
  },
  // Templates
  {
    name: 'a template that does not exist',
    files: cloudInit('"user_data": ▸"user.yaml"'),
    code: 'missing-script',
    remedy: 'Create it',
    detail: 'There is no templates/user.yaml in the folder.',
  },
  {
    name: 'a template that is no YAML',
    files: userData('#cloud-config\nusers: [\n▸'),
    code: 'syntax',
    remedy: 'Check the indentation',
  },
  {
    name: 'a template that holds a list',
    files: userData('#cloud-config\n▸- users\n'),
    code: 'not-an-object',
    remedy: 'key: value',
  },
  {
    name: 'a template that is a script',
    files: userData('▸#!/bin/sh\ntrue\n'),
    code: 'bad-template',
    remedy: 'Write it as YAML',
  },
  {
    name: 'a template that Jinja would have to fill',
    files: userData('▸## template: jinja\n#cloud-config\nfqdn: a\n'),
    code: 'bad-template',
    remedy: 'Write it as YAML',
  },
  {
    name: 'a password in a template',
    files: userData('#cloud-config\nusers:\n  - name: a\n    plain_text_passwd: hunter2\n'),
    at: 'templates/user.yaml:4:24',
    code: 'secret-in-document',
    remedy: '"password": { "from_env": "NAME" }',
  },
  {
    name: 'a private key in a template',
    files: userData(`#cloud-config\nssh_keys:\n  ed25519_private: "${KEY}"\n`),
    at: 'templates/user.yaml:3:20',
    code: 'secret-in-document',
    remedy: 'application_script_env',
  },
  {
    name: 'a network-config of version 1',
    files: network('network:\n  version: ▸1\n  config: []\n'),
    code: 'bad-template',
    remedy: 'Write "version: 2"',
  },
  {
    name: 'a network-config without a version',
    files: network('▸ethernets: {}\n'),
    code: 'bad-template',
    remedy: 'Write "version: 2"',
  },
  // What it is made from
  {
    name: 'a legacy template that is no image',
    files: vms('{ ▸"vmid": 201, "name": "a", "template": "ubuntu-24.04-standard" }'),
    code: 'no-source',
    remedy: 'Add "image" or "template_image"',
    detail: '"ubuntu-24.04-standard" is no file name of a cloud image.',
  },
  {
    name: 'an image whose checksum is none',
    files: vms('{ "vmid": 201, "name": "a", "image": { "url": "https://a/b.img", "sha256": ▸"abc" } }'),
    code: 'bad-format',
    remedy: 'a SHA-256 in hexadecimal digits',
  },
  {
    name: 'a disk in the place of the first',
    files: one('"disks": [{ "slot": ▸"scsi0", "storage_pool": "local", "size_gb": 1 }]'),
    code: 'bad-format',
    remedy: 'scsi1 to scsi30',
  },
  {
    name: 'a NIC that asks for an address by hand',
    files: one('"network_config": { "ip": ▸"manual" }'),
    code: 'bad-format',
    remedy: 'or dhcp',
  },
];
