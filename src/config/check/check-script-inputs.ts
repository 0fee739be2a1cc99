import { featureNames } from '../feature/features-of.ts';
import type { RawGuest } from '../raw-guest.ts';
import { container } from '../schema/container.ts';
import { type AnySchema, factsOf } from '../schema/key.ts';
import type { FolderCheck } from './folder-check.ts';

/** Keys that only scripts read are of no use to a guest that runs none which does. */
export function checkScriptInputs(guest: RawGuest, { findings, inputsOfFeatures }: FolderCheck): void {
  if (guest.kind !== 'lxc' || guest.config.application_script !== undefined) return;
  let readByFeatures: Set<string> | undefined;
  for (const [key, value] of Object.entries(guest.config)) {
    if (value === undefined || value === 'none' || !SCRIPT_KEYS.has(key)) continue;
    readByFeatures ??= new Set(featureNames(guest.config).flatMap(inputsOfFeatures));
    if (readByFeatures.has(key)) continue;
    findings.add('no-effect', {
      summary: `${key} has no effect here`,
      detail:
        'It is handed to application scripts and to features that name it among their inputs; this guest has none.',
      remedy: 'Add an application_script, or remove the key.',
      position: guest.keyAt(key),
      target: guest.vmid,
    });
  }
}

/** `gpu_assignment` acts by itself. */
const SCRIPT_KEYS: ReadonlySet<string> = new Set(
  Object.entries(container.entries)
    .filter(([key, schema]) => key !== 'gpu_assignment' && isForScriptsOnly(schema))
    .map(([key]) => key),
);

function isForScriptsOnly(schema: AnySchema): boolean {
  const { isScriptInput, isLater } = factsOf(schema);
  return isScriptInput === true && isLater !== true;
}
