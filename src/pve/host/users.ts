import type { ObservedUser } from '../../model/observed-host.ts';
import { linesIn } from './lines.ts';

/** Users by name, from lines of /etc/passwd and the authorized_keys files that were read with them. */
export function observedUsers(
  text: string,
  withoutPassword: string,
  files: ReadonlyMap<string, string>,
): ReadonlyMap<string, ObservedUser> {
  const unset = new Set(linesIn(withoutPassword));
  return new Map(
    linesIn(text).map((line) => {
      const [name = '', , uid, gid, , home = '', shell = ''] = line.split(':');
      const keys = files.get(`${home}/.ssh/authorized_keys`) ?? '';
      const ids = { uid: Number(uid), gid: Number(gid) };
      const user = {
        name,
        ...ids,
        home,
        shell,
        hasPassword: !unset.has(name),
        authorizedKeys: linesIn(keys),
      };
      return [name, user];
    }),
  );
}
