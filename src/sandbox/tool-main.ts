import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runTool } from '../twin/tools.ts';
import { sandboxHost } from './host/sandbox-host.ts';
import type { ToolSettings } from './inside.ts';
import { INSIDE } from './layout.ts';

/**
 * The sandbox's `pct`, `qm`, `pvesm`, `pveam` and `pvesh`: argv is the tool's name and its words. One process is one
 * call, with locks of its own. Whoever asked may be gone: a closed pipe ends nothing.
 */
async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', () => undefined);
  process.stderr.on('error', () => undefined);
  const settings = JSON.parse(readFileSync(INSIDE.settings, 'utf8')) as ToolSettings;
  joinGroup(settings.toolGroup);
  if (argv[0] === 'provide-template') return provide(argv[1] ?? '');
  if (argv[0] === 'provide-image') return provideImage({ file: argv[1] ?? '', url: argv[2] ?? '' });
  const { rc } = await runTool(sandboxHost(settings, process.env), argv, {
    stdin: 'inherit',
    onOutput: (stream, text) => process[stream].write(text),
  });
  return rc;
}

async function provide(name: string): Promise<number> {
  const { provideTemplate } = await import('./templates.ts');
  await provideTemplate(name, FOLDERS, (text) => process.stdout.write(text));
  return 0;
}

async function provideImage(image: { readonly file: string; readonly url: string }): Promise<number> {
  const images = await import('./images.ts');
  await images.provideImage(image, FOLDERS, (text) => process.stdout.write(text));
  return 0;
}

const FOLDERS = { cache: INSIDE.cache, work: join(INSIDE.disk, 'work') };

/** A reset of the sandbox ends everything in its groups. */
function joinGroup(path: string): void {
  try {
    writeFileSync(path, String(process.pid));
  } catch {
    // The group went away with a reset that is ending this sandbox: go on as long as it lasts.
  }
}

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 255;
  },
);
