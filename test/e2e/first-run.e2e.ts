import { expect, PASSPHRASE, test } from './fixtures.ts';

test.use({ withCatalog: false });

test('a new catalog is created and opens', async ({ drawn }) => {
  await drawn.getByLabel('Passphrase').fill(PASSPHRASE);
  await drawn.getByRole('button', { name: 'Create the catalog' }).click();
  await expect(drawn.getByRole('navigation')).toBeVisible();
});
