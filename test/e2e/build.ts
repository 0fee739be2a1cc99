import { execFileSync } from 'node:child_process';

/** The tests run the product as it is built from this checkout. */
export default function build(): void {
  execFileSync(process.execPath, ['scripts/build.mjs'], { stdio: 'inherit' });
}
