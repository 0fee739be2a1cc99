import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/e2e/**/*.test.ts'],
    // `npm run test:e2e:full`: what takes hours in software emulation.
    exclude: ['test/e2e/full/**'],
    globalSetup: ['test/e2e/build.ts'],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
  },
});
