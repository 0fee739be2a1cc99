/** How many columns a text takes on a terminal; it must hold no control characters. */
export function widthOf(text: string): number {
  // oxlint-disable-next-line no-control-regex -- our own colours take no room
  const bare = text.replaceAll(/\u001b\[\d+m/gu, '');
  if (NARROW.test(bare)) return bare.length;
  let width = 0;
  for (const { segment } of GRAPHEMES.segment(bare)) width += WIDE.test(segment) ? 2 : 1;
  return width;
}

/** A text without colours cut to a width, ending in `…` where something is missing. */
export function cut(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  let kept = '';
  let used = 0;
  for (const { segment } of GRAPHEMES.segment(text)) {
    used += widthOf(segment);
    if (used > width - 1) break;
    kept += segment;
  }
  return width < 1 ? '' : `${kept}…`;
}

/** A text filled up with spaces to a width. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The width of prose: at most 80, at least 20; 80 where a terminal doesn't know its width. */
export function proseWidth(columns: number | undefined): number {
  return columns ? Math.max(20, Math.min(80, columns)) : 80;
}

/**
 * Prose broken into lines of a width. Lines that begin with two spaces are commands or quotations
 * and are never broken, nor is a word that is longer than the width.
 */
export function wrap(text: string, width: number): readonly string[] {
  return text.split('\n').flatMap((line) => (line.startsWith('  ') ? [line] : wrapLine(line, width)));
}

const GRAPHEMES = new Intl.Segmenter('en', { granularity: 'grapheme' });
/* Latin letters, punctuation, arrows, lines and blocks: one column each, and no need to look closer. */
const NARROW =
  /^[ -~\u00a0-\u02ff\u2010-\u2022\u2026\u2190-\u2199\u2500-\u259f\u2713-\u2717\u2800-\u28ff]*$/u;
/* East Asian wide and full-width blocks, and emoji. */
const WIDE =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\u9fff\ua000-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;

function wrapLine(line: string, width: number): readonly string[] {
  if (widthOf(line) <= width) return [line];
  const lines: string[] = [];
  let current: string[] = [];
  let used = 0;
  for (const word of line.split(' ')) {
    const wordWidth = widthOf(word);
    if (current.length > 0 && used + 1 + wordWidth > width) {
      lines.push(current.join(' '));
      current = [word];
      used = wordWidth;
    } else {
      used += wordWidth + (current.length > 0 ? 1 : 0);
      current.push(word);
    }
  }
  return [...lines, current.join(' ')];
}
