import { spawn } from 'node:child_process';

export type CommandOptions = {
  readonly stdin?: string;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly cwd?: string;
  readonly timeoutMs?: number;
  /** Called with output as it comes. */
  readonly onOutput?: (stream: 'stdout' | 'stderr', text: string) => void;
};

/** One finished program; `code` is 127 where it does not exist and 128 + n where signal n ended it. */
export type Finished = { readonly code: number; readonly stdout: string; readonly stderr: string };

/** The search path of everything that the sandbox runs, whatever path its caller has. */
export const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Runs a program to its end and gives what it said. Never rejects for what the program does. */
export function runCommand(argv: readonly string[], options: CommandOptions = {}): Promise<Finished> {
  const [program = '', ...args] = argv;
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      stdio: [options.stdin === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      env: { PATH: SYSTEM_PATH, LC_ALL: 'C.UTF-8', HOME: '/root', ...options.env },
      ...(options.cwd !== undefined && { cwd: options.cwd }),
      ...(options.timeoutMs !== undefined && { timeout: options.timeoutMs, killSignal: 'SIGKILL' }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.('stdout', text);
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
      options.onOutput?.('stderr', text);
    });
    child.on('error', (error) => resolve({ code: 127, stdout, stderr: `${stderr}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 137, stdout, stderr }));
    // A program that does not read its input closes it early; its exit code tells the rest.
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(options.stdin);
  });
}

/** Runs a program that has to succeed; rejects with what it said on stderr. */
export async function mustRun(argv: readonly string[], options: CommandOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await runCommand(argv, options);
  if (code !== 0) {
    const said = (stderr.trim() || stdout.trim() || `exit code ${code}`).split('\n').slice(-8).join('\n');
    throw new Error(`${argv[0]}: ${said}`);
  }
  return stdout;
}
