// Writes schemas/*.schema.json and docs/configuration.md from the one schema in src/config/schema.
// --check writes nothing and fails if a file differs from what would be written.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = resolve(import.meta.dirname, '..');
const isCheck = process.argv.includes('--check');
const stale = [];

for (const [path, text] of await render()) {
  const file = join(root, path);
  const present = await readFile(file, 'utf8').catch(() => undefined);
  if (present === text) continue;
  if (isCheck) {
    stale.push(path);
    continue;
  }
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
  process.stdout.write(`wrote ${path}\n`);
}

if (stale.length > 0) {
  process.stderr.write(`Stale: ${stale.join(', ')}\nRun: node scripts/schemas.mjs\n`);
  process.exitCode = 1;
}

async function render() {
  const folder = await mkdtemp(join(root, 'node_modules', '.schemas-'));
  try {
    const outfile = join(folder, 'generated-files.mjs');
    await build({
      entryPoints: [join(root, 'src/config/generated-files.ts')],
      outfile,
      bundle: true,
      platform: 'node',
      format: 'esm',
      packages: 'external',
      logLevel: 'warning',
    });
    const { generatedFiles } = await import(pathToFileURL(outfile).href);
    return generatedFiles();
  } finally {
    await rm(folder, { recursive: true });
  }
}
