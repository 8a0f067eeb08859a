import { expect, test } from './fixtures.ts';
import { goTo } from './walk.ts';

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
    // An address that leads nowhere says so, and leads back.
    for (const [address, near] of [
      ['/jobs/one/two', 'Jobs'],
      ['/compare/these', 'Compare'],
      ['/environments/dev/edit/more', 'Environments'],
      ['/snapshots/one/two', 'Snapshots'],
      ['/schedules/nightly', 'Schedules'],
      ['/nowhere', 'Home'],
    ] as const) {
      await goTo(drawn, address);
      await expect(drawn.getByRole('heading', { name: 'There is no such screen' })).toBeVisible();
      await drawn.getByRole('link', { name: `Go to ${near}` }).click();
      await expect(drawn.getByRole('heading', { level: 1, name: near })).toBeVisible();
    }
    for (const address of ['/environments/100%', '/environments/100%/edit']) {
      await goTo(drawn, address);
      await expect(
        drawn.getByRole('heading', { name: 'There is no environment of this name' }),
      ).toBeVisible();
      await drawn.getByRole('link', { name: 'All environments' }).click();
    }
  });
});
