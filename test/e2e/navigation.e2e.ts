import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';

test.describe('with environments', () => {
  test.use({ withEnvironments: true });
  test('every screen is reached by the navigation, and by its key', async ({ drawn }) => {
    await expect(drawn.getByRole('navigation')).toBeVisible();
    for (const name of ['Environments', 'Snapshots', 'Jobs']) {
      await drawn.getByRole('link', { name, exact: true }).click();
      // Also when the screen had to be loaded first: a reader goes on there.
      await expect(drawn.getByRole('heading', { level: 1, name })).toBeFocused();
    }
    await drawn.keyboard.press('Control+1');
    await expect(drawn.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    // A file that falls beside a field for files does not take the page's place.
    const isOpened = await drawn.evaluate(
      `document.body.dispatchEvent(new DragEvent('drop', { bubbles: true, cancelable: true, dataTransfer: new DataTransfer() }))`,
    );
    expect(isOpened).toBe(false);
  });
});

test('a second tab is let in only when it takes the place of the first', async ({ drawn, window }) => {
  // The desktop program has one window: electron-windows.e2e.ts.
  test.skip(window === 'electron');
  const second = await drawn.context().newPage();
  await second.goto(drawn.url());
  const elsewhere = { level: 1, name: 'Drawbridge is open in another tab' } as const;
  await expect(second.getByRole('heading', elsewhere)).toBeVisible();
  await expect(drawn.getByRole('navigation')).toBeVisible();
  await expectAccessible(second, window);
  await second.getByRole('button', { name: 'Use it here' }).click();
  await expect(second.getByRole('navigation')).toBeVisible();
  await expect(drawn.getByRole('heading', elsewhere)).toBeVisible();
  // A tab that is drawn anew keeps its place, and one that is closed leaves it.
  await second.reload();
  await expect(second.getByRole('navigation')).toBeVisible();
  await second.close();
  await drawn.reload();
  await expect(drawn.getByRole('navigation')).toBeVisible();
});
