import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';

// Long walks, since each start costs seconds: on a busy machine far more.
test.describe.configure({ timeout: 360_000 });

test.describe('without an environment', () => {
  test('the empty screens teach, and lead on', async ({ drawn, window }) => {
    await drawn.getByRole('link', { name: 'Schedules', exact: true }).click();
    await expect(drawn.getByRole('heading', { name: 'There are no schedules yet' })).toBeVisible();
    await expect(drawn.getByText('drawbridge schedule install --')).toBeVisible();
    await expectAccessible(drawn, window);
    await drawn.getByRole('link', { name: 'Add a schedule' }).click();
    await drawn.getByRole('link', { name: 'Add an environment' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Environments' })).toBeVisible();
  });
});

test.describe('with environments', () => {
  test.use({ withEnvironments: true });

  test('a schedule is added, explained, run now, paused, changed and removed', async ({
    drawn,
    drawbridge,
    window,
  }) => {
    await drawn.getByRole('link', { name: 'Schedules', exact: true }).click();
    await drawn.getByRole('link', { name: 'Add a schedule' }).click();

    // What is wrong is said at the field, and nothing is added.
    await drawn.getByRole('button', { name: 'Add the schedule' }).click();
    await expect(drawn.getByText('Lower-case letters, digits and hyphens')).toBeVisible();
    await expect(drawn.getByText('Choose the environment.')).toBeVisible();
    // The button is at the end of a long form: whoever pressed it is where something is missing.
    await expect(drawn.getByLabel('Name', { exact: true })).toBeFocused();
    await expect(drawn.getByLabel('Name', { exact: true })).toBeInViewport();

    await drawn.getByLabel('Name', { exact: true }).fill('nightly');
    // What was begun is there again after a look elsewhere.
    await drawn.getByRole('link', { name: 'Home', exact: true }).click();
    await drawn.goBack();
    await expect(drawn.getByLabel('Name', { exact: true })).toHaveValue('nightly');
    await drawn.getByRole('combobox', { name: 'Environment' }).click();
    await drawn.getByRole('option', { name: 'dev' }).click();

    // The expression is said in words while it is typed.
    const meaning = drawn.getByRole('status', { name: 'What the expression means' });
    await expect(meaning).toContainText('At 02:00, every day');
    await drawn.getByLabel('Cron expression').fill('30 4 * * 1-5');
    await expect(meaning).toContainText('At 04:30, Monday through Friday');
    await drawn.getByLabel('Cron expression').fill('61 4 * *');
    await expect(drawn.getByRole('status').filter({ hasText: 'not a usable cron expression' })).toBeVisible();
    await drawn.getByRole('combobox', { name: 'How often' }).click();
    await drawn.getByRole('option', { name: 'Every hour', exact: true }).click();
    await expect(meaning).toContainText('Every hour');

    // Only one realm, as the environment lists them.
    await drawn.getByRole('radio', { name: 'Only some', exact: true }).check();
    await drawn.getByRole('combobox', { name: 'Names of realms' }).click();
    await drawn.getByRole('option', { name: 'acme', exact: true }).click();
    await drawn.keyboard.press('Escape');
    await drawn.getByRole('switch', { name: /Let older snapshots go/ }).check();
    await expect(drawn.getByText('There are no snapshots of these realms yet')).toBeVisible();
    await drawn.getByRole('textbox', { name: 'Webhook' }).fill('https://alerts.example/canary-path');
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Add the schedule' }).click();

    const row = drawn.getByRole('region', { name: 'Schedule nightly' });
    await expect(row).toContainText('Every hour');
    await expect(row).toContainText('dev: acme');
    await expect(row).toContainText('none yet');
    // What was given as a secret went into the vault and comes back from nowhere.
    expect(await drawbridge('schedule show nightly --json')).not.toContain('canary-path');
    await expect(drawn.getByRole('grid', { name: 'Coming and missed runs' })).toContainText('nightly');

    // By keyboard through the calendar.
    await drawn.locator('td[aria-current="date"]').focus();
    await drawn.keyboard.press('ArrowDown');
    await expect(drawn.locator('td:focus')).toContainText('24× nightly');

    await row.getByRole('button', { name: 'Run now: nightly' }).press('Enter');
    await expect(row.getByText('done', { exact: true })).toBeVisible({ timeout: 60_000 });
    await expect(row.getByRole('button', { name: 'Run now: nightly' })).toBeFocused();
    expect(JSON.parse(await drawbridge('snapshot list --json'))).toMatchObject({
      snapshots: [{ realm: 'acme', environment: 'dev', note: 'Schedule nightly' }],
    });

    // A button that works keeps the keyboard.
    await row.getByRole('button', { name: 'Pause nightly' }).press('Enter');
    await expect(row.getByText('not while it is paused')).toBeVisible();
    await expect(row.getByRole('button', { name: 'Resume nightly' })).toBeFocused();
    await drawn.keyboard.press('Enter');
    await expect(row.getByText('not while it is paused')).toHaveCount(0);
    await expect(row.getByRole('button', { name: 'Pause nightly' })).toBeFocused();
    await expectAccessible(drawn, window);

    await row.getByRole('link', { name: 'nightly', exact: true }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Schedule nightly' })).toBeVisible();
    await expect(drawn.getByText('posts to a webhook')).toBeVisible();
    await expect(drawn.getByRole('table', { name: /The last runs/ })).toContainText('done');
    await expectAccessible(drawn, window);

    // It is changed: everything stands there as it is, and what is not touched stays.
    await drawbridge('schedule add taken --cron @daily --env dev --all');
    await drawn.getByRole('link', { name: 'Edit nightly' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Edit nightly' })).toBeVisible();
    const field = (label: string) => drawn.getByLabel(label, { exact: true });
    await expect(field('Name')).toHaveValue('nightly');
    await expect(field('Cron expression')).toHaveValue('0 * * * *');
    await expect(field('Last')).toHaveValue('3');
    await expect(drawn.getByRole('textbox', { name: 'Webhook' })).toHaveValue('');
    await expect(drawn.getByText('The address is stored as a secret')).toBeVisible();
    await expectAccessible(drawn, window);
    // What is switched off and on again is as it was.
    const keeps = drawn.getByRole('switch', { name: /Let older snapshots go/ });
    await field('Daily').fill('99');
    await keeps.uncheck();
    await keeps.check();
    await expect(field('Daily')).toHaveValue('99');
    await field('Daily').fill('14');
    for (const environment of ['prod', 'dev']) {
      await drawn.getByRole('combobox', { name: 'Environment' }).click();
      await drawn.getByRole('option', { name: environment, exact: true }).click();
    }
    await expect(drawn.getByRole('radio', { name: 'Only some', exact: true })).toBeChecked();
    const sections = drawn.getByRole('switch', { name: /Only some sections/ });
    await sections.check();
    await expect(drawn.getByRole('checkbox', { name: 'Social links' })).toBeChecked();
    await sections.uncheck();
    await field('Name').fill('taken');
    await field('Cron expression').fill('15 6 * * *');
    await expect(meaning).toContainText('At 06:15, every day');
    await expect(drawn.getByText('It begins with the next of these times.')).toBeVisible();
    await drawn.getByRole('link', { name: 'Home', exact: true }).click();
    await drawn.goBack();
    await expect(field('Cron expression')).toHaveValue('15 6 * * *');
    // An expression that never comes is refused at its field, once, and nothing is said of its times.
    await field('Cron expression').fill('0 0 31 2 *');
    await drawn.getByRole('button', { name: 'Save', exact: true }).press('Enter');
    await expect(field('Cron expression')).toBeFocused();
    await expect(field('Cron expression')).toHaveAttribute('aria-invalid', 'true');
    await expect(field('Cron expression')).toHaveAccessibleDescription(/0 0 31 2 \*/);
    await expect(drawn.getByText('0 0 31 2 *')).toHaveCount(1);
    await expect(drawn.getByText('It begins with the next of these times.')).toHaveCount(0);
    await expectAccessible(drawn, window);
    await field('Cron expression').fill('15 6 * * *');
    await drawn.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(drawn.getByText('There is a schedule “taken” already.')).toBeVisible();
    await expect(field('Name')).toBeFocused();
    await field('Name').fill('morning');
    await field('Program').fill('/bin/true');
    await drawn.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Schedule morning' })).toBeVisible();
    await expect(drawn.getByText('At 06:15, every day')).toBeVisible();
    await expect(drawn.getByText('posts to a webhook')).toBeVisible();
    await expect(drawn.getByRole('table', { name: /The last runs/ })).toContainText('done');
    await drawbridge('schedule remove taken');
    const changed = JSON.parse(await drawbridge('schedule show morning --json')) as object;
    expect(changed).toMatchObject({
      schedule: {
        realms: ['acme'],
        retention: { keepLast: 3 },
        onFailure: { command: { program: '/bin/true' }, webhook: true },
      },
    });

    // The webhook goes only when that is asked for.
    await drawn.getByRole('link', { name: 'Edit morning' }).click();
    await drawn.getByRole('checkbox', { name: /Post nowhere any more/ }).check();
    await drawn.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(drawn.getByText('posts to a webhook')).toHaveCount(0);
    await expect(drawn.getByRole('heading', { level: 1, name: 'Schedule morning' })).toBeVisible();

    // Cancel is what Enter does; then it is meant.
    await drawn.getByRole('button', { name: 'Remove morning' }).click();
    await expect(drawn.getByRole('dialog').getByRole('button', { name: 'Cancel' })).toBeFocused();
    await drawn.keyboard.press('Enter');
    await expect(drawn.getByRole('dialog')).toHaveCount(0);
    await drawn.getByRole('button', { name: 'Remove morning' }).click();
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Remove the schedule' }).click();
    await expect(drawn.getByRole('heading', { name: 'There are no schedules yet' })).toBeVisible();
  });

  test('a run that failed is told until somebody knows of it, and its error is explained', async ({
    drawn,
    drawbridge,
    window,
  }) => {
    await drawbridge('schedule add office --cron @daily --env prod --realm no-such-realm');
    await drawbridge('schedule run office').catch(() => undefined);
    await drawn.getByRole('link', { name: 'Schedules', exact: true }).click();
    const failed = drawn.getByRole('region', { name: 'Failed runs' });
    await expect(failed).toContainText('1 run did not end well');
    await expect(failed).toContainText('no-such-realm');
    await expectAccessible(drawn, window);
    await failed.getByRole('link', { name: 'REALM_NOT_FOUND' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'REALM_NOT_FOUND' })).toBeVisible();
    await drawn.getByRole('link', { name: 'Schedules', exact: true }).click();
    await failed.getByRole('button', { name: 'I know of it' }).click();
    await expect(failed).toHaveCount(0);
    expect(await drawbridge('schedule list --json')).toContain('"acknowledged":true');
  });
});
