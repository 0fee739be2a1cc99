import type { Folder } from '../../model/desired.ts';
import { Secret } from '../../model/value.ts';

/** Every secret that the folder refers to, each once: what a node masks in all output. */
export function secretsOf(folder: Folder): readonly Secret[] {
  const found = new Set<Secret>();
  const seen = new Set<object>();
  const stack: unknown[] = [folder.hypervisor, ...folder.guests.values()];
  while (stack.length > 0) {
    const value = stack.pop();
    if (typeof value !== 'object' || value === null || seen.has(value)) continue;
    seen.add(value);
    if (value instanceof Secret) found.add(value);
    else stack.push(...(value instanceof Map ? value.values() : Object.values(value)));
  }
  return [...found];
}
