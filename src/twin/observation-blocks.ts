/** A line of an observation's text with the text behind it (`''` where there is none). */
export type Block = { readonly tag: string; readonly fields: string; readonly body: string };

/**
 * Takes an observation's text apart, for a world to be built from it. The twin has a reader of its own:
 * what it checks must not be read by the code that it checks.
 */
export function readBlocks(text: string): readonly Block[] {
  const blocks: { tag: string; fields: string; lines: string[] }[] = [];
  for (const line of text.split('\n')) {
    if (line.startsWith('=\t')) blocks.at(-1)?.lines.push(line.slice(2));
    else {
      const [tag = '', ...rest] = line.split('\t');
      blocks.push({ tag, fields: rest.join('\t'), lines: [] });
    }
  }
  if (blocks[0]?.tag !== 'phoenix-observation 1') throw new Error('This is no observation.');
  return blocks.map(({ tag, fields, lines }) => ({ tag, fields, body: lines.join('\n') }));
}
