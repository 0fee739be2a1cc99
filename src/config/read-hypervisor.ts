import type { DesiredHypervisor } from '../model/desired.ts';
import type { Position } from '../model/diagnostic.ts';
import type { Findings } from './diagnose.ts';
import { hostFirewallOf } from './normalise/host-firewall.ts';
import { systemOf } from './normalise/host.ts';
import { networkOf } from './normalise/network.ts';
import { positionAt } from './parse/source.ts';
import { locate, type LocatedObject, type Path } from './parse/tree.ts';
import type { ParsedFile } from './read-files.ts';
import { type HypervisorConfig, hypervisorFile } from './schema/hypervisor-file.ts';
import { withSecrets } from './secret-values.ts';
import type { SecretReader } from './secrets.ts';
import { checkShape } from './shape/check-shape.ts';
import type { IdleKeys } from './shape/read-value.ts';

export type Hypervisor = {
  readonly folderId: string;
  readonly desired: DesiredHypervisor;
  readonly config: HypervisorConfig;
  /** What guests fall back on for keys that they and their file's root lack. */
  readonly inputs: Readonly<Record<string, unknown>>;
};

/** The hypervisor's file, checked; defaults where there is none. */
export function readHypervisor(
  file: ParsedFile | undefined,
  context: { readonly findings: Findings; readonly idle: IdleKeys; readonly secrets: SecretReader },
): Hypervisor {
  const config = (file && checkedConfig(file, context)) ?? {};
  const version = config.nvidia_driver?.version;
  const settings = file ? settingsOf(config, file, context.secrets) : {};
  const host = file ? { ...systemOf(config, settings), ...hostOf(config, file, context.findings) } : {};
  return {
    folderId: config.folder_id ?? 'phoenix',
    config,
    desired: { settings, ...host, ...(version !== undefined && { nvidiaDriverVersion: version }) },
    inputs: {
      ...(version !== undefined && { nvidia_driver_version: version }),
      ...(config.nvidia_driver?.runfile_url !== undefined && {
        nvidia_runfile_url: config.nvidia_driver.runfile_url,
      }),
    },
  };
}

function checkedConfig(
  file: ParsedFile,
  context: { readonly findings: Findings; readonly idle: IdleKeys },
): HypervisorConfig | undefined {
  const { source } = file;
  const root = withoutMisplaced(file, context.findings);
  return checkShape(hypervisorFile(), root, { ...context, source, target: 'node' }).value;
}

/** Files of the shell predecessor have the firewall below `shared_volumes`, where nothing found it. */
function withoutMisplaced({ root, source }: ParsedFile, findings: Findings): LocatedObject {
  const entries = new Map(root.entries);
  for (const [name, entry] of root.entries) {
    if (entry.value.type !== 'object') continue;
    const inner = entry.value.entries.get('firewall');
    if (inner?.value.type !== 'object') continue;
    findings.add('misplaced-block', {
      summary: 'The firewall block stands where nothing reads it',
      detail: `Did you mean ".firewall"? It is at ".${name}.firewall".`,
      remedy: `Move the block out of ${name}, to the top level of the file.`,
      position: positionAt(source, inner.keyStart, inner.keyEnd),
      target: 'node',
    });
    const rest = new Map(entry.value.entries);
    rest.delete('firewall');
    entries.set(name, { ...entry, value: { ...entry.value, entries: rest } });
  }
  return { ...root, entries };
}

function settingsOf(
  config: HypervisorConfig,
  { source, root }: ParsedFile,
  secrets: SecretReader,
): Readonly<Record<string, unknown>> {
  return withSecrets(config, { secrets, at: placesIn({ source, root }), target: 'node' }) as Readonly<
    Record<string, unknown>
  >;
}

/** What the host itself should be. */
function hostOf(
  config: HypervisorConfig,
  file: ParsedFile,
  findings: Findings,
): Pick<DesiredHypervisor, 'network' | 'firewall'> {
  const at = placesIn(file);
  const network = networkOf(config.network, at);
  const firewall = hostFirewallOf(config, at, findings);
  return { ...(network && { network }), ...(firewall && { firewall }) };
}

function placesIn({ source, root }: Pick<ParsedFile, 'source' | 'root'>): (...path: Path) => Position {
  return (...path) => {
    const { node } = locate(root, path);
    return positionAt(source, node.start, node.end);
  };
}
