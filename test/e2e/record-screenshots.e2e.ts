import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { projectFolder } from './program.ts';
import { chooseRealm, chooseTarget, goTo, makePreview, nameProduction, next, report, step } from './walk.ts';

// Draws docs/screenshots anew: DRAWBRIDGE_SCREENSHOTS=1 npx playwright test record-screenshots

test.use({ standInsOf: 'screenshots' });

const SIZES = [
  { width: 1280, height: 800 },
  { width: 1000, height: 640 },
] as const;
const folder = join(projectFolder, 'docs/screenshots');

/** One screen in both themes and both sizes. */
async function draw(page: Page, name: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (const size of SIZES)
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', colorScheme);
      await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
      await page.screenshot({ path: join(folder, `${name}-${size.width}-${colorScheme}.png`) });
    }
  await page.setViewportSize(SIZES[0]);
  await page.emulateMedia({ colorScheme: 'light' });
}

test.describe('before there is a catalog', () => {
  test.use({ withCatalog: false });
  test('the first run', async ({ drawn: page }) => {
    await draw(page, 'first-run');
  });
});

test.describe('with environments', () => {
  test.use({ withEnvironments: true });
  test('every screen', async ({ drawn: page, drawbridge }) => {
    test.setTimeout(600_000);
    await drawbridge('backup dev --all');
    await drawbridge('backup prod --all');
    const { snapshots } = JSON.parse(await drawbridge('backup dev acme --tag friday --json')) as {
      snapshots: { id: string }[];
    };
    await drawbridge('schedule add nightly --cron @daily --env prod --all --keep-daily 14');
    await page.reload();
    await expect(page.getByRole('navigation')).toBeVisible();
    const screens = [
      ['home', '/'],
      ['environments', '/environments'],
      ['environment', '/environments/prod'],
      ['snapshots', '/snapshots'],
      ['snapshot', `/snapshots/${snapshots[0]!.id}`],
      ['compare', '/compare'],
      ['schedules', '/schedules'],
      ['settings', '/settings'],
      ['help', '/help'],
    ] as const;
    for (const [name, path] of screens) {
      await goTo(page, path);
      await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
      await draw(page, name);
    }
    await chooseRealm(page, 'dev', 'acme');
    await draw(page, 'migrate-what');
    await next(page).click();
    await chooseTarget(page, 'prod', 'Overwrite');
    await draw(page, 'migrate-target');
    await makePreview(page);
    await draw(page, 'migrate-preview');

    await page.getByRole('button', { name: 'Start over' }).click();
    await chooseRealm(page, 'dev', 'field-ops');
    await page.getByLabel('Name of the realm on the target').fill('field-ops-copy');
    await next(page).click();
    await chooseTarget(page, 'prod');
    await makePreview(page);
    await next(page).click();
    await expect(step(page, 'Carry it out?')).toBeVisible();
    await draw(page, 'migrate-confirm');
    await nameProduction(page);
    await page.getByRole('button', { name: /^Create “/ }).click();
    await report(page, 'Done and verified');
    await draw(page, 'migrate-report');
    await goTo(page, '/jobs');
    await draw(page, 'jobs');
    await page.getByRole('grid').or(page.getByRole('table')).getByRole('link').first().click();
    await draw(page, 'job');
  });
});
