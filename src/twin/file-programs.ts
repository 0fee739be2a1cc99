import type { CommandResult } from '../model/node.ts';
import type { Host } from './host.ts';

/** `cat FILE…` and `tee [-a] FILE…` on the host's files; every other program is not found. */
export async function runFileProgram(
  host: Host,
  argv: readonly string[],
  options: {
    readonly stdin?: string | 'inherit';
    readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
  },
): Promise<CommandResult> {
  const result = { rc: 0, stdout: '', stderr: '' };
  const emit = (stream: 'stdout' | 'stderr', text: string): void => {
    result[stream] += text;
    options.onOutput?.(stream, text);
  };
  const fail = (rc: number, text: string): void => {
    result.rc = rc;
    emit('stderr', `${text}\n`);
  };
  const stdin = options.stdin === undefined || options.stdin === 'inherit' ? '' : options.stdin;
  const [name = '', ...words] = argv;
  const paths = words.filter((word) => word !== '-a' && word !== '--');
  if (name === 'cat') {
    if (paths.length === 0) emit('stdout', stdin);
    for (const path of paths) {
      const text = await host.files.read(path);
      if (text === undefined) fail(1, `cat: ${path}: ${await reasonFor(host, path)}`);
      else emit('stdout', text);
    }
  } else if (name === 'tee') {
    emit('stdout', stdin);
    for (const path of paths) {
      const before = words.includes('-a') ? ((await host.files.read(path)) ?? '') : '';
      await host.files.write(path, before + stdin);
    }
  } else fail(127, `${name}: command not found`);
  return result;
}

async function reasonFor(host: Host, path: string): Promise<string> {
  return (await host.files.stat(path))?.type === 'directory' ? 'Is a directory' : 'No such file or directory';
}
