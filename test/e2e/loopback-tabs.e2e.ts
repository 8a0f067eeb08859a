import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';

// The desktop program has one window: electron-windows.e2e.ts.
test('a second tab is let in only when it takes the place of the first', async ({ drawn, window }) => {
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
