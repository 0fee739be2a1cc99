import type { Diagnostic } from '../../model/diagnostic.ts';
import type { Observation } from '../../model/observation.ts';
import type { PveOperation } from '../../model/operation.ts';
import { storageGate } from '../../pve/gates.ts';
import type { LxcInput } from './input.ts';
import { NO_WORK, type Work } from '../guest/work.ts';

const STEP = 'ensure_container_defined';

/** A template that `pct create` can take, and what must be done to have it. */
export type FoundTemplate = { readonly volume: string; readonly download: Work };

/**
 * The template that a container is made from: a volume id as it stands, a path by its file's name
 * wherever a storage has it, a path that is there, or else downloaded with `pveam` to the storage
 * that the volume id or the path names, or to the first that keeps templates.
 */
export function findTemplate(input: LxcInput): FoundTemplate | { readonly diagnostic: Diagnostic } {
  const { desired, observed } = input;
  const { node } = observed;
  const { template } = desired;
  if (template === undefined) return { diagnostic: noTemplate(input) };
  const file = template.slice(Math.max(template.lastIndexOf('/'), template.lastIndexOf(':')) + 1);
  const standing = node.templates.find((volume) => volume === template) ?? byFile(node.templates, file);
  if (standing !== undefined) return { volume: standing, download: NO_WORK };
  if (template.startsWith('/') && node.paths.get(template)?.type === 'file') {
    return { volume: template, download: NO_WORK };
  }
  const storage = storageFor(template, node);
  if (storage === undefined) return { diagnostic: noTemplateStorage(input, file) };
  const attribute = `template ${file}`;
  return {
    volume: `${storage}:vztmpl/${file}`,
    download: {
      ...NO_WORK,
      changes: [
        {
          target: desired.vmid,
          step: STEP,
          attribute,
          before: undefined,
          after: `downloaded to ${storage}`,
          effect: 'live',
        },
      ],
      operations: downloadOperations(desired.vmid, { storage, file, attribute }),
    },
  };
}

/** The node's list of templates is renewed before: an old one lacks the name, or has the wrong digest. */
function downloadOperations(
  target: number,
  { storage, file, attribute }: Readonly<Record<'storage' | 'file' | 'attribute', string>>,
): readonly PveOperation[] {
  const common = { op: 'pve', target, step: STEP, changes: [attribute], params: {} } as const;
  return [
    { ...common, gates: ['pveam'], call: 'pveam update' },
    { ...common, gates: [storageGate(storage)], call: 'pveam download', positional: [storage, file] },
  ];
}

function byFile(templates: readonly string[], file: string): string | undefined {
  return templates.find((volume) => volume.endsWith(`/${file}`));
}

/** The storage that a volume id names, that a path lies in, or the first that keeps templates. */
function storageFor(template: string, { storages }: Observation): string | undefined {
  const keeping = [...storages.values()].filter(({ content }) => content.includes('vztmpl'));
  if (!template.startsWith('/') && template.includes(':')) {
    const named = template.split(':', 1)[0];
    return keeping.find(({ id }) => id === named)?.id;
  }
  const holding = keeping.find(({ path }) => path !== undefined && template.startsWith(`${path}/`));
  return (holding ?? keeping[0])?.id;
}

function noTemplate({ desired }: LxcInput): Diagnostic {
  return {
    code: 'lxc/nothing-to-make-it-from',
    severity: 'error',
    summary: `container ${desired.vmid} is not there and nothing says what to make it from`,
    remedy: 'Give it "template" or "clone_from_ctid".',
    position: desired.position,
    target: desired.vmid,
  };
}

function noTemplateStorage({ desired }: LxcInput, file: string): Diagnostic {
  return {
    code: 'lxc/no-storage-for-template',
    severity: 'error',
    summary: `template ${file} is missing and no storage can keep it`,
    detail: `${desired.template} is on no storage of the node, and the storage it names does not keep templates.`,
    remedy: 'pvesm set local --content vztmpl,iso,backup\npveam update',
    position: desired.position,
    target: desired.vmid,
  };
}
