/** A property string's parts in order, such as `name=eth0,bridge=vmbr0`. */
export type Properties = ReadonlyMap<string, string>;

/**
 * Reads a property string (`net0`, `mp0`, `rootfs`, `features`). A part without `=` stands under
 * `defaultKey` (`volume` of a mount, `path` of a device).
 */
export function parseProperties(text: string, defaultKey?: string): Properties {
  const properties = new Map<string, string>();
  for (const part of text.split(',')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    if (equals > 0) properties.set(part.slice(0, equals), part.slice(equals + 1));
    else if (defaultKey !== undefined) properties.set(defaultKey, part);
  }
  return properties;
}

/** Prints a property string; the value of `defaultKey` comes first and without its name. */
export function printProperties(properties: Properties, defaultKey?: string): string {
  const parts: string[] = [];
  const first = defaultKey === undefined ? undefined : properties.get(defaultKey);
  if (first !== undefined) parts.push(first);
  for (const [key, value] of properties) {
    if (key !== defaultKey) parts.push(`${key}=${value}`);
  }
  return parts.join(',');
}

/** The parts that have a value; a flag is 1 or 0. */
export function definedParts(
  parts: readonly (readonly [string, string | number | boolean | undefined])[],
): Properties {
  return new Map(
    parts.flatMap(([key, value]) => {
      if (value === undefined) return [];
      return [[key, typeof value === 'boolean' ? (value ? '1' : '0') : String(value)] as const];
    }),
  );
}

/** Are two properties' values the same to Proxmox? Booleans are alike in every spelling, MACs in every case. */
export function isSameProperty(key: string, a: string | undefined, b: string | undefined): boolean {
  if (a === b) return true;
  if (a === undefined || b === undefined) return false;
  if (key === 'hwaddr' || key === 'macaddr') return a.toUpperCase() === b.toUpperCase();
  const [left, right] = [parseBoolean(a), parseBoolean(b)];
  return left !== undefined && left === right;
}

/** `1 on yes true` are true, `0 off no false` are false (PVE::JSONSchema::parse_boolean); all else is undefined. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(1|on|yes|true)$/i.test(text)) return true;
  if (/^(0|off|no|false)$/i.test(text)) return false;
  return undefined;
}
