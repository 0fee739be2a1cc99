import type { PresentGuest } from './input.ts';

/**
 * Is there something to run inside the guest that its record lacks? Then it must be ready, also where
 * an earlier run was cut short after the start; otherwise nobody needs to wait.
 */
export function hasWorkInside({ desired, guest }: PresentGuest): boolean {
  const { features, applicationScript: script } = desired;
  if (features.length === 0 && !script) return false;
  const { record } = guest;
  if (typeof record === 'string') return true;
  const isApplied = features.every(({ name, digest }) => record.features[name] === digest);
  return !isApplied || (script !== undefined && record.scripts[script.name] !== script.digest);
}
