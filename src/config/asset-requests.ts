import type { AssetRequest } from './assets.ts';
import type { RawGuest } from './raw-guest.ts';
import type { VmConfig } from './schema/vm.ts';

/** The files beside the configuration that guests name. */
export function* assetRequests(guests: Iterable<RawGuest>): Generator<AssetRequest> {
  for (const { config } of guests) {
    if (config.application_script !== undefined) yield { kind: 'script', name: config.application_script };
    for (const name of config.application_script_files ?? []) yield { kind: 'file', name };
    for (const check of [config.health_check, ...(config.health_checks ?? [])]) {
      if (check?.script !== undefined) yield { kind: 'check', name: check.script };
    }
    if ('vmid' in config) yield* cloudInitRequests(config);
    const profile = 'apparmor_profile' in config ? config.apparmor_profile : undefined;
    if (profile !== undefined && profile !== 'unconfined') yield { kind: 'profile', name: profile };
  }
}

function* cloudInitRequests({ cloud_init, docker_compose_files }: VmConfig): Generator<AssetRequest> {
  const { files = [], user_data, network_config, vendor_data } = cloud_init ?? {};
  for (const { source } of [...files, ...(docker_compose_files ?? [])]) {
    if (source !== undefined) yield { kind: 'file', name: source };
  }
  for (const name of [user_data, network_config, vendor_data]) {
    if (name !== undefined) yield { kind: 'template', name };
  }
}
