import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{contract,core,cli,sandbox,electron,bench,renderer,test}/**/*.test.ts'],
    // Real PostgreSQL servers, real HTTP and scrypt run in these tests: a busy two-core machine needs the room.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    maxWorkers: 2,
  },
});
