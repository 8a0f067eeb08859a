import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { generateIdentity, identityToRecipient } from 'age-encryption';
import type { Page } from '@playwright/test';
import { expectAccessible } from './accessibility.ts';
import { expect, test } from './fixtures.ts';
import { chooseRealm, chooseTarget, goTo, makePreview, next, step } from './walk.ts';

test.use({ withEnvironments: true });
// Each walks through several screens, and reads realms.
test.beforeEach(() => test.slow());

async function backup(drawbridge: (line: string) => Promise<string>, place: string): Promise<string> {
  const { snapshots } = JSON.parse(await drawbridge(`backup ${place} --json`)) as {
    snapshots: { id: string }[];
  };
  return snapshots[0]!.id;
}

test('an archive for recipients is opened by an identity, which is kept nowhere', async ({
  drawn: page,
  drawbridge,
  home,
  window,
}) => {
  const [identity, other] = [await generateIdentity(), await generateIdentity()];
  const archive = join(home, 'acme.tar.zst.age');
  const id = await backup(drawbridge, 'dev partner-portal');
  const recipient = await identityToRecipient(identity);
  await drawbridge(`snapshot export ${id} --format archive --out ${archive} --recipient ${recipient}`);
  // Outside the home: nothing that is found in there may hold it.
  const keys = test.info().outputPath('key.txt');
  await writeFile(keys, `# public key: ${recipient}\n${other}\n${identity}\n`);

  await goTo(page, '/migrate');
  await page.getByRole('radio', { name: /^A file/ }).click();
  const path = page.getByLabel('Path', { exact: true });
  const read = page.getByRole('button', { name: 'Read the file' });
  await path.fill(archive);
  await read.click();
  await expect(page.locator('[data-error="PASSPHRASE_NEEDED"]')).toContainText('no identity was given');
  const field = page.getByLabel('Identity', { exact: true });
  await expect(field).toHaveAttribute('type', 'password');
  await field.fill('not an identity');
  await read.click();
  await expect(page.locator('[data-error="USAGE"]')).toContainText('is none');
  await field.fill(other);
  await read.click();
  await expect(page.locator('[data-error="WRONG_KEY"]')).toBeVisible();
  await expect(next(page)).toBeDisabled();
  await expectAccessible(page, window);

  await chooseKeys(page, archive);
  await expect(page.getByText('does not hold identities of age')).toBeVisible();
  await chooseKeys(page, keys);
  await expect(field).toHaveValue(`${other} ${identity}`);
  await read.click();
  await expect(page.getByRole('radiogroup', { name: 'What the file holds' })).toBeVisible();
  await expect(next(page)).toBeEnabled();
  expect(page.url()).not.toContain('SECRET-KEY');
  expect(await page.evaluate('JSON.stringify({ ...localStorage, ...sessionStorage })')).not.toContain(
    'SECRET-KEY',
  );

  await page.reload();
  await expect(path).toHaveValue(archive);
  await expect(field).toHaveValue('');
  expect(await filesWith(home, 'AGE-SECRET-KEY-')).toEqual([]);
});

async function chooseKeys(page: Page, file: string): Promise<void> {
  const [chooser] = await Promise.all([
    page.waitForEvent('filechooser'),
    page.getByRole('button', { name: 'Read it from a file …' }).click(),
  ]);
  await chooser.setFiles(file);
}

async function filesWith(folder: string, text: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const found: string[] = [];
  for (const file of files) {
    if (!file.isFile()) continue;
    const path = join(file.parentPath, file.name);
    if ((await readFile(path)).includes(text)) found.push(path);
  }
  return found;
}

test('a name that the source does not have is not added without a word', async ({
  drawn: page,
  drawbridge,
  window,
}) => {
  const chosen = page.getByRole('list', { name: 'Chosen records' });
  const name = page.getByLabel('Name of a record');
  const add = page.getByRole('button', { name: 'Add by name' });

  // As it is now, and nothing to look it up in.
  await chooseRealm(page, 'dev', 'field-ops');
  await page.getByRole('radio', { name: /^Single records/ }).click();
  await expect(page.getByText('nor to look up names in')).toBeVisible();
  await name.fill('anybody');
  await add.click();
  await expect(chosen).toContainText('users/anybody');

  // As it is now: it may have come since the backup.
  await backup(drawbridge, 'dev partner-portal');
  await page.getByRole('button', { name: 'Start over' }).click();
  await chooseRealm(page, 'dev', 'partner-portal');
  await page.getByRole('radio', { name: /^Single records/ }).click();
  await name.fill('alise');
  await name.press('Enter');
  await expect(page.getByRole('alert')).toContainText(/The newest backup .* has no “alise” among its users/);
  await expect(chosen).toBeHidden();
  await page.getByRole('button', { name: 'Add it all the same' }).click();
  await expect(chosen).toContainText('users/alise');

  // From the snapshot itself it is a mistake.
  const id = await backup(drawbridge, 'dev acme');
  await goTo(page, `/migrate?source=${id}`);
  await page.getByRole('radio', { name: /^Single records/ }).click();
  await name.fill('alise');
  await add.click();
  await expect(page.getByRole('alert')).toContainText('The snapshot has no “alise” among its users.');
  await expect(name).toHaveAttribute('aria-invalid', 'true');
  await expect(add).toBeFocused();
  await expect(page.getByRole('button', { name: 'Add it all the same' })).toHaveCount(0);
  await expectAccessible(page, window);
  await name.fill('alice');
  await expect(page.getByRole('alert')).toHaveCount(0);
  await add.click();
  await expect(chosen).toContainText('users/alice');
  await expect(name).toHaveValue('');
  await page.getByRole('combobox', { name: 'Section' }).click();
  await page.getByRole('option', { name: 'Credentials', exact: true }).click();
  // By what is shown for a key of two parts.
  await name.fill('alice/PASSWORD');
  await add.click();
  await expect(chosen).toContainText('credentials/alice/PASSWORD');

  // Why somebody is found whose name does not tell; and that there are more than are shown.
  const search = page.getByLabel('Search for records');
  const found = page.getByRole('list', { name: 'Found records' }).getByRole('listitem');
  await search.fill('person-1@acme');
  await expect(found.first()).toContainText('e-mail: person-1@acme.example');
  await search.fill('alice');
  await expect(found.filter({ hasText: 'username' })).toHaveCount(0);
  await search.fill('@');
  await expect(page.getByRole('status').filter({ hasText: 'More than 50 records were found' })).toBeVisible();
  await expectAccessible(page, window);
  await expect(next(page)).toBeEnabled();
});

test('a preview from a snapshot in the trash says so, and takes it back', async ({
  drawn: page,
  drawbridge,
  window,
}) => {
  const id = await backup(drawbridge, 'dev field-ops');
  await drawbridge(`snapshot delete ${id}`);
  await goTo(page, `/migrate?source=${id}`);
  await expect(step(page, 'What is to be brought?')).toBeVisible();
  const trashed = page.locator('[data-trashed-source]');
  await page.getByRole('button', { name: 'Back', exact: true }).click();
  await expect(trashed).toContainText('lies in the trash');
  await next(page).click();
  await page.getByLabel('Name of the realm on the target').fill('from-trash');
  await next(page).click();
  await chooseTarget(page, 'prod');
  await makePreview(page);
  await expect(trashed).toContainText('lies in the trash');
  await expectAccessible(page, window);
  // Nothing takes it away while the preview can be carried out.
  expect(await drawbridge('snapshot empty-trash --older-than 0d --dry-run --json')).toContain(
    '"rule":"plan"',
  );
  await next(page).click();
  await expect(step(page, 'Carry it out?')).toBeVisible();
  await expect(trashed).toBeVisible();
  await page.getByRole('button', { name: 'Restore it from the trash' }).click();
  await expect(trashed).toHaveCount(0);
  expect(await drawbridge('snapshot list --json')).toContain(id);
});
