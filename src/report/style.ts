/** A colour or weight for a text; the identity where colours are off. */
export type Paint = (text: string) => string;

export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'blue' | 'cyan', Paint>>;

/** The paints of a terminal with or without colours. */
export function styleOf(hasColour: boolean | undefined): Style {
  return hasColour === true ? COLOURS : PLAIN;
}

/** Are colours wanted? `$NO_COLOR` (not empty) and dumb terminals say no, `$FORCE_COLOR` yes. */
export function wantsColour(
  env: Readonly<Record<string, string | undefined>>,
  output: { readonly isTerminal?: boolean | undefined },
): boolean {
  if (env['NO_COLOR']) return false;
  if (env['FORCE_COLOR']) return env['FORCE_COLOR'] !== '0';
  return output.isTerminal === true && env['TERM'] !== 'dumb';
}

const same: Paint = (text) => text;
const PLAIN: Style = {
  bold: same,
  dim: same,
  red: same,
  green: same,
  yellow: same,
  blue: same,
  cyan: same,
};
const COLOURS: Style = {
  bold: ansi(1, 22),
  dim: ansi(2, 22),
  red: ansi(31, 39),
  green: ansi(32, 39),
  yellow: ansi(33, 39),
  blue: ansi(34, 39),
  cyan: ansi(36, 39),
};

function ansi(on: number, off: number): Paint {
  return (text) => (text === '' ? '' : `\u001B[${on}m${text}\u001B[${off}m`);
}
