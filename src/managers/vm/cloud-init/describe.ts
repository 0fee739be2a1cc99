import { differingKeys } from '../../../guest/cloud-init/differences.ts';
import { isDocument, type Document } from '../../../guest/cloud-init/merge.ts';
import type { DocumentName } from '../../../guest/cloud-init/snippets.ts';
import type { Change } from '../../../model/change.ts';
import { changeOf, effectOf, type CloudInitVm } from './machine.ts';

type Described = {
  readonly name: DocumentName;
  readonly before: Document | undefined;
  readonly after: Document;
  readonly path: string;
};

/**
 * A document's change for people. Of user-data and vendor-data only the keys that differ are named,
 * since hashes stand in them; of the network what differs, unless a template has put something in.
 */
export function documentChange(vm: CloudInitVm, { name, before, after, path }: Described): Change {
  const effect = effectOf(vm);
  const attribute = TITLES[name];
  if (before === undefined) return changeOf(vm, { attribute, before: undefined, after: path, effect });
  if (name === 'meta') {
    const said = { before: idOf(before), after: idOf(after) };
    if (said.before !== said.after) return changeOf(vm, { attribute: 'instance-id', ...said, effect });
  }
  if (name === 'network' && vm.desired.cloudInit.templates.networkConfig === undefined) {
    const parts = networkParts(before, after);
    const text = (index: 0 | 1) => parts.map((part) => part[index]).join('; ');
    if (parts.length > 0) return changeOf(vm, { attribute, before: text(0), after: text(1), effect });
  }
  const keys = differingKeys(before, after).join(', ');
  return changeOf(vm, { attribute, before: `another ${keys}`, after: `the folder's ${keys}`, effect });
}

/** What would act only at a first boot, and is left. */
export function leftChange(vm: CloudInitVm, keys: readonly string[]): Change {
  return changeOf(vm, {
    attribute: 'first boot',
    before: `another ${keys.join(', ')}`,
    after: 'acts only with --reseed',
    effect: 'live',
  });
}

const TITLES: Readonly<Record<DocumentName, string>> = {
  user: 'user-data',
  network: 'network-config',
  meta: 'meta-data',
  vendor: 'vendor-data',
};

function idOf(meta: Document): string {
  return String(meta['instance-id']);
}

/** What differs of each NIC, before and after. */
function networkParts(before: Document, after: Document): readonly (readonly [string, string])[] {
  const [old, next] = [before['ethernets'], after['ethernets']];
  if (!isDocument(old) || !isDocument(next)) return [];
  return differingKeys(old, next).flatMap((nic) => {
    const [a, b] = [old[nic], next[nic]];
    if (!isDocument(a) || !isDocument(b)) return [[`${nic} ${show(a)}`, `${nic} ${show(b)}`] as const];
    return differingKeys(a, b).map(
      (key) => [`${nic} ${key} ${show(a[key])}`, `${nic} ${key} ${show(b[key])}`] as const,
    );
  });
}

function show(value: unknown): string {
  if (value === undefined) return 'not said';
  if (Array.isArray(value)) return value.map(show).join(', ');
  if (isDocument(value)) {
    return Object.entries(value)
      .map(([key, one]) => `${key} ${show(one)}`)
      .join(' ');
  }
  return String(value);
}
