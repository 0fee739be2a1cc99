import { byCode } from './lists.ts';
import { shapeOf } from './parameters.ts';

/** One line of a command's usage: `pct create <vmid> <ostemplate> [OPTIONS]`. */
export function usageOf(command: string): string {
  const shape = shapeOf(command);
  if (shape === undefined) return command;
  const words = shape.arguments.map((name) =>
    name === 'extra-args' || shape.parameters[name]?.required !== true ? `[<${name}>]` : `<${name}>`,
  );
  const options = Object.entries(shape.parameters).filter(([name]) => !shape.arguments.includes(name));
  const required = options
    .filter(([, parameter]) => parameter.required === true)
    .map(([name, parameter]) => ` --${name} <${parameter.type ?? 'string'}>`)
    .toSorted(byCode);
  const hasOptional = options.some(([, parameter]) => parameter.required !== true);
  return `${command} ${words.join(' ')}${required.join('')}${hasOptional ? ' [OPTIONS]' : ''}`;
}

/** The overview that a tool prints for an unknown command; commands in groups. */
export function overviewOf(tool: string, groups: readonly (readonly string[])[]): string {
  const blocks = groups.map((group) =>
    group.map((name) => `       ${usageOf(`${tool} ${name}`)}\n`).join(''),
  );
  return (
    `USAGE: ${tool} <COMMAND> [ARGS] [OPTIONS]\n\n${blocks.join('\n')}\n` +
    `       ${tool} help [<extra-args>] [OPTIONS]\n`
  );
}

/** What a tool prints for a command that is not whole: `path` with each way to go on. */
export function incompleteOf(tool: string, path: string, choices: readonly string[]): string {
  const parent = path.split(' ').slice(0, -1).join(' ');
  const lines = choices.map((choice) => {
    const whole = [`${tool} ${path} ${choice}`, `${tool} ${parent} ${choice}`, `${tool} ${choice}`];
    const known = whole.map((name) => name.replaceAll('  ', ' ')).find((name) => shapeOf(name) !== undefined);
    const rest = choice === 'help' ? ' [<extra-args>] [OPTIONS]' : usageOf(known ?? '').slice(known?.length);
    return `       ${tool} ${path} ${choice}${rest}\n`;
  });
  return `ERROR: incomplete command '${tool} ${path}'\nUSAGE: ${tool} <COMMAND> [ARGS] [OPTIONS]\n\n${lines.join('')}`;
}
