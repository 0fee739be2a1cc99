import { Document as YamlDocument, parse, visit } from 'yaml';
import { isDocument, type Document } from './merge.ts';

/** Whose a document is. */
export type DocumentOwner = { readonly folderId: string; readonly vmid: number };

/**
 * A document's text, in the YAML 1.1 that cloud-init reads: user-data and vendor-data begin with
 * `#cloud-config`; each says that it is Phoenix's, and whose.
 */
export function printDocument(document: Document, owner: DocumentOwner, isCloudConfig: boolean): string {
  const yaml = new YamlDocument(document, { aliasDuplicateObjects: false });
  visit(yaml, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && !isHarmless(node.value)) node.type = 'QUOTE_DOUBLE';
    },
  });
  const text = yaml.toString({ lineWidth: 0, directives: false, doubleQuotedMinMultiLineLength: 1_000_000 });
  return `${isCloudConfig ? '#cloud-config\n' : ''}${MARK}${ownerLine(owner)}\n${text.replaceAll(EXOTIC, escape)}`;
}

/** The document of a text; undefined where it is no YAML object. */
export function parseDocument(text: string): Document | undefined {
  try {
    const value: unknown = parse(text);
    return isDocument(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Was a text written by Phoenix for this machine of this folder? */
export function isOurDocument(text: string, owner: DocumentOwner): boolean {
  return text.replace(/^#cloud-config\n/, '').startsWith(`${MARK}${ownerLine(owner)}\n`);
}

const MARK = '# Written by Phoenix from its folder: change it there.\n';

function ownerLine({ folderId, vmid }: DocumentOwner): string {
  return `# phoenix: ${folderId}/${vmid}`;
}

/** A word that every YAML reads as it stands, or plain lines of text. */
function isHarmless(text: string): boolean {
  if (/^(?:y|yes|n|no|on|off)$/i.test(text)) return false;
  if (/^[A-Za-z_/][A-Za-z0-9_./@+-]*(?: [A-Za-z0-9_./@+-]+)*$/.test(text)) return true;
  return /^[!-~](?:[ -~]*[!-~])?(?:\n+[ -~]*[!-~])*\n$/.test(text) && !text.includes('\n\n\n');
}

/** Characters that a reader of YAML refuses or takes for the end of a line. */
const EXOTIC =
  /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

function escape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
