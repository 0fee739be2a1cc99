/** A file of an archive; `mode` is octal permission bits. */
export type TarFile = { readonly name: string; readonly content: string; readonly mode: number };

/** Longest name of a file in bytes, as the plain ustar header holds it. */
export const LONGEST_NAME = 100;

/** A ustar archive of plain files owned by root, without times, for `tar -xf -` of any maker. */
export function packTar(files: readonly TarFile[]): Buffer {
  const blocks = files.flatMap(({ name, content, mode }) => {
    const body = Buffer.from(content, 'utf8');
    return [header(name, body.length, mode), body, Buffer.alloc(-body.length & 511)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

function header(name: string, size: number, mode: number): Buffer {
  const block = Buffer.alloc(512);
  block.write(name, 0, LONGEST_NAME, 'utf8');
  block.write(octal(mode, 7), 100);
  block.write(octal(0, 7), 108);
  block.write(octal(0, 7), 116);
  block.write(octal(size, 11), 124);
  block.write(octal(0, 11), 136);
  block.write('        ', 148);
  block.write('0', 156);
  block.write('ustar\x0000', 257);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${octal(sum, 6)}\0 `, 148);
  return block;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}
