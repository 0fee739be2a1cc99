import type { DesiredFeature, DesiredScript, GuestCommon } from '../../model/desired.ts';
import type { GuestId } from '../../model/target.ts';
import type { Assets } from '../assets.ts';
import type { Findings } from '../diagnose.ts';
import type { RawGuest } from '../raw-guest.ts';
import type { SecretReader } from '../secrets.ts';
import { firewallOf } from './firewall.ts';
import { healthChecksOf } from './health-checks.ts';

/** What resolving a guest needs of the rest of the folder. */
export type NormaliseContext = {
  readonly findings: Findings;
  readonly assets: Assets;
  readonly secrets: SecretReader;
  /** A clone source's golden snapshot. */
  readonly snapshotOf: (vmid: GuestId) => string | undefined;
  /** Its place in the order of starts, given or projected from the dependencies. */
  readonly startOrderOf: (vmid: GuestId) => number | undefined;
  readonly resolveReference: (reference: string | number) => GuestId;
  /** What the folder says for guests that do not say it themselves. */
  readonly onFailure: 'rollback' | 'keep' | undefined;
  readonly featuresOf: (guest: RawGuest) => readonly DesiredFeature[];
  readonly scriptOf: (guest: RawGuest) => DesiredScript | undefined;
};

type Common = GuestCommon;

/** The part that containers and VMs have in common. */
export function guestCommon(guest: RawGuest, context: NormaliseContext): Common {
  const { config, vmid } = guest;
  const script = context.scriptOf(guest);
  const firewall = firewallOf(guest, context.findings);
  const startup = startupOf(guest, context.startOrderOf(vmid));
  const { tags, notes, template_snapshot_name: snapshot } = config;
  return {
    vmid,
    name: config.name,
    position: guest.position,
    dependencies: [...new Set((config.dependencies ?? []).map(context.resolveReference))],
    isTemplate: config.is_template ?? false,
    lifecycleSnapshots:
      ('enable_lifecycle_snapshots' in config && config.enable_lifecycle_snapshots) || false,
    features: context.featuresOf(guest),
    healthChecks: healthChecksOf(guest, context),
    ...(config.stays_stopped === true && { staysStopped: true }),
    ...((config.on_failure ?? context.onFailure) === 'rollback' && { rollsBack: true }),
    ...(tags && { tags: [...new Set(tags.map((tag) => tag.toLowerCase()))].sort() }),
    ...(notes !== undefined && { notes }),
    ...(config.cores !== undefined && { cores: config.cores }),
    ...(config.memory_mb !== undefined && { memoryMiB: config.memory_mb }),
    ...(config.start_at_boot !== undefined && { startAtBoot: config.start_at_boot }),
    ...(startup && { startup }),
    ...(snapshot !== undefined && { templateSnapshotName: snapshot }),
    ...(script && { applicationScript: script }),
    ...(firewall && { firewall }),
  };
}

/** A container's delay also holds for its stop; for a VM that would be the time after which it is killed. */
function startupOf({ kind, config }: RawGuest, order: number | undefined): GuestCommon['startup'] {
  const { boot_delay: delay } = config;
  if (order === undefined && delay === undefined) return undefined;
  return {
    ...(order !== undefined && { order }),
    ...(delay !== undefined && { up: delay }),
    ...(delay !== undefined && kind === 'lxc' && { down: delay }),
  };
}
