import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../command.ts';
import { INSIDE } from '../../layout.ts';

export type Accelerator = 'kvm' | 'tcg';

/**
 * How machines run here: by KVM only where a guest was seen to run by it. That a device is there says
 * little inside of a virtual machine. The answer is kept as long as the sandbox runs.
 */
export async function accelerator(): Promise<Accelerator> {
  const file = join(INSIDE.root, 'accelerator');
  const known = await readFile(file, 'utf8').catch(() => '');
  if (known === 'kvm' || known === 'tcg') return known;
  const found = (await runsByKvm()) ? 'kvm' : 'tcg';
  await writeFile(file, found);
  return found;
}

/** Boots a guest that fills one sector and tells by QEMU's exit code that it came to its end. */
async function runsByKvm(): Promise<boolean> {
  const disk = join(INSIDE.root, 'probe.img');
  await writeFile(disk, Buffer.from(PROBE, 'hex'));
  const { code } = await runCommand(
    [
      'qemu-system-x86_64', '-machine', 'pc,accel=kvm', '-cpu', 'host', '-m', '32', '-nodefaults',
      '-display', 'none', '-no-reboot', '-device', 'isa-debug-exit,iobase=0xf4,iosize=0x04',
      '-drive', `file=${disk},format=raw,if=ide`,
    ],
    { timeoutMs: 4_000 },
  ); // prettier-ignore
  return code === EXIT_CODE;
}

/** QEMU's device makes 2n+1 of the number n that a guest writes to it. */
const EXIT_CODE = 16 * 2 + 1;

/**
 * A boot sector. It sets up paging, enters 64-bit mode, counts down from 200 million (a tenth of a
 * second on a real processor) and writes 16 to port 0xf4:
 *
 *     page tables at 0x1000, 0x2000, 0x3000: the first 2 MiB, one to one
 *     lgdt; cr4.PAE; cr3 = 0x1000; EFER.LME; cr0.PG|PE; ljmp to 64-bit code
 *     mov ecx, 200000000; l: dec ecx; jnz l; mov al, 16; out 0xf4, al; h: hlt; jmp h
 */
const PROBE = [
  'fa31c08ed88ec08ed0bc0070bf0010b90018fcf3ab66c70600100320000066c70600200330000066',
  'c706003083000000660f0116a07c0f20e06683c8200f22e066b8001000000f22d866b9800000c00f',
  '32660d000100000f300f20c0660d010000800f22c0ea6a7c0800b8100000008ed88ed0b900c2eb0b',
  'ffc975fcb010e6f4f4ebfd0f1f440000000000000000000000000000009a20000000000000920000',
  '1700887c',
]
  .join('')
  .padEnd(1020, '0')
  .concat('55aa');
