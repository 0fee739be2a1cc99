/**
 * What programs on the node get of Phoenix's own environment: who and where they are, and nothing
 * else, since a secret of the folder may stand in any other variable.
 */
export function toolEnvironment(
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    PASSED_ON.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

const PASSED_ON = ['PATH', 'HOME', 'USER', 'LOGNAME', 'TERM', 'TZ', 'LANG', 'LC_ALL'] as const;
