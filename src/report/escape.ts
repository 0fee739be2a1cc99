/**
 * A text as one line that does nothing to a terminal: control characters, line and direction marks
 * show as `\n`, `\x1b`, `\u202e`. Everything that a guest, a node or a file says passes through here.
 */
export function escapeControl(text: string): string {
  return text.replaceAll(UNSAFE, (character) => NAMED.get(character) ?? numbered(character));
}

/** The same line by line; line ends stay, tabs become two spaces. */
export function escapeLines(text: string): readonly string[] {
  return text.split(/\r?\n/u).map((line) => escapeControl(line.replaceAll('\t', '  ')));
}

/**
 * A line of a program's output as a terminal would leave it: colours taken out, what a carriage
 * return overwrote dropped, the rest escaped.
 */
export function cleanOutput(line: string): string {
  const withoutColours = line.replaceAll(COLOUR, '').replace(/[\r\n]+$/u, '');
  const afterReturn = withoutColours.slice(withoutColours.lastIndexOf('\r') + 1);
  return escapeControl(afterReturn.replaceAll('\t', '  '));
}

/* C0, DEL, C1, zero-width and direction marks, line and paragraph separators, lone surrogates. */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  /[\u0000-\u001f\u007f-\u009f\u00ad\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]|\p{Surrogate}/gu;
// oxlint-disable-next-line no-control-regex -- escape sequences begin with a control character
const COLOUR = /\u001b\[[0-9;:]*[mK]/gu;

const NAMED: ReadonlyMap<string, string> = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

function numbered(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, '0')}`
    : `\\u${code.toString(16).padStart(4, '0')}`;
}
