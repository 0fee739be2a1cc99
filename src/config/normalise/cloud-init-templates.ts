import type { DesiredCloudInit } from '../../model/desired.ts';
import { positionAt } from '../parse/source.ts';
import { type LocatedObject, toDocument } from '../parse/tree.ts';
import type { RawVm } from '../raw-guest.ts';
import { reportAsset } from '../script-text.ts';
import type { Template } from '../templates.ts';
import type { CloudInitContext } from './cloud-init.ts';

type Documents = DesiredCloudInit['templates'];

const NAMES = { user_data: 'userData', network_config: 'networkConfig', vendor_data: 'vendorData' } as const;

/** A VM's own documents. A network-config is what stands below `network:`, where it has that. */
export function cloudInitTemplatesOf(guest: RawVm, context: CloudInitContext): Documents {
  const documents: { -readonly [K in keyof Documents]: Documents[K] } = {};
  for (const key of ['user_data', 'network_config', 'vendor_data'] as const) {
    const name = guest.config.cloud_init?.[key];
    if (name === undefined) continue;
    const template = context.templates.get(name);
    if ('problem' in template) {
      const position = guest.at('cloud_init', key);
      reportAsset(
        template,
        { what: 'A Cloud-Init template', position, target: guest.vmid },
        context.findings,
      );
      continue;
    }
    const root = key === 'network_config' ? networkRoot(template, context) : template.root;
    if (root) documents[NAMES[key]] = toDocument(root) as Readonly<Record<string, unknown>>;
  }
  return documents;
}

function networkRoot({ source, root }: Template, { findings }: CloudInitContext): LocatedObject | undefined {
  const outer = root.entries.get('network')?.value;
  const inner = outer?.type === 'object' ? outer : root;
  const version = inner.entries.get('version')?.value;
  if (version?.type === 'scalar' && Number(version.value) === 2) return inner;
  findings.add('bad-template', {
    summary: 'A network-config is not of version 2',
    remedy: 'Write "version: 2" into it, and its interfaces as "ethernets:", see the reference of Netplan.',
    position: version
      ? positionAt(source, version.start, version.end)
      : positionAt(source, inner.start, inner.start + 1),
  });
  return undefined;
}
