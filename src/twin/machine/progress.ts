import type { Session } from '../call/session.ts';

/** Prints what the tools say while a disk is written. */
export function printProgress(session: Session, sizeBytes: number): void {
  const size = renderBytes(sizeBytes);
  session.print(`transferred 0.0 B of ${size} (0.00%)\ntransferred ${size} of ${size} (100.00%)\n`);
}

function renderBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [value, index] = [bytes, 0];
  while (value >= 1024 && index < units.length - 1) {
    value /= 1024;
    index += 1;
  }
  return `${value.toFixed(1)} ${units[index]}`;
}
