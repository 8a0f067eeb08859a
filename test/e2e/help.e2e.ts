import { ERROR_CODES } from '../../contract/errors.ts';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';

test('help: first steps with ways into the program, every error, routes and keys', async ({
  drawn,
  window,
}) => {
  await drawn.keyboard.press('Control+9');
  await expect(drawn.getByRole('heading', { level: 1, name: 'Help' })).toBeVisible();
  await expectAccessible(drawn, window);
  await drawn.getByRole('link', { name: 'Have it done by itself' }).click();
  await expect(drawn.getByRole('heading', { level: 1, name: 'Schedules' })).toBeVisible();

  await drawn.keyboard.press('Control+9');
  await drawn.getByRole('link', { name: 'Every error' }).click();
  const codes = drawn.getByRole('table', { name: 'Error codes' });
  await expect(codes.getByRole('link')).toHaveCount(ERROR_CODES.length);
  await expectAccessible(drawn, window);
  await drawn.getByLabel('Find').fill('commit failed midway');
  await codes.getByRole('link', { name: 'HALF_WRITTEN' }).click();
  await expect(drawn.getByRole('heading', { level: 1, name: 'HALF_WRITTEN' })).toBeVisible();
  await expect(drawn.getByText('Roll the job back')).toBeVisible();
  await expect(drawn.getByRole('heading', { name: 'What was not changed' })).toBeVisible();
  await expectAccessible(drawn, window);

  for (const [link, text] of [
    ['What each channel can do', 'What cannot be read is unknown, never empty'],
    ['Keyboard', 'Go to any screen or action by its name'],
  ] as const) {
    await drawn.keyboard.press('Control+9');
    await drawn.getByRole('link', { name: link }).click();
    await expect(drawn.getByText(text)).toBeVisible();
    await expectAccessible(drawn, window);
  }
});
