import type { Findings } from '../diagnose.ts';
import { positionAt, sourceOf } from './source.ts';

/** The text of a UTF-8 file without its byte order mark; undefined where it is none (which is reported). */
export function decodeText(bytes: Uint8Array, file: string, findings: Findings): string | undefined {
  const utf16 = (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff);
  if (!utf16) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
      const nul = text.indexOf('\0');
      if (nul === -1) return text;
      findings.add('bad-encoding', {
        summary: 'A NUL byte stands in a text file',
        position: positionAt(sourceOf(file, text), nul),
        remedy: 'Remove it; if the editor shows none, save the file as UTF-8.',
      });
      return undefined;
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
    }
  }
  findings.add('bad-encoding', {
    summary: utf16 ? 'A file is UTF-16, not UTF-8' : 'A file is not valid UTF-8',
    position: positionOfFirstBadByte(bytes, file),
    remedy: `Save it as UTF-8, or convert it: iconv -f ${utf16 ? 'UTF-16' : 'LATIN1'} -t UTF-8`,
  });
  return undefined;
}

function positionOfFirstBadByte(bytes: Uint8Array, file: string) {
  const lenient = new TextDecoder('utf-8').decode(bytes);
  const at = Math.max(0, lenient.indexOf('\uFFFD'));
  return positionAt(sourceOf(file, lenient), at);
}
