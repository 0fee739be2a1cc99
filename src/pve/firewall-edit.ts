import { appendLines, normalizeRule, sectionLines, withSection, type FirewallFile } from './firewall-file.ts';

/**
 * `lines` with our rules as `wanted` has them. The very same list comes back where they already
 * stand in that order; otherwise they go where the first of ours was, or to the end.
 */
export function placeRules(
  lines: readonly string[],
  wanted: readonly string[],
  ours: ReadonlySet<string>,
): readonly string[] {
  const isOurs = (line: string): boolean =>
    ours.has(normalizeRule(line)) || wanted.includes(normalizeRule(line));
  const standing = lines.filter(isOurs).map(normalizeRule);
  if (standing.length === wanted.length && standing.every((line, at) => line === wanted[at])) return lines;
  const first = lines.findIndex(isOurs);
  const others = lines.filter((line) => !isOurs(line));
  if (first < 0) return appendLines(others, wanted);
  const at = lines.slice(0, first).filter((line) => !isOurs(line)).length;
  return [...others.slice(0, at), ...wanted, ...others.slice(at)];
}

/** Each option where it stands first, new ones behind the others. */
export function withOptions(
  file: FirewallFile,
  options: readonly (readonly [string, string])[],
): FirewallFile {
  if (options.length === 0) return file;
  const missing = new Map(options);
  const lines = sectionLines(file, 'OPTIONS').flatMap((line) => {
    const name = (line.split(':', 1)[0] ?? '').trim().toLowerCase();
    if (!options.some(([option]) => option === name)) return [line];
    const value = missing.get(name);
    missing.delete(name);
    return value === undefined ? [] : [`${name}: ${value}`];
  });
  const added = [...missing].map(([name, value]) => `${name}: ${value}`);
  return withSection(file, 'OPTIONS', added.length === 0 ? lines : appendLines(lines, added));
}
