import type { DesiredGuest, Folder } from '../model/desired.ts';
import type { GuestId } from '../model/target.ts';
import { assetRequests } from './asset-requests.ts';
import { readAssets } from './assets.ts';
import { checkFolder } from './check/check-folder.ts';
import type { Findings } from './diagnose.ts';
import { featureNames, featuresOf } from './feature/features-of.ts';
import { loadFeatures } from './feature/load-features.ts';
import type { FoundFolder } from './find-folder.ts';
import { cloneLine, guestsById, inheritedFeatures, startersOf } from './guest-graph.ts';
import type { LoadOptions } from './load-folder.ts';
import { applicationScriptOf } from './normalise/application-script.ts';
import { containerOf } from './normalise/container.ts';
import type { NormaliseContext } from './normalise/guest-common.ts';
import { type VmContext, vmOf } from './normalise/vm.ts';
import type { RawContainer, RawGuest, RawVm } from './raw-guest.ts';
import type { ParsedFiles } from './read-files.ts';
import { readContainers, readVms } from './read-guests.ts';
import { readHypervisor } from './read-hypervisor.ts';
import { reportIdleKeys } from './report-idle-keys.ts';
import { container } from './schema/container.ts';
import { lxcFile } from './schema/lxc-file.ts';
import { type VmDefaults, vm, vmFile } from './schema/vm.ts';
import { secretReader } from './secrets.ts';
import { readRoot } from './shape/read-root.ts';
import type { IdleKeys } from './shape/read-value.ts';
import { projectStartOrder } from './start-order.ts';
import { readTemplates } from './templates.ts';

type Input = {
  readonly found: FoundFolder;
  readonly files: ParsedFiles;
  /** False where a file could not be parsed, so that a reference into it says nothing. */
  readonly isComplete: boolean;
  readonly options: LoadOptions;
  readonly findings: Findings;
};

/** Parsed files as the desired state of a node, everything checked that can be known without one. */
export async function resolveFolder(input: Input): Promise<Folder> {
  const { found, files, options, findings } = input;
  const idle: IdleKeys = new Map();
  const shape = { findings, idle };
  const secrets = secretReader(found.path, options.env, findings);
  const hypervisor = readHypervisor(files.hypervisor, { ...shape, secrets });
  const roots = {
    lxc: files.lxc ? readRoot(lxcFile, files.lxc, 'lxc_configs', shape) : {},
    vm: files.vm ? readRoot(vmFile(), files.vm, 'vms', shape) : {},
  };
  const containers = files.lxc ? readContainers(files.lxc, shape) : [];
  const vms = files.vm ? readVms(files.vm, shape) : [];
  const guests = guestsById([...containers, ...vms], findings);
  const all: readonly RawGuest[] = [...guests.values()];
  const requests = [...assetRequests(all)];
  const assets = readAssets({ path: found.path, cwd: options.cwd }, requests, findings);
  const templates = await readTemplates(requests, assets, findings);
  const features = loadFeatures(
    { folder: found.path, builtin: options.builtinFeatures, cwd: options.cwd },
    all.flatMap(({ config }) => featureNames(config)),
    findings,
  );
  const inputOf = (guest: RawGuest, key: string): unknown =>
    own(guest.config, key) ?? own(roots[guest.kind], key) ?? own(hypervisor.inputs, key);
  const inherited = inheritedFeatures(guests);
  const starts = projectStartOrder(startersOf(guests));
  const context: NormaliseContext = {
    findings,
    assets,
    secrets,
    snapshotOf: (vmid) => guests.get(vmid)?.config.template_snapshot_name,
    startOrderOf: (vmid) => starts.orders.get(vmid) ?? guests.get(vmid)?.config.boot_order,
    resolveReference: Number,
    onFailure: hypervisor.config.on_failure,
    featuresOf: (guest) => featuresOf(guest, { features, findings, secrets, inherited, input: inputOf }),
    scriptOf: (guest) =>
      applicationScriptOf(guest, {
        findings,
        assets,
        secrets,
        keys: guest.kind === 'lxc' ? container.entries : vm().entries,
      }),
  };
  const vmContext: VmContext = {
    ...context,
    templates,
    defaults: (own(roots.vm, 'vm_defaults') ?? {}) as VmDefaults,
    domain: hypervisor.config.domain_name,
    ubuntuRelease: hypervisor.config.vm_defaults?.ubuntu_release ?? 'noble',
    lineOf: (guest) => cloneLine(guest, guests).filter(isVm),
  };
  const desired = new Map<GuestId, DesiredGuest>();
  for (const guest of all) {
    const resolved = isContainer(guest) ? containerOf(guest, context) : vmOf(guest as RawVm, vmContext);
    if (guest.isSound) desired.set(guest.vmid, resolved);
  }
  checkFolder({
    guests,
    hypervisor,
    hypervisorFile: files.hypervisor,
    assets,
    starts,
    vmFile: files.vm,
    vmDefaults: vmContext.defaults,
    inputsOfFeatures: (name) => {
      const feature = features.get(name);
      return feature === undefined || feature === 'broken' ? [] : (feature.manifest.inputs ?? []);
    },
    isComplete: input.isComplete,
    findings,
  });
  reportIdleKeys(idle, findings);
  return { path: found.path, folderId: hypervisor.folderId, hypervisor: hypervisor.desired, guests: desired };
}

function isContainer(guest: RawGuest): guest is RawContainer {
  return guest.kind === 'lxc';
}

function isVm(guest: RawGuest): guest is RawVm {
  return guest.kind === 'vm';
}

function own(record: object | undefined, key: string): unknown {
  return record && Object.hasOwn(record, key)
    ? (record as Readonly<Record<string, unknown>>)[key]
    : undefined;
}
