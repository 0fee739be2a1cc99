// Bundles src/main.ts into the one file that bin/phoenix runs, and the sandbox's tools into another.
import { build } from 'esbuild';

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
  keepNames: true,
  legalComments: 'linked',
  logLevel: 'warning',
  define: { 'import.meta.url': 'importMetaUrl' },
  banner: { js: "const importMetaUrl = require('node:url').pathToFileURL(__filename).href;" },
});
