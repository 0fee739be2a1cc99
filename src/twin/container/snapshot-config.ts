import { ToolError } from '../call/errors.ts';
import type { Config, Section } from './config.ts';

/** Copies what a snapshot keeps of a section: neither notes, lock, times nor unused volumes. */
export function copySection(source: Section): Section {
  const keys = new Map([...source.keys].filter(([key]) => !LEFT_OUT.has(key) && !/^unused\d+$/.test(key)));
  return { keys, raw: [...source.raw] };
}

/** The configuration after a rollback: the snapshot's, with today's notes and unused volumes. */
export function applySnapshot(config: Config, name: string, snapshot: Section): Config {
  const head = copySection(snapshot);
  for (const [key, value] of config.head.keys) {
    if (key === 'description' || /^unused\d+$/.test(key)) head.keys.set(key, value);
  }
  head.keys.set('parent', name);
  return { ...config, head, pending: { keys: new Map(), raw: [] } };
}

/** Takes a snapshot out of the chain: whoever named it as parent names its parent. */
export function unlinkParent(section: Section, name: string, parent: string | undefined): void {
  if (section.keys.get('parent') !== name) return;
  if (parent === undefined) section.keys.delete('parent');
  else section.keys.set('parent', parent);
}

/** A snapshot by name; refuses one that there is not. */
export function needSnapshot(config: Config, name: string): Section {
  const section = config.snapshots.get(name);
  if (section === undefined) throw new ToolError(`snapshot '${name}' does not exist`);
  return section;
}

export function isTemplate(config: Config): boolean {
  return config.head.keys.get('template') === '1';
}

const LEFT_OUT = new Set(['snapstate', 'snaptime', 'vmstate', 'lock', 'digest', 'description']);
