import type { Findings } from '../diagnose.ts';
import { positionAt } from '../parse/source.ts';
import type { Located } from '../parse/tree.ts';
import type { Template } from '../templates.ts';
import { findPrivateKey } from './private-key.ts';

/** A Cloud-Init document must hold no secret in clear: it is a file of the node, and the VM keeps a copy. */
export function checkTemplate({ source, root }: Template, findings: Findings): void {
  walk(root, [], (node, path) => {
    const { value } = node;
    if (typeof value !== 'string' && typeof value !== 'number') return;
    const isPassword = isClearPassword(String(value), path);
    if (!isPassword && findPrivateKey(String(value)) === undefined) return;
    findings.add('secret-in-document', {
      summary: isPassword
        ? 'A password stands in clear in a template'
        : 'A private key stands in clear in a template',
      detail: `It is the value of ${path.at(-1)}.`,
      ...(isPassword && {
        remedy: 'Give the user to cloud_init.users with "password": { "from_env": "NAME" }, or write a hash.',
      }),
      position: positionAt(source, node.start, node.end),
    });
  });
}

/** Hashes begin with "$"; "!" and "*" lock a password; RANDOM and R have Cloud-Init make one up. */
function isClearPassword(value: string, path: readonly string[]): boolean {
  const [outer, key] = [path.at(-2), path.at(-1) ?? ''];
  if (outer === 'chpasswd' && key === 'list') return /:(?![$!*]|R(?:ANDOM)?$|$)/m.test(value);
  return PASSWORD_KEYS.has(key) && !/^(?:[$!*].*|)$/s.test(value);
}

const PASSWORD_KEYS: ReadonlySet<string> = new Set(['password', 'passwd', 'plain_text_passwd']);

type Scalar = Extract<Located, { type: 'scalar' }>;

/** Visits each scalar with the keys above it; a list has no key of its own. */
function walk(
  node: Located,
  path: readonly string[],
  visit: (node: Scalar, path: readonly string[]) => void,
): void {
  if (node.type === 'scalar') visit(node, path);
  else if (node.type === 'array') for (const item of node.items) walk(item, path, visit);
  else for (const [name, entry] of node.entries) walk(entry.value, [...path, name], visit);
}
