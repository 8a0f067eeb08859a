import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';
import {
  chooseRealm,
  chooseTarget,
  holdUsers,
  makePreview,
  nameProduction,
  next,
  report,
  standIn,
  step,
} from './walk.ts';

test.use({ standInsOf: 'jobs' });

test.use({ withEnvironments: true });
// Walks of many steps, each of which reads and writes realms.
test.beforeEach(() => test.slow());

test('a job is watched, canceled, and gone on with', async ({ drawn: page, standIns, window }) => {
  const prod = standIn(await standIns(), 'prod');
  await chooseRealm(page, 'dev', 'field-ops');
  await page.getByLabel('Name of the realm on the target').fill('field-j');
  await next(page).click();
  await chooseTarget(page, 'prod');
  await makePreview(page);
  await next(page).click();
  const letGo = await holdUsers(prod);
  try {
    await nameProduction(page);
    await page.getByRole('button', { name: 'Create “field-j”' }).click();
    await expect(step(page, 'It is being carried out')).toBeVisible();
    // Left and come back to, it is where it was.
    await page.getByRole('link', { name: 'Jobs', exact: true }).click();
    const row = page.getByRole('row', { name: /Apply plan/ });
    await expect(row).toContainText('Running');
    await expect(page.getByRole('row', { name: /Preview .* → prod/ })).toContainText('Done');
    await expectAccessible(page, window);
    await row.getByRole('link').click();
    await expect(page.getByRole('heading', { level: 2, name: 'Progress' })).toBeVisible();
    await page.getByRole('link', { name: 'Migrate & restore' }).click();
    await expect(step(page, 'It is being carried out')).toBeVisible();
    await expectAccessible(page, window);
    await page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await expect(step(page, 'It has stopped')).toBeVisible({ timeout: 60_000 });
    await expect(page.locator('[data-error="CANCELED"]')).toContainText(/not changed|Nothing was written/i);
    await expectAccessible(page, window);
  } finally {
    await letGo();
  }
  await page.getByRole('link', { name: 'See the job' }).click();
  await expect(page.getByText('Canceled', { exact: true })).toBeVisible();
  await page.getByRole('button', { name: 'Resume' }).click();
  await expect(page.getByRole('dialog')).toContainText('Nothing is written twice');
  await expect(page.getByRole('button', { name: 'Not now' })).toBeFocused();
  await page.getByRole('dialog').getByRole('button', { name: 'Resume' }).click();
  await report(page, 'Done and verified');
  await expectAccessible(page, window);
});
