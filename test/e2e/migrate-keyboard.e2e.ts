import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { step } from './walk.ts';

test.use({ standInsOf: 'migrate-keyboard' });

test.use({ withEnvironments: true });
// Walks of many steps, each of which reads and writes realms.
test.beforeEach(() => test.slow());

test('the whole walk goes by the keyboard alone', async ({ drawn: page }) => {
  await page.keyboard.press('Control+5');
  await expect(step(page, 'Where does the realm come from?')).toBeVisible();
  await tabTo(page, 'radio', /^dev/);
  await page.keyboard.press('Space');
  await expect(page.getByRole('combobox', { name: 'Realm' })).toBeVisible();
  await tabTo(page, 'combobox', /^Realm$/);
  await page.keyboard.type('field');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await tabTo(page, 'button', /^Next$/);
  await page.keyboard.press('Enter');
  await expect(step(page, 'What is to be brought?')).toBeVisible();
  await tabTo(page, 'textbox', /^Name of the realm on the target/);
  await page.keyboard.type('field-k');
  await tabTo(page, 'button', /^Next$/);
  await page.keyboard.press('Enter');
  await expect(step(page, 'Where does it go?')).toBeVisible();
  await tabTo(page, 'radio', /^prod/);
  await page.keyboard.press('Space');
  await expect(page.locator('[data-realm-exists="false"]')).toBeVisible();
  await tabTo(page, 'button', /^Make the preview$/);
  await page.keyboard.press('Enter');
  const table = page.getByRole('grid', { name: 'Every record of the plan' });
  // A realm that is created cannot be left out: the first cell of its row is empty.
  await expect(table.getByRole('gridcell', { name: 'Create' }).first()).toBeVisible({ timeout: 60_000 });
  // A record is opened, and closed again.
  await tabTo(page, 'grid', /^Every record/);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();
  // Space leaves it out, and brings it back.
  await tabTo(page, 'grid', /^Every record/);
  await page.keyboard.press('Space');
  await expect(page.getByText('1 decision is not in this preview yet')).toBeVisible();
  await page.keyboard.press('Space');
  await tabTo(page, 'button', /^Next$/);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('button', { name: 'Cancel' })).toBeFocused();
  await tabTo(page, 'textbox', /^Type the environment’s name/);
  await page.keyboard.type('prod');
  await tabTo(page, 'button', /^Create “field-k”$/);
  await page.keyboard.press('Enter');
  await expect(page.locator('[data-verdict="verified"]')).toBeVisible({ timeout: 60_000 });
});

/** Presses Tab until what is wanted has the keyboard, as somebody without a mouse does. */
async function tabTo(
  page: Page,
  role: 'button' | 'radio' | 'combobox' | 'textbox' | 'grid',
  name: RegExp,
): Promise<void> {
  const wanted = page.getByRole(role, { name }).first();
  await expect(wanted).toBeVisible();
  for (let pressed = 0; pressed < 80; pressed++) {
    if (await wanted.evaluate((element) => element.matches(':focus'))) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`${role} ${name} is not reached by Tab.`);
}
