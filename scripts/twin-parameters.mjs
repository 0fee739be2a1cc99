// Puts Proxmox's own table of commands into the compact form that the twin checks parameters by:
//   node scripts/twin-parameters.mjs COMMANDS.json pct,qm,pvesm,pveam
// COMMANDS.json: { "pct create": { "arguments": [name], "parameters": { name: definition } } }, with
// definitions as PVE::JSONSchema has them and series (`net[n]`) folded with `n_max`.
import { readFileSync, writeFileSync } from 'node:fs';

const TARGET = new URL('../src/twin/call/parameters.json', import.meta.url);
const KEPT = [
  'type',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
  'pattern',
  'enum',
  'requires',
  'default_key',
  'alias',
  'keyAlias',
  'n_max',
];

/** Named formats that check more of a property string than its sub-keys. */
const VERIFIED = ['pve-vm-cpu-conf'];

const [source, tools = 'pct,qm,pvesm,pveam'] = process.argv.slice(2);
if (source === undefined) {
  process.stderr.write('usage: node scripts/twin-parameters.mjs COMMANDS.json [TOOL,…]\n');
  process.exit(64);
}
const formats = {};
const formatNames = new Map();
const commands = {};
for (const [name, command] of Object.entries(JSON.parse(readFileSync(source, 'utf8')))) {
  if (!tools.split(',').includes(name.split(' ')[0])) continue;
  const parameters = {};
  for (const [key, definition] of Object.entries(command.parameters)) {
    if (key !== 'node') parameters[key] = shrink(definition, key.replace('[n]', ''));
  }
  commands[name] = { arguments: command.arguments, parameters };
}
writeFileSync(TARGET, `${JSON.stringify({ formats, parameters: shareRepeated(), commands }, null, 2)}\n`);

/** A definition with what checks need; the format of a property string is shared by name. */
function shrink(definition, name) {
  const small = {};
  for (const key of KEPT) if (definition[key] !== undefined) small[key] = definition[key];
  for (const key of ['minimum', 'maximum']) if (small[key] !== undefined) small[key] = Number(small[key]);
  if (small.enum) small.enum = foldSeries(small.enum);
  while (small.pattern?.includes('(?^:')) small.pattern = small.pattern.replace('(?^:', '(?:');
  const fields = definition.format_properties ?? small.format;
  if (typeof fields === 'object') small.format = { properties: shareFormat(fields, name) };
  if (VERIFIED.includes(definition.format)) small.verify = definition.format;
  // A NIC's model stands as the name of its MAC's value; the dump leaves the other half of that out.
  if (definition.alias === 'macaddr') small.keyAlias = 'model';
  if (small.type === 'string') delete small.type;
  if (!definition.optional) small.required = true;
  return small;
}

function shareFormat(fields, name) {
  const format = Object.fromEntries(Object.entries(fields).map(([key, field]) => [key, shrink(field, key)]));
  const text = JSON.stringify(format);
  if (!formatNames.has(text)) {
    let id = name;
    for (let index = 2; id in formats; index++) id = `${name}${index}`;
    formatNames.set(text, id);
    formats[id] = format;
  }
  return formatNames.get(text);
}

/** `mp0 … mp255` in an enumeration becomes `mp[0..255]`. */
function foldSeries(values) {
  const folded = [];
  for (let index = 0; index < values.length; index++) {
    const [, prefix, first] = /^(.*?)(\d+)$/.exec(values[index]) ?? [];
    const next = (at) => `${prefix}${Number(first) + at - index}`;
    let last = index;
    if (prefix !== undefined) while (values[last + 1] === next(last + 1)) last++;
    if (last - index > 8) {
      folded.push(`${prefix}[${first}..${Number(first) + last - index}]`);
      index = last;
    } else folded.push(values[index]);
  }
  return folded;
}

/** Definitions that more than one command has stand once and are named where they are used. */
function shareRepeated() {
  const counts = new Map();
  const keyOf = (name, definition) => `${name} ${JSON.stringify(definition)}`;
  const all = Object.values(commands).map((command) => command.parameters);
  for (const parameters of all) {
    for (const [name, definition] of Object.entries(parameters)) {
      const key = keyOf(name, definition);
      counts.set(key, (counts.get(key) ?? 0) + 1);
    }
  }
  const shared = {};
  const ids = new Map();
  for (const parameters of all) {
    for (const [name, definition] of Object.entries(parameters)) {
      const key = keyOf(name, definition);
      if (counts.get(key) === 1) continue;
      if (!ids.has(key)) {
        let id = name;
        for (let index = 2; id in shared; index++) id = `${name}#${index}`;
        ids.set(key, id);
        shared[id] = definition;
      }
      parameters[name] = ids.get(key);
    }
  }
  return shared;
}
