/**
 * What programs on the node get of Phoenix's own environment: who and where they are, and nothing
 * else, since a secret of the folder may stand in any other variable. `more` names what `ssh` needs besides.
 */
export function toolEnvironment(
  env: Readonly<Record<string, string | undefined>>,
  more: readonly string[] = [],
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...PASSED_ON, ...more].flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const PASSED_ON = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TERM', 'TZ', 'LANG', 'LC_ALL'] as const;
