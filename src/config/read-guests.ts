import type { Findings } from './diagnose.ts';
import { positionAt, type Source } from './parse/source.ts';
import type { Located, LocatedEntry } from './parse/tree.ts';
import { placesOf, type RawContainer, type RawVm } from './raw-guest.ts';
import type { ParsedFile } from './read-files.ts';
import { container } from './schema/container.ts';
import { isVmid } from './schema/scalars.ts';
import { vm } from './schema/vm.ts';
import { checkShape } from './shape/check-shape.ts';
import type { IdleKeys } from './shape/read-value.ts';

type Context = { readonly findings: Findings; readonly idle: IdleKeys };

/** The containers of `lxc_configs`, each checked on its own. One without a usable id or name is only reported. */
export function readContainers(file: ParsedFile, context: Context): readonly RawContainer[] {
  const { source } = file;
  const configs = section(file, 'lxc_configs', 'object', context.findings);
  if (configs?.type !== 'object') return [];
  return [...configs.entries].flatMap(([key, entry]) => {
    const vmid = /^[1-9]\d*$/.test(key) ? Number(key) : Number.NaN;
    if (!isVmid(vmid)) {
      const position = positionAt(source, entry.keyStart, entry.keyEnd);
      context.findings.add('bad-vmid', {
        summary: 'A key of lxc_configs is no guest id',
        detail: `It is ${JSON.stringify(key)}.`,
        remedy: 'Use a number from 100 to 999999999 without leading zeros as the key.',
        position,
      });
    }
    const node = entry.value;
    if (node.type !== 'object') {
      reportNoObject(source, node, key, entry, context.findings);
      return [];
    }
    const target = isVmid(vmid) ? vmid : undefined;
    const shape = checkShape(container, node, { source, ...context, target, entry });
    if (target === undefined || !shape.value) return [];
    return [
      {
        vmid,
        kind: 'lxc' as const,
        config: shape.value,
        isSound: shape.isSound,
        ...placesOf(source, node, entry),
      },
    ];
  });
}

/** The machines of `vms`, each checked on its own. */
export function readVms(file: ParsedFile, context: Context): readonly RawVm[] {
  const { source } = file;
  const list = section(file, 'vms', 'array', context.findings);
  if (list?.type !== 'array') return [];
  return list.items.flatMap((node, index) => {
    if (node.type !== 'object') {
      reportNoObject(source, node, `vms[${index + 1}]`, undefined, context.findings);
      return [];
    }
    const id = node.entries.get('vmid')?.value;
    const vmid = id?.type === 'scalar' ? Number(id.value) : Number.NaN;
    const target = isVmid(vmid) ? vmid : undefined;
    const shape = checkShape(vm(), node, { source, ...context, target });
    if (target === undefined || !shape.value) return [];
    return [
      {
        vmid,
        kind: 'vm' as const,
        config: shape.value,
        isSound: shape.isSound,
        ...placesOf(source, node, node.entries.get('vmid')),
      },
    ];
  });
}

function section(
  { source, root }: ParsedFile,
  name: string,
  type: 'object' | 'array',
  findings: Findings,
): Located | undefined {
  const entry = root.entries.get(name);
  if (!entry) {
    findings.add('missing-key', {
      summary: `${name} is missing`,
      remedy: `Add "${name}": ${type === 'object' ? '{ }' : '[ ]'}.`,
      position: positionAt(source, root.start, root.start + 1),
    });
    return undefined;
  }
  const node = entry.value;
  if (node.type === type || (node.type === 'scalar' && node.value === null)) return node;
  findings.add('wrong-type', {
    summary: `${name} must be ${type === 'object' ? 'an object with ids as keys' : 'a list'}`,
    remedy: type === 'object' ? `Write "${name}": { "101": { … } }.` : `Write "${name}": [ { … } ].`,
    position: positionAt(source, node.start, node.end),
  });
  return undefined;
}

function reportNoObject(
  source: Source,
  node: Located,
  name: string,
  entry: LocatedEntry | undefined,
  findings: Findings,
): void {
  const isNull = node.type === 'scalar' && node.value === null;
  const place = entry && isNull ? [entry.keyStart, entry.keyEnd] : [node.start, node.end];
  findings.add('wrong-type', {
    summary: 'A guest must be an object',
    detail: `${name} is not.`,
    remedy: 'Write its keys in { }.',
    position: positionAt(source, place[0] ?? 0, place[1] ?? 0),
  });
}
