import type { ObservedUser } from '../../model/observed-host.ts';
import { linesIn } from './lines.ts';

/** Users by name, from lines of /etc/passwd and the authorized_keys files that were read with them. */
export function observedUsers(
  text: string,
  files: ReadonlyMap<string, string>,
): ReadonlyMap<string, ObservedUser> {
  return new Map(
    linesIn(text).map((line) => {
      const [name = '', , uid, gid, , home = '', shell = ''] = line.split(':');
      const keys = files.get(`${home}/.ssh/authorized_keys`) ?? '';
      const user = { name, uid: Number(uid), gid: Number(gid), home, shell, authorizedKeys: linesIn(keys) };
      return [name, user];
    }),
  );
}
