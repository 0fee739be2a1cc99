/**
 * A tool gives up. `message` is what it prints, without its last line end. The exit code is the one
 * given, else what the session's last failed system call left (`Session.errno`), else 255.
 */
export class ToolError extends Error {
  override readonly name: string = 'ToolError';
  readonly exitCode: number | undefined;

  constructor(message: string, exitCode?: number) {
    super(message);
    this.exitCode = exitCode;
  }
}

/**
 * A refused parameter (Proxmox's exception with code 400): printed as `400 <message>`, then a line a
 * parameter, then the command's usage.
 */
export class ParameterError extends ToolError {
  override readonly name = 'ParameterError';
  readonly errors: ReadonlyMap<string, string>;

  constructor(message: string, errors: ReadonlyMap<string, string> = new Map()) {
    super(message, 255);
    this.errors = errors;
  }

  /** The whole text with the command's usage, as the tools print it. */
  describe(usage: string): string {
    return `400 ${this.message}\n${describeErrors(this.errors)}${usage}\n`;
  }
}

/** The error of a single parameter, found by a command itself. */
export function refuseParameter(name: string, message: string): ParameterError {
  return new ParameterError('Parameter verification failed.', new Map([[name, message]]));
}

/** A property string that breaks its format; nested into another message it keeps its line ends. */
export class FormatError extends ToolError {
  override readonly name = 'FormatError';

  constructor(message: string, errors: ReadonlyMap<string, string>) {
    super(`${message}\n${describeErrors(errors)}`.replace(/\n$/, ''));
  }
}

function describeErrors(errors: ReadonlyMap<string, string>): string {
  let text = '';
  for (const [key, message] of errors) text += `${key}: ${message}\n`;
  return text;
}
