/**
 * What a person feels in a window that shows a realm of many users: frames while its table is scrolled, how soon a search
 * shows something, what the window takes of memory. In a real Chromium, over `drawbridge serve`. Build the page first.
 *
 *   npx electron-vite build && npx node bench/windows-scroll.ts [--users 1000000]
 *
 * Bars, for 1,000,000 users: 60 frames a second; nothing blocks for more than 100 ms; 250 MB; first hits ≤ 300 ms, all ≤ 2 s.
 */
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { Browser, Locator, Page } from '@playwright/test';
import { atMost, tell, type Unit } from './bars.ts';
import { userName } from './catalog/population.ts';
import { storedRealm } from './catalog/stored-realm.ts';
import { printTable } from './report.ts';
import { addressOf, launchBrowser, serve } from './served-window.ts';

const { values } = parseArgs({ options: { users: { type: 'string', default: '1000000' } } });
const users = Number(values.users);
/** How long each way of scrolling is watched. Milliseconds. */
const WATCHED = 8_000;
/** Later than the screen's 60 a second by more than a timer's jitter. Milliseconds. */
const LATE = 20;
const PASSPHRASE = 'bench';

const dir = mkdtempSync(join(tmpdir(), 'drawbridge-bench-'));
const rows: string[][] = [];
try {
  const snapshot = await storedRealm(join(dir, 'catalog'), { passphrase: async () => PASSPHRASE }, users);
  const served = serve(join(dir, 'catalog'), {
    ...process.env,
    HOME: dir,
    XDG_DATA_HOME: join(dir, 'data'),
    XDG_CONFIG_HOME: join(dir, 'config'),
    DRAWBRIDGE_PASSPHRASE: PASSPHRASE,
  });
  const browser = await launchBrowser();
  try {
    await measured(browser, await addressOf(served), snapshot);
  } finally {
    await browser.close();
    await served.stop();
  }
} finally {
  rmSync(dir, { recursive: true, force: true });
}
process.stdout.write(`${users.toLocaleString('en')} users, 1280 × 800\n\n`);
printTable(['what', 'measured', 'bar', ''], rows);

async function measured(browser: Browser, url: string, snapshot: string): Promise<void> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' });
  await page.goto(url);
  await page.getByRole('navigation').waitFor();
  await page.evaluate(`location.hash = '#/snapshots/${snapshot}'`);
  const table = page.getByRole('grid', { name: 'Users of the snapshot' });
  await table.getByRole('row').nth(5).waitFor();
  await settled(table);
  await table.hover();
  await frames(page, 'wheel', 16, () => page.mouse.wheel(0, 240));
  let turn = 0;
  await frames(page, 'scroll bar dragged', 16, () =>
    table.evaluate(
      (element, share) => {
        element.scrollTop = element.scrollHeight * share;
      },
      (turn++ % 200) / 200,
    ),
  );
  await table.focus();
  await frames(page, 'PageDown held', 33, () => page.keyboard.press('PageDown'));
  const last = performance.now();
  await page.keyboard.press('End');
  await table.locator(`[aria-rowindex="${users + 1}"][id]`).waitFor();
  row('the last row after End', performance.now() - last, 'ms', undefined);
  await memory(browser, page, 'after scrolling');

  const search = page.getByLabel('Search in everything that this snapshot holds');
  for (const [what, text] of [
    ['a name that many have', 'hopper'],
    ['a name of which there is one', userName(Math.floor(users * 0.7))],
  ] as const) {
    await search.fill('');
    await table.waitFor();
    const started = performance.now();
    await search.fill(text);
    // Those of the search before stay until there are new ones.
    await page.locator('mark', { hasText: text }).first().waitFor();
    row(`search for ${what}: first hits drawn`, performance.now() - started, 'ms', 300);
    await page.locator('[data-search-done]').waitFor();
    row(`search for ${what}: all`, performance.now() - started, 'ms', 2_000);
  }
  await memory(browser, page, 'after searching');
}

/** Nothing is loading any more. */
async function settled(table: Locator): Promise<void> {
  await table.and(table.page().locator('[aria-busy="false"]')).waitFor();
}

interface Seen {
  readonly deltas: number[];
  readonly blocked: number[];
}

/** Does something again and again, as often as a hand does (milliseconds), and counts the frames that the window drew meanwhile. */
async function frames(page: Page, what: string, every: number, act: () => Promise<void>): Promise<void> {
  await page.evaluate(`(() => {
    const seen = { deltas: [], blocked: [], stop: false };
    window.benchSeen = seen;
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) seen.blocked.push(duration);
    }).observe({ type: 'longtask' });
    let before = performance.now();
    const frame = (now) => {
      seen.deltas.push(now - before);
      before = now;
      if (!seen.stop) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  })()`);
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const worked = async (): Promise<number> =>
    (await session.send('Performance.getMetrics')).metrics.find(({ name }) => name === 'TaskDuration')
      ?.value ?? Number.NaN;
  const before = await worked();
  const until = performance.now() + WATCHED;
  let steps = 0;
  for (; performance.now() < until; steps++) await Promise.all([act(), setTimeout(every)]);
  const spent = ((await worked()) - before) * 1_000;
  await session.detach();
  const { deltas, blocked } = await page.evaluate<Seen>('((window.benchSeen.stop = true), window.benchSeen)');
  const late = deltas.filter((delta) => delta > LATE).length;
  const sorted = deltas.toSorted((a, b) => a - b);
  const at = (share: number): string => (sorted[Math.floor((sorted.length - 1) * share)] ?? 0).toFixed(1);
  rows.push([
    `${what}: frames`,
    `${deltas.length}: median ${at(0.5)}, p95 ${at(0.95)}, p99 ${at(0.99)}, longest ${at(1)} ms; ${late} over ${LATE} ms, ${deltas.filter((delta) => delta > 50).length} over 50 ms`,
    `p95 ≤ 16.7 ms (and what the clock is off: ${LATE})`,
    Number(at(0.95)) <= LATE ? 'pass' : '**short**',
  ]);
  tell(
    { what: `${what}: time of a frame, median`, value: Number(at(0.5)), unit: 'ms', bar: atMost(16.7) },
    { what: `${what}: time of a frame, p95`, value: Number(at(0.95)), unit: 'ms', bar: atMost(LATE) },
    { what: `${what}: time of a frame, p99`, value: Number(at(0.99)), unit: 'ms' },
    // A window that stands still for seconds draws few frames meanwhile: no share of them tells of it.
    { what: `${what}: time of a frame, the longest`, value: sorted.at(-1) ?? Number.NaN, unit: 'ms' },
  );
  row(`${what}: longest block`, Math.max(0, ...blocked), 'ms', 100);
  // Of its main thread alone: also where the machine is busy with other things.
  row(`${what}: processor time a step`, spent / steps, 'ms', 16.7);
}

async function memory(browser: Browser, page: Page, when: string): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('HeapProfiler.collectGarbage');
  await session.send('Performance.enable');
  const { metrics } = await session.send('Performance.getMetrics');
  const heap = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  row(`JavaScript heap ${when}`, heap / 1e6, 'MB', 250);
  const whole = await browser.newBrowserCDPSession();
  const { processInfo } = await whole.send('SystemInfo.getProcessInfo');
  const renderers = processInfo.filter(({ type }) => type === 'renderer').map(({ id }) => resident(id));
  // The page's own is the largest: the others are spare.
  const [anonymous, all] = renderers.toSorted((a, b) => b[0] - a[0])[0] ?? [Number.NaN, Number.NaN];
  row(`the window’s process ${when}, its own memory`, anonymous, 'MB', 250);
  row(`the window’s process ${when}, with the browser’s program`, all, 'MB', undefined);
}

/** Megabytes that a process alone has in memory, and all that it sees there. */
function resident(pid: number): [number, number] {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kilobytes = (name: string): number =>
    Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  return [(kilobytes('RssAnon') * 1024) / 1e6, (kilobytes('VmRSS') * 1024) / 1e6];
}

function row(what: string, value: number, unit: Unit, bar: number | undefined): void {
  if (bar !== undefined) tell({ what, value, unit, bar: atMost(bar) });
  rows.push([
    `${what}, ${unit}`,
    value < 20 ? value.toFixed(1) : value.toFixed(0),
    bar === undefined ? '' : `≤ ${bar}`,
    bar === undefined ? '' : value <= bar ? 'pass' : '**short**',
  ]);
}
