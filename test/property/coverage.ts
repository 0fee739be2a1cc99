/** Counts how often the generators reached something. */
export function createCoverage() {
  const counts = new Map<string, number>();
  return {
    hit: (what: string): void => {
      counts.set(what, (counts.get(what) ?? 0) + 1);
    },
    /** What was hit less often than `least`, of what had to be. */
    missing: (wanted: readonly string[], least: number): string[] =>
      wanted
        .filter((what) => (counts.get(what) ?? 0) < least)
        .map((what) => `${what}: ${counts.get(what) ?? 0} of ${least}`),
    table: (): string =>
      [...counts]
        .toSorted(([a], [b]) => (a < b ? -1 : 1))
        .map(([what, count]) => `${String(count).padStart(6)}  ${what}`)
        .join('\n'),
  };
}
