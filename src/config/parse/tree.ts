/** A parsed value that knows where it stands; offsets are UTF-16 code units into the file's text. */
export type Located = LocatedObject | LocatedArray | LocatedScalar;

export type LocatedObject = {
  readonly type: 'object';
  readonly start: number;
  readonly end: number;
  readonly entries: ReadonlyMap<string, LocatedEntry>;
};

export type LocatedArray = {
  readonly type: 'array';
  readonly start: number;
  readonly end: number;
  readonly items: readonly Located[];
};

export type LocatedScalar = {
  readonly type: 'scalar';
  readonly start: number;
  readonly end: number;
  readonly value: string | number | boolean | null;
};

export type LocatedEntry = {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: Located;
};

export type Path = readonly (string | number)[];

/** The deepest part of `path` that exists under `root`; `entry` is its key where it is an object's value. */
export function locate(
  root: Located,
  path: Path,
): { readonly node: Located; readonly entry?: LocatedEntry; readonly depth: number } {
  let node = root;
  let entry: LocatedEntry | undefined;
  for (const [depth, segment] of path.entries()) {
    if (node.type === 'object') {
      const next = node.entries.get(String(segment));
      if (!next) return { node, depth, ...(entry && { entry }) };
      [node, entry] = [next.value, next];
    } else if (node.type === 'array') {
      const next = node.items[Number(segment)];
      if (!next) return { node, depth, ...(entry && { entry }) };
      [node, entry] = [next, undefined];
    } else {
      return { node, depth, ...(entry && { entry }) };
    }
  }
  return { node, depth: path.length, ...(entry && { entry }) };
}

/** The plain value of a tree: objects without a prototype, `null` entries left out. */
export function toPlain(node: Located): unknown {
  return plain(node, false);
}

/** The plain value of a document that others read: `null` means something to them. */
export function toDocument(node: Located): unknown {
  return plain(node, true);
}

function plain(node: Located, keepsNull: boolean): unknown {
  if (node.type === 'scalar') return node.value;
  if (node.type === 'array') return node.items.map((item) => plain(item, keepsNull));
  const result: Record<string, unknown> = Object.create(null);
  for (const [key, { value }] of node.entries) {
    if (!keepsNull && value.type === 'scalar' && value.value === null) continue;
    result[key] = plain(value, keepsNull);
  }
  return result;
}
