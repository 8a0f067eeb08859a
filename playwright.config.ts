import { join } from 'node:path';
import { defineConfig } from '@playwright/test';
import { chromiumLaunch } from './test/e2e/chromium.ts';
import type { E2eOptions } from './test/e2e/fixtures.ts';
import { vehicleIsMissing } from './test/e2e/vehicle.ts';

const missing = vehicleIsMissing();
if (missing !== undefined && process.env['TEST_WORKER_INDEX'] === undefined)
  console.error(
    [
      '*'.repeat(100),
      `NOT TESTED: the desktop program, because its Electron cannot be started: ${missing}.`,
      'Run “npm run e2e:electron” (docs/desktop.md), then again.',
      '*'.repeat(100),
    ].join('\n'),
  );

// As in vitest.config.ts: what the programs are compiled to is kept.
process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, 'node_modules/.cache/compiled');

/** They draw docs/screenshots anew, and only when asked to. */
const notTests = process.env['DRAWBRIDGE_SCREENSHOTS'] === undefined ? ['**/record-*.e2e.ts'] : [];

/**
 * One suite for the windows of both hosts: `loopback` drives a real Chromium, which comes inside an npm package, against
 * `drawbridge serve`; `electron` the desktop program in a real Electron, where there is one. There, what is the desktop
 * program's own is tried, and the ways that everybody goes; with DRAWBRIDGE_E2E=all every other test as well, which takes
 * as long again.
 */
export default defineConfig<E2eOptions>({
  testDir: 'test/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'out/e2e',
  // Each test starts a server and some a PostgreSQL: a busy two-core machine needs the room.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  workers: 3,
  // A browser or an Electron that does not come up is started once more; that it was needed is told as “flaky”.
  retries: 1,
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'on-first-retry',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
  projects: [
    {
      name: 'loopback',
      testIgnore: ['**/electron-*.e2e.ts', ...notTests],
      use: {
        window: 'loopback',
        launchOptions: await chromiumLaunch(),
      },
    },
    ...(missing === undefined
      ? [
          {
            name: 'electron',
            testIgnore: ['**/loopback-*.e2e.ts', ...notTests],
            use: { window: 'electron' as const },
            ...(process.env['DRAWBRIDGE_E2E'] !== 'all' && {
              testMatch: [
                'electron-*',
                'navigation',
                'first-run',
                'home',
                'migrate-keyboard',
                'security',
              ].map((name) => `**/${name}.e2e.ts`),
            }),
          },
        ]
      : []),
  ],
});
