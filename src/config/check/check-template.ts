import type { Findings } from '../diagnose.ts';
import { positionAt, withoutLine } from '../parse/source.ts';
import type { Located } from '../parse/tree.ts';
import type { Template } from '../templates.ts';
import { findPrivateKey } from './private-key.ts';

/** A Cloud-Init document must hold no secret in clear: it is a file of the node, and the VM keeps a copy. */
export function checkTemplate({ source, root }: Template, findings: Findings): void {
  walk(root, '', (node, key) => {
    const { value } = node;
    if (typeof value !== 'string' && typeof value !== 'number') return;
    const isPassword = PASSWORD_KEYS.has(key) && !/^[$!*]|^$/.test(String(value));
    if (!isPassword && findPrivateKey(String(value)) === undefined) return;
    findings.add('secret-in-document', {
      summary: isPassword
        ? 'A password stands in clear in a template'
        : 'A private key stands in clear in a template',
      detail: `It is the value of ${key}.`,
      ...(isPassword && {
        remedy: 'Give the user to cloud_init.users with "password": { "from_env": "NAME" }, or write a hash.',
      }),
      position: withoutLine(positionAt(source, node.start, node.end)),
    });
  });
}

const PASSWORD_KEYS: ReadonlySet<string> = new Set(['password', 'passwd', 'plain_text_passwd']);

type Scalar = Extract<Located, { type: 'scalar' }>;

function walk(node: Located, key: string, visit: (node: Scalar, key: string) => void): void {
  if (node.type === 'scalar') visit(node, key);
  else if (node.type === 'array') for (const item of node.items) walk(item, key, visit);
  else for (const [name, entry] of node.entries) walk(entry.value, name, visit);
}
