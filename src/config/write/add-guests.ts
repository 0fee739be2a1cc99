import { findNodeAtLocation, parseTree, type Node } from 'jsonc-parser';
import type { DescribedGuest } from '../../model/described.ts';

/**
 * The text of a JSON file of guests with some more, behind those that are there; all that stands in it
 * stays as it is, comments too. Absent: a new file. `headline` is put above each as a comment, and its
 * remarks below that. Throws where the text is no such file.
 */
export function addGuests(
  text: string | undefined,
  guests: readonly DescribedGuest[],
  headline: (guest: DescribedGuest) => string,
): string {
  const [kind] = new Set(guests.map((guest) => guest.kind));
  if (kind === undefined) return text ?? '';
  const key = kind === 'lxc' ? 'lxc_configs' : 'vms';
  const [open, close] = kind === 'lxc' ? ['{', '}'] : ['[', ']'];
  const entries = guests.map((guest) => entryText(guest, headline(guest))).join(',\n\n');
  if (text === undefined) return `{\n  "${key}": ${open}\n${entries}\n  ${close}\n}\n`;
  const root = parseTree(text, [], { allowTrailingComma: true });
  if (root?.type !== 'object') throw new Error('The file holds no object.');
  const list = findNodeAtLocation(root, [key]);
  if (!list) return insert(text, root, `  "${key}": ${open}\n${entries}\n  ${close}`);
  if (list.type !== (kind === 'lxc' ? 'object' : 'array')) throw new Error(`"${key}" is no list of guests.`);
  return insert(text, list, entries);
}

/** Puts something behind the last child of an object or a list, with the comma that belongs between. */
function insert(text: string, parent: Node, added: string): string {
  const end = parent.offset + parent.length - 1;
  const last = parent.children?.at(-1);
  const start = last ? last.offset + last.length : parent.offset + 1;
  const between = text.slice(start, end);
  const needsComma = last !== undefined && !withoutComments(between).includes(',');
  const rest = between.trimEnd();
  const gap = last === undefined && rest === '' ? '\n' : '\n\n';
  const indent = ' '.repeat(Math.max(0, indentOf(text, end)));
  return `${text.slice(0, start)}${needsComma ? ',' : ''}${rest}${gap}${added}\n${indent}${text.slice(end)}`;
}

function withoutComments(text: string): string {
  return text.replaceAll(/\/\/[^\n]*|\/\*[\s\S]*?\*\//g, '');
}

/** Blanks at the beginning of the line that a closing bracket stands on, where it stands alone. */
function indentOf(text: string, offset: number): number {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return line.trim() === '' && text.includes('\n') ? line.length : 2;
}

function entryText({ vmid, kind, groups, remarks }: DescribedGuest, headline: string): string {
  const [first = {}, ...others] = groups;
  const all = kind === 'lxc' ? [first, ...others] : [{ vmid, ...first }, ...others];
  const body = all
    .map((group) =>
      Object.entries(group)
        .map(([key, value]) => `      ${JSON.stringify(key)}: ${valueText(value)}`)
        .join(',\n'),
    )
    .join(',\n\n');
  const comments = [headline, ...remarks.map((remark) => `  ${remark}`)];
  const name = kind === 'lxc' ? `"${vmid}": ` : '';
  return [
    ...comments.map((comment) => `    // ${comment.replaceAll(/\s*[\r\n\u2028\u2029]+\s*/g, ' ')}`),
    `    ${name}{\n${body}\n    }`,
  ].join('\n');
}

const WIDEST = 80;

function valueText(value: unknown): string {
  const short = onOneLine(value);
  return short.length <= WIDEST ? short : JSON.stringify(value, null, 2).replaceAll('\n', '\n      ');
}

function onOneLine(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(onOneLine).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const entries = Object.entries(value).map(([key, part]) => `${JSON.stringify(key)}: ${onOneLine(part)}`);
  return entries.length === 0 ? '{}' : `{ ${entries.join(', ')} }`;
}
