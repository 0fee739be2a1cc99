import { FORMATS } from './parameters.ts';

/** Complains about a CPU type that QEMU does not have and that is not named as one of the site's own. */
export function complainOfCpu(value: string): string | undefined {
  const first = value.split(',').find((part) => !part.includes('=') || part.startsWith('cputype='));
  const type = first?.replace(/^cputype=/, '');
  if (type === undefined || type === '' || type.startsWith('custom-')) return undefined;
  const known = FORMATS['cpu']?.['reported-model']?.enum ?? [];
  if (known.includes(type) || LEVELS.test(type)) return undefined;
  return `Built-in cputype '${type}' is not defined (missing 'custom-' prefix?)`;
}

/** Levels of the x86-64 instruction set stand for themselves, and are no model to report. */
const LEVELS = /^x86-64-v(2|2-AES|3|4)$/;
