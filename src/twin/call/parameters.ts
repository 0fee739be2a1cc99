import table from './parameters.json' with { type: 'json' };

/** What Proxmox's own table says of one parameter; `[n]` series carry `n_max`. */
export type Parameter = {
  readonly type?: string;
  readonly required?: boolean;
  /** A named format, or the name of a property string's format in the table. */
  readonly format?: string | { readonly properties: string };
  /** The named format `pve-vm-cpu-conf`, which checks more of a property string than its sub-keys. */
  readonly verify?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly requires?: string;
  readonly default_key?: number;
  readonly alias?: string;
  readonly keyAlias?: string;
  readonly n_max?: number;
};

/** The sub-keys of a property string such as `net0`. */
export type PropertyFormat = Readonly<Record<string, Parameter>>;

/** A command's positional arguments and its parameters by name. */
export type CommandShape = {
  readonly arguments: readonly string[];
  readonly parameters: Readonly<Record<string, Parameter>>;
};

type Table = {
  readonly formats: Readonly<Record<string, PropertyFormat>>;
  readonly parameters: Readonly<Record<string, Parameter>>;
  readonly commands: Readonly<
    Record<
      string,
      {
        readonly arguments: readonly string[];
        readonly parameters: Readonly<Record<string, Parameter | string>>;
      }
    >
  >;
};

const TABLE: Table = table;

/** Formats of property strings by name: `mp`, `rootfs`, `net`, `dev`, `features`, `unused`. */
export const FORMATS: Readonly<Record<string, PropertyFormat>> = TABLE.formats;

/** The shape of `pct create`, `pvesm add`, …; undefined for a command that Proxmox does not have. */
export function shapeOf(command: string): CommandShape | undefined {
  const known = SHAPES.get(command);
  if (known !== undefined) return known;
  const found = TABLE.commands[command];
  if (found === undefined) return undefined;
  const parameters: Record<string, Parameter> = {};
  for (const [name, parameter] of Object.entries(found.parameters)) {
    const resolved = typeof parameter === 'string' ? TABLE.parameters[parameter] : parameter;
    if (resolved !== undefined) parameters[name] = expandEnum(resolved);
  }
  const shape = { arguments: found.arguments, parameters };
  SHAPES.set(command, shape);
  return shape;
}

/** Finds a parameter by the name it was given with; `net0` is of the series `net[n]`. */
export function findParameter(shape: CommandShape, name: string): Parameter | undefined {
  if (Object.hasOwn(shape.parameters, name)) return shape.parameters[name];
  const series = /^([a-z_-]*[a-z])(0|[1-9]\d*)$/.exec(name);
  if (series?.[1] === undefined) return undefined;
  const parameter = shape.parameters[`${series[1]}[n]`];
  return parameter !== undefined && Number(series[2]) <= (parameter.n_max ?? -1) ? parameter : undefined;
}

const SHAPES = new Map<string, CommandShape>();

/** `mp[0..255]` in an enumeration stands for all its members. */
function expandEnum(parameter: Parameter): Parameter {
  if (parameter.enum === undefined) return parameter;
  const values = parameter.enum.flatMap((value) => {
    const range = /^(.*)\[(\d+)\.\.(\d+)\]$/.exec(value);
    if (range === null) return [value];
    const [, prefix = '', from = '0', to = '0'] = range;
    return Array.from(
      { length: Number(to) - Number(from) + 1 },
      (_, index) => `${prefix}${Number(from) + index}`,
    );
  });
  return { ...parameter, enum: values };
}
