import type { get } from 'node:http';
import type { connect } from 'node:net';
import type { Probe } from '../model/operation.ts';
import type { ProcessEnd } from './process.ts';

export type NetworkProbe = Extract<Probe, { readonly kind: 'http' | 'tcp' }>;

/**
 * Asks a service over the network, from this process's own network. `rc` 0: it answered as expected;
 * 1: it did not, with the reason on stderr. Without `expectStatus` any status below 400 will do. A
 * certificate is not verified: the question is whether it answers, not who it is.
 */
export async function askOverNetwork(
  probe: NetworkProbe,
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<ProcessEnd> {
  const means = await load(probe);
  return new Promise((resolve) => {
    const abort = (): void => {
      close();
      resolve({ rc: null, stdout: '', stderr: '', ended: 'aborted' });
    };
    const close = ask(probe, timeoutMs, means, (rc, text) => {
      signal?.removeEventListener('abort', abort);
      const [stdout, stderr] = rc === 0 ? [text, ''] : ['', text];
      resolve({ rc, stdout, stderr, ended: 'exit' });
    });
    if (signal?.aborted === true) abort();
    else signal?.addEventListener('abort', abort, { once: true });
  });
}

/** The command that asks the same, for a node in another network than this process. */
export function networkCheckArgv(nodePath: string, probe: NetworkProbe, timeoutMs: number): string[] {
  return [nodePath, '-e', CHECK_JS, '--', JSON.stringify({ probe, timeoutMs, module: moduleOf(probe) })];
}

type Means = { readonly connect?: typeof connect; readonly get?: typeof get };

function moduleOf(probe: NetworkProbe): 'node:net' | 'node:https' | 'node:http' {
  if (probe.kind === 'tcp') return 'node:net';
  return /^https:/i.test(probe.url) ? 'node:https' : 'node:http';
}

async function load(probe: NetworkProbe): Promise<Means> {
  switch (moduleOf(probe)) {
    case 'node:net':
      return import('node:net');
    case 'node:https':
      return import('node:https');
    case 'node:http':
      return import('node:http');
  }
}

/* Its text is also a program of its own: it must use nothing but its parameters and Node's globals. */
function ask(
  probe: NetworkProbe,
  timeoutMs: number,
  means: Means,
  onEnd: (rc: 0 | 1, text: string) => void,
): () => void {
  let asked: { destroy: () => unknown } | undefined;
  let isOver = false;
  const close = (): void => {
    isOver = true;
    clearTimeout(timer);
    asked?.destroy();
  };
  const end = (rc: 0 | 1, text: string): void => {
    if (isOver) return;
    close();
    onEnd(rc, text);
  };
  const fail = (why: string): void => end(1, `${why}\n`);
  const timer = setTimeout(() => fail(`no answer in ${timeoutMs} ms`), timeoutMs);
  const failed = (error: NodeJS.ErrnoException): void => fail(error.message || String(error.code));
  const judge = (statusCode: number, body: string, isWhole: boolean): void => {
    const { expectStatus, expectBody } = probe.kind === 'http' ? probe : {};
    const isExpected = expectStatus === undefined ? statusCode < 400 : statusCode === expectStatus;
    if (!isExpected) fail(`status ${statusCode}${expectStatus ? `, not ${expectStatus}` : ''}`);
    else if (expectBody === undefined || body.includes(expectBody)) end(0, `status ${statusCode}\n`);
    else if (isWhole) fail('the answer does not hold the expected text');
    else if (body.length > 4 * 1024 * 1024) fail('the expected text is not in the first 4 MiB');
  };
  try {
    if (probe.kind === 'tcp') {
      asked = means.connect?.(probe.port, probe.host, () => end(0, '')).on('error', failed);
      return close;
    }
    const options = {
      rejectUnauthorized: false,
      headers: { 'user-agent': 'phoenix' },
      agent: false as const,
    };
    asked = means
      .get?.(new URL(probe.url), options, (response) => {
        const status = response.statusCode ?? 0;
        let body = '';
        judge(status, body, false);
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          body += chunk;
          judge(status, body, false);
        });
        response.on('end', () => judge(status, body, true));
        response.on('error', failed);
      })
      .on('error', failed);
  } catch (error) {
    fail(error instanceof Error ? error.message : String(error));
  }
  return close;
}

const CHECK_JS = `const { probe, timeoutMs, module } = JSON.parse(process.argv[1]);
(${ask.toString()})(probe, timeoutMs, require(module), (rc, text) => {
  (rc === 0 ? process.stdout : process.stderr).write(text, () => process.exit(rc));
});`;
