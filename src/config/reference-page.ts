import { CODES } from './codes.ts';
import { SCHEMAS } from './json-schema.ts';
import { type AnySchema, factsOf, unwrap } from './schema/key.ts';

/** The page `docs/configuration.md`: every key of the files, and every problem that loading them can report. */
export function referencePage(): string {
  return [
    INTRODUCTION,
    ...SECTIONS.flatMap(({ name, title, text }) => [
      `## ${title}`,
      text,
      ...tables(SCHEMAS[name].schema(), ''),
    ]),
    '## Problems',
    'Every problem has a stable code. Errors keep Phoenix from touching a node; warnings do not.',
    problemTable(),
  ]
    .join('\n\n')
    .concat('\n');
}

const INTRODUCTION = `# Configuration

This page is generated from the schema (\`node scripts/schemas.mjs\`).

A configuration is a folder. Phoenix takes the one that \`--config DIR\` names, else \`$PHOENIX_CONFIG\`, else the working directory if it holds one of the files, else \`/etc/phoenix\`.

| in the folder | what it is |
|---|---|
| \`phoenix_hypervisor_config.json\` | the node |
| \`phoenix_lxc_configs.json\` | the containers |
| \`phoenix_vm_configs.json\` | the virtual machines |
| \`features/<name>/\` | features of your own, see [features](features.md) |
| \`scripts/\` | application scripts |
| \`health_checks/\` | scripts of health checks |
| \`files/\` | files for application scripts and VMs |
| \`templates/\` | Cloud-Init documents of VMs |
| \`apparmor/\` | AppArmor profiles |

Each of the three files may be missing. They are JSON with comments and trailing commas, or YAML under the same name with \`.yaml\`. \`null\`, and an empty text where a key is optional, mean "not set". For completion in an editor, put \`"$schema": "…/schemas/phoenix_lxc_configs.schema.json"\` into a file, or write your own copy with \`phoenix schema lxc\`.

A **secret** never stands in a file. Where a key takes one, refer to it:

\`\`\`json
{ "from_env": "DB_PASSWORD" }
{ "from_file": "/root/.secrets/db" }
{ "from_command": ["pass", "show", "db"] }
\`\`\`

Guests that start with the node (\`start_at_boot\`) and depend on each other (\`dependencies\`, across both kinds and through guests that stay off) get Proxmox's start order from that: what is needed comes first. A \`boot_order\` of your own wins; where it makes a guest start before one that it needs, a warning says so. Other guests keep the order that they have, or none.

A key that is not known is a warning, with the nearest known key; a wrong value is an error. \`phoenix validate\` shows all of them at once.`;

const SECTIONS = [
  {
    name: 'lxc',
    title: 'Containers: `phoenix_lxc_configs.json`',
    text: 'A text or number that a script reads is handed to it as JSON in the file that `$PHOENIX_INPUTS` names.',
  },
  {
    name: 'vm',
    title: 'Virtual machines: `phoenix_vm_configs.json`',
    text: `A VM is made from a cloud image (\`image\`, \`template_image\`) or as a clone (\`clone_from_vmid\`). Its first disk is \`scsi0\`, its Cloud-Init drive \`ide2\`; further disks, interfaces and PCI devices are known by their slots. What a clone does not say, it has from its source.

What its first boot sets up (users, packages, files, addresses) goes to it in Cloud-Init's documents. They are files of the node and the VM keeps a copy, so no secret may stand in them: of a password only a hash does. Documents of your own in \`templates/\` are merged with the generated ones.`,
  },
  {
    name: 'hypervisor',
    title: 'The node: `phoenix_hypervisor_config.json`',
    text: 'Checked now; `phoenix setup` acts on it in a later version. Containers already use `folder_id` and `nvidia_driver`.',
  },
  { name: 'feature', title: 'Features: `feature.json`', text: 'The manifest of a feature.' },
] as const;

function tables(schema: AnySchema, path: string): string[] {
  const entries = entriesOf(schema);
  if (!entries) return [];
  const rows = Object.entries(entries).map(([key, child]) => row(key, child));
  const table = ['| key | value | meaning |', '|---|---|---|', ...rows].join('\n');
  const title = path === '' ? [] : [`### \`${path}\``];
  const inner = Object.entries(entries).flatMap(([key, child]) => {
    const { schema: object, suffix } = objectIn(child);
    return object ? tables(object, `${path === '' ? '' : `${path}.`}${key}${suffix}`) : [];
  });
  return [...title, table, ...inner];
}

function row(key: string, schema: AnySchema): string {
  const { noEffect, isLater, example, isScriptInput } = factsOf(schema);
  const notes = [
    factsOf(schema).description ?? '',
    schema.type === 'optional' ? '' : '**Required.**',
    isScriptInput ? 'Handed to scripts.' : '',
    isLater ? '*Not acted on yet.*' : '',
    noEffect === undefined ? '' : `*No effect: ${noEffect}.*`,
    example === undefined ? '' : `Example: \`${JSON.stringify(example)}\``,
  ];
  return `| \`${key}\` | ${cell(typeText(schema))} | ${cell(notes.filter((note) => note !== '').join(' '))} |`;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function typeText(schema: AnySchema): string {
  const { expects } = factsOf(schema);
  if (expects !== undefined) return expects;
  const inner = unwrap(schema);
  if ('item' in inner) return `list: ${typeText(inner.item as AnySchema)}`;
  if (inner.type === 'record' && 'value' in inner) return `by name: ${typeText(inner.value as AnySchema)}`;
  if ('entries' in inner) return 'object';
  return inner.type === 'unknown' ? 'anything' : inner.type === 'union' ? 'one of several' : inner.type;
}

function entriesOf(schema: AnySchema): Readonly<Record<string, AnySchema>> | undefined {
  const inner = unwrap(schema);
  return 'entries' in inner ? (inner.entries as Record<string, AnySchema>) : undefined;
}

/** The object that a key holds directly, in a list, by name, or as one of its forms. */
function objectIn(schema: AnySchema): { readonly schema?: AnySchema; readonly suffix: string } {
  const inner = unwrap(schema);
  if ('entries' in inner) {
    return Object.keys(inner.entries as object).length > 0 ? { schema: inner, suffix: '' } : { suffix: '' };
  }
  if ('item' in inner) {
    const found = objectIn(inner.item as AnySchema);
    return { ...found, suffix: `[]${found.suffix}` };
  }
  if (inner.type === 'record' && 'value' in inner) {
    const found = objectIn(inner.value as AnySchema);
    return { ...found, suffix: `.*${found.suffix}` };
  }
  if (inner.type === 'union' && 'options' in inner) {
    const found = (inner.options as readonly AnySchema[]).map(objectIn).find((option) => option.schema);
    // A secret is explained above; its three keys need no table at every place.
    const isSecret = found?.schema && Object.hasOwn(entriesOf(found.schema) ?? {}, 'from_env');
    return found && !isSecret ? found : { suffix: '' };
  }
  return { suffix: '' };
}

function problemTable(): string {
  const rows = Object.entries(CODES).map(
    ([code, { severity, meaning, remedy }]) =>
      `| \`config/${code}\` | ${severity} | ${cell(meaning)} | ${cell(remedy)} |`,
  );
  return ['| code | | what | what to do |', '|---|---|---|---|', ...rows].join('\n');
}
