import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { expectAccessible } from './accessibility.ts';
import { expect, PASSPHRASE, test } from './fixtures.ts';

const NEW_PASSPHRASE = 'a bridge of many planks 17';

// Long walks, since each start costs seconds: on a busy machine far more.
test.describe.configure({ timeout: 360_000 });

test.describe('on a system that speaks German', () => {
  test.use({ locale: 'de-DE' });

  test('dates and numbers are as there, in English sentences', async ({ drawn }) => {
    await drawn.getByRole('link', { name: 'Settings', exact: true }).click();
    await drawn.getByRole('tab', { name: 'Encryption' }).click();
    const made = drawn.getByRole('table', { name: 'Ways in' }).getByRole('time');
    await expect(made).toHaveText(/^(now|\d+ (seconds?|minutes?) ago)$/);
    await made.hover();
    await expect(drawn.getByRole('tooltip')).toHaveText(
      /^[SMTWF][a-z]+day,? \d+ [A-Z][a-z]+ \d{4} at \d\d:\d\d:\d\d/,
    );
    await drawn.getByRole('tab', { name: 'Storage' }).click();
    await expect(drawn.getByText(/\d+,\d kB/).first()).toBeVisible();
  });
});

test.describe('with a catalog', () => {
  test('every tab, the theme, the passphrase, the recovery key, and the lock', async ({
    drawn,
    drawbridge,
    window,
  }) => {
    await drawn.getByRole('link', { name: 'Settings', exact: true }).click();
    for (const tab of ['Storage', 'Encryption', 'Retention', 'Appearance', 'Updates', 'About']) {
      await drawn.getByRole('tab', { name: tab }).click();
      await expect(drawn.getByRole('tab', { name: tab })).toHaveAttribute('aria-selected', 'true');
      await expect(drawn.getByLabel('Loading')).toHaveCount(0);
      await expectAccessible(drawn, window);
    }
    await expect(drawn.getByText('Apache-2.0')).toBeVisible();

    // The theme outlives the page.
    await drawn.getByRole('tab', { name: 'Appearance' }).click();
    await drawn.getByText('Dark', { exact: true }).click();
    await expect(drawn.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await drawn.reload();
    await expect(drawn.getByRole('tab', { name: 'Appearance' })).toHaveAttribute('aria-selected', 'true');
    await expect(drawn.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await drawn.getByText('As the system', { exact: true }).click();
    await expect(drawn.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');

    // A recovery key: shown once, typed wrong, typed right.
    await drawn.getByRole('tab', { name: 'Encryption' }).click();
    await expect(drawn.getByText('There is no recovery key')).toBeVisible();
    // Only for whoever knows the passphrase: anybody may have found this window open.
    const recovery = drawn.getByRole('region', { name: 'Recovery key' });
    const present = (part: Locator): Locator => part.getByRole('textbox', { name: 'Present passphrase' });
    await recovery.getByRole('button', { name: 'Show a recovery key' }).click();
    await expect(recovery.getByText('The present passphrase is needed.')).toBeVisible();
    await present(recovery).fill('guessed');
    await present(recovery).press('Enter');
    await expect(recovery.getByText('This is not the passphrase of this catalog.')).toBeVisible({
      timeout: 60_000,
    });
    await expect(drawn.getByTestId('recovery-key')).toHaveCount(0);
    await present(recovery).fill(PASSPHRASE);
    await recovery.getByRole('button', { name: 'Show a recovery key' }).click();
    await expect(drawn.getByTestId('recovery-key')).toBeVisible({ timeout: 60_000 });
    const key = (await drawn.getByTestId('recovery-key').textContent()) ?? '';
    await expectAccessible(drawn, window);
    const again = drawn.getByLabel('Type it again, from where you keep it');
    await again.fill(`${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`);
    await drawn.getByRole('button', { name: 'Keep this key' }).click();
    await expect(drawn.getByText('There is no recovery key')).toBeVisible();
    await again.fill(key.toLowerCase());
    await drawn.getByRole('button', { name: 'Keep this key' }).click();
    await expect(drawn.getByText('This recovery key opens the catalog from now on.')).toBeVisible();
    await expect(drawn.getByText(key)).toHaveCount(0);
    await drawn.getByRole('textbox', { name: 'Check the one that you keep' }).fill(key);
    await drawn.getByRole('button', { name: 'Check', exact: true }).click();
    await expect(drawn.getByText('It opens this catalog.')).toBeVisible();
    // Another one that is only shown opens nothing yet, and what was typed for the first is gone.
    await present(recovery).fill(PASSPHRASE);
    await recovery.getByRole('button', { name: 'Show a recovery key' }).click();
    await expect(again).toHaveValue('', { timeout: 60_000 });
    await expect(drawn.getByText('This recovery key opens the catalog from now on.')).toHaveCount(0);

    // Another passphrase, and what opens the catalog afterwards.
    await drawn.getByRole('textbox', { name: 'New passphrase' }).fill(NEW_PASSPHRASE);
    await drawn.getByRole('textbox', { name: 'The same again' }).fill('something else');
    await drawn.getByRole('button', { name: 'Change the passphrase', exact: true }).click();
    await expect(drawn.getByText('These two are not the same.')).toBeVisible();
    await drawn.getByRole('textbox', { name: 'The same again' }).fill(NEW_PASSPHRASE);
    const change = drawn.getByRole('region', { name: 'Change the passphrase' });
    await expect(change.getByText('The present passphrase is needed.')).toBeVisible();
    await present(change).fill('guessed');
    await change.getByRole('button', { name: 'Change the passphrase', exact: true }).click();
    await expect(change.getByText('This is not the passphrase of this catalog.')).toBeVisible({
      timeout: 60_000,
    });
    await expectAccessible(drawn, window);
    await drawbridge('schedule list');
    await present(change).fill(PASSPHRASE);
    // What was typed is looked at by keyboard, too, and the button keeps the keyboard while it works.
    await present(change).press('Tab');
    await expect(change.getByRole('button', { name: 'Show or hide the key to change' })).toBeFocused();
    const go = change.getByRole('button', { name: 'Change the passphrase', exact: true });
    await go.press('Enter');
    await expect(drawn.getByText('The new passphrase has opened the catalog')).toBeVisible({
      // Two keys are made of it, each with all the work that a thief would have.
      timeout: 120_000,
    });
    await expect(go).toBeFocused();
    await drawn.getByRole('button', { name: 'Lock now' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: /locked/i })).toBeVisible();
    await drawn.getByRole('textbox', { name: 'Passphrase' }).fill(PASSPHRASE);
    await drawn.getByRole('textbox', { name: 'Passphrase' }).press('Enter');
    await expect(drawn.getByText('This is not the passphrase of this catalog.').first()).toBeVisible({
      timeout: 60_000,
    });
    await drawn.getByRole('textbox', { name: 'Passphrase' }).fill(NEW_PASSPHRASE);
    await drawn.getByRole('textbox', { name: 'Passphrase' }).press('Enter');
    await expect(drawn.getByRole('navigation')).toBeVisible({ timeout: 60_000 });
    await expect(drawbridge('schedule list')).rejects.toThrow(/WRONG_KEY|not the passphrase/);
    await drawbridge('schedule list', { DRAWBRIDGE_PASSPHRASE: NEW_PASSPHRASE });
  });

  test('the catalog is copied, verified, and moved to another folder', async ({ drawn, home, window }) => {
    await drawn.getByRole('link', { name: 'Settings', exact: true }).click();
    const copy = join(home, 'copy.db');
    await drawn.getByLabel('File or folder').fill(copy);
    await drawn.getByRole('button', { name: 'Copy the catalog' }).click();
    await expect(drawn.getByText(`${copy} has`)).toBeVisible({ timeout: 30_000 });
    expect(existsSync(copy)).toBe(true);
    // A file that is there is not replaced, and that is said in its place.
    await drawn.getByRole('button', { name: 'Copy the catalog' }).click();
    await expect(drawn.locator('[data-error="FILE_FAILED"]')).toBeVisible({ timeout: 30_000 });

    await drawn.getByRole('button', { name: 'Verify everything' }).click();
    await expect(drawn.getByText('Everything is whole')).toBeVisible({ timeout: 30_000 });

    await drawn.getByLabel('Snapshots in the trash').fill('soon');
    await expect(drawn.getByText('A length of time such as')).toBeVisible();
    await drawn.getByLabel('Snapshots in the trash').fill('7d');
    await drawn.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(drawn.getByText('rests here for 7d')).toBeVisible();

    const to = join(home, 'elsewhere', 'catalog');
    await drawn.getByRole('button', { name: 'Move it …' }).click();
    await drawn.getByLabel('New folder').fill(to);
    await drawn.getByRole('textbox', { name: 'Passphrase or recovery key' }).fill('wrong');
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Move the catalog' }).click();
    await expect(drawn.locator('[data-error="WRONG_KEY"]')).toBeVisible({ timeout: 30_000 });
    // In front of the pages there is no way to one: what the code means is said here.
    await drawn.getByRole('button', { name: 'WRONG_KEY' }).click();
    await expect(drawn.getByText('A key that is wrong opens nothing')).toBeVisible();
    expect(existsSync(to)).toBe(false);
    await drawn.getByRole('textbox', { name: 'Passphrase or recovery key' }).fill(PASSPHRASE);
    await drawn.getByRole('button', { name: 'Move the catalog' }).click();
    await expect(drawn.getByText('The catalog was moved here')).toBeVisible({ timeout: 60_000 });
    expect(existsSync(join(to, 'catalog.db'))).toBe(true);
    expect(existsSync(join(home, 'data', 'drawbridge', 'catalog.db'))).toBe(false);
  });
});

test.describe('with snapshots', () => {
  test.use({ withEnvironments: true });

  test('a policy is previewed, refused where it would empty a realm, and carried out', async ({
    drawn,
    drawbridge,
    window,
  }) => {
    for (const tag of ['one', 'two', 'three']) await drawbridge(`backup dev acme --tag ${tag} --quiet`);
    await drawn.getByRole('link', { name: 'Settings', exact: true }).click();
    const costs = drawn.getByRole('table', { name: 'What each realm costs' });
    await expect(costs).toContainText('dev/acme');
    await expect(drawn.getByText('so much would become free')).toBeVisible();
    // All of it is seen in a small window; in one that is enlarged as well, it is come to by keyboard.
    await drawn.setViewportSize({ width: 1000, height: 640 });
    await expect(costs.getByRole('columnheader', { name: 'Saved' })).toBeInViewport({ ratio: 1 });
    await drawn.setViewportSize({ width: 500, height: 640 });
    const saved = costs.getByRole('columnheader', { name: 'Saved' });
    await costs.scrollIntoViewIfNeeded();
    await expect(saved).not.toBeInViewport();
    await expectAccessible(drawn, window);
    await costs.locator('xpath=ancestor::*[@tabindex="0"][1]').focus();
    for (let presses = 0; presses < 12; presses++) await drawn.keyboard.press('ArrowRight');
    await expect(saved).toBeInViewport({ ratio: 1 });
    await drawn.setViewportSize({ width: 1280, height: 800 });
    await drawn.getByRole('tab', { name: 'Retention' }).click();
    for (const rule of ['Last', 'Daily', 'Weekly', 'Monthly'])
      await drawn.getByLabel(rule, { exact: true }).fill('0');
    await expect(drawn.getByText('at least one rule that keeps something')).toBeVisible();

    await drawn.getByRole('combobox', { name: 'Everything tagged' }).fill('none-has-it');
    await drawn.keyboard.press('Enter');
    await expect(drawn.locator('[data-error="RETENTION_REFUSED"]')).toContainText('none-has-it');
    await expectAccessible(drawn, window);
    await drawn.getByRole('link', { name: 'RETENTION_REFUSED' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'RETENTION_REFUSED' })).toBeVisible();
    await drawn.getByRole('button', { name: 'Back to where it happened' }).click();

    // What was tried is kept only when it is carried out: it begins with the usual policy again.
    await expect(drawn.getByLabel('Daily', { exact: true })).toHaveValue('14');
    for (const rule of ['Daily', 'Weekly', 'Monthly'])
      await drawn.getByLabel(rule, { exact: true }).fill('0');
    await drawn.getByLabel('Last', { exact: true }).fill('1');
    await expect(drawn.getByText('1 snapshot would stay, 2 would go to the trash')).toBeVisible();
    await expect(drawn.getByRole('table', { name: 'Snapshots of dev/acme' })).toContainText(
      'one of the last',
    );
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Do it …' }).click();
    const ask = drawn.getByRole('dialog');
    await expect(ask.getByRole('button', { name: 'Move 2 snapshots to the trash' })).toBeDisabled();
    await ask.getByLabel('Type 2, how many go').fill('2');
    await ask.getByRole('button', { name: 'Move 2 snapshots to the trash' }).click();
    await expect(drawn.getByText('2 snapshots are in the trash now')).toBeVisible({ timeout: 30_000 });

    await drawn.getByRole('tab', { name: 'Storage' }).click();
    await expect(drawn.getByRole('button', { name: 'Nothing is due' })).toBeDisabled();
    await drawn.getByRole('radio', { name: 'everything that is in it now' }).check();
    await drawn.getByRole('button', { name: 'Delete 2 snapshots for good …' }).click();
    await ask.getByLabel(/^Type 2/).fill('2');
    await expectAccessible(drawn, window);
    await ask.getByRole('button', { name: 'Delete 2 snapshots' }).click();
    await expect(drawn.getByText('2 snapshots were deleted for good')).toBeVisible({ timeout: 30_000 });
    expect(JSON.parse(await drawbridge('snapshot list --trash --json'))).toMatchObject({ snapshots: [] });
  });
});
