import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';

const field = (drawn: Page, label: string) => drawn.getByLabel(label, { exact: true });

test('an environment is added after good and bad tests, edited without its secret, and removed', async ({
  drawn,
  standIns,
  window,
}) => {
  test.slow();
  const dev = (await standIns()).find(({ name }) => name === 'dev')!;
  await drawn.getByRole('link', { name: 'Environments', exact: true }).click();
  await expect(drawn.getByRole('heading', { name: 'No environment yet' })).toBeVisible();
  await expectAccessible(drawn, window);
  await drawn.getByRole('link', { name: 'Add an environment' }).click();

  await test.step('what was begun is there again, however often one looks elsewhere', async () => {
    await field(drawn, 'Name').fill('begun');
    for (const _ of ['once', 'twice']) {
      await drawn.getByRole('link', { name: 'Home', exact: true }).click();
      await drawn.goBack();
      await expect(field(drawn, 'Name')).toHaveValue('begun');
    }
    await field(drawn, 'Name').fill('');
  });

  await test.step('what is missing is said at its field', async () => {
    await drawn.getByRole('button', { name: 'Test and add' }).click();
    await expect(drawn.getByText('Give it a name.')).toBeVisible();
    await expect(drawn.getByText('This should be an http:// or https:// address.')).toBeVisible();
    await expect(drawn.getByText('Give the client’s secret.')).toBeVisible();
    await expectAccessible(drawn, window);
  });

  await test.step('a bad address and a bad secret fail where they belong', async () => {
    await field(drawn, 'Name').fill('dev');
    await field(drawn, 'Address of the Admin API').fill('http://127.0.0.1:1');
    await field(drawn, 'Client id').fill(dev.clientId);
    await field(drawn, 'Client secret').fill('not the secret');
    await drawn.getByRole('button', { name: 'Test and add' }).click();
    await expect(drawn.getByText('It cannot be used like this.')).toBeVisible({ timeout: 60_000 });
    await expect(field(drawn, 'Address of the Admin API')).toHaveAttribute('aria-invalid', 'true');
    await expect(drawn.getByRole('button', { name: 'Add it anyway' })).toBeVisible();
    await expectAccessible(drawn, window);
    await field(drawn, 'Address of the Admin API').fill(dev.apiUrl);
    await field(drawn, 'Address that issues tokens').fill(dev.authUrl);
    await field(drawn, 'Address of the gateway').fill(dev.gatewayUrl);
    await drawn.getByRole('button', { name: 'Test and add' }).click();
    await expect(drawn.getByText('Could not get a token. The test says more.')).toBeVisible({
      timeout: 60_000,
    });
    await expect(field(drawn, 'Client secret')).toHaveAttribute('aria-invalid', 'true');
  });

  await test.step('a certificate that is not checked is said loudly', async () => {
    await drawn.getByRole('button', { name: 'Certificates, scopes and limits' }).click();
    await drawn.getByLabel('Do not check the server’s certificate').check();
    await expect(drawn.getByRole('alert').filter({ hasText: 'is not checked' })).toBeVisible();
    await expectAccessible(drawn, window);
    await drawn.getByLabel('Do not check the server’s certificate').uncheck();
    // A file that is no certificate is said to be none.
    await drawn
      .getByLabel('A file with: Certificate authority of the Admin API')
      .setInputFiles({ name: 'ca.der', mimeType: 'application/octet-stream', buffer: Buffer.from([0x30]) });
    await expect(drawn.getByText('“ca.der” is not in PEM')).toBeVisible();
  });

  await test.step('a good one is added, and shows its realms', async () => {
    await field(drawn, 'Client secret').fill(dev.clientSecret);
    await drawn.getByRole('button', { name: 'Test and add' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'dev' })).toBeVisible({ timeout: 60_000 });
    await expect(drawn.getByRole('cell', { name: 'acme', exact: true })).toBeVisible();
    // The test that it was added by is its test, and what it found out stays when the window forgets it.
    await expect(drawn.getByRole('button', { name: 'Test again' })).toBeVisible();
    await expect(drawn.getByRole('status').filter({ hasText: 'It can be used.' })).toBeVisible();
    await expectAccessible(drawn, window);
    await drawn.reload();
    await expect(
      drawn.getByText(/It last answered (now|\d+ seconds? ago|1 minute ago), as documented API/),
    ).toBeVisible();
    await drawn.getByRole('button', { name: 'Test now' }).click();
    await expect(drawn.getByRole('status').filter({ hasText: 'It can be used.' })).toBeVisible({
      timeout: 60_000,
    });
  });

  await test.step('an edit keeps the secret, which never comes back, and sends it to no other address', async () => {
    await drawn.getByRole('link', { name: 'Edit', exact: true }).click();
    await expect(field(drawn, 'Client secret')).toHaveAttribute('placeholder', 'Stored; type to replace');
    await expect(field(drawn, 'Client secret')).toHaveValue('');
    expect(await drawn.content()).not.toContain(dev.clientSecret);
    await field(drawn, 'Address of the Admin API').fill('http://127.0.0.1:1');
    await drawn.getByRole('button', { name: 'Only test' }).click();
    await expect(drawn.getByText('The stored secret belongs to other addresses.')).toBeVisible();
    await field(drawn, 'Address of the Admin API').fill(dev.apiUrl);
    await drawn.getByText('staging', { exact: true }).click();
    await drawn.getByLabel('Use the databases').check();
    await drawn.getByText('Address', { exact: true }).click();
    await field(drawn, 'Address of the PostgreSQL server').fill(dev.pgUrl);
    // Chromium takes such an address apart since 130, which the Electron of the tests is not.
    if (await drawn.evaluate("new URL('postgres://somebody@host').username === 'somebody'")) {
      await drawn.getByText('Host and login', { exact: true }).click();
      await expect(field(drawn, 'Host')).toHaveValue(new URL(dev.pgUrl).hostname);
      await drawn.getByText('Address', { exact: true }).click();
    }
    await drawn.getByRole('button', { name: 'Encryption and waiting' }).click();
    await expectAccessible(drawn, window);
    await drawn.getByRole('button', { name: 'Test and save' }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'dev' })).toBeVisible({ timeout: 60_000 });
    await expect(drawn.getByText('staging')).toBeVisible();
    // What was found of the new settings is what is told, with the databases.
    await expect(drawn.getByRole('button', { name: 'Test again' })).toBeVisible();
    await expect(drawn.getByText(/PostgreSQL \d+/).first()).toBeVisible();
    await expect(drawn.getByRole('heading', { name: 'Rights in the databases' })).toBeVisible();
    await expect(drawn.getByLabel('Statements that give the rights')).toContainText('GRANT SELECT ON users');
    expect(await drawn.content()).not.toContain(new URL(dev.pgUrl).password);
    await drawn.getByText('To import as well').click();
    await expect(drawn.getByLabel('Statements that give the rights')).toContainText('TEMPORARY');
    await expectAccessible(drawn, window);
  });

  await test.step('the palette knows it by name', async () => {
    await drawn.getByRole('link', { name: 'Home', exact: true }).click();
    await expect(drawn.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    await drawn.keyboard.press('Control+k');
    await drawn.getByPlaceholder('Go to …').fill('dev');
    await expectAccessible(drawn, window);
    await drawn.keyboard.press('Enter');
    await expect(drawn.getByRole('heading', { level: 1, name: 'dev' })).toBeVisible();
  });

  await test.step('it is removed, after a question that Enter answers with no', async () => {
    await drawn.getByRole('button', { name: 'Remove…' }).click();
    const question = drawn.getByRole('dialog', { name: 'Remove dev?' });
    await expect(question.getByRole('button', { name: 'Cancel' })).toBeFocused();
    await expectAccessible(drawn, window);
    await drawn.keyboard.press('Enter');
    await expect(question).toBeHidden();
    await drawn.getByRole('button', { name: 'Remove…' }).click();
    await question.getByRole('button', { name: 'Remove it' }).click();
    await expect(drawn.getByRole('heading', { name: 'No environment yet' })).toBeVisible();
    // One may be called “new”: its address is no other screen’s.
    await drawn.evaluate(() => void (location.hash = '/environments/new'));
    await expect(drawn.getByRole('heading', { name: 'There is no environment of this name' })).toBeVisible();
  });
});
