import { connect } from 'node:net';

/** A conversation in JSON, a line a message, over a socket of QEMU. */
export type JsonSocket = {
  readonly send: (message: unknown) => void;
  /** The next message that `wanted` takes; others are passed over, and so is what is no JSON. */
  readonly receive: (wanted: (message: JsonMessage) => boolean) => Promise<JsonMessage>;
  readonly close: () => void;
};

export type JsonMessage = Readonly<Record<string, unknown>>;

/**
 * Connects to a socket. Whatever is waited for longer than `timeoutMs` in all rejects with `got
 * timeout`, as Proxmox says.
 */
export function openJsonSocket(path: string, timeoutMs: number): Promise<JsonSocket> {
  const socket = connect(path);
  let text = '';
  let failure: Error | undefined;
  let wake = (): void => {};
  const fail = (error: Error): void => {
    failure ??= error;
    socket.destroy();
    wake();
  };
  const timer = setTimeout(() => fail(new Error('got timeout')), timeoutMs);
  socket.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
    wake();
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('client closed connection')));
  const next = (wanted: (message: JsonMessage) => boolean): JsonMessage | undefined => {
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n')) {
      const message = parse(text.slice(0, end));
      text = text.slice(end + 1);
      if (message !== undefined && wanted(message)) return message;
    }
    return undefined;
  };
  const opened: JsonSocket = {
    send: (message) => void socket.write(`${JSON.stringify(message)}\n`),
    receive: async (wanted) => {
      for (;;) {
        const found = next(wanted);
        if (found !== undefined) return found;
        if (failure !== undefined) throw failure;
        await new Promise<void>((resolve) => (wake = resolve));
      }
    },
    close: () => {
      clearTimeout(timer);
      socket.destroy();
    },
  };
  return new Promise((resolve, reject) => {
    socket.once('connect', () => resolve(opened));
    socket.once('close', () => {
      clearTimeout(timer);
      reject(failure ?? new Error('client closed connection'));
    });
  });
}

/** The guest agent marks the beginning of a conversation with a byte that no JSON has. */
function parse(line: string): JsonMessage | undefined {
  try {
    const value: unknown = JSON.parse(line.slice(line.indexOf('{')));
    return typeof value === 'object' && value !== null ? (value as JsonMessage) : undefined;
  } catch {
    return undefined;
  }
}
