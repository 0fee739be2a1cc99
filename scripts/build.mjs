// Bundles src/main.ts into the one file that bin/phoenix runs, and the sandbox's tools into another.
import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

rmSync('dist/phoenix.cache', { force: true });

await build({
  entryPoints: { phoenix: 'src/main.ts', 'sandbox-tool': 'src/sandbox/tool-main.ts' },
  outdir: 'dist',
  outExtension: { '.js': '.cjs' },
  bundle: true,
  platform: 'node',
  // jsonc-parser's CommonJS form hides its own files from a bundler.
  mainFields: ['module', 'main'],
  // CommonJS starts in 5 ms less than a module does, and import() inside the file stays lazy.
  format: 'cjs',
  target: 'node20',
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'linked',
  logLevel: 'warning',
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
});

// Without it everything works and starts more slowly.
spawnSync(process.execPath, [fileURLToPath(new URL('./code-cache.cjs', import.meta.url))], {
  stdio: 'inherit',
});
