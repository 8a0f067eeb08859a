import { SilentServer } from '../silent-server.ts';
import { expectAccessible } from './accessibility.ts';
import { environmentOf, expect, PASSPHRASE, test } from './fixtures.ts';
import { Program } from './program.ts';

test.describe('who has never seen it', () => {
  test.use({ withCatalog: false });

  test('backs up a realm of the sandbox within three minutes of the first start', async ({
    drawn,
    window,
  }) => {
    // What it measures itself is to have the room of a busy machine.
    test.slow();
    const begun = Date.now();
    await drawn.getByRole('button', { name: 'Set up Drawbridge' }).click();
    await drawn.getByRole('button', { name: 'Continue' }).click();
    await drawn.getByLabel('Passphrase', { exact: true }).fill(PASSPHRASE);
    await drawn.getByLabel('The same again').fill(PASSPHRASE);
    await drawn.getByRole('button', { name: 'Create the catalog' }).click();
    await drawn.getByRole('button', { name: 'Skip for now' }).click();
    await expect(drawn.getByText('every backup in the catalog is lost with it')).toBeVisible();
    await drawn.getByRole('button', { name: 'Go on without a recovery key' }).click();
    await drawn.getByRole('button', { name: 'Try it with a sandbox' }).click();

    await expect(drawn.getByText('Never backed up: practice-dev and practice-prod')).toBeVisible({
      timeout: 90_000,
    });
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Back up practice-dev for the first time' }).click();
    const dialog = drawn.getByRole('dialog');
    await dialog.getByRole('checkbox', { name: /Every realm/ }).uncheck();
    await dialog.getByRole('checkbox', { name: /^acme/ }).check();
    await dialog.getByRole('button', { name: 'More options' }).click();
    await dialog.getByLabel('With credentials').uncheck();
    await expect(dialog.getByText('everybody needs a new password')).toBeVisible();
    await dialog.getByLabel('With credentials').check();
    await dialog.getByLabel('Note').fill('my first backup');
    await expectAccessible(drawn, window);
    await dialog.getByRole('button', { name: 'Back up one realm' }).click();
    await expect(dialog.getByRole('status')).toContainText('1 realm backed up', { timeout: 60_000 });
    await expect(dialog.getByRole('listitem')).toContainText('2,000 users');
    expect(Date.now() - begun).toBeLessThan(180_000);
    await expectAccessible(drawn, window);
    await dialog.getByRole('button', { name: 'Done' }).click();

    const environment = drawn.getByRole('listitem', { name: 'practice-dev' });
    await expect(environment.getByRole('link', { name: 'acme' })).toBeVisible();
    await environment.getByRole('button', { name: 'Test practice-dev' }).press('Enter');
    await expect(environment.getByText('can be used, tested')).toBeVisible({ timeout: 60_000 });
    await expect(environment.getByRole('button', { name: 'Test practice-dev' })).toBeFocused();
    await drawn.getByRole('button', { name: 'Make one…' }).click();
    await expect(drawn.getByRole('button', { name: 'Show a recovery key' })).toBeVisible();
    await drawn.keyboard.press('Escape');

    await drawn.getByRole('button', { name: 'Stop the sandbox' }).click();
    await expect(drawn.getByRole('heading', { name: 'No environment yet' })).toBeVisible({ timeout: 60_000 });
    await expectAccessible(drawn, window);
  });
});

test('tells what runs, what was broken off and what failed by night, and lets each be settled', async ({
  drawn,
  drawbridge,
  home,
  window,
}) => {
  test.slow();
  await using silent = await SilentServer.start();
  await drawbridge(`env add dev --api-url ${silent.url} --client-id c --client-secret-env S --no-test`, {
    S: 's',
  });
  // A schedule is of an environment that there is; by the night it may be gone.
  await drawbridge(
    'env add gone --api-url http://127.0.0.1:1 --client-id c --client-secret-env S --no-test',
    {
      S: 's',
    },
  );
  await drawbridge('schedule add nightly --env gone --realm acme --cron @daily --time-zone UTC');
  await drawbridge('env remove gone');
  await expect(drawbridge('schedule run nightly')).rejects.toMatchObject({
    stdout: expect.stringContaining('There is no environment “gone”'),
  });

  const backup = new Program('backup dev acme --quiet', {
    ...environmentOf(home),
    DRAWBRIDGE_PASSPHRASE: PASSPHRASE,
  });
  await silent.called;
  await drawn.getByRole('link', { name: 'Jobs', exact: true }).click();
  await drawn.keyboard.press('Control+1');
  const running = drawn.getByRole('region', { name: 'Running now' });
  await expect(running.getByText('Back up acme of dev')).toBeVisible({ timeout: 30_000 });
  await expect(running.getByRole('progressbar')).toBeVisible();
  const failed = drawn.getByRole('listitem').filter({ hasText: 'The schedule nightly' });
  await expect(failed).toBeVisible({ timeout: 30_000 });
  await expectAccessible(drawn, window);
  await failed.getByRole('button', { name: 'I know: nightly' }).click();
  await expect(failed).toBeHidden();

  await backup.kill();
  const brokenOff = drawn.getByRole('listitem').filter({ hasText: 'was broken off' });
  // Its lease has to run out first.
  await expect(brokenOff).toBeVisible({ timeout: 60_000 });
  await expectAccessible(drawn, window);
  await brokenOff.getByRole('button', { name: /^Leave it/ }).click();
  await expect(brokenOff).toBeHidden();
});
