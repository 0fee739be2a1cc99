import type { AssetRequest } from './assets.ts';
import type { RawGuest } from './raw-guest.ts';

/** The files beside the configuration that guests name. */
export function* assetRequests(guests: Iterable<RawGuest>): Generator<AssetRequest> {
  for (const { config } of guests) {
    if (config.application_script !== undefined) yield { kind: 'script', name: config.application_script };
    for (const name of config.application_script_files ?? []) yield { kind: 'file', name };
    for (const check of [config.health_check, ...(config.health_checks ?? [])]) {
      if (check?.script !== undefined) yield { kind: 'check', name: check.script };
    }
    const profile = 'apparmor_profile' in config ? config.apparmor_profile : undefined;
    if (profile !== undefined && profile !== 'unconfined') yield { kind: 'profile', name: profile };
  }
}
