import type { Verb } from '../verb.ts';

type Entry = {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly load: () => Promise<Verb>;
};

/* In the order of the help. Loaded one by one: a command line pays only for its own verb. */
const ENTRIES: readonly Entry[] = [
  { name: 'plan', load: async () => (await import('./plan.ts')).plan },
  { name: 'apply', load: async () => (await import('./apply.ts')).apply },
  { name: 'converge', load: async () => (await import('./converge.ts')).converge },
  { name: 'up', aliases: ['LetsGo'], load: async () => (await import('./up.ts')).up },
  { name: 'create', load: async () => (await import('./create.ts')).create },
  { name: 'delete', load: async () => (await import('./delete.ts')).deleteVerb },
  { name: 'start', load: async () => (await import('./start.ts')).start },
  { name: 'stop', load: async () => (await import('./stop.ts')).stopVerb },
  { name: 'restart', load: async () => (await import('./restart.ts')).restart },
  { name: 'status', load: async () => (await import('./status.ts')).status },
  { name: 'snapshot', load: async () => (await import('./snapshot.ts')).snapshot },
  { name: 'rollback', load: async () => (await import('./rollback.ts')).rollback },
  { name: 'health-check', load: async () => (await import('./health-check.ts')).healthCheck },
  { name: 'drift', load: async () => (await import('./drift.ts')).drift },
  { name: 'import', load: async () => (await import('./import.ts')).importVerb },
  { name: 'list', load: async () => (await import('./list.ts')).list },
  { name: 'validate', load: async () => (await import('./validate.ts')).validate },
  { name: 'schema', load: async () => (await import('./schema.ts')).schema },
  { name: 'exec', load: async () => (await import('./exec.ts')).exec },
  { name: 'node', load: async () => (await import('./node.ts')).node },
  { name: 'rehearse', load: async () => (await import('./rehearse.ts')).rehearse },
  { name: 'sandbox', load: async () => (await import('./sandbox.ts')).sandbox },
  { name: 'setup', load: async () => (await import('./setup.ts')).setup },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).doctor },
  { name: 'completion', load: async () => (await import('./completion.ts')).completion },
];

/** The verb that a word names, also by an alias; undefined where none does. */
export async function loadVerb(word: string): Promise<Verb | undefined> {
  const entry = ENTRIES.find(({ name, aliases }) => name === word || aliases?.includes(word) === true);
  return await entry?.load();
}

/** Every verb, in the order of the help. */
export async function loadAllVerbs(): Promise<readonly Verb[]> {
  return await Promise.all(ENTRIES.map(async ({ load }) => await load()));
}

/** Every word that names a verb. */
export function verbWords(): readonly string[] {
  return ENTRIES.flatMap(({ name, aliases }) => [name, ...(aliases ?? [])]);
}
