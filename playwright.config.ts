import chromium from '@sparticuz/chromium';
import { defineConfig } from '@playwright/test';
import type { E2eOptions } from './test/e2e/fixtures.ts';

/**
 * One suite for the windows of both hosts: `loopback` drives a real Chromium, which comes inside an npm package, against
 * `drawbridge serve`.
 */
export default defineConfig<E2eOptions>({
  testDir: 'test/e2e',
  testMatch: '**/*.e2e.ts',
  outputDir: 'out/e2e',
  // Each test starts a server and some a PostgreSQL: a busy two-core machine needs the room.
  timeout: 120_000,
  expect: { timeout: 15_000 },
  workers: 2,
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    trace: 'retain-on-failure',
    screenshot: 'only-on-failure',
    locale: 'en-GB',
    timezoneId: 'UTC',
  },
  projects: [
    {
      name: 'loopback',
      use: {
        window: 'loopback',
        launchOptions: {
          executablePath: await chromium.executablePath(),
          // In one process, the whole browser ends when the page of a test does.
          args: chromium.args.filter((arg) => arg !== '--single-process' && arg !== '--disable-web-security'),
        },
      },
    },
  ],
});
