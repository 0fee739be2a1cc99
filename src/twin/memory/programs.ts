import type { OutputSink } from '../host.ts';

/**
 * Stands in for a program in a guest of the twin, which runs none. A handful of programs that only
 * touch the guest's files answer truly; `sh` understands `exit N` and `echo`; everything else
 * succeeds in silence.
 */
export function runProgram(
  files: Record<string, string>,
  argv: readonly string[],
  stdin: string,
  onOutput: OutputSink,
): number {
  const [name = '', ...args] = argv;
  switch (name.replace(/^(\/usr)?\/s?bin\//, '')) {
    case 'false':
      return 1;
    case 'echo':
      onOutput('stdout', `${args.join(' ')}\n`);
      return 0;
    case 'cat':
      return concatenate(files, args, stdin, onOutput);
    case 'hostname':
      onOutput('stdout', files['/etc/hostname'] ?? 'localhost\n');
      return 0;
    case 'test':
      return args[1] !== undefined && /^-[ef]$/.test(args[0] ?? '') ? (args[1] in files ? 0 : 1) : 0;
    case 'tee':
      if (args[0] !== undefined) files[args[0]] = stdin;
      return 0;
    case 'rm':
      for (const path of args) delete files[path];
      return 0;
    case 'sh':
    case 'bash':
      return runShell(args, stdin, onOutput);
    default:
      return 0;
  }
}

function concatenate(
  files: Record<string, string>,
  paths: readonly string[],
  stdin: string,
  onOutput: OutputSink,
): number {
  if (paths.length === 0) onOutput('stdout', stdin);
  let code = 0;
  for (const path of paths) {
    const text = files[path];
    if (text === undefined) {
      onOutput('stderr', `cat: ${path}: No such file or directory\n`);
      code = 1;
    } else onOutput('stdout', text);
  }
  return code;
}

function runShell(args: readonly string[], stdin: string, onOutput: OutputSink): number {
  const script = args[0] === '-c' ? (args[1] ?? '') : stdin;
  for (const command of script.split(/[;\n]/)) {
    const echo = /^\s*echo\s+(.*?)\s*(>&2)?\s*$/.exec(command);
    if (echo?.[1] !== undefined) onOutput(echo[2] === undefined ? 'stdout' : 'stderr', `${echo[1]}\n`);
    if (/^\s*kill -9 \$\$\s*$/.test(command)) return 137;
    const exit = /^\s*exit\s+(\d+)\s*$/.exec(command);
    if (exit?.[1] !== undefined) return Number(exit[1]);
  }
  return 0;
}
