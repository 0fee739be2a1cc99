import type { DesiredAdministrator } from '../../../model/desired-host.ts';
import type { ObservedUser } from '../../../model/observed-host.ts';
import { joined, recordOf, type HostInput, type Part } from '../part.ts';
import { finding } from '../operations.ts';
import { system } from './operations.ts';

/** Phoenix's own file that says what a user may do by sudo. */
export function sudoFileOf(name: string): string {
  return `/etc/sudoers.d/phoenix-${name}`;
}

/**
 * Administrators: made if missing, their keys added to those that are there. A password's hash is set
 * on a user that Phoenix made and that never had one; nobody else's password is touched.
 */
export function administrators(input: HostInput): Part {
  const wanted = input.desired.administrators ?? [];
  return joined([
    ...wanted.map((person) => administrator(input, person)),
    { diagnostics: noLongerDescribed(input) },
  ]);
}

function administrator(input: HostInput, wanted: DesiredAdministrator): Part {
  const { name, passwordHash } = wanted;
  const found = input.observed.node.host?.users?.get(name);
  const isOurs = found === undefined || recordOf(input).users.includes(name);
  const needsPassword = passwordHash !== undefined && isOurs && found?.hasPassword !== true;
  const user = `user ${name}`;
  const password = `password of ${name}`;
  return joined([
    found === undefined
      ? {
          changes: [system.change(user, undefined, 'a user of the node')],
          operations: [system.run([user], ['useradd', '--create-home', '--shell', '/bin/bash', '--', name])],
          makes: { users: [name] },
        }
      : {},
    needsPassword
      ? {
          changes: [system.change(password, 'none', '•••')],
          operations: [
            system.script([password], SET_PASSWORD, {
              env: { PHOENIX_USER: name, PHOENIX_HASH: passwordHash },
              title: `set the password of ${name}`,
            }),
          ],
        }
      : {},
    sshKeys(wanted, found),
    sudo(input, wanted),
  ]);
}

/* The hash is in the environment of a shell of root's, and reaches chpasswd by its input. */
const SET_PASSWORD = {
  name: 'set-password',
  content: `#!/bin/sh
printf '%s:%s\\n' "$PHOENIX_USER" "$PHOENIX_HASH" | chpasswd -e
`,
};

/* As the user himself: what stands in his home is his, links included. */
const ADD_KEY = {
  name: 'add-ssh-key',
  content: `#!/bin/sh
runuser -u "$PHOENIX_USER" -- sh -c '
umask 077
cd || exit 1
mkdir -p .ssh || exit 1
if [ -s .ssh/authorized_keys ] && [ -n "$(tail -c 1 .ssh/authorized_keys)" ]; then echo >>.ssh/authorized_keys; fi
cat >>.ssh/authorized_keys
' <<KEY
$PHOENIX_KEY
KEY
`,
};

function sshKeys({ name, sshKeys: wanted }: DesiredAdministrator, found: ObservedUser | undefined): Part {
  const there = new Set((found?.authorizedKeys ?? []).flatMap((line) => materialOf(line) ?? []));
  const missing = wanted.filter((key) => !there.has(materialOf(key) ?? key));
  const attributes = missing.map((key) => `SSH key of ${name} ${shortOf(key)}`);
  return {
    changes: attributes.map((attribute) => system.change(attribute, undefined, 'may log in')),
    operations: missing.map((key, index) =>
      system.script([attributes[index] ?? ''], ADD_KEY, {
        env: { PHOENIX_USER: name, PHOENIX_KEY: key },
        title: `add ${attributes[index]}`,
      }),
    ),
    makes: { sshKeys: missing.map((key) => `${name} ${materialOf(key) ?? key}`) },
  };
}

/** A key's type and body: options before and the comment behind may differ. */
function materialOf(line: string): string | undefined {
  const match = /(?:^|\s)((?:ssh|ecdsa|sk)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/]+=*)/.exec(line);
  return line.trimStart().startsWith('#') ? undefined : match?.[1];
}

function shortOf(key: string): string {
  const [type = '', body = '', ...comment] = key.split(/\s+/);
  return [type, `…${body.slice(-8)}`, ...comment].join(' ').trim();
}

function sudo({ observed }: HostInput, { name, hasSudo, passwordHash }: DesiredAdministrator): Part {
  const path = sudoFileOf(name);
  const found = observed.node.files?.get(path);
  // Without a password sudo could never ask for one.
  const may = passwordHash === undefined ? 'NOPASSWD: ALL' : 'ALL';
  const wanted = hasSudo
    ? `# Written by phoenix setup ("sudo_access").\n${name} ALL=(ALL:ALL) ${may}\n`
    : undefined;
  if (found === wanted) return {};
  const attribute = `sudo of ${name}`;
  const show = (text: string | undefined): string | undefined =>
    text === undefined ? undefined : 'may become root';
  return {
    changes: [system.change(attribute, show(found), show(wanted) ?? 'may not')],
    operations: [system.write([attribute], path, wanted ?? null, 0o440)],
  };
}

function noLongerDescribed(input: HostInput): NonNullable<Part['diagnostics']> {
  const described = new Set((input.desired.administrators ?? []).map(({ name }) => name));
  const dropped = recordOf(input).users.filter((name) => !described.has(name));
  if (dropped.length === 0) return [];
  return [
    finding('notice', 'user-not-described', {
      summary: 'Phoenix made users that the folder no longer describes; they stay',
      detail: dropped.join(', '),
      remedy: `If they are to go, on the host:\n${dropped.map((name) => `    userdel ${name}`).join('\n')}`,
    }),
  ];
}
