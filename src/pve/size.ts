/** Bytes of a Proxmox size (`8G`, `512M`, `1.5T`, plain bytes); undefined where it is none. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT]?)$/.exec(text);
  if (!match?.[1]) return undefined;
  return Math.round(Number(match[1]) * 1024 ** ' KMGT'.indexOf(match[2] || ' '));
}

/** A size as Proxmox writes it: the largest unit that divides it (PVE::JSONSchema::format_size). */
export function formatSize(bytes: number): string {
  let [value, unit] = [bytes, 0];
  while (unit < 4 && value >= 1024 && value % 1024 === 0) {
    value /= 1024;
    unit += 1;
  }
  return `${value}${['', 'K', 'M', 'G', 'T'][unit]}`;
}
