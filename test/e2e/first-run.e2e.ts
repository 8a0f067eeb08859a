import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import type { QueryClient } from '@tanstack/react-query';
import { expectAccessible } from './accessibility.ts';
import { expect, PASSPHRASE, test } from './fixtures.ts';
import { savedText } from './host-files.ts';

test.use({ withCatalog: false });

const continueTo = async (drawn: Page, button: string, heading: string): Promise<void> => {
  await drawn.getByRole('button', { name: button, exact: true }).click();
  await expect(drawn.getByRole('heading', { level: 1, name: heading })).toBeVisible();
};

test('the first run: a folder, a passphrase, a recovery key that is typed again', async ({
  drawn,
  window,
}) => {
  test.slow();
  await expectAccessible(drawn, window);
  await continueTo(drawn, 'Set up Drawbridge', 'Where backups are kept');

  await drawn.getByLabel('Another folder').check();
  await drawn.getByLabel('Its whole path').fill('no/whole/path');
  await drawn.getByRole('button', { name: 'Continue' }).click();
  await expect(drawn.getByText('is no whole path')).toBeVisible();
  await expectAccessible(drawn, window);
  await drawn.getByLabel('The usual place').check();
  await continueTo(drawn, 'Continue', 'What opens the catalog');

  const passphrase = drawn.getByLabel('Passphrase', { exact: true });
  await drawn.getByRole('button', { name: 'Create the catalog' }).click();
  await expect(drawn.getByText('An empty passphrase protects nothing.')).toBeVisible();
  await passphrase.fill('acme2026');
  await expect(drawn.getByRole('status')).toContainText('weak', { ignoreCase: true });
  await passphrase.fill('correct horse battery staple');
  await expect(drawn.getByRole('status')).toContainText('well-known example');
  await passphrase.fill(PASSPHRASE);
  await expect(drawn.getByRole('status')).toContainText('strong', { ignoreCase: true });
  await drawn.getByLabel('The same again').fill('something else');
  await drawn.getByRole('button', { name: 'Create the catalog' }).click();
  await expect(drawn.getByText('These two are not the same.')).toBeVisible();
  await expectAccessible(drawn, window);
  await drawn.getByLabel('The same again').fill(PASSPHRASE);
  await continueTo(drawn, 'Create the catalog', 'A recovery key');

  await drawn.getByRole('button', { name: 'Show a recovery key' }).click();
  const key = (await drawn.getByTestId('recovery-key').textContent()) ?? '';
  const file = await savedText(drawn, () => drawn.getByRole('button', { name: 'Save to a file' }).click());
  expect(file).toBe(`${key}\n`);
  await drawn.getByLabel('Type it again').fill(`${key.slice(0, -1)}${key.endsWith('2') ? '3' : '2'}`);
  await drawn.getByRole('button', { name: 'Keep this key' }).click();
  await expect(drawn.getByText('typing error')).toBeVisible();
  await expectAccessible(drawn, window);
  await drawn.getByLabel('Type it again').fill(key.toLowerCase().replaceAll('-', ' '));
  await continueTo(drawn, 'Keep this key', 'Your catalog is ready');
  await expectAccessible(drawn, window);

  await drawn.getByRole('button', { name: 'Look around first' }).click();
  await expect(drawn.getByRole('navigation')).toBeVisible();
  await expect(drawn.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
});

test.describe('with a catalog', () => {
  test.use({ withCatalog: true });

  test('a locked catalog opens with its passphrase and its recovery key, and says what else opens it', async ({
    drawn,
    drawbridge,
    home,
    window,
  }) => {
    await drawbridge(`catalog recovery-key new --out ${home}/recovery`);
    const recoveryKey = (await readFile(`${home}/recovery`, 'utf8')).trim();
    await drawn.getByRole('link', { name: 'Add an environment' }).click();
    await drawn.getByLabel('Name', { exact: true }).fill('begun');
    expect(await remembered(drawn)).toContain('engine.environments.list');
    await lock(drawn);
    expect(await remembered(drawn)).toEqual([]);
    await drawn.evaluate(() => void (location.hash = '/'));
    const passphrase = drawn.getByRole('textbox', { name: 'Passphrase' });
    await passphrase.fill('not the passphrase');
    await drawn.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(drawn.getByText('This is not the passphrase of this catalog.')).toBeVisible();
    await expect(drawn.getByText('also opens with its recovery key')).toBeVisible();
    await expectAccessible(drawn, window);
    // What was typed to this one, and why it was refused, is not said of another one.
    await drawbridge(`--catalog ${home}/other catalog init`);
    await drawn.getByRole('button', { name: 'Use another folder…' }).click();
    await drawn.getByLabel('Another folder: its whole path').fill(`${home}/other`);
    await drawn.getByRole('button', { name: 'Look into it' }).click();
    await expect(drawn.getByRole('main').getByText(`${home}/other`)).toBeVisible();
    await expect(drawn.getByText('This is not the passphrase of this catalog.')).toHaveCount(0);
    await expect(passphrase).toHaveValue('');
    await drawn.getByRole('button', { name: 'Back to the usual folder' }).click();
    await expect(drawn.getByText(`${home}/other`)).toBeHidden();
    await passphrase.fill(PASSPHRASE);
    await drawn.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();

    await lock(drawn);
    await drawn.getByText('Recovery key', { exact: true }).click();
    await drawn.getByRole('textbox', { name: 'Recovery key' }).fill(recoveryKey.toLowerCase());
    await drawn.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
  });

  test('a damaged catalog is repaired into another folder, which opens with the same passphrase', async ({
    drawn,
    drawbridge,
    window,
  }) => {
    test.slow();
    for (const name of ['one', 'two'])
      await drawbridge(
        `env add ${name} --api-url http://127.0.0.1:1 --client-id c --client-secret-env S --no-test`,
        { S: 's' },
      );
    await lock(drawn);
    const folder = (await drawn.getByRole('main').locator('bdi').first().textContent()) ?? '';
    await damage(join(folder, 'catalog.db'));
    await drawn.getByRole('textbox', { name: 'Passphrase' }).fill(PASSPHRASE);
    await drawn.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(
      drawn.getByRole('heading', { level: 1, name: 'Your catalog cannot be opened' }),
    ).toBeVisible();
    await expectAccessible(drawn, window);

    const passphrase = drawn.getByRole('textbox', { name: 'Passphrase' });
    await passphrase.fill('not the passphrase');
    await drawn.getByRole('button', { name: 'Only look what can be saved' }).click();
    await expect(
      drawn.getByText('This is not the passphrase of this catalog. Nothing was changed.'),
    ).toBeVisible();
    await passphrase.fill(PASSPHRASE);
    await drawn.getByRole('button', { name: 'Only look what can be saved' }).click();
    await expect(drawn.getByText('Can be saved: 0 snapshots, 2 environments')).toBeVisible({
      timeout: 60_000,
    });
    await drawn.getByRole('button', { name: 'Repair into the new folder' }).click();
    await expect(drawn.getByText('Saved: 0 snapshots, 2 environments')).toBeVisible({ timeout: 60_000 });
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Open the repaired catalog' }).click();
    await expect(drawn.getByRole('main').getByText(`${folder}-repaired`)).toBeVisible();
    await drawn.getByRole('textbox', { name: 'Passphrase' }).fill(PASSPHRASE);
    await drawn.getByRole('button', { name: 'Open', exact: true }).click();
    await expect(drawn.getByText('Never backed up: one and two')).toBeVisible();
  });
});

async function lock(drawn: Page): Promise<void> {
  await drawn.keyboard.press('Control+k');
  await drawn.getByPlaceholder('Go to …').fill('lock');
  await drawn.keyboard.press('Enter');
  await expect(drawn.getByRole('heading', { level: 1, name: 'Your catalog is locked' })).toBeVisible();
}

interface Fiber {
  readonly child: Fiber | null;
  readonly sibling: Fiber | null;
  readonly memoizedProps: { client?: QueryClient } | null;
}

/** Which of the engine's answers the page has in its memory, as React holds it. */
function remembered(drawn: Page): Promise<string[]> {
  return drawn.evaluate(() => {
    const root = document.getElementById('root') as unknown as Record<string, Fiber>;
    const begin = root[Object.keys(root).find((name) => name.startsWith('__reactContainer$')) ?? ''];
    const looked: (Fiber | null | undefined)[] = [begin];
    for (const fiber of looked) {
      const client = fiber?.memoizedProps?.client;
      if (client?.getQueryCache)
        return client
          .getQueryCache()
          .getAll()
          .map(({ queryKey: [path] }) => (path as string[]).join('.'))
          .filter((path) => path.startsWith('engine.'));
      if (fiber) looked.push(fiber.child, fiber.sibling);
    }
    throw new Error('There is no client of queries in this page.');
  });
}

/** Overwrites the second page of SQLite's file. */
async function damage(file: string): Promise<void> {
  await using opened = await open(file, 'r+');
  await opened.write(Buffer.alloc(4096, 0x5a), 0, 4096, 4096);
}
