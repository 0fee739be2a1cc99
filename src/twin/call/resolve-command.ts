import type { Tool } from './command.ts';

/** What the first words of a command line name. `path` is what the tool calls it: `pvesm scan x`. */
export type Resolved =
  | { readonly kind: 'command'; readonly name: string; readonly rest: readonly string[] }
  | { readonly kind: 'unknown'; readonly path: string }
  | { readonly kind: 'incomplete'; readonly path: string; readonly choices: readonly string[] };

/**
 * Finds the command that words name, as `PVE::CLIHandler` does: a beginning that only one command
 * has stands for it, an alias has to be whole, and several that begin so are an incomplete command.
 */
export function resolveCommand(tool: Tool, words: readonly string[]): Resolved {
  const commands = [...new Set([...tool.groups.flat(), ...Object.keys(tool.commands), 'help'])];
  const path: string[] = [];
  for (const [index, word] of words.entries()) {
    const begun = path.length === 0 ? '' : `${path.join(' ')} `;
    const alias = tool.aliases?.[`${begun}${word}`];
    if (alias !== undefined) return resolveCommand(tool, [...alias.split(' '), ...words.slice(index + 1)]);
    const names = namesBelow(commands, begun);
    const longer = names.filter((name) => name.startsWith(word));
    const [only] = longer;
    const name = names.includes(word) || longer.length !== 1 || only === undefined ? word : only;
    path.push(name);
    if (!names.includes(name)) {
      if (longer.length === 0) return { kind: 'unknown', path: path.join(' ') };
      return { kind: 'incomplete', path: path.join(' '), choices: below(commands, begun) };
    }
    const whole = path.join(' ');
    if (commands.includes(whole)) return { kind: 'command', name: whole, rest: words.slice(index + 1) };
  }
  const whole = path.join(' ');
  return { kind: 'incomplete', path: whole, choices: below(commands, `${whole} `) };
}

function namesBelow(commands: readonly string[], begun: string): string[] {
  return [...new Set(below(commands, begun).map((rest) => rest.split(' ')[0] ?? ''))];
}

/** What is left of the commands that begin so. */
function below(commands: readonly string[], begun: string): string[] {
  return commands
    .filter((command) => command.startsWith(begun))
    .map((command) => command.slice(begun.length));
}
