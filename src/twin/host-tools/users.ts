import type { Value } from '../../model/value.ts';
import { Secret } from '../../model/value.ts';
import { refuses, type HostTool } from './tool.ts';

const PASSWD = '/etc/passwd';
const SHADOW = '/etc/shadow';

/** `useradd --create-home --shell SHELL -- NAME` */
export const useradd: HostTool = async ({ world, host }, { words }) => {
  const name = words.at(-1) ?? '';
  const passwd = world.files[PASSWD]?.text ?? '';
  if (passwd.split('\n').some((line) => line.startsWith(`${name}:`))) {
    return refuses(`useradd: user '${name}' already exists`, 9);
  }
  const ids = passwd.split('\n').map((line) => Number(line.split(':')[2]));
  const id = Math.max(999, ...ids.filter((one) => one < 60_000)) + 1;
  await host.files.write(PASSWD, `${passwd}${name}:x:${id}:${id}::/home/${name}:/bin/bash\n`);
  await host.files.write(SHADOW, `${world.files[SHADOW]?.text ?? ''}${name}:!:20000:0:99999:7:::\n`, 0o640);
  await host.files.makeDirectory(`/home/${name}`);
  return {};
};

/** Sets the hash of a user's password. */
export const setPassword: HostTool = async ({ world, host }, { env }) => {
  const name = textOf(env['PHOENIX_USER']);
  if (!(world.files[PASSWD]?.text ?? '').split('\n').some((line) => line.startsWith(`${name}:`))) {
    return refuses(`chpasswd: (user ${name}) not found`);
  }
  const others = (world.files[SHADOW]?.text ?? '')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith(`${name}:`));
  const lines = [...others, `${name}:${textOf(env['PHOENIX_HASH'])}:20000:0:99999:7:::`, ''];
  await host.files.write(SHADOW, lines.join('\n'), 0o640);
  return {};
};

/** Adds a key behind those that a user has. */
export const addSshKey: HostTool = async ({ world, host }, { env }) => {
  const name = textOf(env['PHOENIX_USER']);
  const line = (world.files[PASSWD]?.text ?? '').split('\n').find((one) => one.startsWith(`${name}:`));
  if (line === undefined) return refuses(`runuser: user ${name} does not exist`);
  const path = `${line.split(':')[5]}/.ssh/authorized_keys`;
  const before = world.files[path]?.text ?? '';
  const end = before === '' || before.endsWith('\n') ? '' : '\n';
  await host.files.write(path, `${before}${end}${textOf(env['PHOENIX_KEY'])}\n`, 0o600);
  return {};
};

function textOf(value: Value | undefined): string {
  return value instanceof Secret ? value.reveal() : String(value);
}
