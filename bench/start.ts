/**
 * From starting the program until a person sees something in its window, and until they can work in it: in Electron (the one
 * of the tests: docs/desktop.md), and in a real Chromium over `drawbridge serve`. Of a catalog that is opened with its
 * passphrase, which takes its share of it. Build first.
 *
 *   npm run build && npx node bench/start.ts [--rounds 5]
 *
 * Bar: a first window with content ≤ 1.5 s after the start.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from '@playwright/test';
import { openCatalog } from '../core/catalog/index.ts';
import { Display, startElectron } from '../test/e2e/electron-app.ts';
import { vehicleIsMissing } from '../test/e2e/vehicle.ts';
import { atMost, tell } from './bars.ts';
import { median, printTable } from './report.ts';
import { addressOf, launchBrowser, serve } from './served-window.ts';

const { values } = parseArgs({
  // How many users there are is no matter here.
  options: { users: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
const rounds = Number(values.rounds);
const BAR = 1_500;
const PASSPHRASE = 'bench';

interface Start {
  /** Until the first text or picture was painted. Milliseconds. */
  readonly content: number;
  /** Until the navigation and the first screen stand there. Milliseconds. */
  readonly interactive: number;
}

const rows: string[][] = [];
const dir = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
const env = {
  ...process.env,
  HOME: dir,
  XDG_DATA_HOME: join(dir, 'data'),
  XDG_CONFIG_HOME: join(dir, 'config'),
  DRAWBRIDGE_PASSPHRASE: PASSPHRASE,
};
const catalog = join(dir, 'catalog');
try {
  (await openCatalog({ dir: catalog, keys: { passphrase: async () => PASSPHRASE }, create: true })).close();
  const missing = vehicleIsMissing();
  if (missing === undefined) judge('in Electron', await electronStarts());
  else tell({ what: 'start in Electron', notMeasured: missing });
  judge('in Chromium, over `drawbridge serve`', await servedStarts());
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.stdout.write(`medians of ${rounds} starts\n\n`);
printTable(['what', 'ms (rounds)', 'bar', ''], rows);

async function electronStarts(): Promise<Start[]> {
  const display = await Display.start();
  const starts: Start[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const { app, page } = await startElectron({ env, display, words: ['--catalog', catalog] });
      const interactive = await untilInteractive(page);
      // From the moment on in which the system made the process: Playwright's own share is left out.
      const began = await app.evaluate(() => process.getCreationTime() ?? Number.NaN);
      starts.push({ content: (await painted(page)) - began, interactive: interactive - began });
      await app.close();
    }
  } finally {
    await display.stop();
  }
  return starts;
}

/** The browser stands there already, as a person's does. */
async function servedStarts(): Promise<Start[]> {
  const browser = await launchBrowser();
  const starts: Start[] = [];
  try {
    for (let round = 0; round < rounds; round++) {
      const page = await browser.newPage({ locale: 'en-GB' });
      const began = Date.now();
      const served = serve(catalog, env);
      try {
        await page.goto(await addressOf(served));
        const interactive = await untilInteractive(page);
        starts.push({ content: (await painted(page)) - began, interactive: interactive - began });
      } finally {
        await page.close();
        await served.stop();
      }
    }
  } finally {
    await browser.close();
  }
  return starts;
}

/** @returns the clock's time */
async function untilInteractive(page: Page): Promise<number> {
  await page.getByRole('navigation').waitFor();
  await page.getByRole('heading', { level: 1 }).waitFor();
  return Date.now();
}

/** @returns the clock's time of the first text or picture in the page */
async function painted(page: Page): Promise<number> {
  return page.evaluate<number>(
    `performance.timeOrigin + (performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN)`,
  );
}

function judge(where: string, starts: readonly Start[]): void {
  for (const [what, times] of [
    [`first window with content ${where}`, starts.map(({ content }) => content)],
    [`interactive ${where}`, starts.map(({ interactive }) => interactive)],
  ] as const) {
    const ms = median(times);
    tell({ what, value: ms, unit: 'ms', bar: atMost(BAR) });
    const each = times.map((one) => one.toFixed(0)).join(', ');
    rows.push([what, `${ms.toFixed(0)} (${each})`, `≤ ${BAR}`, ms <= BAR ? 'pass' : '**short**']);
  }
}
