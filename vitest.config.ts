import { join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Hundreds of processes are started: what they are compiled to is kept, which halves the time that each takes to start.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

export default defineConfig({
  test: {
    include: ['{contract,core,cli,sandbox,electron,bench,renderer,test}/**/*.test.ts'],
    // Real PostgreSQL servers, real HTTP and scrypt run in these tests: a busy two-core machine needs the room.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // One more than the smallest machine has cores: many of them wait, for a process to end or a retry to be due.
    maxWorkers: 3,
  },
});
