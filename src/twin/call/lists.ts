/** Splits a list as Proxmox does everywhere: at commas, semicolons and blanks. */
export function splitList(text: string): string[] {
  return text.split(/[,;\s]+/).filter((part) => part !== '');
}

/** Reads `1 on yes true` and `0 off no false` in any case; undefined for all else. */
export function readBoolean(text: string): boolean | undefined {
  if (/^(1|on|yes|true)$/i.test(text)) return true;
  if (/^(0|off|no|false)$/i.test(text)) return false;
  return undefined;
}

/** Orders strings as Perl's `sort` does: by code unit. */
export function byCode(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
